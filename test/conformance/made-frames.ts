/** Frames of kinds that few captures have, for comparing with tshark. */
import { PCAP_RECORD_BYTES, pcapHeader, putPcapRecord } from '../../core/formats/pcap-write.ts'
import { LINK } from '../../plugins/filters/ieee80211/link.ts'
import {
  ALL,
  AP,
  ascii,
  be16,
  beacon,
  bytesOf,
  element,
  le16,
  le32,
  mac,
  management,
  OTHER,
  radiotap,
  STATION,
} from '../../plugins/filters/ieee80211/testing.ts'

const MU_BAR = 'a MU-BAR has a block ack request for each user, which tshark shows under the same names'
const ADVERTISEMENT = 'tshark shows the advertisement protocol of GAS and some OUIs as if they were elements'

/** Fields in which tshark 4.0 says something else, and why. */
export const DIFFERENT: ReadonlyMap<string, string> = new Map([
  ...['wlan.ba.control.value', 'wlan.ba.control.ackpolicy', 'wlan.ba.control.ba_type', 'wlan.ba.basic.tidinfo'].map(
    (path) => [path, MU_BAR] as const,
  ),
  ...['wlan.fixed.ssc.sequence', 'wlan.fixed.ssc.fragment'].map((path) => [path, MU_BAR] as const),
  ...['wlan.tag.number', 'wlan.tag.length', 'wlan.tag.oui'].map((path) => [path, ADVERTISEMENT] as const),
  ['wlan.fixed.action_code', 'tshark has only wlan.fixed.publicact for public actions'],
  ['wlan.fixed.dialog_token', 'tshark leaves it out of radio measurement'],
  ['wlan_radio.data_rate', 'of a VHT frame to several users tshark takes the last, here it is the first'],
  ['wlan.rmcap.value', 'to tshark each byte is a value'],
  ['wlan.fixed.venue_info.group', 'here only that of the interworking element, not of ANQP'],
  ['wlan.fixed.venue_info.type', 'here only that of the interworking element, not of ANQP'],
  ['wlan.fixed.timestamp', 'that of a FILS discovery frame is left out here'],
])

/** Frames by link type. */
export function madeFrames(): ReadonlyMap<number, readonly Uint8Array[]> {
  return new Map<number, readonly Uint8Array[]>([
    [LINK.radiotap, [...radiotapFrames()]],
    [LINK.ieee80211, [...controlFrames(), ...actionFrames(), ...elementFrames()]],
  ])
}

export function pcapOf(link: number, frames: readonly Uint8Array[]): Uint8Array {
  const records = frames.flatMap((frame) => {
    const head = new Uint8Array(PCAP_RECORD_BYTES)
    putPcapRecord(head, 0, { seconds: 1, nanos: 0, captured: frame.length })
    return [head, frame]
  })
  return bytesOf(pcapHeader(link), ...records)
}

function* controlFrames(): Iterable<Uint8Array> {
  const control = (subtype: number, ...body: (readonly number[])[]) => bytesOf(le16((subtype << 4) | 4), le16(100), mac(STATION), mac(AP), ...body)
  const trigger = (type: number, ...users: (readonly number[])[]) => control(2, [type | 0x20, 0x12, 0x1e, 0x34, 0x56, 0x78, 0x29, 0x01], ...users)
  const user = [0x05, 0x20, 0x5a, 0x6c, 0x35]
  yield trigger(0, [...user, 0xc6], [0x06, 0x30, 0x1a, 0x54, 0x7f, 0x01], [0xff, 0xff, 0, 0])
  yield trigger(1, [...user, 0x11])
  yield trigger(2, [...user, ...le16(0x1005), ...le16(0x1230)])
  yield trigger(3, user, user)
  yield trigger(4, user, [0xff, 0xff])
  yield trigger(6, user)
  yield control(8, le16(0x1005), le16(0x1230))
  yield control(8, le16(0x1007), le16(0x1000), le16(0x1230), le16(0x2000), le16(0x4560))
  yield control(9, le16(0x1005), le16(0x1230), [1, 2, 3, 4, 5, 6, 7, 8])
  yield control(9, le16(0x3005), le16(0x1234), new Array(32).fill(0x5a))
  yield control(9, le16(0x3000), le16(0x1230), new Array(128).fill(0x5a))
  yield control(9, le16(0x1007), le16(0x1000), le16(0x1230), [1, 2, 3, 4, 5, 6, 7, 8], le16(0x2000), le16(0x4560), [1, 2, 3, 4, 5, 6, 7, 8])
  yield control(9, le16(0x0016), le16(0x3801), le16(0x3002), le16(0x1230), [1, 2, 3, 4, 5, 6, 7, 8])
  yield control(5, [0x14], le16(0x1005), le16(0x7006))
  yield control(5, [0x1a], le32(0x55667005), le32(0x12345006))
  // A-MSDU from the access point, two subframes.
  const llc = [0xaa, 0xaa, 3, 0, 0, 0, ...be16(0x88b5), 1, 2]
  const subframes = [...mac(STATION), ...mac(OTHER), ...be16(llc.length), ...llc, ...mac(OTHER), ...mac(STATION), ...be16(llc.length), ...llc]
  yield bytesOf(le16(0x0288), le16(0), mac(STATION), mac(AP), mac(AP), le16(0), le16(0x89), subframes)
  yield bytesOf(le16(0x0188), le16(0), mac(AP), mac(STATION), mac(AP), le16(0), le16(0x85), subframes)
  yield bytesOf(le16(0x0388), le16(0), mac(AP), mac(STATION), mac(OTHER), le16(0), mac(OTHER), le16(0x5), llc)
  yield management(4, element(0, ascii('x')))
  yield beacon(element(0, ascii('x')))
}

function* actionFrames(): Iterable<Uint8Array> {
  const action = (...parts: (number | readonly number[])[]) => management(13, parts.flat())
  const neighbor = element(52, [...mac(OTHER), ...le32(0x8f), 81, 6, 7, 3, 1, 200])
  const advertisement = element(108, [0x7f, 0])
  yield action(10, 6, 1, 16, neighbor)
  yield action(10, 7, 2, 0x13, ...[le16(10), [20]], [4, ...ascii('http')], neighbor, neighbor)
  yield action(10, 7, 2, 0x0d, ...[le16(10), [20]], new Array(12).fill(3), neighbor)
  yield action(10, 8, 2, 0, 5, mac(OTHER), neighbor)
  yield action(10, 8, 2, 1, 5)
  yield action(10, 26, 3, 0)
  const beacons = element(38, [7, 0, 5, 81, 6, ...le16(0), ...le16(50), 1, ...mac(ALL), 0, 2, ...ascii('ab')])
  yield action(5, 0, 4, le16(0), beacons, element(38, [8, 0, 3, 81, 11, ...le16(0), ...le16(60)]))
  const heard = [81, 6, ...new Array(8).fill(0), ...le16(50), 7, 100, 80, ...mac(OTHER), 1, ...le32(5)]
  yield action(5, 1, 4, element(39, [7, 0, 5, ...heard]), element(39, [7, 0, 5, ...heard]))
  yield action(5, 1, 4, element(39, [8, 0, 3, 81, 11, ...new Array(8).fill(0), ...le16(60), 99]))
  yield action(5, 5, 4, neighbor)
  const queries = [...le16(256), ...le16(6), ...le16(258), ...le16(263), ...le16(268)]
  yield action(4, 10, 5, advertisement, le16(queries.length), queries)
  const info = (id: number, content: readonly number[]) => [...le16(id), ...le16(content.length), ...content]
  const realm = [0, 4, ...ascii('x.de'), 2, 2, 21, 0, 2, 13, 0]
  const answer = [
    ...info(258, [2, 8, 7, ...ascii('engHall'), 8, ...ascii('deuSaal!')]),
    ...info(260, [2, ...le16(4), ...ascii('http')]),
    ...info(261, [3, 0, 0x1b, 0xc5, 5, 1, 2, 3, 4, 5]),
    ...info(263, [...le16(1), ...le16(realm.length), ...realm]),
    ...info(268, [4, ...ascii('x.de'), 4, ...ascii('y.de')]),
    ...info(56797, [0x50, 0x6f, 0x9a, 0x11, 3, 0, 6, ...ascii('engWlan').slice(0, 6)]),
  ]
  yield action(4, 11, 5, le16(0), le16(0), advertisement, le16(answer.length), answer)
  yield action(4, 11, 5, le16(0), le16(100), advertisement, le16(0))
  yield action(4, 12, 5)
  yield action(4, 13, 5, le16(0), 0, le16(0), advertisement, le16(answer.length), answer)
  yield action(4, 32, 1)
  yield action(4, 33, 2, 1, [1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12], le16(3), le16(4))
  yield action(4, 34, le16(0x0403), new Array(8).fill(1), le16(100), ascii('name'), 81, 6)
  yield action(8, 0, le16(7))
  yield action(1, 2, [1, 0, 0], le16(32))
  yield action(127, [0, 0x50, 0xf2], 9, 1)
}

function* elementFrames(): Iterable<Uint8Array> {
  const entry = [5, ...mac(OTHER), ...le32(0x12345678), 0x42, 20]
  const reported = [0x10, 13, 131, 5, ...entry, ...entry, 0, 16, 81, 1, ...entry, 0, 0x12, 3]
  yield beacon(element(0, ascii('net')), element(201, reported), element(201, [0, 7, 81, 11, 5, ...mac(AP)]))
  const profile = [...element(83, le16(0x0411)), ...element(0, ascii('guest')), ...element(85, [3])]
  yield beacon(element(0, ascii('net')), element(71, [3, ...element(0, profile)]))
  yield beacon(element(107, [0x12, 2, 8, ...mac(OTHER)]), element(111, [1, 0x53, 0, 0x1b, 0xc5, 1, 2, 3, 4, 5, 9, 8, 7]))
  yield beacon(element(107, [0x32]), element(221, [0x50, 0x6f, 0x9a, 0x10, 0x25, ...le16(0x1234), ...le16(7)]), element(240, le16(0x0e09)))
  yield beacon(element(113, [1, 1, 0, 1, 1, 0x06, 0x09]), element(114, ascii('mesh')), element(117, [...le16(0), ...le16(0x1234)]))
  const request = [1, 2, 30, ...le32(7), ...mac(AP), ...le32(8), ...le32(9), ...le32(100), 1, 2, ...mac(OTHER), ...le32(3)]
  yield management(13, [13, 1, ...element(130, request)])
  yield management(13, [13, 1, ...element(131, [0, 2, 30, ...mac(OTHER), ...le32(8), ...le32(9), ...le32(100), ...mac(AP), ...le32(3)])])
  yield management(13, [13, 1, ...element(126, [0, 2, 30, ...mac(OTHER), ...le32(8), ...le32(9), ...le32(100)])])
  yield beacon(element(216, [0, ...le16(0x2d63), ...le32(100), ...le32(5), 40, ...le16(512), 0]))
  const operation = [36, 0, 0, 2, 5, ...le16(0xfffc), 37, 0x0b, 39, 47, 6]
  yield beacon(element(0, ascii('six')), element(255, operation), element(255, [59, ...le16(0x1234)]))
  yield beacon(element(37, [1, 11, 3]), element(60, [1, 81, 6, 3]), element(70, [1, 2, 3, 4, 5]), element(59, [81, 81, 82]))
  yield beacon(element(54, [1, 2, 3]), element(55, [0, 0, ...new Array(80).fill(5), 1, 6, ...mac(AP), 3, 4, ...ascii('r0kh')]))
}

function* radiotapFrames(): Iterable<Uint8Array> {
  const ack = bytesOf(le16(0xd4), le16(0), mac(AP))
  const he = [0xff, 0xff, 0xff, 0x7f, 0x85, 0x35, 0x11, 0x22, 0x12, 0x40, 0x12, 0x05]
  yield bytesOf(radiotap([{ bit: 23, align: 2, bytes: he }]), ack)
  const mu = [...le16(0xd375), ...le16(0x053e), 112, 113, 114, 115, 16, 17, 18, 19]
  yield bytesOf(
    radiotap([
      { bit: 23, align: 2, bytes: he },
      { bit: 24, align: 2, bytes: mu },
    ]),
    ack,
  )
  yield bytesOf(radiotap([{ bit: 21, align: 2, bytes: [...le16(0x1ff), 0x25, 4, 0x92, 0x41, 0, 0, 3, 7, ...le16(0x123)] }]), ack)
}
