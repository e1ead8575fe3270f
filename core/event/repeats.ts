/**
 * What a decoder remembers of runs of bytes that come again: the headers of a device's data frames, the whole beacon of an access point.
 *
 * A direct-mapped table. A hit needs the very bytes, around those that were declared to vary: there are no false hits. A run that came again keeps its
 * place against some that did not, so that one-off runs cost a comparison and nothing more.
 */
import type { Event } from './event.ts'
import type { FieldTable } from './fields.ts'
import type { Read } from './reads.ts'

const PLACES = 4096
/** Bytes of a run that is remembered. */
const LARGEST = 4096
/** Ranges of varying bytes in a run; further ones must be equal. */
const MOST_VARYING = 16
/** How many other runs a run that came again outlives in its place. */
const CREDIT = 3

/** Numbers of learnt runs, over all tables of this thread: writers know a text's run by it. */
let learnt = 0

/** A remembered run, with what its decoder found out about it. `Event.repeat` for the records that it comes again in. */
export class Run<Found> {
  /** Where it is in the table. */
  readonly place: number
  /** Which run it is; the place may hold another one later. */
  version = 0
  /** Bits of the lazy tables that follow from the bytes that do not vary. */
  readonly tables: number
  readonly found: Found
  reads: readonly Read[] = []
  direct = 0
  length = 0
  /** The bytes that vary: `ranges` times [from, to), counted from the run's first byte, ascending. */
  readonly varying = new Int32Array(MOST_VARYING * 2)
  ranges = 0
  /** The run's bytes in words, zeros for those that vary, and which bits count; then the last four bytes once more where a word would reach beyond the end. */
  #known = new Int32Array(0)
  #mask = new Int32Array(0)
  #credit = 0

  constructor(place: number, tables: number, found: Found) {
    this.place = place
    this.tables = tables
    this.found = found
  }

  /** Says that bytes of the run vary and determine no field of `tables` but those in `reads`. In ascending order. */
  vary(from: number, to: number): void {
    if (this.ranges === MOST_VARYING || from >= to || to > this.length) return
    this.varying[this.ranges * 2] = from
    this.varying[this.ranges * 2 + 1] = to
    this.ranges++
    for (let at = from; at < to; at++) this.#forget(at)
  }

  /** A byte does not count any more. */
  #forget(at: number): void {
    const { length } = this
    const whole = length & ~3
    if (at < whole) this.#clear(at >>> 2, at & 3)
    if (whole !== length && at >= length - 4) this.#clear(whole >>> 2, at - (length - 4))
  }

  #clear(word: number, byte: number): void {
    const others = ~(0xff << (byte * 8))
    this.#known[word] &= others
    this.#mask[word] &= others
  }

  /** Whether `wide` has the run at `start`, where it has `length` bytes at least. */
  matches(wide: DataView<ArrayBufferLike>, start: number): boolean {
    const known = this.#known
    const mask = this.#mask
    const { length } = this
    const whole = length >>> 2
    // Whole words with a mask, since going from range to range costs more than the bytes in between.
    for (let word = 0, at = start; word < whole; word++, at += 4) if ((wide.getInt32(at, true) & mask[word]) !== known[word]) return false
    if (length & 3 && (wide.getInt32(start + length - 4, true) & mask[whole]) !== known[whole]) return false
    this.#credit = CREDIT
    return true
  }

  /** Becomes the run bytes[start … end), four bytes at least; false when the one it holds came again and has the right to stay. */
  become(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#credit > 0) {
      this.#credit--
      return false
    }
    this.version = ++learnt
    const length = end - start
    const words = (length + 3) >>> 2
    this.length = length
    if (words > this.#known.length) {
      this.#known = new Int32Array(words)
      this.#mask = new Int32Array(words)
    }
    const wide = new DataView(bytes.buffer, bytes.byteOffset)
    for (let word = 0; word < words; word++) this.#known[word] = wide.getInt32(Math.min(start + word * 4, end - 4), true)
    this.#mask.fill(-1)
    this.ranges = this.direct = 0
    this.reads = []
    return true
  }
}

export class Repeats<Found> {
  readonly #runs: (Run<Found> | undefined)[] = new Array(PLACES).fill(undefined)
  readonly #tables: number
  readonly #make: () => Found

  /**
   * @param event where all of them are registered as lazy tables
   * @param tables those that follow from runs, none of them from bytes that vary
   * @param make makes what the decoder keeps of a run
   * @throws Error when another plugin has tables that repeat: writers keep the text of all together
   */
  constructor(event: Event, tables: readonly FieldTable[], make: () => Found) {
    const strange = event.fields.tables.find((table) => table.repeats && !tables.includes(table))
    if (strange) throw new Error(`table ${strange.name} repeats in another plugin`)
    this.#tables = tables.reduce((bits, table) => bits | event.lazyBit(table), 0)
    this.#make = make
  }

  /** The known run that the record has at `start`, or undefined. Any number will do for `hash`; equal runs have equal ones. */
  find(hash: number, event: Event, start: number): Run<Found> | undefined {
    const run = this.#runs[hash & (PLACES - 1)]
    return run !== undefined && start + run.length <= event.end && run.matches(event.wide, start) ? run : undefined
  }

  /** Remembers the run [start, end) of the record: fill in `found` and what varies. Undefined when it is not to be remembered. */
  learn(hash: number, event: Event, start: number, end: number): Run<Found> | undefined {
    if (end - start > LARGEST || end - start < 4) return undefined
    const place = hash & (PLACES - 1)
    let run = this.#runs[place]
    if (run === undefined) this.#runs[place] = run = new Run(place, this.#tables, this.#make())
    return run.become(event.bytes, start, end) ? run : undefined
  }
}
