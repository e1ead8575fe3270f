/**
 * Where the records of a run have the fields that differ among them (core/event/reads.ts), so that neither MAC header nor reading, time stamp, traffic map
 * and load are decoded for them. The tables' decoders are the other way to the same values, and tests compare both.
 */
import type { Event } from '../../../core/event/event.ts'
import type { FieldTable } from '../../../core/event/fields.ts'
import {
  ABOVE_ARP,
  ABOVE_IPV4,
  ABOVE_IPV4_TCP,
  ABOVE_IPV4_UDP,
  ABOVE_IPV6_TCP,
  ABOVE_IPV6_UDP,
  EXCHANGED,
} from '../../../core/event/machine/numbers.ts'
import { bits, listRead, READ, type Read } from '../../../core/event/reads.ts'
import { LLC } from './above.ts'
import { wlanControl } from './control.ts'
import { detailReads } from './detail-reads.ts'
import { type Chain, elementId } from './elements/chain.ts'
import { BSS_LOAD, load, TIM, traffic } from './elements/traffic.ts'
import { wlanTimestamp } from './fixed.ts'
import { network } from './ip.ts'
import { wlan, wlanVarying } from './mac-fields.ts'
import { wlanVaryingDetail } from './mac-varying-detail.ts'
import { wlanReading } from './radio.ts'
import { radiotap, radiotapReading } from './radiotap-fields.ts'
import type { ReadingLayout } from './radiotap-layout.ts'

/** What is known of the run; places count from its first byte. */
export interface RunPlaces {
  readonly bytes: Uint8Array
  readonly start: number
  readonly mac: number
  readonly body: number
  readonly control: number
  /** Bytes of the FCS. */
  readonly fcs: number
  /** QoS and HT control, below 0 where there is none. */
  readonly qos: number
  readonly htc: number
  /** What is behind the header (above.ts), 0 where nothing of it is read. */
  readonly above: number
  /** Radiotap's, undefined when there is none. */
  readonly reading: ReadingLayout | undefined
  /** The elements of management frames that are runs as a whole; undefined for other frames. */
  readonly chain: Chain | undefined
}

export interface RunReads {
  readonly direct: number
  readonly reads: readonly Read[]
}

/** Reads of runs that are kept to be shared. */
const MOST_SHARED = 256

/** Bits of the frame control. */
const TYPE = 0xc
const MANAGEMENT = 0
const DATA = 0x8
const CONTROL = 0x4
const TO_DS = 0x100
const FROM_DS = 0x200
const PROTECTED = 0x4000
/** Control subtypes. */
const WRAPPER = 7
const PS_POLL = 10
const CF_END = 14
const CF_END_ACK = 15
/** Bytes of a control frame's header with two addresses. */
const TWO_ADDRESSES = 16

/** Whether a management frame says the same whoever sends it; else it is a beacon or a probe response, or nobody knows. */
export function isExchanged(control: number): boolean {
  return (control & PROTECTED) === 0 && (EXCHANGED & (1 << ((control >> 4) & 15))) !== 0
}

/** Makes what finds the reads of a run. `event` is where the tables are registered as lazy ones. */
export function runReads(event: Event): (run: RunPlaces) => RunReads {
  const { fields } = event

  const base = fields.base(wlan)
  const address = (key: keyof typeof wlan.at, at: number): Read => ({ field: base + wlan.at[key], how: READ.mac, at, extra: 0 })
  const transmitter = (mac: number): Read[] => [
    address('ta', mac + 10),
    { field: base + wlan.at.randomTa, how: READ.bits, at: mac + 10, extra: bits(1, 1) },
  ]

  /** Addresses that mac.ts finds; the run has its whole header. */
  const addresses = ({ mac, body, control, chain }: RunPlaces): Read[] => {
    const type = control & TYPE
    if (type === MANAGEMENT) {
      // Of beacons and probe responses these do not vary.
      return chain !== undefined && !isExchanged(control) ? [] : [...transmitter(mac), address('sa', mac + 10), address('bssid', mac + 16)]
    }
    const subtype = (control >> 4) & 15
    if (type === CONTROL) {
      const first = subtype === PS_POLL ? [address('bssid', mac + 4)] : []
      if (subtype === CF_END || subtype === CF_END_ACK) return [address('bssid', mac + 10)]
      return subtype !== WRAPPER && body - mac >= TWO_ADDRESSES ? [...first, ...transmitter(mac)] : first
    }
    if (type !== DATA) return []
    switch (control & (TO_DS | FROM_DS)) {
      case 0:
        return [...transmitter(mac), address('sa', mac + 10), address('bssid', mac + 16)]
      case TO_DS:
        return [...transmitter(mac), address('bssid', mac + 4), address('staa', mac + 10), address('sa', mac + 10)]
      case FROM_DS:
        return [...transmitter(mac), address('staa', mac + 4), address('bssid', mac + 10), address('sa', mac + 16)]
      default:
        return [...transmitter(mac), address('sa', mac + 24)]
    }
  }

  /** Each of these answers undefined when the table must be decoded. */
  const header = ({ mac, control }: RunPlaces): Read[] => {
    const base = fields.base(wlanVarying)
    const f = wlanVarying.at
    const read = (key: keyof typeof f, how: number, at: number, extra = 0) => ({ field: base + f[key], how, at: mac + at, extra })
    const type = control & TYPE
    const isPoll = type === CONTROL && ((control >> 4) & 15) === PS_POLL
    const reads = [isPoll ? read('aid', READ.bits, 2, bits(0, 0x3fff)) : read('duration', READ.bits, 2, bits(0, 0x7fff)), read('ra', READ.mac, 4)]
    if (type !== MANAGEMENT && type !== DATA) return reads
    const toDs = type === DATA && (control & TO_DS) !== 0
    reads.push(read('da', READ.mac, toDs ? 16 : 4), read('sequence', READ.bits, 22, bits(4, 0xfff)), read('fragment', READ.bits, 22, bits(0, 0xf)))
    return reads
  }

  const timestamp = ({ body, chain, control }: RunPlaces): Read[] =>
    chain === undefined || isExchanged(control)
      ? []
      : [{ field: fields.base(wlanTimestamp) + wlanTimestamp.at.timestamp, how: READ.u64, at: body, extra: 0 }]

  const trafficMap = (run: RunPlaces): Read[] => {
    const base = fields.base(traffic)
    const f = traffic.at
    const [at, length] = element(run, TIM)
    const single = [f.dtimCount, f.dtimPeriod, f.bitmapControl].slice(0, length)
    const reads: Read[] = single.map((key, i) => ({ field: base + key, how: READ.u8, at: at + i, extra: 0 }))
    if (length > 3) reads.push({ field: base + f.bitmap, how: READ.bytes, at: at + 3, extra: length - 3 })
    return reads
  }

  const loads = (run: RunPlaces): Read[] => {
    const base = fields.base(load)
    const f = load.at
    const [at, length] = element(run, BSS_LOAD)
    if (length < 5) return []
    return [
      { field: base + f.stations, how: READ.bits, at, extra: bits(0, 0xffff) },
      { field: base + f.utilization, how: READ.u8, at: at + 2, extra: 0 },
      { field: base + f.admission, how: READ.bits, at: at + 3, extra: bits(0, 0xffff) },
    ]
  }

  const radio = ({ reading }: RunPlaces): Read[] => {
    if (reading === undefined) return []
    const base = fields.base(wlanReading)
    const f = wlanReading.at
    const { signals, noises, mactime } = reading
    const [signal, noise] = [signals.at(-1), noises.at(-1)]
    const reads: Read[] = []
    if (signal !== undefined) reads.push({ field: base + f.signal, how: READ.i8, at: signal, extra: 0 })
    if (noise !== undefined) reads.push({ field: base + f.noise, how: READ.i8, at: noise, extra: 0 })
    if (signal !== undefined && noise !== undefined) reads.push({ field: base + f.snr, how: READ.less, at: signal, extra: noise })
    if (mactime >= 0) reads.push({ field: base + f.timestamp, how: READ.u64, at: mactime, extra: 0 })
    return reads
  }

  const tap = ({ reading, bytes, start }: RunPlaces): Read[] | undefined => {
    if (reading === undefined) return []
    const { mactime, quality, ampdu, timestamp, rxFlags, signals, noises, dbSignals, dbNoises } = reading
    const base = fields.base(radiotapReading)
    const f = radiotapReading.at
    const reads: Read[] = []
    if (mactime >= 0) reads.push({ field: base + f.mactime, how: READ.u64, at: mactime, extra: 0 })
    if (quality >= 0) reads.push({ field: base + f.quality, how: READ.bits, at: quality, extra: bits(0, 0xffff) })
    if (ampdu >= 0) reads.push({ field: base + f.ampduReference, how: READ.u32, at: ampdu, extra: 0 })
    if (rxFlags >= 0) reads.push({ field: fields.base(radiotap) + radiotap.at.badplcp, how: READ.bits, at: rxFlags, extra: bits(1, 1) })
    if (timestamp >= 0) {
      reads.push({ field: base + f.ts, how: READ.u64, at: timestamp, extra: 0 })
      reads.push({ field: base + f.tsUnit, how: READ.bits, at: timestamp + 10, extra: bits(0, 15) })
      reads.push({ field: base + f.tsPosition, how: READ.bits, at: timestamp + 10, extra: bits(4, 15) })
      if (bytes[start + timestamp + 11] & 2) reads.push({ field: base + f.tsAccuracy, how: READ.bits, at: timestamp + 8, extra: bits(0, 0xffff) })
    }
    if (ampdu >= 0 && bytes[start + ampdu + 4] & 4) reads.push({ field: base + f.ampduLast, how: READ.bits, at: ampdu + 4, extra: bits(3, 1) })
    for (const [key, how, places] of [
      [f.antsignal, READ.i8s, signals],
      [f.antnoise, READ.i8s, noises],
      [f.dbAntsignal, READ.u8s, dbSignals],
      [f.dbAntnoise, READ.u8s, dbNoises],
    ] as const) {
      if (places.length === 0) continue
      const read = listRead(base + key, how, places)
      if (read === undefined) return undefined
      reads.push(read)
    }
    return reads
  }

  const networks = ({ above, body }: RunPlaces): Read[] | undefined => {
    if (above === 0 || above > ABOVE_IPV6_UDP) return undefined
    const base = fields.base(network)
    const f = network.at
    const packet = body + LLC
    const number = (key: keyof typeof f, at: number, size: number): Read => ({ field: base + f[key], how: READ.be, at, extra: size })
    const ip = (key: keyof typeof f, at: number, size: number): Read => ({ field: base + f[key], how: READ.bytes, at, extra: size })
    const mac = (key: keyof typeof f, at: number): Read => ({ field: base + f[key], how: READ.mac, at, extra: 0 })
    const llc = [number('dsap', body, 1), number('oui', body + 3, 3), number('type', body + 6, 2)]
    if (above === ABOVE_ARP) {
      const sender = [mac('arpSenderMac', packet + 8), ip('arpSender', packet + 14, 4)]
      return [...llc, number('opcode', packet + 6, 2), ...sender, mac('arpTargetMac', packet + 18), ip('arpTarget', packet + 24, 4)]
    }
    const four = above === ABOVE_IPV4 || above === ABOVE_IPV4_TCP || above === ABOVE_IPV4_UDP
    const header = four
      ? [number('ttl', packet + 8, 1), number('protocol', packet + 9, 1), ip('src', packet + 12, 4), ip('dst', packet + 16, 4)]
      : [number('next6', packet + 6, 1), ip('src6', packet + 8, 16), ip('dst6', packet + 24, 16)]
    const ports = packet + (four ? 20 : 40)
    if (above === ABOVE_IPV4_TCP || above === ABOVE_IPV6_TCP) header.push(number('tcpSource', ports, 2), number('tcpDestination', ports + 2, 2))
    if (above === ABOVE_IPV4_UDP || above === ABOVE_IPV6_UDP) header.push(number('udpSource', ports, 2), number('udpDestination', ports + 2, 2))
    return [...llc, ...header]
  }

  const { detail, controls } = detailReads(fields)

  const tables: readonly (readonly [FieldTable, (run: RunPlaces) => Read[] | undefined])[] = [
    [wlanVarying, header],
    [wlanTimestamp, timestamp],
    [traffic, trafficMap],
    [load, loads],
    [wlanReading, radio],
    [radiotapReading, tap],
    [network, networks],
    [wlanVaryingDetail, detail],
    [wlanControl, controls],
  ]
  /** By a sum of what is in them: runs are thousands, and few of them differ in this. */
  const shared = new Map<number, RunReads>()
  return (run) => {
    let direct = 0
    const reads = addresses(run)
    for (const [table, find] of tables) {
      const found = find(run)
      if (found === undefined) continue
      direct |= event.lazyBit(table)
      reads.push(...found)
    }
    let sum = direct
    for (const { field, how, at, extra } of reads) sum = Math.imul(sum ^ field ^ (how << 12) ^ (at << 16) ^ extra, 0x9e3779b1)
    const known = shared.get(sum)
    if (known !== undefined && known.direct === direct && sameReads(known.reads, reads)) return known
    if (shared.size === MOST_SHARED) shared.clear()
    const found = { direct, reads }
    shared.set(sum, found)
    return found
  }
}

function sameReads(some: readonly Read[], others: readonly Read[]): boolean {
  return some.length === others.length && some.every((one, i) => isSameRead(one, others[i]))
}

function isSameRead(one: Read, other: Read): boolean {
  return one.field === other.field && one.how === other.how && one.at === other.at && one.extra === other.extra
}

/** Place and length of the first element of this id; a length of 0 when there is none. */
function element({ bytes, start, chain }: RunPlaces, id: number): readonly [at: number, length: number] {
  for (let i = 0; chain !== undefined && i < chain.count; i++) {
    const at = chain.at[i]
    if (elementId(bytes, at) === id) return [at + 2 - start, bytes[at + 1]]
  }
  return [0, 0]
}
