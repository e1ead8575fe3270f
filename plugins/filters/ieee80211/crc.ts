/**
 * CRC-32 (IEEE 802.11-2020 clause 9.2.4.8) of frames, most of which differ from an earlier one in a few bytes.
 *
 * The CRC is linear: that of a frame is that of the same frame with zeros for the bytes that vary, plus (exclusive or) what each of these bytes adds, which
 * depends on its value and on how many bytes follow. So of a beacon that came before only the bytes that vary are looked at, by the machine
 * (core/event/machine/assembly, whose layout this is).
 */
import { crc32 } from 'node:zlib'
import type { Event } from '../../../core/event/event.ts'
import { machine } from '../../../core/event/machine/machine.ts'
import { MOST_VARYING, type Run } from '../../../core/event/repeats.ts'

/** Places of `skipping` that are kept, of 512 bytes each; runs that would need more are computed as a whole. */
const MOST_SKIPS = 1024
/** Bytes between two ranges that are rather fed than skipped: what takes a sum over them is far from the processor. */
const NEAR = 16
const HEAD = 8
const RANGE = 12

/** What a run's frames have in common. */
export interface KnownCrc {
  /** Of the run that it was found for; 0 before. */
  length: number
  /** Where the machine finds it; 0 before. */
  place: number
  /** Whether frames are rather computed as a whole. */
  whole: boolean
}

/** The CRC of bytes[from … to) of the event's batch, as an unsigned number. */
export function crcOf({ bytes, place }: Event, from: number, to: number): number {
  const { code } = machine()
  if (code === undefined || place === 0) return crc32(bytes.subarray(from, to))
  return code.crc(bytes.byteOffset + from, bytes.byteOffset + to) >>> 0
}

/**
 * The CRC of a frame that is part of a run from `mac`, counted from the run's first byte, to the run's end.
 * @param known filled when it is not that of this run; `length` of 0 says so
 */
export function crcOfRun(run: Run<unknown>, known: KnownCrc, event: Event, mac: number): number {
  const { start, bytes, place } = event
  if (known.length !== run.length) learn(run, known, event, mac)
  const { code } = machine()
  if (code === undefined || place === 0 || known.whole) return crcOf(event, start + mac, start + run.length)
  return code.crcOfKnown(known.place, bytes.byteOffset + start) >>> 0
}

function learn(run: Run<unknown>, known: KnownCrc, { bytes, start }: Event, mac: number): void {
  const { length } = run
  const fed = joined(run, mac)
  const zeroed = bytes.slice(start, start + length)
  const ranges = fed.flatMap(([from, to], i) => {
    zeroed.fill(0, from, to)
    const gap = (i + 1 < fed.length ? fed[i + 1][0] : length) - to
    return [from, to, gap === 0 ? 0 : skipping(gap)]
  })
  known.length = length
  known.place ||= run.take(HEAD + MOST_VARYING * RANGE)
  known.whole = known.place === 0 || ranges.includes(-1)
  if (!known.whole) machine().i32.set([crc32(zeroed.subarray(mac)) | 0, fed.length, ...ranges], known.place >> 2)
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

const skips = new Map<number, number>()

/** A sum behind one zero byte more. */
function overZero(sum: number): number {
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1
  return sum
}

/**
 * The place of what takes a sum over so many zero bytes at once, sixteen numbers for each four bits of it: small, since each access point has gaps of its own, and
 * what is larger is far from the processor when it is needed. -1 when there are too many already.
 */
function skipping(bytes: number): number {
  const known = skips.get(bytes)
  if (known !== undefined) return known
  const place = skips.size < MOST_SKIPS ? machine().take(512) : 0
  if (place === 0) return -1
  const bits = Array.from({ length: 32 }, (_, bit) => {
    let sum = 1 << bit
    for (let i = 0; i < bytes; i++) sum = overZero(sum)
    return sum
  })
  const table = Int32Array.from({ length: 128 }, (_, i) => {
    const first = (i >> 4) * 4
    let sum = 0
    for (let bit = 0; bit < 4; bit++) if (i & (1 << bit)) sum ^= bits[first + bit]
    return sum
  })
  machine().i32.set(table, place >> 2)
  skips.set(bytes, place)
  return place
}
