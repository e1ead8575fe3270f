/** Expressions over events made by hand: which of them match. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { envelope, frame } from '../event/envelope.ts'
import { Event, type Value } from '../event/event.ts'
import { Fields, fieldTable } from '../event/fields.ts'
import { compileWhen } from './index.ts'

const wlan = fieldTable('wlan', {
  ta: { path: 'wlan.ta', type: 'mac', description: '' },
  ra: { path: 'wlan.ra', type: 'mac', description: '' },
  ssid: { path: 'wlan.ssid', type: 'text', description: '' },
  raw: { path: 'wlan.ssid_hex', type: 'bytes', description: '' },
  retry: { path: 'wlan.fc.retry', type: 'bool', description: '' },
  subtype: { path: 'wlan.fc.type_subtype', type: 'name', names: { 4: 'Probe Request', 8: 'Beacon', 12: 'Deauthentication' }, description: '' },
  tags: { path: 'wlan.tag.number', type: 'int', list: true, description: '' },
  rates: { path: 'wlan.rates', type: 'float', list: true, description: '' },
  staff: { path: 'wlan.staff', type: 'mac', list: true, description: '' },
  vendors: { path: 'wlan.vendor', type: 'text', list: true, description: '' },
  tsf: { path: 'wlan.tsf', type: 'u64', alias: ['wlan.fixed.timestamp'], description: '' },
  counters: { path: 'wlan.counters', type: 'u64', list: true, description: '' },
  signal: { path: 'wlan_radio.signal_dbm', type: 'int', description: '' },
  noise: { path: 'wlan_radio.noise', type: 'float', description: '' },
  source: { path: 'source.ip', type: 'ip', alias: ['ip.src'], description: '' },
  hosts: { path: 'hosts', type: 'ip', list: true, description: '' },
  place: { path: 'observer.geo.location', type: 'point', description: '' },
})
const fields = new Fields([envelope, frame, wlan])

/** The events, by their letters in the table. */
const EVENTS: Record<string, Record<string, Value>> = {
  a: {
    '@timestamp': '2026-11-23T10:00:00.500000000Z',
    'event.id': '-0123456789ABCDEFGHIJKLMNOPQRSTU',
    'frame.len': 100,
    'wlan.ta': '00:1b:63:aa:bb:cc',
    'wlan.ra': 'ff:ff:ff:ff:ff:ff',
    'wlan.ssid': 'Guest-1',
    'wlan.ssid_hex': '47756573742d31',
    'wlan.fc.retry': false,
    'wlan.fc.type_subtype': 8,
    'wlan.tag.number': [0, 1, 3, 221],
    'wlan.rates': [1, 5.5, 11],
    'wlan.tsf': 2n ** 63n + 5n,
    'wlan_radio.signal_dbm': -40,
    'wlan_radio.noise': -95.5,
  },
  b: {
    '@timestamp': '2026-11-23T10:00:01.000000001Z',
    'frame.len': 54,
    'wlan.ta': '00-1b-63-00-00-01',
    'wlan.ra': '00:1b:63:aa:bb:cc',
    'wlan.fc.retry': true,
    'wlan.fc.type_subtype': 'Deauthentication',
    'wlan.tag.number': [221, 221],
    'wlan.staff': ['00:1b:63:00:00:01', '02:00:00:00:00:00'],
    'wlan.vendor': ['Apple', 'Ubiquiti'],
    'wlan.tsf': 1000,
    'wlan.counters': [1, 2n ** 40n],
    'frame.cap_len': 2 ** 40,
    'wlan_radio.signal_dbm': -70,
    'source.ip': '10.1.2.3',
    hosts: ['192.168.0.1', 'fe80::1'],
    'observer.geo.location': { lat: 1, lon: 2 },
  },
  c: {
    'frame.len': 1500,
    'wlan.ssid': 'müsli',
    'wlan.ssid_hex': '00ff',
    'wlan.fc.type_subtype': 63,
    'wlan.tag.number': [],
    'source.ip': '2001:db8::7',
    'wlan_radio.noise': -1,
  },
}

const TABLE: readonly (readonly [expression: string, matches: string])[] = [
  // presence
  ['wlan.ssid', 'ac'],
  ['!wlan.ssid', 'b'],
  ['wlan.fc.retry', 'ab'],
  ['wlan.tag.number', 'ab'],
  ['observer.geo.location', 'b'],
  ['wlan_radio', 'abc'],
  ['observer', 'b'],
  ['not (wlan.ssid or wlan.staff)', ''],
  // equality of every type
  ['wlan.fc.retry == true', 'b'],
  ['wlan.fc.retry == False', 'a'],
  ['wlan.fc.retry == 2', 'b'],
  ['wlan.fc.retry != 0', 'b'],
  ['frame.len == 100', 'a'],
  ['frame.len == 0x36', 'b'],
  ['frame.len == 066', 'b'],
  ['frame.len == 0b110110', 'b'],
  ["frame.len == 'd'", 'a'],
  ['100 == frame.len', 'a'],
  ['frame.len eq 54', 'b'],
  ['wlan_radio.signal_dbm == -70', 'b'],
  ['wlan_radio.noise == -95.5', 'a'],
  ['wlan_radio.noise == -1', 'c'],
  ['wlan_radio.noise == -955e-1', 'a'],
  ['wlan.tsf == 9223372036854775813', 'a'],
  ['wlan.fixed.timestamp == 9223372036854775812', ''],
  ['wlan.tsf == 1000', 'b'],
  ['wlan.ta == 00:1b:63:aa:bb:cc', 'a'],
  ['wlan.ta == 00-1B-63-AA-BB-CC', 'a'],
  ['wlan.ta == 001b.63aa.bbcc', 'a'],
  ['wlan.ssid == "Guest-1"', 'a'],
  ['wlan.ssid == "guest-1"', ''],
  ['wlan.ssid == "\\x47uest\\0551"', 'a'],
  ['wlan.ssid == "m\\u00fcsli"', 'c'],
  ['wlan.ssid == 6d:c3:bc:73:6c:69', 'c'],
  ['wlan.ssid_hex == 00:ff', 'c'],
  ['wlan.ssid_hex == 00ff', 'c'],
  ['wlan.ssid_hex == "Guest-1"', 'a'],
  ['wlan.ssid_hex == wlan.ssid', 'a'],
  ['source.ip == 10.1.2.3', 'b'],
  ['source.ip == 2001:db8::7', 'c'],
  ['source.ip != 10.1.2.3', 'c'],
  ['@timestamp == "2026-11-23 10:00:00.5"', 'a'],
  ['frame.time == "2026-11-23T11:00:00.5+01:00"', 'a'],
  ['frame.time == "Nov 23, 2026 10:00:01.000000001"', 'b'],
  ['frame.time_epoch == 1795428000.5', 'a'],
  ['wlan.fc.type_subtype == 8', 'a'],
  ['wlan.fc.type_subtype == "Beacon"', 'a'],
  ['wlan.fc.type_subtype == "deauthentication"', 'b'],
  ['event.id == "-0123456789ABCDEFGHIJKLMNOPQRSTU"', 'a'],
  // order
  ['frame.len > 54', 'ac'],
  ['frame.len >= 54 && frame.len <= 100', 'ab'],
  ['54 < frame.len < 1500', 'a'],
  ['frame.len lt 100 or frame.len gt 100', 'bc'],
  ['wlan_radio.signal_dbm > -70', 'a'],
  ['wlan_radio.signal_dbm ge -70', 'ab'],
  ['wlan.ta > 00:1b:63:00:00:01', 'a'],
  ['wlan.ssid < "Harbour"', 'ac'],
  ['wlan.ssid > "Guest"', 'ac'],
  ['wlan.ssid < "H"', ''],
  ['wlan.vendor < "B"', 'b'],
  ['wlan.vendor > "Ubi"', 'b'],
  ['wlan.tsf > 1000', 'a'],
  ['wlan.tsf > 9223372036854775812', 'a'],
  ['wlan.tsf > frame.len', 'ab'],
  ['wlan.counters == frame.cap_len', 'b'],
  ['frame.time > "2026-11-23 10:00:01"', 'b'],
  ['frame.time < "2026-11-24"', 'ab'],
  ['source.ip > 10.1.2.2', 'b'],
  ['source.ip < 2001:db8::8', 'c'],
  // absent fields: no comparison holds, its negation does
  ['wlan_radio.signal_dbm != -40', 'b'],
  ['not wlan_radio.signal_dbm == -40', 'bc'],
  ['wlan.ssid != "x"', 'ac'],
  ['wlan.ra != wlan.ta', 'ab'],
  // several values
  ['wlan.tag.number == 221', 'ab'],
  ['wlan.tag.number === 221', 'b'],
  ['wlan.tag.number all_eq 221', 'b'],
  ['wlan.tag.number != 0', 'b'],
  ['wlan.tag.number !== 0', 'ab'],
  ['wlan.tag.number ~= 0', 'ab'],
  ['wlan.tag.number any_ne 221', 'a'],
  ['any wlan.tag.number != 221', 'a'],
  ['all wlan.tag.number > 0', 'b'],
  ['any wlan.tag.number > 0', 'ab'],
  ['not wlan.tag.number == 0', 'bc'],
  ['wlan.rates == 5.5', 'a'],
  ['wlan.rates > 5.5 and wlan.rates < 5.5', 'a'],
  ['wlan.staff == wlan.ta', 'b'],
  ['wlan.staff != wlan.ta', ''],
  ['all wlan.staff == wlan.ta', ''],
  ['wlan.vendor == "Ubiquiti"', 'b'],
  ['all wlan.vendor contains "i"', ''],
  ['all wlan.vendor matches "[pb]"', 'b'],
  ['wlan.counters == 1099511627776', 'b'],
  ['all wlan.counters > 0', 'b'],
  ['hosts == fe80::/10', 'b'],
  ['all hosts == 192.168.0.0/16', ''],
  ['count(wlan.tag.number) == 4', 'a'],
  ['count(wlan.tag.number) == 0', ''],
  ['count(frame.len) == 1', 'abc'],
  // sets
  ['frame.len in {54, 100}', 'ab'],
  ['frame.len in {55..1500}', 'ac'],
  ['frame.len not in {54}', 'ac'],
  ['not frame.len in {54}', 'ac'],
  ['wlan_radio.signal_dbm in {-50 .. -30, -71}', 'a'],
  ['wlan.ta in {00:1b:63:00:00:01, 11:22:33:44:55:66}', 'b'],
  ['wlan.ta in {00:1b:63:00:00:02..00:1b:63:ff:ff:ff}', 'a'],
  ['wlan.ssid in {"x", "Guest-1"}', 'a'],
  ['wlan.vendor in {"A".."H"}', 'b'],
  ['wlan.tag.number in {1..3}', 'a'],
  ['all wlan.tag.number in {0..3, 221}', 'ab'],
  ['all wlan.tag.number in {0..3}', ''],
  ['wlan.fc.type_subtype in {"Beacon", 12}', 'ab'],
  ['source.ip in {192.168.0.0/16, 10.0.0.0/8}', 'b'],
  ['source.ip in {10.0.0.0..10.255.255.255}', 'b'],
  ['wlan.tsf in {1..2000}', 'b'],
  ['wlan.ta in {wlan.staff}', 'b'],
  ['frame.len in {{50 + 4}, 3}', 'b'],
  ['wlan.fc.retry in {true}', 'b'],
  // networks
  ['source.ip == 10.0.0.0/8', 'b'],
  ['source.ip == 10.1.2.0/31', ''],
  ['source.ip == 10.1.2.2/31', 'b'],
  ['source.ip == 2001:db8::/32', 'c'],
  ['source.ip == 0.0.0.0/0', 'b'],
  ['source.ip != 10.0.0.0/8', 'c'],
  ['ip.src == ::ffff:10.1.2.3', ''],
  // search
  ['wlan.ssid contains "uest"', 'a'],
  ['wlan.ssid contains "UEST"', ''],
  ['wlan.ssid contains c3:bc', 'c'],
  ['wlan.ssid contains ""', 'ac'],
  ['wlan.ssid_hex contains ff', 'c'],
  ['wlan.ta contains 63:aa', 'a'],
  ['wlan.fc.type_subtype contains "auth"', 'b'],
  ['wlan.ssid matches "^guest"', 'a'],
  ['wlan.ssid ~ "(?-i)^guest"', ''],
  ['wlan.ssid matches r"-\\d$"', 'a'],
  ['wlan.ssid matches "-\\\\d$"', 'a'],
  ['wlan.ssid_hex matches r"\\x00\\xff"', 'c'],
  ['wlan.fc.type_subtype matches "^(beacon|63)$"', 'ac'],
  ['string(frame.len) matches "00$"', 'ac'],
  ['string(wlan.ta) matches "^00:1b:63"', 'ab'],
  ['string(source.ip) matches r"^10\\."', 'b'],
  ['string(frame.time) contains ":01.000000001Z"', 'b'],
  ['string(wlan.tsf) == "1000"', 'b'],
  ['string(wlan.fc.retry) == "true"', 'b'],
  ['string(wlan.fc.type_subtype) == "Beacon"', 'a'],
  // slices
  ['wlan.ta[0:3] == 00:1b:63', 'ab'],
  ['wlan.ta[0-2] == 00-1b-63', 'ab'],
  ['wlan.ta[3] == aa', 'a'],
  ['wlan.ta[:4] == 00:1b:63:aa', 'a'],
  ['wlan.ta[4:] == bb:cc', 'a'],
  ['wlan.ta[-1] == 1', 'b'],
  ['wlan.ta[-2:] == 00:01', 'b'],
  ['wlan.ta[-3--2] == aa:bb', 'a'],
  ['wlan.ta[0,2,4-5] == 00:63:bb:cc', 'a'],
  ['wlan.ta[5:3]', ''],
  ['wlan.ta[0]', 'ab'],
  ['wlan.ta[9] != 00', 'ab'],
  ['wlan.ta[0:3] == wlan.ra[0:3]', 'b'],
  ['wlan.ssid[0:3] == "Gue"', 'a'],
  ['wlan.ssid[1:2] == c3:bc', 'c'],
  ['wlan.ssid[0] == 47', 'a'],
  ['wlan.ssid_hex[0] > 0', 'a'],
  ['wlan.ssid[1:][0:4] == "uest"', 'a'],
  ['wlan.ta[0:3] in {00:1b:63, 00:1b:64}', 'ab'],
  ['wlan.vendor[0] == "U"', 'b'],
  ['len(wlan.ssid[2:]) > 4', 'a'],
  // bits and arithmetic
  ['wlan.fc.type_subtype & 4', 'bc'],
  ['wlan.fc.type_subtype & 8 == 8', 'abc'],
  ['wlan.fc.type_subtype & 0x10', 'c'],
  ['wlan.ra & 01:00:00:00:00:00', 'a'],
  ['wlan.ra[0] & 1', 'a'],
  ['wlan.tsf & 0x8000000000000000', 'a'],
  ['wlan.tsf & 4 == 4', 'a'],
  ['wlan.tag.number & 2', 'a'],
  ['wlan_radio.signal_dbm & 1', ''],
  ['wlan_radio.signal_dbm bitand 2', 'b'],
  ['frame.len + 4 == 58', 'b'],
  ['frame.len - 100', 'bc'],
  ['{frame.len + 2} * 2 == 112', 'b'],
  ['(frame.len + 2) * 2 == 112', 'b'],
  ['frame.len + 2 * 2 == 58', 'b'],
  ['frame.len % 100 == 0', 'ac'],
  ['frame.len / 7 == 7', 'b'],
  ['-frame.len < -99', 'ac'],
  ['wlan_radio.signal_dbm - wlan_radio.noise > 55', 'a'],
  ['wlan.tsf + 24 == 1024', 'b'],
  ['wlan.tsf % frame.len == 28', 'b'],
  ['frame.len == {50 + 4}', 'b'],
  ['source.ip & 255.0.0.0 == 10.0.0.0', 'b'],
  ['source.ip & 0.0.0.3', 'b'],
  ['max(wlan.tsf) > 1000', 'a'],
  ['min(wlan.counters) == 1', 'b'],
  ['max(wlan.counters, frame.len) == 1099511627776', 'b'],
  ['abs(wlan.tsf) == 1000', 'b'],
  ['max(frame.time) > "2026-11-23 10:00:01"', 'b'],
  // functions
  ['len(wlan.ssid) == 7', 'a'],
  ['len(wlan.ssid) == 6', 'c'],
  ['len(wlan.ta) == 6', 'ab'],
  ['len(wlan.vendor) == 8', 'b'],
  ['lower(wlan.ssid) == "guest-1"', 'a'],
  ['upper(wlan.ssid) contains "UEST"', 'a'],
  ['upper(wlan.ssid_hex) == "GUEST-1"', 'a'],
  ['abs(wlan_radio.signal_dbm) > 50', 'b'],
  ['max(frame.len, 100) == 100', 'ab'],
  ['min(wlan.tag.number, 5) == 5', 'bc'],
  ['min(wlan.tag.number, wlan.rates) == 0', 'a'],
  ['max(wlan_radio.noise, wlan_radio.signal_dbm) == -40', 'a'],
  // joining
  ['frame.len == 54 || frame.len == 100 && wlan.ssid == "x"', 'b'],
  ['frame.len == 54 or frame.len == 100 and wlan.ssid', 'ab'],
  ['not wlan.ssid and wlan.ta', 'b'],
  ['! wlan.ssid && wlan.ta', 'b'],
  ['not (wlan.ssid and wlan.ta)', 'bc'],
  ['not not wlan.ssid', 'ac'],
  ['wlan.ssid xor wlan.ta', 'bc'],
  ['wlan.ssid ^^ wlan.ta ^^ frame.len', 'a'],
  ['frame.len == 54 or wlan.ssid xor wlan.ssid', 'b'],
  ['((frame.len) and (wlan.ssid))', 'ac'],
  ['  frame.len==54  ', 'b'],
  ['frame.len>=54&&frame.len<=100', 'ab'],
]

test('every expression matches the events it should', () => {
  for (const [expression, expected] of TABLE) {
    const matches = compileWhen(expression, fields)
    const event = new Event(fields)
    let got = ''
    for (const [letter, values] of Object.entries(EVENTS)) {
      event.open(new Uint8Array(0))
      for (const [name, value] of Object.entries(values)) event.set(name, value)
      if (matches(event)) got += letter
    }
    assert.equal(got, expected, expression)
  }
})

test('values are read from the record as well as from what was set', () => {
  const event = new Event(fields)
  const record = Buffer.from('..home..')
  event.open(record)
  event.put(fields.base(wlan) + wlan.at.ssid, 2, 4)
  assert.equal(compileWhen('wlan.ssid == "home"', fields)(event), true)
  assert.equal(compileWhen('wlan.ssid contains "."', fields)(event), false)
  assert.equal(compileWhen('wlan.ssid matches "^home$"', fields)(event), true)
  event.set('wlan.ssid', 'away')
  assert.equal(compileWhen('wlan.ssid == "away"', fields)(event), true)
})

test('a name that is no valid UTF-8 is there, and compared by its bytes', () => {
  const event = new Event(fields)
  event.open(new Uint8Array(0))
  event.set('wlan.ssid_hex', 'b2e2cad4')
  for (const holds of [
    'wlan.ssid',
    'wlan.ssid == b2:e2:ca:d4',
    'wlan.ssid contains ca',
    'count(wlan.ssid) == 1',
    'wlan.ssid matches r"^\\xb2"',
    'len(wlan.ssid) == 4',
  ])
    assert.equal(compileWhen(holds, fields)(event), true, holds)
  event.set('wlan.ssid', 'home')
  assert.equal(compileWhen('wlan.ssid == "home"', fields)(event), true)
  assert.equal(compileWhen('wlan.ssid contains ca', fields)(event), false)
})
