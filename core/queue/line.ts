/**
 * The line of payloads in an outbox: where each of them is, and in which order they go. Only data; outbox.ts says when to write, read and drop.
 *
 *   head (in memory)   →   range (on disk only)   →   tail (in memory)
 *   oldest: next to go                                 newest
 *
 * Invariants:
 * - Payloads leave in the order they came. Those on disk lie there in this order too, so that `done` can be one place.
 * - While there is a range, all of head is on disk, and nothing of tail is synced. Without a range there is no tail.
 * - A payload leaves memory only when it is delivered, dropped, or synced. So whatever a failed write or sync was about is still here to be written again.
 */
import type { Parcel } from '../delivery/parcel.ts'
import { addTo, emptySummary, type Summary, summaryOf } from './format.ts'
import type { Location, Place } from './store.ts'

export interface Entry {
  readonly parcel: Parcel
  readonly bytes: number
  /** By the queue's own time; see outbox.ts. */
  readonly sealed_at: number
  location: Location | undefined
  synced: boolean
  shifted: boolean
  /** Delivered or dropped. */
  done: boolean
  /** Its body is being written. */
  writing: boolean
}

/** What a payload weighs beside its body. */
const PER_EVENT = 12
const PER_PAYLOAD = 512
/** Done entries at the front that are cut off together. */
const TRIM = 64

export class Line {
  /** Oldest first. Entries before `#next` have been shifted. */
  #head: Entry[] = []
  #next = 0
  #tail: Entry[] = []
  range: { from: Place; to: Place } | undefined
  /** What lies in the range. */
  readonly stored: Summary = emptySummary()
  readonly #entries = new Map<Parcel, Entry>()
  /** Bytes of payloads in memory, and of those among them that are not synced. */
  memory = 0
  unsafe = 0
  /** Nobody looks at the body any more. */
  readonly #release: (parcel: Parcel) => void

  /** @param found what lies on disk already */
  constructor(found: { from: Place; to: Place } | undefined, backlog: Readonly<Summary>, release: (parcel: Parcel) => void) {
    this.range = found
    addTo(this.stored, backlog)
    this.#release = release
  }

  entry(parcel: Parcel): Entry {
    return this.#entries.get(parcel)!
  }

  /** Those in memory that have not been shifted. */
  *waiting(): Iterable<Parcel> {
    for (let i = this.#next; i < this.#head.length; i++) if (!this.#head[i].done) yield this.#head[i].parcel
    for (const { parcel, done } of this.#tail) if (!done) yield parcel
  }

  /** Those in memory that are not done. */
  inMemory(): Entry[] {
    return [...this.#head, ...this.#tail].filter(({ done }) => !done)
  }

  /** A new payload. */
  push(parcel: Parcel, sealed_at: number): void {
    const entry = this.#add(parcel, sealed_at, undefined)
    this.unsafe += entry.bytes
    if (this.range) this.#tail.push(entry)
    else this.#head.push(entry)
  }

  /** A payload read at the front of the range. */
  arrived(parcel: Parcel, sealed_at: number, location: Location): void {
    addTo(this.stored, summaryOf(parcel, location.end - location.at), -1)
    this.#head.push(this.#add(parcel, sealed_at, location))
  }

  #add(parcel: Parcel, sealed_at: number, location: Location | undefined): Entry {
    const entry = { parcel, bytes: weight(parcel), sealed_at, location, synced: location !== undefined, shifted: false, done: false, writing: false }
    this.#entries.set(parcel, entry)
    this.memory += entry.bytes
    return entry
  }

  /** The oldest that is not being sent, if it is in memory. */
  oldest(): Entry | undefined {
    while (this.#head[this.#next]?.done) this.#next++
    return this.#head[this.#next]
  }

  /** The oldest in memory that is not done. */
  first(): Entry | undefined {
    return this.#head.find(({ done }) => !done)
  }

  /** The newest, if only memory holds it and nobody has begun with it. */
  newest(): Entry | undefined {
    const last = this.#tail.at(-1) ?? (this.range ? undefined : this.#head.at(-1))
    return !last || last.shifted || last.done || last.location || last.writing ? undefined : last
  }

  /** Goes to the sender; it must be the oldest. */
  shift(entry: Entry): void {
    this.#next++
    entry.shifted = true
  }

  /** Bytes in memory that wait for the sender; stops counting at `enough`. */
  ahead(enough: number): number {
    let bytes = 0
    for (let i = this.#next; i < this.#head.length && bytes < enough; i++) bytes += this.#head[i].bytes
    return bytes
  }

  /** Delivered or dropped. */
  end(entry: Entry): void {
    entry.done = true
    this.memory -= entry.bytes
    if (!entry.synced) this.unsafe -= entry.bytes
    this.#entries.delete(entry.parcel)
    if (!entry.writing) this.#release(entry.parcel)
  }

  /** Forgets what is done at the front. @returns where the last of it lay on disk */
  trim(): Location | undefined {
    let gone = 0
    let last: Location | undefined
    while (gone < this.#head.length && this.#head[gone].done && !this.#head[gone].writing) last = this.#head[gone++].location ?? last
    if (gone === this.#head.length || gone > TRIM) {
      this.#head = this.#head.slice(gone)
      this.#next = Math.max(0, this.#next - gone)
    }
    return last
  }

  /** Whether nothing on disk waits. */
  get delivered(): boolean {
    return this.range === undefined && this.#head.every(({ location, done, writing }) => !writing && (done || !location))
  }

  /** All of the range is read. @returns what should have been there and was not */
  exhausted(): Summary {
    const lost = { ...this.stored, routes: new Map(this.stored.routes) }
    this.range = undefined
    Object.assign(this.stored, { payloads: 0, events: 0, bytes: 0 })
    this.stored.routes.clear()
    this.#head.push(...this.#tail)
    this.#tail = []
    return lost
  }

  /** Entries not written yet, in order: a suffix of head without a range, else of tail. */
  unwritten(): Entry[] {
    const from = this.range ? this.#tail : this.#head
    let first = from.length
    while (first > 0 && !from[first - 1].location) first--
    return from.slice(first).filter(({ done }) => !done)
  }

  /** Entries written and not synced. */
  written(): Entry[] {
    return [...this.#head, ...this.#tail].filter(({ location, synced }) => location && !synced)
  }

  /** It is on disk for good, and memory may let go of it. */
  synced(entry: Entry): void {
    entry.synced = true
    if (!entry.done) this.unsafe -= entry.bytes
  }

  /**
   * Lets go of bodies that are on disk, newest first, so that what goes next stays.
   * @param keep bytes of them that may stay
   * @param reading a read under way goes on from where the range begins now
   */
  evict(keep: number, reading: boolean): void {
    while (this.#tail[0]?.synced || this.#tail[0]?.done) this.#toRange(this.#tail.shift()!, 'end')
    if (reading) return
    if (!this.range) {
      let synced = this.#head.length
      while (synced > this.#next && !this.#head[synced - 1].synced) synced--
      this.#tail = this.#head.splice(synced)
    }
    while (this.memory - this.unsafe > keep) {
      const last = this.#head.at(-1)
      if (!last?.synced || last.shifted || last.done) break
      this.#toRange(this.#head.pop()!, 'front')
    }
    if (!this.range) this.#head.push(...this.#tail.splice(0))
  }

  /** Moves an entry from memory into the range. */
  #toRange({ parcel, location, bytes, done }: Entry, side: 'front' | 'end'): void {
    if (done || !location) return
    const { seq, at, end } = location
    if (!this.range) this.range = { from: { seq, at }, to: { seq, at: end } }
    else if (side === 'front') this.range.from = { seq, at }
    else this.range.to = { seq, at: end }
    addTo(this.stored, summaryOf(parcel, end - at))
    this.memory -= bytes
    this.#entries.delete(parcel)
    this.#release(parcel)
  }
}

export function weight({ body, count }: Pick<Parcel, 'body' | 'count'>): number {
  return body.length + count * PER_EVENT + PER_PAYLOAD
}
