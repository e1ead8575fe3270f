/**
 * What a decoder remembers of runs of bytes that come again: the headers of a device's data frames, the whole beacon of an access point.
 *
 * A table with a few places for each hash, as in a processor's cache. A hit needs the very bytes, around those that were declared to vary: there are no false hits. A run is remembered
 * when its hash has come before: what comes once, as most of what a crowd or a fuzzer says, takes no memory. A run that came again keeps its place against some that did not.
 */
import type { Event } from './event.ts'
import type { FieldTable } from './fields.ts'
import { type Machine, machine } from './machine/machine.ts'
import { CREDIT, PLACES, RUN_BLOCKS, RUN_CREDIT, RUN_VERSION, WAYS } from './machine/numbers.ts'
import { Shelf } from './machine/shelf.ts'
import type { Read } from './reads.ts'

/** Bytes of a run that is remembered. */
const LARGEST = 4096
/** Ranges of varying bytes in a run; further ones must be equal. */
export const MOST_VARYING = 16
/** Memory of a table for the bytes of its runs; when it is full all are forgotten. */
const MOST_BYTES = 4 * 1024 * 1024
/** Bytes that are compared at once. */
const BLOCK = 16

/** Numbers of learnt runs, over all tables of this thread: writers know a text's run by it. */
let learnt = 0

/** A remembered run, with what its decoder found out about it. `Event.repeat` for the records that it comes again in. */
export class Run<Found> {
  /** Where it is in the table. */
  readonly place: number
  /** Which run it is; the place may hold another one later. */
  version = 0
  /** What such records are beside their bytes, as the decoder tells it: a record of another kind is of another run. */
  kind = 0
  /** Bits of the lazy tables that follow from the bytes that do not vary. */
  readonly tables: number
  readonly found: Found
  reads: readonly Read[] = []
  direct = 0
  length = 0
  /** The bytes that vary: `ranges` times [from, to), counted from the run's first byte, ascending. */
  readonly varying = new Int32Array(MOST_VARYING * 2)
  ranges = 0
  /**
   * What the machine knows of it: its version, its credit, and from `RUN_BLOCKS` on its bytes, block by block: which bits count, and these bits. Credit is what a run
   * that came again has against others in its place.
   */
  known = 0
  /** Blocks of it, and those that there is memory for. */
  blocks = 0
  #room = 0
  readonly #machine: Machine
  readonly #memory: Shelf

  constructor(machine: Machine, memory: Shelf, place: number, tables: number, found: Found) {
    this.#machine = machine
    this.#memory = memory
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

  /** How many others it still outlives. */
  get credit(): number {
    return this.#machine.i32[(this.known + RUN_CREDIT) >> 2]
  }

  /** The place of so many bytes of the machine's memory, which are the run's as long as it is remembered; 0 when there are none left. */
  take(bytes: number): number {
    return this.#memory.take(bytes)
  }

  /** Where bits of a byte are that count; `BLOCK` behind it is what they are. */
  #placeOf(at: number): number {
    return this.known + RUN_BLOCKS + (at & -BLOCK) * 2 + (at & (BLOCK - 1))
  }

  /** A byte does not count any more. */
  #forget(at: number): void {
    const { u8 } = this.#machine
    const place = this.#placeOf(at)
    u8[place] = 0
    u8[place + BLOCK] = 0
  }

  /** Whether the event's batch has the run at `start`, where it has `length` bytes at least. */
  matches({ bytes, wide, place }: Event, start: number): boolean {
    const { code } = this.#machine
    const same =
      code !== undefined && place !== 0
        ? code.matches(this.known + RUN_BLOCKS, bytes.byteOffset + start, this.blocks) !== 0
        : this.#compare(bytes, wide, start)
    if (same) this.#machine.i32[(this.known + RUN_CREDIT) >> 2] = CREDIT
    return same
  }

  #compare(bytes: Uint8Array, wide: DataView<ArrayBufferLike>, start: number): boolean {
    const { i32, u8 } = this.#machine
    const { length } = this
    let at = 0
    for (; at + 4 <= length; at += 4) {
      const word = this.#placeOf(at) >> 2
      if ((wide.getInt32(start + at, true) & i32[word]) !== i32[word + BLOCK / 4]) return false
    }
    for (; at < length; at++) {
      const byte = this.#placeOf(at)
      if ((bytes[start + at] & u8[byte]) !== u8[byte + BLOCK]) return false
    }
    return true
  }

  /**
   * Becomes the run bytes[start … end), four bytes at least; false when the one it holds came again and has the right to stay, undefined when there is no memory.
   */
  become(kind: number, bytes: Uint8Array, start: number, end: number): boolean | undefined {
    const { u8, i32 } = this.#machine
    const credit = (this.known + RUN_CREDIT) >> 2
    if (this.known !== 0 && i32[credit] > 0) {
      i32[credit]--
      return false
    }
    const length = end - start
    const blocks = Math.ceil(length / BLOCK)
    if (blocks > this.#room) {
      this.known = this.#memory.take(RUN_BLOCKS + blocks * BLOCK * 2)
      this.#room = this.known === 0 ? 0 : blocks
      if (this.#room === 0) return undefined
    }
    this.version = ++learnt
    this.kind = kind
    this.length = length
    this.blocks = blocks
    i32[(this.known + RUN_VERSION) >> 2] = this.version
    i32[(this.known + RUN_CREDIT) >> 2] = 0
    for (let at = 0; at < blocks * BLOCK; at++) {
      const place = this.#placeOf(at)
      u8[place] = at < length ? 0xff : 0
      u8[place + BLOCK] = at < length ? bytes[start + at] : 0
    }
    this.ranges = this.direct = 0
    this.reads = []
    return true
  }
}

export class Repeats<Found> {
  readonly #runs: (Run<Found> | undefined)[] = new Array(PLACES).fill(undefined)
  /** Hashes that came last and were not remembered. By other bits than `#runs`: what shares a place there has one of its own here. */
  readonly #seen = new Int32Array(PLACES)
  readonly #machine = machine()
  readonly #memory = new Shelf(this.#machine, MOST_BYTES)
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

  /** The known run that the record, of this kind, has at `start`, or undefined. Any number will do for `hash`; equal runs have equal ones. */
  find(hash: number, kind: number, event: Event, start: number): Run<Found> | undefined {
    const first = firstPlace(hash)
    for (let place = first; place < first + WAYS; place++) {
      const run = this.#runs[place]
      // They are filled in order.
      if (run === undefined) return undefined
      if (run.kind === kind && start + run.length <= event.end && run.matches(event, start)) return run
    }
    return undefined
  }

  /** Remembers the run [start, end) of the record, which is of this kind: fill in `found` and what varies. Undefined when it is not to be remembered. */
  learn(hash: number, kind: number, event: Event, start: number, end: number): Run<Found> | undefined {
    if (end - start > LARGEST || end - start < 4) return undefined
    const seen = (hash >>> 16) & (PLACES - 1)
    if (this.#seen[seen] !== hash) {
      this.#seen[seen] = hash
      return undefined
    }
    let place = this.#weakest(firstPlace(hash))
    const become = () => {
      const run = (this.#runs[place] ??= new Run(this.#machine, this.#memory, place, this.#tables, this.#make()))
      return { run, is: run.become(kind, event.bytes, start, end) }
    }
    let { run, is } = become()
    if (is === undefined) {
      this.#runs.fill(undefined)
      this.#memory.clear()
      place = firstPlace(hash)
      ;({ run, is } = become())
      if (is === undefined) this.#runs[place] = undefined
    }
    return is ? run : undefined
  }

  /** Of the places from `first` on one without a run, or the one whose run has the least right to stay. */
  #weakest(first: number): number {
    let weakest = first
    for (let place = first; place < first + WAYS; place++) {
      const run = this.#runs[place]
      if (run === undefined) return place
      if (run.credit < this.#runs[weakest]!.credit) weakest = place
    }
    return weakest
  }
}

function firstPlace(hash: number): number {
  return (hash * WAYS) & (PLACES - 1)
}
