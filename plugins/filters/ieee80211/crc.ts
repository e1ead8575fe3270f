/**
 * CRC-32 (IEEE 802.11-2020 clause 9.2.4.8) of frames, most of which differ from an earlier one in a few bytes.
 *
 * The CRC is linear: that of a frame is that of the same frame with zeros for the bytes that vary, plus (exclusive or) what each of these bytes adds, which
 * depends on its value and on how many bytes follow. So of a beacon that came before only the bytes that vary are looked at.
 */
import { crc32 } from 'node:zlib'
import type { Run } from '../../../core/event/repeats.ts'

/** Frames shorter than this are quicker by table than by a call to zlib. */
const SHORT = 96
/** Tables of `skipping` that are kept, of 512 bytes each; runs that would need more are computed as a whole. */
const MOST_TABLES = 1024

/** Bytes between two ranges that are rather fed than skipped: a table to skip them by is far from the processor. */
const NEAR = 16

/** What a byte adds that has none, one, two and three bytes behind it, 256 numbers each. */
const TABLE = new Int32Array(1024)
for (let byte = 0; byte < 256; byte++) {
  let sum = byte
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1
  TABLE[byte] = sum
}
for (let i = 256; i < 1024; i++) TABLE[i] = TABLE[TABLE[i - 256] & 255] ^ (TABLE[i - 256] >>> 8)

/** What a run's frames have in common: their length, the CRC with zeros for what is fed, and how to get from each range to the next, and to the end. */
export interface KnownCrc {
  length: number
  base: number
  /** What is fed: ranges that vary, those near each other joined, each with how to get to the next one or the end. */
  ranges: { readonly from: number; readonly to: number; readonly skip: Int32Array | undefined }[]
}

/** The CRC of bytes[from … to), as an unsigned number. */
export function crcOf(bytes: Uint8Array, from: number, to: number): number {
  if (to - from >= SHORT) return crc32(bytes.subarray(from, to))
  return ~feed(-1, bytes, from, to) >>> 0
}

/**
 * The CRC of a frame that is part of a run from `mac`, counted from the run's first byte, to the run's end.
 * @param known filled when it is not that of this run; `length` of 0 says so
 */
export function crcOfRun(run: Run<unknown>, known: KnownCrc, bytes: Uint8Array, start: number, mac: number): number {
  if (known.length !== run.length) learn(run, known, bytes, start, mac)
  if (known.length < 0) return crcOf(bytes, start + mac, start + run.length)
  const { ranges } = known
  let sum = 0
  for (let i = 0; i < ranges.length; i++) {
    const { from, to, skip } = ranges[i]
    sum = feed(sum, bytes, start + from, start + to)
    if (skip !== undefined) sum = skipped(sum, skip)
  }
  return (sum ^ known.base) >>> 0
}

function learn(run: Run<unknown>, known: KnownCrc, bytes: Uint8Array, start: number, mac: number): void {
  const { length } = run
  const fed = joined(run, mac)
  known.length = length
  known.ranges = []
  const zeroed = bytes.slice(start, start + length)
  for (const [i, [from, to]] of fed.entries()) {
    zeroed.fill(0, from, to)
    const gap = (i + 1 < fed.length ? fed[i + 1][0] : length) - to
    const skip = gap === 0 ? undefined : skipping(gap)
    if (skip === null) {
      known.length = -1
      return
    }
    known.ranges.push({ from, to, skip })
  }
  known.base = crcOf(zeroed, mac, length)
}

/** The ranges of the frame that vary, near ones as one. */
function joined({ varying, ranges }: Run<unknown>, mac: number): [from: number, to: number][] {
  const all: [number, number][] = []
  for (let range = 0; range < ranges; range++) {
    const [from, to] = [varying[range * 2], varying[range * 2 + 1]]
    if (from < mac) continue
    const last = all.at(-1)
    if (last !== undefined && from - last[1] <= NEAR) last[1] = to
    else all.push([from, to])
  }
  return all
}

/** Goes on with a sum over bytes[from … to), four at a time. */
function feed(sum: number, bytes: Uint8Array, from: number, to: number): number {
  let at = from
  for (; at + 4 <= to; at += 4) {
    sum ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)
    sum = TABLE[768 + (sum & 255)] ^ TABLE[512 + ((sum >>> 8) & 255)] ^ TABLE[256 + ((sum >>> 16) & 255)] ^ TABLE[sum >>> 24]
  }
  for (; at < to; at++) sum = TABLE[(sum ^ bytes[at]) & 255] ^ (sum >>> 8)
  return sum
}

const tables = new Map<number, Int32Array>()

/** A sum behind the zero bytes that a table of `skipping` stands for. */
function skipped(sum: number, skip: Int32Array): number {
  return (
    skip[sum & 15] ^
    skip[16 + ((sum >>> 4) & 15)] ^
    skip[32 + ((sum >>> 8) & 15)] ^
    skip[48 + ((sum >>> 12) & 15)] ^
    skip[64 + ((sum >>> 16) & 15)] ^
    skip[80 + ((sum >>> 20) & 15)] ^
    skip[96 + ((sum >>> 24) & 15)] ^
    skip[112 + (sum >>> 28)]
  )
}

/**
 * Tables by which a sum goes over so many zero bytes at once, sixteen numbers for each four bits of it: small, since each access point has gaps of its own, and
 * what is larger is far from the processor when it is needed. Null when there are too many already.
 */
function skipping(bytes: number): Int32Array | null {
  const known = tables.get(bytes)
  if (known) return known
  if (tables.size >= MOST_TABLES) return null
  const bits = Array.from({ length: 32 }, (_, bit) => {
    let sum = 1 << bit
    for (let i = 0; i < bytes; i++) sum = TABLE[sum & 255] ^ (sum >>> 8)
    return sum
  })
  const table = Int32Array.from({ length: 128 }, (_, i) => {
    const first = (i >> 4) * 4
    let sum = 0
    for (let bit = 0; bit < 4; bit++) if (i & (1 << bit)) sum ^= bits[first + bit]
    return sum
  })
  tables.set(bytes, table)
  return table
}
