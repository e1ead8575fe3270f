import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileWhen } from '../../../core/when/index.ts'
import { madeFrames } from '../../../test/conformance/made-frames.ts'
import { AP, ascii, beacon, bytesOf, data, decoder, element, fields, le16, le32, mac, management, OTHER, RATES, radiotap } from './testing.ts'

const { event, decode } = decoder()

describe('fingerprint', () => {
  const probe = (...elements: readonly (readonly number[])[]) => decode(management(4, elements.flat())).get('wlan.fingerprint')
  const HT = element(45, new Array(26).fill(3))

  test('is FNV-1a over ids, and over what describes the device', () => {
    const input = [0, 1, 4, 0x82, 0x84, 0x0b, 0x16, 59, 2, 81, 82, 221, 4, 0, 0x50, 0xf2, 8, 255, 35, 1, 9]
    const expected = input.reduce((hash, byte) => BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n), 0xcbf29ce484222325n)
    const frame = [element(0, ascii('net')), RATES, element(59, [81, 81, 82]), element(221, [0, 0x50, 0xf2, 8, 1, 2]), element(255, [35, 9])]
    assert.equal(probe(...frame), expected.toString(16).padStart(16, '0'))
  })

  test('does not depend on name, channel and what vendors add; but on order and capabilities', () => {
    const vendor = (last: number) => element(221, [0, 0x50, 0xf2, 4, last])
    const one = probe(element(0, []), RATES, element(3, [1]), HT, vendor(1))
    assert.equal(probe(element(0, ascii('net')), RATES, element(3, [11]), HT, vendor(2)), one)
    assert.notEqual(probe(element(0, []), element(3, [1]), RATES, HT, vendor(1)), one)
    assert.notEqual(probe(element(0, []), RATES, element(3, [1]), element(45, new Array(26).fill(4)), vendor(1)), one)
  })

  test('is of requests that are whole', () => {
    assert.equal(decode(management(8, new Array(12).fill(0))).get('wlan.fingerprint'), undefined)
    assert.equal(decode(management(4, [...RATES, 45, 26, 1])).get('wlan.fingerprint'), undefined)
    assert.match(String(decode(management(0, [...new Array(4).fill(0), ...RATES])).get('wlan.fingerprint')), /^[0-9a-f]{16}$/)
  })
})

describe('conditions', () => {
  test('a number may be said by the name that Wireshark has for it', () => {
    const holds = (when: string, subtype: number) => compileWhen(when, fields)(decode(management(subtype, new Array(12).fill(0))))
    assert.equal(holds('wlan.fc.type_subtype == "Beacon frame"', 8), true)
    assert.equal(holds('wlan.fc.type_subtype == "Beacon frame"', 5), false)
    assert.equal(holds('wlan.fc.type_subtype in {"Probe Response", 8}', 5), true)
    assert.equal(holds('wlan.addr == ff:ff:ff:ff:ff:ff', 8), true)
    assert.throws(() => holds('wlan.fc.type_subtype == "Becon frame"', 8), /none of the names/)
  })
})

describe('EHT', () => {
  test('U-SIG and the users, and the radio that follows from them', () => {
    const common = 31 | (2 << 15) | (1 << 18) | (9 << 19)
    const user = (id: number, mcs: number, streams: number, mine: number) => 0x17 | mine | (id << 8) | (1 << 19) | (mcs << 20) | ((streams - 1) << 24)
    const data0 = 1 << 7
    const eht = [...le32(4), ...le32(data0), ...new Array(32).fill(0), ...le32(user(5, 9, 1, 0)), ...le32(user(6, 13, 2, 0x80))]
    const tlvs = [...le16(33), ...le16(12), ...le32(common), ...le32(0), ...le32(0), ...le16(34), ...le16(eht.length), ...eht]
    const event = decode(bytesOf(radiotap([{ bit: 28, align: 4, bytes: tlvs }]), beacon()), { link: 127 })
    assert.equal(event.get('radiotap.usig.bss_color'), 9)
    assert.equal(event.get('radiotap.usig.ul_dl'), 1)
    assert.equal(event.get('radiotap.eht.gi'), 1)
    assert.deepEqual(event.get('radiotap.eht.user_info.sta_id'), [5, 6])
    assert.deepEqual(event.get('radiotap.eht.user_info.mcs'), [9, 13])
    assert.equal(event.get('wlan_radio.phy_name'), '802.11be')
    assert.equal(event.get('wlan_radio.mcs'), 13)
    assert.equal(event.get('wlan_radio.streams'), 2)
    assert.equal(event.get('wlan_radio.guard_interval'), 1600)
    // 980 subcarriers of 10 bits each, two streams, a symbol every 14.4 us.
    assert.equal(event.get('wlan_radio.data_rate'), 1361.1)
  })
})

describe('links', () => {
  test('multi-link: the address of the device, its links and their addresses', () => {
    const sta = [0x21, 0, 7, ...mac(OTHER), ...le16(0x1111)]
    const link = [107, ...le16(0x0010), 8, ...mac(AP), 2, ...element(0, sta)]
    const event = decode(beacon(element(255, link)))
    assert.equal(event.get('wlan.eht.multi_link.mld_mac'), AP)
    assert.equal(event.get('wlan.eht.multi_link.link_id'), 2)
    assert.deepEqual(event.get('wlan.eht.multi_link.profile.link_id'), [1])
    assert.deepEqual(event.get('wlan.eht.multi_link.profile.sta_mac'), [OTHER])
  })

  test('6 GHz: width, centre and what is not used of it', () => {
    const he = [36, ...[0, 0, 2], 5, ...le16(0xfffc), 37, 0x03, 39, 47, 6]
    const eht = [106, 3, ...le32(0), 4, 39, 31, ...le16(0x00f0)]
    const event = decode(beacon(element(255, he), element(255, eht)))
    assert.equal(event.get('wlan.standards.bandwidth'), 320)
    assert.equal(event.get('wlan.standards.center_channel'), 31)
    assert.equal(event.get('wlan.standards.center_frequency'), 6105)
    assert.equal(event.get('wlan.eht.operation.disabled_subchannels'), 0xf0)
    assert.equal(event.get('wlan.ext_tag.he_operation.6ghz.primary_channel'), 37)
  })

  test('a tunneled direct link is the action frame it is', () => {
    const event = decode(data(0x890d, [2, 12, 1, ...le16(0), 9, ...le16(0x11), ...RATES]))
    assert.equal(event.get('wlan.fixed.category_code'), 12)
    assert.equal(event.get('wlan.fixed.status_code'), 0)
    assert.deepEqual(event.get('wlan.supported_rates'), [0x82, 0x84, 0x0b, 0x16])
    assert.equal(decode(data(0x890d, [1, 12, 1, ...le16(0)])).get('wlan.fixed.category_code'), undefined)
  })
})

describe('frames of every kind', () => {
  test('cut at every byte: no throw, nothing read from behind the record', () => {
    for (const [link, frames] of madeFrames()) {
      for (const frame of frames) {
        for (let length = 0; length <= frame.length; length++) {
          for (const whole of [length, frame.length]) {
            decode(frame.subarray(0, length), { link, length: whole })
            for (const [field] of event.hold().values) {
              const [a, b] = [event.a[field.number], event.b[field.number]]
              const octets = field.type === 'text' || field.type === 'bytes'
              const places = !octets ? [] : field.list ? [...event.list.subarray(a, a + 2 * b)] : [a, b]
              for (let i = 0; i < places.length; i += 2)
                if (places[i] >= 0) assert.ok(places[i] >= event.start && places[i] + places[i + 1] <= event.end, `${field.path} of ${length} bytes`)
            }
          }
        }
      }
    }
  })
})
