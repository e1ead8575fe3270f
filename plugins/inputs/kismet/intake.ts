/**
 * The way of every record from a connection into the backlog: what is new goes on, what the server says again does not.
 *
 * One intake lives as long as the input; connections come and go. `begin` says which run of the server the records are of.
 */
import type { Backlog } from './backlog.ts'
import { MARGIN_S, type Place } from './cursor.ts'
import { Memory } from './memory.ts'
import { type Kind, RecordHeader, type Source } from './records.ts'

/** Records remembered. They take 16 MB when all are used. */
export const MEMORY_RECORDS = 200_000

/** So long after a change, in seconds of the server's clock, it has been sent. */
const PUSH_S = 2

/** What is new of a record besides what Kismet sent. */
export interface Arrival {
  readonly kind: Kind
  readonly key: number
  readonly print: number
  readonly own: number
  readonly ordinal?: number
  readonly delta?: number
}

export class Intake {
  readonly memory = new Memory(MEMORY_RECORDS)
  readonly backlog: Backlog
  /** Records that were known already. */
  repeats = 0
  /** Times of the youngest alert and message that were read of this run of the server. */
  alert: number
  message: number
  readonly #header = new RecordHeader()
  #source: Source | undefined
  #asked = ''
  #before: Place | undefined
  /** By the server's clock. */
  #now = 0
  /** The cursor that records carry; stands still until all that was missed has been read. */
  #safe = 0
  #complete = false

  /** @param before where the last run of Wherry had come to */
  constructor(backlog: Backlog, before: Place | undefined) {
    this.backlog = backlog
    this.#before = before
    for (const pairs of [before?.lasting, before?.recent]) for (const [key, print] of pairs ?? []) this.memory.note(key, print)
    this.#safe = before?.time ?? 0
    this.alert = before?.alert ?? 0
    this.message = before?.message ?? 0
  }

  /** Which run of the server was read last, and up to when; undefined when none was. */
  get last(): { readonly start: number; readonly time: number } | undefined {
    const start = this.#source?.start ?? this.#before?.start ?? 0
    return start > 0 ? { start, time: this.#safe } : undefined
  }

  /** Where the last run of Wherry had come to; undefined once the server was started again. */
  get before(): Place | undefined {
    return this.#before
  }

  get now(): number {
    return this.#now
  }

  get source(): Source | undefined {
    return this.#source
  }

  /** A connection begins: to another run of the server all is new. */
  begin(source: Source, asked: string): void {
    const { last } = this
    if (last && last.start !== source.start) {
      this.memory.clear()
      this.#before = undefined
      this.#safe = this.#now = this.alert = this.message = 0
    } else if (last) this.#safe = last.time
    this.#source = source
    this.#asked = asked
    this.#complete = false
  }

  /** The server's clock, in seconds since 1970. */
  tick(now: number): void {
    if (now <= this.#now) return
    this.#now = now
    if (this.#complete) this.#move()
  }

  /** All that was missed has been read: from here on the cursor moves with the server's clock. */
  complete(): void {
    this.#complete = true
    this.#move()
  }

  /** The cursor follows the clock. */
  #move(): void {
    this.#safe = Math.max(this.#safe, this.#now - PUSH_S)
  }

  /**
   * Whether the last run of Wherry delivered what a snapshot says: it changed before the cursor. For things that the memory does not know.
   * @param asked whether such records were asked for then
   */
  covered(own: number, asked: boolean): boolean {
    const before = this.#before
    return asked && before !== undefined && before.start === this.#source?.start && own > 0 && own < before.time - MARGIN_S
  }

  /** What Kismet sent is bytes[from … to). */
  add(arrival: Arrival, bytes: Buffer, from = 0, to = bytes.length): void {
    const source = this.#source
    if (!source) return
    const header = this.#header
    header.kind = arrival.kind
    header.key = arrival.key
    header.print = arrival.print
    header.own = arrival.own
    header.ordinal = arrival.ordinal ?? 0
    header.delta = arrival.delta ?? Number.NaN
    header.at = this.#now
    header.safe = this.#safe
    this.backlog.add(source, this.#asked, header, bytes, from, to)
  }

  /** A record that replaces what was said before of the same key; returns whether it was new. */
  replace(arrival: Arrival, bytes: Buffer, from = 0, to = bytes.length): boolean {
    if (this.memory.knows(arrival.key, arrival.print)) {
      this.repeats++
      return false
    }
    this.put(arrival, bytes, from, to)
    return true
  }

  /** A record that is known to be new. */
  put(arrival: Arrival, bytes: Buffer, from = 0, to = bytes.length): void {
    this.memory.note(arrival.key, arrival.print)
    this.add(arrival, bytes, from, to)
  }

  /** An event that this input makes itself, with the source it is about. */
  own(fields: object, source: Source | undefined = this.#source): void {
    if (!source) return
    const sent = Buffer.from(JSON.stringify(fields))
    const header = Object.assign(new RecordHeader(), { at: this.#now, safe: this.#safe })
    this.backlog.add(source, this.#asked, header, sent, 0, sent.length)
  }
}
