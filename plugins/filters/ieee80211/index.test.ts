import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  ALL,
  AP,
  ascii,
  be16,
  be32,
  beacon,
  bytesOf,
  data,
  decoder,
  eapolKey,
  element,
  ipv4,
  le16,
  le32,
  mac,
  management,
  OTHER,
  present,
  RATES,
  RSN,
  radiotap,
  STATION,
  udp,
  withFcs,
} from './testing.ts'

const { decode } = decoder()

const GPS = [2, 0, ...le16(20), ...le32(0xe), ...le32(1800000000 + 473769000), ...le32(1800000000 - 85417000), ...le32(1800000000 + 4080000)]
const COMMON = [...le32(7), ...le32(0), ...le16(1), ...le16(2), ...le16(2412), ...le16(0xa0), 0, 0, 0xd8, 0xa1]

/** One frame under every capture header, each with signal -40 dBm and rate 1 Mb/s on channel 1. */
function underEachHeader(inner: Uint8Array): { link: number; bytes: Uint8Array }[] {
  const prismItem = (number: number, value: number) => [...le32((number << 16) | 0x44), ...le16(0), ...le16(4), ...le32(value)]
  const items = [prismItem(3, 1), prismItem(6, -40), prismItem(7, -95), prismItem(8, 2)].flat()
  const avs = [0x80211001, 64, 0, 7, 0, 0, 4, 1, 10, 0, 0, 2, -40, -95, 1, 1].flatMap(be32)
  const ppiFields = [...le16(2), ...le16(20), ...COMMON, ...le16(30002), ...le16(GPS.length), ...GPS]
  const tap = radiotap([
    { bit: 1, align: 1, bytes: [0] },
    { bit: 2, align: 1, bytes: [2] },
    { bit: 3, align: 2, bytes: [...le16(2412), ...le16(0xa0)] },
    { bit: 5, align: 1, bytes: [0xd8] },
    { bit: 6, align: 1, bytes: [0xa1] },
  ])
  return [
    { link: 127, bytes: bytesOf(tap, inner) },
    { link: 113, bytes: bytesOf([0, 0], be16(803), new Array(12).fill(0), tap, inner) },
    { link: 119, bytes: bytesOf(le32(0x44), le32(24 + items.length), ascii('wlan0'.padEnd(16, '\0')), items, inner) },
    { link: 163, bytes: bytesOf(avs, inner) },
    { link: 119, bytes: bytesOf(avs, inner) },
    { link: 192, bytes: bytesOf([0, 0], le16(8 + ppiFields.length), le32(105), ppiFields, withFcs(inner)) },
  ]
}

describe('ieee80211', () => {
  test('a beacon: fixed fields, names, rates, security', () => {
    const event = decode(beacon(element(0, ascii('café')), RATES, element(3, [6]), element(7, ascii('DE ')), RSN))
    assert.equal(event.get('wlan.fc.type_subtype'), 8)
    assert.equal(event.get('wlan.fc.name'), 'Beacon')
    assert.equal(event.get('wlan.bssid'), AP)
    assert.equal(event.get('wlan.da'), ALL)
    assert.equal(event.get('wlan.seq'), 0x123)
    assert.equal(event.get('wlan.fixed.timestamp'), 0x511223344n)
    assert.equal(event.get('wlan.fixed.beacon'), 100)
    assert.equal(event.get('wlan.fixed.capabilities.privacy'), true)
    assert.equal(event.get('wlan.ssid'), 'café')
    assert.equal(event.get('wlan.ssid_hex'), Buffer.from('café').toString('hex'))
    assert.equal(event.get('wlan.ssid_hidden'), false)
    assert.deepEqual(event.get('wlan.supported_rates'), [0x82, 0x84, 0x0b, 0x16])
    assert.equal(event.get('wlan.ds.current_channel'), 6)
    assert.equal(event.get('wlan.country_info.code'), 'DE')
    assert.equal(event.get('wlan.rsn.gcs.name'), 'CCMP-128')
    assert.deepEqual(event.get('wlan.rsn.akms.name'), ['PSK', 'SAE'])
    assert.equal(event.get('wlan.rsn.capabilities.mfpc'), true)
    assert.equal(event.get('wlan.rsn.capabilities.mfpr'), false)
    assert.deepEqual(event.get('wlan.tag.number'), [0, 1, 3, 7, 48])
    assert.equal(event.get('error.type'), undefined)
  })

  test('a radiotap header that cannot be read has no reading, whatever the record before it said', () => {
    for (const { link, bytes } of underEachHeader(beacon(element(0, ascii('before'))))) {
      assert.equal(decode(bytes, { link }).get('wlan_radio.signal_dbm'), -40)
      for (const broken of [bytesOf([0, 0, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), bytesOf([1, 0, 8, 0, 0, 0, 0, 0], beacon())]) {
        assert.equal(decode(broken, { link: 127, length: 64 }).get('wlan_radio.signal_dbm'), undefined)
        decode(bytes, { link }).get('wlan_radio.signal_dbm')
      }
    }
  })

  test('a name that is not UTF-8 has only its bytes; an empty or zero one is hidden', () => {
    const latin = decode(beacon(element(0, [0x63, 0xe9])))
    assert.equal(latin.get('wlan.ssid'), undefined)
    assert.equal(latin.get('wlan.ssid_hex'), '63e9')
    assert.equal(decode(beacon(element(0, []))).get('wlan.ssid_hidden'), true)
    assert.equal(decode(beacon(element(0, [0, 0, 0]))).get('wlan.ssid_hidden'), true)
    assert.equal(decode(beacon(element(0, new Array(33).fill(65)))).get('wlan.ssid_hex'), undefined)
  })

  test('all capture headers give the same MAC fields and the same radio', () => {
    const inner = beacon(element(0, ascii('net')), RSN)
    const expected = present(decode(inner))
    for (const { link, bytes } of underEachHeader(inner)) {
      const values = present(decode(bytes, { link }))
      for (const [path, value] of Object.entries(expected)) if (path.startsWith('wlan.')) assert.deepEqual(values[path], value, `${link}: ${path}`)
      assert.equal(values['wlan_radio.signal_dbm'], -40, `${link}`)
      assert.equal(values['wlan_radio.noise_dbm'], -95)
      assert.equal(values['wlan_radio.snr'], 55)
      assert.equal(values['wlan_radio.channel'], 1)
      assert.equal(values['wlan_radio.frequency'], 2412)
      assert.equal(values['wlan_radio.data_rate'], 1)
      assert.equal(values['wlan_radio.phy_name'], '802.11b')
      assert.equal(values['error.type'], undefined)
      if (link === 192) {
        assert.equal(values['ppi_gps.lat'], 47.3769)
        assert.equal(values['ppi_gps.lon'], -8.5417)
        assert.equal(values['ppi_gps.alt'], 408)
        assert.equal(values['wlan.fcs.status'], 1)
        assert.equal(values['wlan_radio.timestamp'], 7n)
      }
    }
  })

  test('the FCS is checked where the header says that there is one', () => {
    const tap = radiotap([{ bit: 1, align: 1, bytes: [0x10] }])
    const good = bytesOf(tap, withFcs(beacon(element(0, ascii('x')))))
    assert.equal(decode(good, { link: 127 }).get('wlan.fcs.status'), 1)
    const bad = Uint8Array.from(good)
    bad[bad.length - 6] ^= 1
    assert.equal(decode(bad, { link: 127 }).get('wlan.fcs.status'), 0)
    assert.equal(decode(good.subarray(0, good.length - 3), { link: 127, length: good.length }).get('wlan.fcs.status'), undefined)
    assert.equal(decode(beacon()).get('wlan.fcs.status'), undefined)
    // The FCS is no element, and the name before it is whole.
    const event = decode(good, { link: 127 })
    assert.equal(event.get('wlan.ssid'), 'x')
    assert.deepEqual(event.get('wlan.tag.number'), [0])
  })

  test('the four messages of a handshake, the PMKID, and the elements inside', () => {
    const pmkid = [0xdd, 20, 0, 0x0f, 0xac, 4, ...new Array(16).fill(0x5a)]
    const first = decode(data(0x888e, eapolKey(0x8a, pmkid)))
    assert.equal(first.get('wlan_rsna_eapol.keydes.msgnr'), 1)
    assert.equal(first.get('wlan.rsn.ie.pmkid'), '5a'.repeat(16))
    assert.equal(first.get('eapol.keydes.replay_counter'), 9n)
    assert.equal(first.get('wlan_rsna_eapol.keydes.nonce'), '07'.repeat(32))
    const second = decode(data(0x888e, eapolKey(0x10a, RSN)))
    assert.equal(second.get('wlan_rsna_eapol.keydes.msgnr'), 2)
    assert.deepEqual(second.get('wlan.rsn.akms.type'), [2, 8])
    const third = decode(data(0x888e, eapolKey(0x13ca, [1, 2, 3])))
    assert.equal(third.get('wlan_rsna_eapol.keydes.msgnr'), 3)
    assert.equal(third.get('wlan.tag.number'), undefined)
    assert.equal(decode(data(0x888e, eapolKey(0x30a, [], 0))).get('wlan_rsna_eapol.keydes.msgnr'), 4)
    const group = decode(data(0x888e, eapolKey(0x1382, [1])))
    assert.equal(group.get('wlan_rsna_eapol.keydes.msgnr'), 1)
    assert.equal(group.get('wlan_rsna_eapol.keydes.group'), true)
  })

  test('EAP identity', () => {
    const identity = [1, 0, ...be16(9), 2, 1, ...be16(9), 1, ...ascii('anna')]
    const event = decode(data(0x888e, identity))
    assert.equal(event.get('eap.code'), 2)
    assert.equal(event.get('eap.type_name'), 'Identity')
    assert.equal(event.get('eap.identity'), 'anna')
  })

  test('what unencrypted data carries', () => {
    const arp = decode(data(0x0806, [...be16(1), ...be16(0x800), 6, 4, ...be16(1), ...mac(STATION), 10, 0, 0, 1, ...mac(ALL), 10, 0, 0, 9]))
    assert.equal(arp.get('arp.opcode'), 1)
    assert.equal(arp.get('arp.dst.proto_ipv4'), '10.0.0.9')
    const question = [...be16(1), ...be16(0x100), ...be16(1), 0, 0, 0, 0, 0, 0, 3, ...ascii('www'), 4, ...ascii('test'), 0, ...be16(1), ...be16(1)]
    const dns = decode(data(0x0800, ipv4(17, udp(5000, 53, question))))
    assert.equal(dns.get('ip.src'), '10.0.0.1')
    assert.equal(dns.get('udp.dstport'), 53)
    assert.deepEqual(dns.get('dns.qry.name'), ['www.test'])
    const options = [...new Array(236).fill(0), ...be32(0x63825363), 53, 1, 3, 12, 3, ...ascii('box'), 255]
    const dhcp = decode(data(0x0800, ipv4(17, udp(68, 67, options))))
    assert.equal(dhcp.get('dhcp.option.dhcp'), 3)
    assert.equal(dhcp.get('dhcp.option.hostname'), 'box')
    const v6 = [0x60, 0, 0, 0, ...be16(4), 6, 64, ...new Array(15).fill(0), 1, 0xfe, 0x80, ...new Array(13).fill(0), 2, ...be16(80), ...be16(81)]
    const ipv6 = decode(data(0x86dd, v6))
    assert.equal(ipv6.get('ipv6.dst'), 'fe80::2')
    assert.equal(ipv6.get('tcp.dstport'), 81)
  })

  test('encrypted bodies, later fragments and `network: false` show nothing of what is inside', () => {
    const packet = ipv4(6, [...be16(1), ...be16(2)])
    assert.equal(decode(data(0x0800, packet, 0x4208)).get('ip.src'), undefined)
    const fragment = data(0x0800, packet)
    fragment[22] |= 1
    assert.equal(decode(fragment).get('ip.src'), undefined)
    assert.equal(decoder({ network: false }).decode(data(0x0800, packet)).get('ip.src'), undefined)
  })

  test('an A-MSDU: who it is from stands in its subframe', () => {
    const llc = [0xaa, 0xaa, 3, 0, 0, 0, ...be16(0x0800), ...ipv4(6, [...be16(1), ...be16(2)])]
    const subframe = [...mac(STATION), ...mac(OTHER), ...be16(llc.length), ...llc]
    const event = decode(bytesOf(le16(0x0288), le16(0), mac(STATION), mac(AP), mac(AP), le16(0), le16(0x80), subframe))
    assert.equal(event.get('wlan.sa'), OTHER)
    assert.deepEqual(event.get('wlan_aggregate.a_mdsu.length'), [llc.length])
    assert.equal(event.get('ip.dst'), '10.0.0.2')
  })

  test('reasons, statuses and action frames', () => {
    const deauth = decode(management(12, le16(7)))
    assert.equal(deauth.get('wlan.fixed.reason_code'), 7)
    assert.equal(deauth.get('wlan.fixed.reason_name'), 'invalid class 3 frame')
    const auth = decode(management(11, [...le16(0), ...le16(2), ...le16(17)]))
    assert.equal(auth.get('wlan.fixed.status_name'), 'no more stations')
    const delba = decode(management(13, [3, 2, ...le16(0x3000), ...le16(39)]))
    assert.equal(delba.get('wlan.fixed.category_code'), 3)
    assert.equal(delba.get('wlan.fixed.reason_code'), 39)
    assert.equal(delba.get('wlan.fixed.baparams.tid'), 3)
    assert.equal(decode(management(12, le16(7), 0x4000)).get('wlan.fixed.reason_code'), undefined)
  })

  test('emit hides fields from writers, and leaves them readable', () => {
    const written = (config: Parameters<typeof decoder>[0], path: string): boolean => {
      const { event, decode: run } = decoder(config)
      run(beacon(element(0, ascii('x')), RATES, RSN))
      const field = event.fields.find(path)
      assert.ok(field)
      assert.notEqual(event.get(path), undefined)
      return (event.show[field.number >>> 5] & (1 << (field.number & 31))) !== 0
    }
    assert.equal(written({ emit: 'standard' }, 'wlan.ssid'), true)
    assert.equal(written({ emit: 'standard' }, 'wlan.supported_rates'), false)
    assert.equal(written({ emit: 'full' }, 'wlan.supported_rates'), true)
    assert.equal(written({ emit: ['rsn'] }, 'wlan.rsn.gcs.type'), true)
    assert.equal(written({ emit: ['rsn'] }, 'wlan.ssid'), false)
    assert.equal(written({ emit: ['standard', 'elements'] }, 'wlan.supported_rates'), true)
  })

  test('other link types pass as they are', () => {
    assert.deepEqual(present(decode(bytesOf([1, 2, 3]), { link: 9 })), {})
    const arp = bytesOf(mac(ALL), mac(STATION), be16(0x0806), be16(1), be16(0x800), [6, 4], be16(2), new Array(20).fill(1))
    assert.equal(decode(arp, { link: 1 }).get('arp.opcode'), 2)
  })

  test('damage is said, and what was there before it is kept', () => {
    const event = decode(bytesOf(beacon(element(0, ascii('x'))), [48, 20, 1]))
    assert.equal(event.get('error.type'), 'malformed')
    assert.match(String(event.get('error.reason')), /element 48 of 20 bytes, 1 are left/)
    assert.equal(event.get('wlan.ssid'), 'x')
    const short = decode(beacon().subarray(0, 15))
    assert.equal(short.get('error.type'), 'truncated')
    assert.equal(short.get('wlan.ra'), ALL)
    assert.equal(short.get('wlan.ta'), undefined)
    // The same bytes of a longer frame were cut by the capture, which is no damage.
    assert.equal(decode(beacon().subarray(0, 15), { length: 200 }).get('error.type'), undefined)
    assert.equal(decode(bytesOf([0, 0, 40, 0, 0, 0, 0, 0, 0]), { link: 127 }).get('error.type'), 'malformed')
    assert.equal(decode(bytesOf([])).get('error.type'), 'truncated')
  })

  test('lazy tables are decoded again after a rollback', () => {
    const event = decode(beacon(element(0, ascii('x')), RSN))
    event.mark()
    assert.equal(event.get('wlan.ssid'), 'x')
    event.set('wlan.ssid', 'other')
    event.rollback()
    assert.equal(event.get('wlan.ssid'), 'x')
    assert.equal(event.get('wlan.rsn.gcs.type'), 4)
    event.unmark()
  })
})
