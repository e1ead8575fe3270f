import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Event, type Value } from '../../../core/event/event.ts'
import { envelope, Fields, type Filter, frame } from '../../../core/plugin.ts'
import { pureContext } from '../../../core/route/context.ts'
import { checkedConfig } from '../../../test/kit/config.ts'
import ieee80211 from '../ieee80211/index.ts'
import summary from './index.ts'

const fields = new Fields([envelope, frame, ...ieee80211.fields, ...summary.fields])
const AP = '02:00:00:00:00:0a'
const OTHER_AP = '02:00:00:00:00:0b'
const STATION = '06:00:00:00:00:01'

function made(options: object = {}) {
  const event = new Event(fields)
  const filter: Filter & { shed(): number } = summary.create(
    checkedConfig(summary, options) as never,
    pureContext('summary', event, { name: 'roof', id: 'test' }),
  )
  const out: Event[] = []
  const emit = (fill: (event: Event) => void) => {
    const made = new Event(fields, event)
    made.open(event.bytes)
    fill(made)
    out.push(made)
  }
  let offset = 0
  const hear = (second: number, values: Record<string, Value>) => {
    event.open(new Uint8Array(0))
    event.record(1_700_000_040 + Math.floor(second), Math.round((second % 1) * 1e9), new Uint8Array(8), offset++)
    event.set('frame.len', 100)
    for (const [path, value] of Object.entries(values)) event.set(path, value)
    if (filter.due?.(event)) filter.flush?.(emit)
    return filter.apply(event, emit)
  }
  const beacon = (second: number, values: Record<string, Value> = {}) =>
    hear(second, {
      'wlan.fc.type_subtype': 8,
      'wlan.ta': AP,
      'wlan.bssid': AP,
      'wlan.ssid': 'home',
      'wlan.ssid_hex': '686f6d65',
      'wlan_radio.channel': 6,
      ...values,
    })
  const data = (second: number, values: Record<string, Value> = {}) =>
    hear(second, { 'wlan.fc.type_subtype': 0x28, 'wlan.ta': STATION, 'wlan.staa': STATION, 'wlan.bssid': AP, 'wlan_radio.channel': 6, ...values })
  const told = (...names: string[]) => out.map((of) => names.map((name) => of.get(`summary.${name}`)))
  return { filter, out, hear, beacon, data, told, end: () => filter.flush?.(emit) }
}

test('an interval comes to one summary for each network, station and channel', () => {
  const { out, beacon, data, told, end } = made()
  assert.equal(beacon(0, { 'wlan_radio.signal_dbm': -50 }), false)
  beacon(1, { 'wlan_radio.signal_dbm': -61, 'wlan.fc.retry': true })
  data(2.5, { 'frame.len': 1000 })
  end()
  assert.deepEqual(told('of', 'bssid', 'station', 'channel', 'ssid', 'frames', 'bytes', 'management', 'data', 'retries'), [
    ['bssid', AP, undefined, 6, 'home', 3, 1200, 2, 1, 1],
    ['channel', undefined, undefined, 6, undefined, 3, 1200, 2, 1, 1],
    ['station', AP, STATION, 6, undefined, 1, 1000, 0, 1, 0],
  ])
  assert.deepEqual(told('signal_min_dbm', 'signal_max_dbm', 'signal_mean_dbm')[0], [-61, -50, -55.5])
  assert.equal(out[0].get('summary.start'), '2023-11-14T22:14:00.000000000Z')
  assert.equal(out[0].get('summary.end'), '2023-11-14T22:14:02.500000000Z')
  assert.equal(out[0].get('@timestamp'), out[0].get('summary.end'))
  assert.deepEqual([out[0].get('event.kind'), out[0].get('event.dataset'), out[0].get('observer.name')], ['metric', 'wifi.summary', 'roof'])
  assert.equal(new Set(out.map((of) => of.get('event.id'))).size, 3)
})

test('the first frame behind an interval lets go of it; a late one is summed up with those it came with', () => {
  const { beacon, told, end } = made({ of: ['bssid'] })
  beacon(58)
  beacon(59)
  assert.deepEqual(told('frames'), [])
  beacon(60)
  assert.deepEqual(told('frames'), [[2]])
  beacon(59.9)
  beacon(61)
  end()
  assert.deepEqual(told('frames'), [[2], [3]])
})

test('a change of name, channel or network ends a summary, but not without end', () => {
  const { beacon, data, told, end } = made({ of: ['bssid', 'station'] })
  beacon(0)
  beacon(1, { 'wlan.ssid': 'x', 'wlan.ssid_hex': '78' })
  assert.deepEqual(told('ssid', 'changed'), [['home', 'wlan.ssid']])
  beacon(2, { 'wlan.ssid': 'x', 'wlan.ssid_hex': '78', 'wlan_radio.channel': 11 })
  data(3)
  data(4, { 'wlan.bssid': OTHER_AP })
  assert.deepEqual(told('of', 'changed').slice(1), [
    ['bssid', 'wlan_radio.channel'],
    ['station', 'wlan.bssid'],
  ])
  for (let i = 0; i < 100; i++) data(5, { 'wlan.bssid': i % 2 ? AP : OTHER_AP })
  end()
  assert.ok(told('of').length < 20, String(told('of').length))
})

test('groups are bounded; what is let go early is counted', () => {
  const { filter, data, told, end } = made({ of: ['station'], max_groups: 2 })
  for (let i = 1; i <= 4; i++) data(i, { 'wlan.staa': `06:00:00:00:00:0${i}` })
  assert.equal(filter.shed(), 2)
  end()
  assert.deepEqual(told('frames'), [[1], [1], [1], [1]])
})

test('who probes is a station; groups of addresses are not, and what is no frame goes on', () => {
  const { hear, told, end } = made({ of: ['station', 'bssid'] })
  hear(0, { 'wlan.fc.type_subtype': 4, 'wlan.ta': STATION, 'wlan.bssid': 'ff:ff:ff:ff:ff:ff' })
  assert.equal(hear(1, { 'event.kind': 'metric' }), undefined)
  end()
  assert.deepEqual(told('of', 'station', 'bssid'), [['station', STATION, undefined]])
})
