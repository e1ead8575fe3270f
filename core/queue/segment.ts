/** Reading segments: what is in one, which of its records are good, and where the good ones end. Nothing here writes, so that tools may look while Wherry runs. */
import type { Files, ReadableFile } from '../files/files.ts'
import {
  addTo,
  decodeFoot,
  decodeHead,
  decodeRecord,
  emptySummary,
  footLength,
  HEAD_BYTES,
  type Head,
  nextMark,
  type Owner,
  recordLength,
  type Stored,
  type Summary,
  summaryOf,
  TRAILER_BYTES,
} from './format.ts'

export interface Segment {
  /** Its number: later ones are greater. */
  readonly seq: number
  readonly path: string
  readonly owner: Owner
  /** Where its records begin and end. */
  readonly start: number
  end: number
}

/** A record and where it lies. */
export interface Found {
  readonly payload: Stored
  readonly seq: number
  readonly at: number
  readonly end: number
}

export type Opened =
  | { readonly kind: 'whole'; readonly segment: Segment; readonly summary: Summary }
  /** Written to until the process died. `torn` bytes at its end are no records. */
  | { readonly kind: 'unfinished'; readonly segment: Segment; readonly summary: Summary; readonly torn: number }
  /** Not a single record. */
  | { readonly kind: 'empty' }
  /** Nothing to touch: of a newer version, or with records whose owner cannot be read. */
  | { readonly kind: 'strange'; readonly why: string; readonly bytes: number }

const SUFFIX = '.segment'
/** What is read at once. */
const BLOCK_BYTES = 256 * 1024
/** Heads are shorter. */
const MOST_HEAD_BYTES = 64 * 1024

export function segmentName(seq: number): string {
  return `${String(seq).padStart(10, '0')}${SUFFIX}`
}

/** The number of a segment by its file's name; undefined for other files. */
export function segmentNumber(name: string): number | undefined {
  return /^\d{10}\.segment$/.test(name) ? Number(name.slice(0, 10)) : undefined
}

/** Looks at a file: its foot is enough where it has one. */
export async function openSegment(files: Files, path: string, seq: number): Promise<Opened> {
  const size = (await files.size(path)) ?? 0
  const file = await files.open(path)
  try {
    const head = await readHead(file, size)
    if (head && 'newer' in head) return { kind: 'strange', why: `is of version ${head.newer} of the format`, bytes: size }
    if (!head) {
      const { summary } = await scan(file, seq, 0, size)
      return summary.payloads === 0 ? { kind: 'empty' } : { kind: 'strange', why: 'has a damaged head', bytes: size }
    }
    const foot = await readFoot(file, size)
    if (foot) return { kind: 'whole', segment: { seq, path, owner: head.owner, start: head.end, end: size - foot.length }, summary: foot.summary }
    const { summary, end } = await scan(file, seq, head.end, size)
    if (summary.payloads === 0) return { kind: 'empty' }
    return { kind: 'unfinished', segment: { seq, path, owner: head.owner, start: head.end, end }, summary, torn: size - end }
  } finally {
    await file.close()
  }
}

async function readHead(file: ReadableFile, size: number): Promise<Head> {
  const first = Buffer.alloc(Math.min(size, HEAD_BYTES))
  await file.read(first, 0)
  const length = first.length < HEAD_BYTES ? 0 : first.readUInt32LE(16)
  const bytes = Buffer.alloc(Math.min(size, HEAD_BYTES + Math.min(length, MOST_HEAD_BYTES)))
  return decodeHead(bytes.subarray(0, await file.read(bytes, 0)))
}

async function readFoot(file: ReadableFile, size: number): Promise<{ summary: Summary; length: number } | undefined> {
  if (size < TRAILER_BYTES) return undefined
  const trailer = Buffer.alloc(TRAILER_BYTES)
  await file.read(trailer, size - TRAILER_BYTES)
  const length = footLength(trailer)
  if (length === undefined || length > size) return undefined
  const foot = Buffer.alloc(length)
  await file.read(foot, size - length)
  const summary = decodeFoot(foot)
  return summary && { summary, length }
}

/** Goes over all good records from a place on. `end` is where the last one ends. */
export async function scan(file: ReadableFile, seq: number, from: number, to: number): Promise<{ summary: Summary; end: number }> {
  const summary = emptySummary()
  let end = from
  for (let at = from; at < to; ) {
    const { found, next } = await readRecords(file, seq, at, to)
    for (const { payload, at: start, end: last } of found) {
      addTo(summary, summaryOf(payload, last - start))
      end = last
    }
    at = next
  }
  return { summary, end }
}

/**
 * The next good records, about a block of them; none with `next` moved on where there is only damage.
 * @param to end of what may be read; there must be a record's end or the end of the file
 */
export async function readRecords(file: ReadableFile, seq: number, from: number, to: number): Promise<{ found: Found[]; next: number }> {
  let block = await readAt(file, from, Math.min(BLOCK_BYTES, to - from))
  // The file is shorter than it was: what is missing is gone.
  if (block.length === 0) return { found: [], next: to }
  const last = from + block.length >= to || block.length < Math.min(BLOCK_BYTES, to - from)
  const found: Found[] = []
  let at = 0
  while (at < block.length) {
    const length = recordLength(block, at)
    if (length === 'missing' && !last) break
    if (typeof length === 'number' && from + at + length <= to) {
      if (at + length > block.length) {
        if (at > 0) break
        // One that is larger than a block, into memory of its own.
        block = await readAt(file, from, length)
      }
      const payload = block.length >= at + length ? decodeRecord(ownBytes(block, at, length)) : undefined
      if (payload) {
        found.push({ payload, seq, at: from + at, end: from + at + length })
        at += length
        continue
      }
    }
    const mark = nextMark(block, at + 1)
    // Letters may be cut by the end of the block.
    at = mark >= 0 ? mark : last ? block.length : Math.max(at + 1, block.length - 3)
  }
  return { found, next: last && at >= block.length ? to : from + at }
}

/** A record that fills its block keeps it; others get memory of their own, which is used again once they are delivered. */
function ownBytes(block: Buffer, at: number, length: number): Buffer {
  if (at === 0 && length === block.length) return block
  const own = Buffer.allocUnsafeSlow(length)
  block.copy(own, 0, at, at + length)
  return own
}

async function readAt(file: ReadableFile, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length)
  return bytes.subarray(0, await file.read(bytes, at))
}
