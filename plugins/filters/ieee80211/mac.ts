/**
 * The MAC header (IEEE 802.11-2020 clause 9.2): frame control, addresses by type and direction, QoS, HT control, mesh control.
 * This runs for every frame that is not known already: presence is gathered in a word and stored once. What differs from frame to frame is left to
 * mac-varying.ts, what only `emit: full` writes to mac-detail.ts.
 * A frame that ends within its header gives type, duration and receiver; what stands behind them is left absent, since such frames are mostly noise.
 */
import type { Event } from '../../../core/event/event.ts'
import type { Fields } from '../../../core/event/fields.ts'
import { mac48, u16, u16be } from './bytes.ts'
import { wlan } from './mac-fields.ts'
import type { Place } from './place.ts'
import { type ShortHeader, shortHeader } from './pv1.ts'

const CONTROL = 1
const DATA = 2

/** Control subtypes. */
const TRIGGER = 2
const REPORT_POLL = 4
const NDP_ANNOUNCEMENT = 5
const EXTENSION = 6
const WRAPPER = 7
const BLOCK_ACK_REQUEST = 8
const BLOCK_ACK = 9
const PS_POLL = 10
const RTS = 11
const CF_END = 14
const CF_END_ACK = 15
/** Control subtypes with a transmitter address, as bits. */
const WITH_TRANSMITTER = [TRIGGER, 3, REPORT_POLL, NDP_ANNOUNCEMENT, BLOCK_ACK_REQUEST, BLOCK_ACK, PS_POLL, RTS].reduce(
  (bits, subtype) => bits | (1 << subtype),
  0,
)

const AMSDU = 0x80
const MESH_CONTROL = 0x100
/** Bits of the frame control: subtypes without data, and encrypted bodies. */
const NO_DATA = 0x40
const PROTECTED = 0x4000
const HT_CONTROL = 0x8000

export interface MacDecoder {
  /** Decodes the header at `place.mac`, which ends before the record does, and sets the places behind it. False when not even the frame control is there. */
  header(event: Event, place: Place): boolean
  /** Fills the table of a frame whose header was not decoded because it is a known one. */
  decode(event: Event, place: Place): void
  /** Goes on into the body of a data frame, when `place.end` no longer includes the FCS. */
  payload(event: Event, place: Place): void
}

export function macDecoder(fields: Fields): MacDecoder {
  const base = fields.base(wlan)
  const word = base >>> 5
  const f = wlan.at
  const TYPE = (1 << f.typeSubtype) | (1 << f.typeName) | (1 << f.retry) | (1 << f.protected)
  const TA = (1 << f.ta) | (1 << f.randomTa)
  const BSSID = 1 << f.bssid
  const SA = 1 << f.sa
  const STAA = 1 << f.staa
  const short: ShortHeader = { ra: -1, ta: -1, da: -1, sa: -1, sequence: -1 }

  /** Stores the transmitter without its presence bits. */
  const transmitter = (a: Float64Array, bytes: Uint8Array, at: number): number => {
    a[base + f.randomTa] = (bytes[at] >> 1) & 1
    return (a[base + f.ta] = mac48(bytes, at))
  }

  /** Each of these returns the presence bits of what it stored. */
  const control = (event: Event, place: Place, subtype: number): number => {
    const { bytes, a } = event
    const { mac, end } = place
    place.body = mac + 10
    if (mac + 10 > end) return 0
    let present = 0
    if (subtype === PS_POLL) {
      a[base + f.bssid] = mac48(bytes, mac + 4)
      present = BSSID
    }
    if (subtype === WRAPPER) {
      // Carried frame control and HT control stand between the first address and the carried frame's own (9.3.1.9).
      place.body = mac + 16
      if (mac + 16 <= end) place.htc = mac + 12
      return present
    }
    if (subtype === CF_END || subtype === CF_END_ACK) {
      // Its second address is the BSSID (9.3.1.6), which Wireshark does not call transmitter.
      place.body = mac + 16
      if (mac + 16 > end) return present
      a[base + f.bssid] = mac48(bytes, mac + 10)
      return present | BSSID
    }
    if ((WITH_TRANSMITTER & (1 << subtype)) === 0) return present
    place.body = mac + 16
    if (mac + 16 > end) return present
    transmitter(a, bytes, mac + 10)
    return present | TA
  }

  const management = (event: Event, place: Place, fc: number): number => {
    const { bytes, a } = event
    const { mac, end } = place
    place.body = mac + 24
    if (mac + 24 > end) return 0
    a[base + f.sa] = transmitter(a, bytes, mac + 10)
    a[base + f.bssid] = mac48(bytes, mac + 16)
    if (fc & HT_CONTROL) {
      place.body = mac + 28
      if (mac + 28 <= end) place.htc = mac + 24
    }
    return TA | SA | BSSID
  }

  /** Addresses of data frames (table 9-30). The third and fourth of an A-MSDU are the BSSID, not an end of the way. */
  const dataAddresses = (a: Float64Array, bytes: Uint8Array, ds: number, mac: number, amsdu: boolean): number => {
    const second = transmitter(a, bytes, mac + 10)
    switch (ds) {
      case 0:
        a[base + f.sa] = second
        a[base + f.bssid] = mac48(bytes, mac + 16)
        return TA | SA | BSSID
      case 1:
        a[base + f.bssid] = mac48(bytes, mac + 4)
        a[base + f.sa] = a[base + f.staa] = second
        return TA | BSSID | STAA | SA
      case 2:
        a[base + f.staa] = mac48(bytes, mac + 4)
        a[base + f.bssid] = second
        a[base + f.sa] = mac48(bytes, mac + 16)
        return TA | BSSID | STAA | (amsdu ? 0 : SA)
      default:
        a[base + f.sa] = mac48(bytes, mac + 24)
        return TA | (amsdu ? 0 : SA)
    }
  }

  const data = (event: Event, place: Place, fc: number): number => {
    const { bytes, a } = event
    const { mac, end } = place
    const ds = (fc >> 8) & 3
    const addresses = mac + (ds === 3 ? 30 : 24)
    const qos = fc & 0x80
    const whole = qos ? addresses + 2 : addresses
    place.body = whole
    if (whole > end) return 0
    let present: number
    if (qos === 0) present = dataAddresses(a, bytes, ds, mac, false)
    else {
      present = dataAddresses(a, bytes, ds, mac, (fc & NO_DATA) === 0 && (bytes[addresses] & AMSDU) !== 0) | (1 << f.tid)
      place.qos = addresses
      a[base + f.tid] = bytes[addresses] & 15
      if (fc & HT_CONTROL) {
        place.body = whole + 4
        if (whole + 4 <= end) place.htc = whole
      }
    }
    if (place.padded) place.body = mac + ((place.body - mac + 3) & ~3)
    return present
  }

  const versionOne = (event: Event, place: Place, fc: number): number => {
    const { bytes, a } = event
    let present = 0
    shortHeader(bytes, place.mac, place.end, fc, short)
    if (short.ta >= 0) {
      transmitter(a, bytes, short.ta)
      present |= TA
    }
    if (short.sa >= 0) {
      a[base + f.sa] = mac48(bytes, short.sa)
      present |= SA
    }
    return present
  }

  /** A DMG or S1G beacon has the BSSID where others have the receiver (9.3.4.2). */
  const extension = (event: Event, place: Place): number => {
    const { mac } = place
    place.body = mac + 10
    if (mac + 10 > place.end) return 0
    event.a[base + f.bssid] = mac48(event.bytes, mac + 4)
    return BSSID
  }

  const header = (event: Event, place: Place): boolean => {
    const { bytes, a } = event
    const { mac, end } = place
    event.claim(base, wlan.fields.length)
    if (mac + 2 > end) return false
    const fc = u16(bytes, mac)
    place.control = fc
    if (fc & 3) {
      if ((fc & 3) === 1) event.has[word] = versionOne(event, place, fc)
      return true
    }
    const type = (fc >> 2) & 3
    const subtype = (fc >> 4) & 15
    let flags = fc >> 8
    let code = (type << 4) | subtype
    if (code === ((CONTROL << 4) | EXTENSION)) {
      // The lower flag bits extend the subtype (table 9-2).
      code = 0x160 | (flags & 15)
      flags &= 0xf0
    }
    a[base + f.typeSubtype] = code
    a[base + f.typeName] = code
    a[base + f.retry] = (flags >> 3) & 1
    a[base + f.protected] = (flags >> 6) & 1
    let present = TYPE
    if (mac + 4 <= end) {
      present |=
        type === 0
          ? management(event, place, fc)
          : type === DATA
            ? data(event, place, fc)
            : type === CONTROL
              ? control(event, place, subtype)
              : extension(event, place)
    } else place.body = mac + 10
    event.has[word] = present
    return true
  }

  /** A mesh control field is there when the QoS bit says so and its own flags make sense (9.2.4.8). */
  const meshControl = (bytes: Uint8Array, place: Place, ds: number, at: number): number => {
    if (ds < 2 || place.qos < 0 || at + 6 > place.end || (u16(bytes, place.qos) & MESH_CONTROL) === 0) return at
    const addresses = bytes[at] & 3
    if (bytes[at] > 3 || addresses === 3) return at
    place.mesh = at
    return at + 6 + 6 * addresses
  }

  /** Finds LLC behind the header of a data frame; bodies that are absent, encrypted or a later fragment say nothing about what is inside. */
  const payload = (event: Event, place: Place) => {
    const { control: fc, mac, end, qos } = place
    const { bytes } = event
    if ((fc & 0x0f) !== DATA << 2 || fc & (NO_DATA | PROTECTED)) return
    const ds = (fc >> 8) & 3
    const at = meshControl(bytes, place, ds, place.body)
    place.body = at
    if (at >= end || bytes[mac + 22] & 15) return
    place.llc = qos >= 0 && bytes[qos] & AMSDU ? aggregate(event, place, ds, at, end) : at
  }

  /** Lengths of the A-MSDU's subframes, and who is at the ends of the first one; returns where its LLC is, or -1. */
  const aggregate = (event: Event, place: Place, ds: number, start: number, end: number): number => {
    const { bytes } = event
    const first = event.listEnd
    let count = 0
    for (let at = start; at + 14 <= end; count++) {
      const length = u16be(bytes, at + 12)
      event.push(length)
      at += (14 + length + 3) & ~3
    }
    if (count === 0) return -1
    if (ds & 1) place.subframe = start
    if (ds & 2) event.put(base + f.sa, mac48(bytes, start + 6))
    event.put(base + f.subframes, first, count)
    return start + 14
  }

  const decode = (event: Event, place: Place) => {
    // Behind a mesh header the body begins later than the header says.
    const { body } = place
    header(event, place)
    place.body = body
  }

  return { header, decode, payload }
}
