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
/** Tables of `skipping` that are kept, of 4 KiB each; runs that would need more are computed as a whole. */
const MOST_TABLES = 1024

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1
  return sum
})

/** What a run's frames have in common: their length, the CRC with zeros for what varies, and how to get from each range to the next, and to the end. */
export interface KnownCrc {
  length: number
  base: number
  readonly skips: (Int32Array | undefined)[]
}

/** The CRC of bytes[from … to), as an unsigned number. */
export function crcOf(bytes: Uint8Array, from: number, to: number): number {
  if (to - from >= SHORT) return crc32(bytes.subarray(from, to))
  let sum = -1
  for (let at = from; at < to; at++) sum = feed(sum, bytes[at])
  return ~sum >>> 0
}

/**
 * The CRC of a frame that is part of a run from `mac`, counted from the run's first byte, to the run's end.
 * @param known filled when it is not that of this run; `length` of 0 says so
 */
export function crcOfRun(run: Run<unknown>, known: KnownCrc, bytes: Uint8Array, start: number, mac: number): number {
  if (known.length !== run.length) learn(run, known, bytes, start, mac)
  if (known.length < 0) return crcOf(bytes, start + mac, start + run.length)
  const { varying, ranges } = run
  let sum = 0
  for (let range = 0; range < ranges; range++) {
    if (varying[range * 2] < mac) continue
    const end = start + varying[range * 2 + 1]
    for (let at = start + varying[range * 2]; at < end; at++) sum = feed(sum, bytes[at])
    const table = known.skips[range]
    if (table !== undefined) sum = table[sum & 255] ^ table[256 + ((sum >>> 8) & 255)] ^ table[512 + ((sum >>> 16) & 255)] ^ table[768 + (sum >>> 24)]
  }
  return (sum ^ known.base) >>> 0
}

function learn({ varying, ranges, length }: Run<unknown>, known: KnownCrc, bytes: Uint8Array, start: number, mac: number): void {
  const zeroed = bytes.slice(start, start + length)
  known.length = length
  known.skips.length = 0
  for (let range = 0; range < ranges; range++) {
    const end = varying[range * 2 + 1]
    zeroed.fill(0, varying[range * 2], end)
    const gap = (range + 1 < ranges ? varying[range * 2 + 2] : length) - end
    const table = varying[range * 2] < mac || gap === 0 ? undefined : skipping(gap)
    if (table === null) {
      known.length = -1
      return
    }
    known.skips[range] = table
  }
  known.base = crcOf(zeroed, mac, length)
}

function feed(sum: number, byte: number): number {
  return TABLE[(sum ^ byte) & 255] ^ (sum >>> 8)
}

const tables = new Map<number, Int32Array>()

/** Tables by which a sum goes over so many zero bytes at once, one for each of its four bytes; null when there are too many already. */
function skipping(bytes: number): Int32Array | null {
  const known = tables.get(bytes)
  if (known) return known
  if (tables.size >= MOST_TABLES) return null
  const bits = Array.from({ length: 32 }, (_, bit) => {
    let sum = 1 << bit
    for (let i = 0; i < bytes; i++) sum = feed(sum, 0)
    return sum
  })
  const table = Int32Array.from({ length: 1024 }, (_, i) => {
    const first = (i >> 8) * 8
    let sum = 0
    for (let bit = 0; bit < 8; bit++) if (i & (1 << bit)) sum ^= bits[first + bit]
    return sum
  })
  tables.set(bytes, table)
  return table
}
