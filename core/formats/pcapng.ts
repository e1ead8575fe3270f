/**
 * pcapng blocks (draft-ietf-opsawg-pcapng): what a section says about its interfaces, and how its times are read.
 *
 * Every block is type, total length, body, total length again. Lengths are checked by the cutter before anything here looks
 * at a block; options are bounded by their block.
 */
import { isUtf8 } from 'node:buffer'
import { copyOf, putU32, u16, u32 } from './bytes.ts'
import { LARGEST_RECORD, LARGEST_SNAPLEN } from './pcap.ts'

export const SECTION_HEADER = 0x0a0d0d0a
export const INTERFACE_DESCRIPTION = 1
/** Obsolete, still met. */
export const PACKET = 2
export const SIMPLE_PACKET = 3
export const INTERFACE_STATISTICS = 5
export const ENHANCED_PACKET = 6

export const OPT_COMMENT = 1
const IF_NAME = 2
const IF_TSRESOL = 9
const IF_TSOFFSET = 14

const BYTE_ORDER_MAGIC = 0x1a2b3c4d

/** How packets of one interface are read. */
export interface Interface {
  readonly linkType: number
  /** 0 for no limit. */
  readonly snaplen: number
  /** Valid UTF-8, or nothing. */
  readonly name: Uint8Array
  /** Units of a timestamp in a second. */
  readonly perSecond: number
  /** Nanoseconds in such a unit, or 0 when that is no whole number. */
  readonly nanosPerUnit: number
  /** Seconds to add to every timestamp. */
  readonly offset: number
}

/** A number of seconds and nanoseconds; reused by `readTime`. */
export interface Time {
  seconds: number
  nanos: number
}

/** Custom blocks, those of systemd's journal and of Sysdig: nothing for us, but records with a number in Wireshark. */
const NUMBERED = new Set([0x00000bad, 0x40000bad, 9, 0x204, 0x216, 0x221])

/** Whether a block counts for `frame.number`, as in Wireshark. */
export function isNumberedBlock(type: number): boolean {
  return isPacketBlock(type) || NUMBERED.has(type)
}

export function isPacketBlock(type: number): boolean {
  return type === ENHANCED_PACKET || type === SIMPLE_PACKET || type === PACKET
}

/** The byte order that a section header block says, or undefined when its magic is neither. */
export function sectionOrder(bytes: Uint8Array, at: number): boolean | undefined {
  if (u32(bytes, at + 8, true) === BYTE_ORDER_MAGIC) return true
  return u32(bytes, at + 8, false) === BYTE_ORDER_MAGIC ? false : undefined
}

/** Whether a total length can be true. As libpcap, we take only multiples of four. */
export function possibleLength(length: number): boolean {
  return length >= 12 && (length & 3) === 0 && length <= LARGEST_RECORD
}

/**
 * Whether the head of a block whose end is not there yet can be true; else waiting for its end could take for ever.
 * @param have how many bytes of the block there are, 12 at least
 */
export function plausibleHead(bytes: Uint8Array, at: number, have: number, type: number, length: number, bigEndian: boolean): boolean {
  if (type === ENHANCED_PACKET || type === PACKET) {
    if (have < 24) return true
    const captured = u32(bytes, at + 20, bigEndian)
    return captured <= 64 * LARGEST_SNAPLEN && captured + 32 <= length && length <= captured + 36 + 1024 * 1024
  }
  if (type === SIMPLE_PACKET) return length <= u32(bytes, at + 8, bigEndian) + 20
  return length <= 64 * LARGEST_SNAPLEN
}

/** Calls back for each option between two places, as far as they are whole. */
export function eachOption(
  bytes: Uint8Array,
  at: number,
  end: number,
  bigEndian: boolean,
  call: (code: number, at: number, length: number) => void,
): void {
  while (at + 4 <= end) {
    const code = u16(bytes, at, bigEndian)
    const length = u16(bytes, at + 2, bigEndian)
    if (code === 0 || at + 4 + length > end) return
    call(code, at + 4, length)
    at += 4 + ((length + 3) & ~3)
  }
}

/** Reads an interface description block of `length` bytes. */
export function readInterface(bytes: Uint8Array, at: number, length: number, bigEndian: boolean): Interface {
  let name = new Uint8Array(0)
  let perSecond = 1e6
  let offset = 0
  eachOption(bytes, at + 16, at + length - 4, bigEndian, (code, place, size) => {
    if (code === IF_NAME) name = utf8(bytes, place, size)
    else if (code === IF_TSRESOL && size >= 1) perSecond = resolution(bytes[place])
    else if (code === IF_TSOFFSET && size >= 8) offset = signed64(bytes, place, bigEndian)
  })
  const nanosPerUnit = perSecond <= 1e9 && 1e9 % perSecond === 0 ? 1e9 / perSecond : 0
  return { linkType: u16(bytes, at + 8, bigEndian), snaplen: u32(bytes, at + 12, bigEndian), name, perSecond, nanosPerUnit, offset }
}

/** A section, as far as it has been read. */
export interface Section {
  readonly bigEndian: boolean
  readonly interfaces: readonly Interface[]
}

/** What the section header and interface blocks of a `CaptureState` say; no interfaces when they are those of a classic capture. */
export function readSection(blocks: Uint8Array): Section {
  const interfaces: Interface[] = []
  let bigEndian = false
  for (let at = 0; at + 12 <= blocks.length; ) {
    const type = u32(blocks, at, bigEndian)
    if (type === SECTION_HEADER) bigEndian = sectionOrder(blocks, at) ?? false
    const length = u32(blocks, at + 4, bigEndian)
    if (!possibleLength(length) || at + length > blocks.length) break
    if (type === INTERFACE_DESCRIPTION && length >= 20) interfaces.push(readInterface(blocks, at, length, bigEndian))
    at += length
  }
  return { bigEndian, interfaces }
}

/** if_tsresol: a negative power of ten, or of two where the high bit is set. */
function resolution(byte: number): number {
  return byte & 0x80 ? 2 ** (byte & 0x7f) : 10 ** byte
}

function signed64(bytes: Uint8Array, at: number, bigEndian: boolean): number {
  const high = u32(bytes, bigEndian ? at : at + 4, bigEndian) | 0
  return high * 4294967296 + u32(bytes, bigEndian ? at + 4 : at, bigEndian)
}

/** Unsigned 64 bits as high and low half: as options hold them, in the section's byte order. */
export function u64Halves(bytes: Uint8Array, at: number, bigEndian: boolean): [high: number, low: number] {
  const first = u32(bytes, at, bigEndian)
  const second = u32(bytes, at + 4, bigEndian)
  return bigEndian ? [first, second] : [second, first]
}

/** Last second of the year 9999, beyond which a time cannot be written. */
const LAST_SECOND = 253402300799

/**
 * Turns a timestamp into seconds and nanoseconds since 1970, exactly.
 * @returns false when the time lies before 1970 or behind the year 9999; `into` is then 0
 */
export function readTime(high: number, low: number, from: Interface, into: Time): boolean {
  const { perSecond, nanosPerUnit } = from
  if (nanosPerUnit > 0) {
    // The quotient is at most one off; the remainder modulo 2^32 is exact and says so. (The % of doubles would be slow.)
    let seconds = Math.floor((high * 4294967296 + low) / perSecond)
    let rest = (low - Math.imul(seconds, perSecond)) >>> 0
    if (rest >= 0x80000000) {
      seconds--
      rest = rest + perSecond - 4294967296
    } else if (rest >= perSecond) {
      seconds++
      rest -= perSecond
    }
    into.seconds = seconds + from.offset
    into.nanos = rest * nanosPerUnit
  } else exactTime(high, low, from, into)
  if (into.seconds >= 0 && into.seconds <= LAST_SECOND) return true
  into.seconds = into.nanos = 0
  return false
}

/** For units that are no whole number of nanoseconds. */
function exactTime(high: number, low: number, from: Interface, into: Time): void {
  const units = (BigInt(high) << 32n) | BigInt(low)
  const perSecond = BigInt(from.perSecond)
  into.seconds = Number(units / perSecond) + from.offset
  into.nanos = Number(((units % perSecond) * 1000000000n) / perSecond)
}

/** A copy of text as valid UTF-8, broken sequences replaced. */
export function utf8(bytes: Uint8Array, at: number, length: number): Uint8Array<ArrayBuffer> {
  const plain = copyOf(bytes, at, at + length)
  return isUtf8(plain) ? plain : new TextEncoder().encode(new TextDecoder('utf-8', { ignoreBOM: true }).decode(plain))
}

const KEPT_OPTIONS = new Set([IF_NAME, IF_TSRESOL, IF_TSOFFSET])

/** A section header block without options and of unknown section length: 28 bytes. */
export function slimSection(bytes: Uint8Array, at: number): Uint8Array {
  const block = copyOf(bytes, at, at + 28)
  const bigEndian = sectionOrder(block, 0) ?? false
  putU32(block, 4, block.length, bigEndian)
  block.fill(0xff, 16, 24)
  putU32(block, 24, block.length, bigEndian)
  return block
}

/** An interface description block with only those options that `readInterface` wants. */
export function slimInterface(bytes: Uint8Array, at: number, length: number, bigEndian: boolean): Uint8Array {
  const kept: Uint8Array[] = []
  let size = 20
  eachOption(bytes, at + 16, at + length - 4, bigEndian, (code, place, bytesOfOption) => {
    if (!KEPT_OPTIONS.has(code) || bytesOfOption > 255) return
    const whole = copyOf(bytes, place - 4, place + ((bytesOfOption + 3) & ~3))
    kept.push(whole)
    size += whole.length
  })
  const block = new Uint8Array(size)
  block.set(bytes.subarray(at, at + 16))
  let end = 16
  for (const option of kept) {
    block.set(option, end)
    end += option.length
  }
  putU32(block, 4, size, bigEndian)
  putU32(block, end, size, bigEndian)
  return block
}
