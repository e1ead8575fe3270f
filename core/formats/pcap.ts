/**
 * Classic pcap: a file header of 24 bytes, then records of a header and the packet (draft-ietf-opsawg-pcap).
 *
 * Both byte orders, microseconds and nanoseconds, and the "modified" form of Alexey Kuznetzov, whose record headers
 * have 8 bytes more (wiretap/libpcap.c).
 */
import { u32 } from './bytes.ts'

export const PCAP_HEADER_BYTES = 24
/** What libpcap takes at most when the file's own limit is smaller (MAXIMUM_SNAPLEN). */
export const LARGEST_SNAPLEN = 262144
/** No length beyond this is believed, whatever a header says. */
export const LARGEST_RECORD = 256 * 1024 * 1024

const MICROS = 0xa1b2c3d4
const NANOS = 0xa1b23c4d
const MODIFIED = 0xa1b2cd34

export interface PcapHeader {
  readonly bigEndian: boolean
  /** Nanoseconds in one unit of a record's fraction: 1000, or 1. */
  readonly unit: number
  /** Bytes of a record's header: 16, or 24. */
  readonly recordHeader: number
  /** Longest packet that the header allows, at least `LARGEST_SNAPLEN`. */
  readonly longest: number
  /** LINKTYPE_ value; the bits about FCS above it are left out. */
  readonly linkType: number
}

/** The file header at a place, or undefined when there are not 24 bytes of one. */
export function readPcapHeader(bytes: Uint8Array, at: number, end: number): PcapHeader | undefined {
  if (at + PCAP_HEADER_BYTES > end) return undefined
  for (const bigEndian of [false, true]) {
    const magic = u32(bytes, at, bigEndian)
    if (magic !== MICROS && magic !== NANOS && magic !== MODIFIED) continue
    const snaplen = u32(bytes, at + 16, bigEndian)
    return {
      bigEndian,
      unit: magic === NANOS ? 1 : 1000,
      recordHeader: magic === MODIFIED ? 24 : 16,
      longest: Math.min(Math.max(snaplen, LARGEST_SNAPLEN), LARGEST_RECORD),
      linkType: u32(bytes, at + 20, bigEndian) & 0xffff,
    }
  }
  return undefined
}

/** Whether four bytes begin a classic capture. */
export function isPcapMagic(bytes: Uint8Array, at: number): boolean {
  const magic = u32(bytes, at, false)
  const swapped = u32(bytes, at, true)
  return [MICROS, NANOS, MODIFIED].some((known) => known === magic || known === swapped)
}

/**
 * What the header of a record without bytes is: files that were put one behind another have a file header there (its
 * time zone, always 0, stands where the length is looked for), and a file system that lost power leaves zeros.
 */
export function emptyRecord(bytes: Uint8Array, at: number, end: number): 'record' | 'header' | 'zeros' {
  if (isPcapMagic(bytes, at)) {
    // Version 2.4, in either order.
    const version = u32(bytes, at + 4, false)
    if ((version === 0x00040002 || version === 0x04000200) && at + 16 <= end) return 'header'
  }
  for (let i = at; i < at + 16; i++) if (bytes[i] !== 0) return 'record'
  return 'zeros'
}

/** Whether a record header can be true: what is asked of one that nothing before it vouches for. */
export function plausibleRecord(bytes: Uint8Array, at: number, header: PcapHeader, near: number): boolean {
  const { bigEndian, unit, longest } = header
  const length = u32(bytes, at + 8, bigEndian)
  const original = u32(bytes, at + 12, bigEndian)
  const days = Math.abs(u32(bytes, at, bigEndian) - near) / 86400
  return length > 0 && length <= longest && original >= length && original <= longest && u32(bytes, at + 4, bigEndian) * unit < 1e9 && days < 30
}
