/** Finds the next record behind damage, by what records look like. */
import { u32 } from './bytes.ts'
import { type PcapHeader, plausibleRecord } from './pcap.ts'
import { ENHANCED_PACKET, PACKET, plausibleHead, possibleLength, SECTION_HEADER, sectionOrder } from './pcapng.ts'

/** Bytes to look at in one go. Four times the longest packet that is believed, so that a run of three records fits behind the first quarter. */
export const RESYNC_BYTES = 1024 * 1024
/** So many headers in a row are no accident. */
const RUN = 3

export interface Search {
  /** Classic header, or undefined for pcapng. */
  readonly header: PcapHeader | undefined
  /** Byte order of the section, for pcapng. */
  readonly bigEndian: boolean
  /** Seconds since 1970 near which the next record must lie; undefined when no time is known. */
  readonly near: number | undefined
}

/** Place of the record when `found`; else where to go on looking once there are more bytes. */
export interface Found {
  readonly found: boolean
  readonly at: number
}

/** @param have how many bytes of `window` are filled; fewer than all means that the capture ends there for now */
export function findRecord(window: Uint8Array, have: number, search: Search): Found {
  const full = have === window.length
  const last = full ? window.length >>> 2 : have - 12
  let undecided = -1
  for (let at = 0; at < last; at++) {
    const verdict = search.header ? judgeRecord(window, at, have, search.header, search.near) : judgeBlock(window, at, have, search.bigEndian)
    if (verdict === 'yes') return { found: true, at }
    if (verdict === 'unknown' && undecided < 0 && !full) undecided = at
  }
  return { found: false, at: undecided >= 0 ? undecided : Math.max(0, last) }
}

type Verdict = 'yes' | 'no' | 'unknown'

function judgeRecord(window: Uint8Array, first: number, have: number, header: PcapHeader, near: number | undefined): Verdict {
  let at = first
  for (let run = 0; run < RUN; run++) {
    if (at === have && run > 0) return 'yes'
    if (at + header.recordHeader > have) return run > 1 ? 'yes' : 'unknown'
    if (!plausibleRecord(window, at, header, near ?? u32(window, first, header.bigEndian))) return 'no'
    at += header.recordHeader + u32(window, at + 8, header.bigEndian)
  }
  return 'yes'
}

/** Both lengths of a block are worth more than a run of headers. */
function judgeBlock(window: Uint8Array, at: number, have: number, order: boolean): Verdict {
  let bigEndian = order
  const type = u32(window, at, bigEndian)
  if (type === SECTION_HEADER) bigEndian = sectionOrder(window, at) ?? order
  else if (type === 0 || type > ENHANCED_PACKET) return 'no'
  const length = u32(window, at + 4, bigEndian)
  const least = type === ENHANCED_PACKET || type === PACKET ? 32 : 16
  if (!possibleLength(length) || length < least || !plausibleHead(window, at, have - at, type, length, bigEndian)) return 'no'
  if (at + length > have) return 'unknown'
  return u32(window, at + length - 4, bigEndian) === length ? 'yes' : 'no'
}
