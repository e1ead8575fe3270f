/**
 * Values that stand at the same place in every record of a run (see repeats.ts): writers take them from the record's bytes, and their tables are not decoded.
 *
 * A read must give what the table's decoder stores for the field; tests compare both for every capture.
 */
import type { Event } from './event.ts'
import { BE, BITS, BYTES, COLUMN, I8, I8S, LESS, MAC, MACS, PACKET_NUMBER, SECOND, U8, U8S, U32, U64 } from './machine/numbers.ts'

/** How a value is read; places count from the record's packet, and `extra` is … */
export const READ = {
  /** Not from the bytes but from the event's columns. */
  column: COLUMN,
  u8: U8,
  i8: I8,
  /** Bits of a little-endian u16: … shift | mask << 8. */
  bits: BITS,
  u32: U32,
  /** Six bytes of an address. */
  mac: MAC,
  /** An i8 less the i8 at … the other place. */
  less: LESS,
  /** A little-endian u64. */
  u64: U64,
  /** Bytes as they stand, … so many. */
  bytes: BYTES,
  /** A list of signed or unsigned bytes at as many places: … the second to fourth place, a byte each, 0 where there are fewer. */
  i8s: I8S,
  u8s: U8S,
  /** A big-endian number of … so many bytes, four at most. */
  be: BE,
  /** The addresses of a MAC header, each once: … how many it has. */
  macs: MACS,
  /** The 48 bits of a CCMP packet number, or, with … 1, of a TKIP sequence counter. */
  packetNumber: PACKET_NUMBER,
  /** From the column `b`, for values of two numbers that are compared. */
  second: SECOND,
} as const

export interface Read {
  /** Number of the field. */
  readonly field: number
  readonly how: number
  readonly at: number
  readonly extra: number
}

/** `extra` of `READ.bits`: of a u16 shifted right by `shift` those of `mask`. */
export function bits(shift: number, mask: number): number {
  return shift | (mask << 8)
}

/** Places that a list's read takes, and the largest one behind the first. */
const LIST = { places: 4, last: 255 } as const

/** The read of a list whose values are at these places; undefined when it has too many, or they are too far apart. */
export function listRead(field: number, how: number, places: readonly number[]): Read | undefined {
  if (places.length > LIST.places || places.slice(1).some((place) => place > LIST.last || place === 0)) return undefined
  return { field, how, at: places[0], extra: places.slice(1).reduce((sum, place, i) => sum | (place << (i * 8)), 0) }
}

/** What the event's column `a` would hold. */
export function readFirst(event: Event, how: number, at: number, extra: number): number {
  const { bytes, wide, start } = event
  at += start
  switch (how) {
    case READ.u8:
      return bytes[at]
    case READ.i8:
      return wide.getInt8(at)
    case READ.bits:
      return (wide.getUint16(at, true) >> (extra & 255)) & (extra >> 8)
    case READ.u32:
      return wide.getUint32(at, true)
    case READ.mac:
      return wide.getUint16(at) * 4294967296 + wide.getUint32(at + 2)
    case READ.less:
      return wide.getInt8(at) - wide.getInt8(start + extra)
    case READ.u64:
      return wide.getUint32(at + 4, true)
    case READ.bytes:
      return at
    case READ.be: {
      let number = 0
      for (let i = 0; i < extra; i++) number = number * 256 + bytes[at + i]
      return number
    }
    case READ.macs:
      return addresses(event, at, extra)
    case READ.packetNumber:
      return wide.getUint16(at + 6, true)
    default:
      return readList(event, how === READ.i8s, at, extra)
  }
}

/** What its column `b` would hold, for types that need it. */
export function readSecond(event: Event, how: number, at: number, extra: number): number {
  switch (how) {
    case READ.u64:
      return event.wide.getUint32(event.start + at, true)
    case READ.bytes:
      return extra
    case READ.macs:
      return countAddresses(event, event.start + at, extra)
    case READ.packetNumber:
      return packetNumberLow(event, event.start + at, extra === 1)
    case READ.i8s:
    case READ.u8s:
      return extra === 0 ? 1 : extra >>> 8 === 0 ? 2 : extra >>> 16 === 0 ? 3 : 4
    default:
      return 0
  }
}

/** Puts the values into the event's list and answers where they begin. */
function readList(event: Event, signed: boolean, at: number, extra: number): number {
  const { wide, start } = event
  const first = event.push(signed ? wide.getInt8(at) : wide.getUint8(at))
  for (let rest = extra; rest !== 0; rest >>>= 8) {
    const place = start + (rest & 255)
    event.push(signed ? wide.getInt8(place) : wide.getUint8(place))
  }
  return first
}

/** Where the addresses of a MAC header are. */
const ADDRESS_AT = [4, 10, 16, 24]

/** The header at `mac` has so many addresses: puts each once into the event's list, in their order, and answers where they begin. */
function addresses(event: Event, mac: number, count: number): number {
  const first = event.listEnd
  for (let i = 0; i < count; i++) if (isFirst(event, mac, i)) event.push(addressAt(event, mac, i))
  return first
}

/** How many of them are different. */
function countAddresses(event: Event, mac: number, count: number): number {
  let different = 0
  for (let i = 0; i < count; i++) if (isFirst(event, mac, i)) different++
  return different
}

function isFirst(event: Event, mac: number, i: number): boolean {
  for (let before = 0; before < i; before++) if (addressAt(event, mac, before) === addressAt(event, mac, i)) return false
  return true
}

function addressAt({ wide }: Event, mac: number, i: number): number {
  const at = mac + ADDRESS_AT[i]
  return wide.getUint16(at) * 4294967296 + wide.getUint32(at + 2)
}

/** The lower 32 bits of what stands in the eight bytes before an encrypted body. TKIP sends its two low bytes in the other order (12.5.2.2). */
function packetNumberLow({ wide }: Event, at: number, tkip: boolean): number {
  const low = tkip ? wide.getUint8(at) * 256 + wide.getUint8(at + 2) : wide.getUint16(at, true)
  return wide.getUint16(at + 4, true) * 65536 + low
}
