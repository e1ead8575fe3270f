/**
 * Joins the encoded events of several batches into payloads, one at a time for each priority and key of an output, or for each priority where keys mix.
 *
 * A payload is sealed when it reaches `max_events` or `max_bytes`, or `linger_ms` after its first event (with 0: as soon as the output is idle); and the largest one when all of them
 * together, keys being many, hold more than `MOST_OPEN` full ones would.
 * Columnar bodies (without `ends`) cannot be joined and become payloads as they are.
 */
import { Alarm, type Clock } from '../clock.ts'
import type { Priority } from '../config/types.ts'
import { Claim, type Run } from './claim.ts'
import type { Parcel } from './parcel.ts'
import { Spares } from './spares.ts'
import type { Ticket } from './tracker.ts'

export interface SealerOptions {
  readonly output: number
  readonly max_events: number
  readonly max_bytes: number
  readonly linger_ms: number
  readonly clock: Clock
  readonly sealed: (parcel: Parcel) => void
  /** Makes the id of a payload from its key. */
  readonly newId: (key: string | undefined) => string
}

/** Encoded events of one run and one key, in memory that is only valid during `add`. */
export interface Encoded {
  readonly key: string | undefined
  /** Whether it shares a payload with other keys, which then has none. */
  readonly mixes: boolean
  readonly priority: Priority
  readonly body: Uint8Array
  readonly ends: Uint32Array
  readonly records: Uint32Array
  readonly routes: Uint16Array
  readonly count: number
  readonly ticket: Ticket
  readonly input: number
}

/** Full payloads that all those being built are worth at most. Where they are more, keys are many, and most of them small. */
const MOST_OPEN = 8

interface Open {
  readonly name: string
  key: string | undefined
  readonly priority: Priority
  body: Buffer
  length: number
  /** Events in it; the columns have room for more. */
  count: number
  ends: Uint32Array
  records: Uint32Array
  routes: Uint16Array
  readonly runs: Run[]
  readonly linger: Alarm
}

export class Sealer {
  readonly #options: SealerOptions
  /** By priority and key. */
  readonly #open = new Map<string, Open>()
  /** Bytes in them. */
  #bytes = 0
  readonly #spares: Spares
  #idle = true

  constructor(options: SealerOptions) {
    this.#options = options
    this.#spares = new Spares(options.max_bytes)
  }

  /** Payloads being built: events in them by route, for the books. */
  *open(): Iterable<{ readonly routes: ArrayLike<number> }> {
    for (const { routes, count } of this.#open.values()) yield { routes: routes.subarray(0, count) }
  }

  /** Bytes in payloads being built. */
  get bytes(): number {
    return this.#bytes
  }

  add(encoded: Encoded): void {
    const { count, ticket, input } = encoded
    ticket.add(count)
    if (encoded.ends.length === 0 && count > 0) return this.#whole(encoded)
    const { max_events, max_bytes } = this.#options
    let from = 0
    while (from < count) {
      const open = this.#building(encoded)
      const start = from === 0 ? 0 : encoded.ends[from - 1]
      const room = max_bytes - open.length
      // As many events as fit; one that is too large for any payload goes alone.
      let to = Math.min(count, from + max_events - open.count)
      while (to > from && encoded.ends[to - 1] - start > room) to = Math.min(to - 1, lowerEnd(encoded.ends, from, to, start + room))
      if (to === from && open.count === 0) to = from + 1
      if (to > from) {
        this.#append(open, encoded, from, to, start)
        open.runs.push({ ticket, input, end: open.count })
        from = to
      }
      if (from < count || open.count >= max_events || open.length >= max_bytes) this.#seal(open)
    }
    if (this.#idle && this.#options.linger_ms === 0) this.sealAll()
    while (this.#bytes > MOST_OPEN * max_bytes) this.#seal(this.#largest())
  }

  #largest(): Open {
    let largest: Open | undefined
    for (const open of this.#open.values()) if (largest === undefined || open.length > largest.length) largest = open
    return largest!
  }

  /** The output has nothing to do: with `linger_ms: 0` what is there goes out. */
  idle(idle: boolean): void {
    this.#idle = idle
    if (idle && this.#options.linger_ms === 0) this.sealAll()
  }

  /** A payload is settled: its memory is used for the next one, unless somebody may still read it. */
  recycle({ body, held }: Parcel): void {
    if (!held) this.#spares.keep(body)
  }

  sealAll(): void {
    for (const open of [...this.#open.values()]) this.#seal(open)
  }

  #building({ key, mixes, priority }: Encoded): Open {
    const name = mixes || key === undefined ? priority : `${priority} ${key}`
    let open = this.#open.get(name)
    if (open) return open
    const linger = new Alarm()
    open = {
      name,
      key,
      priority,
      body: this.#spares.take(this.#open.size < MOST_OPEN ? this.#options.max_bytes : 0),
      length: 0,
      count: 0,
      ...columns(16),
      runs: [],
      linger,
    }
    this.#open.set(name, open)
    const { linger_ms, clock } = this.#options
    if (linger_ms > 0) {
      const waiting = open
      void clock.sleep(linger_ms, linger).then(() => {
        if (!linger.aborted) this.#seal(waiting)
      })
    }
    return open
  }

  #append(open: Open, encoded: Encoded, from: number, to: number, start: number): void {
    const bytes = encoded.body.subarray(start, encoded.ends[to - 1])
    if (open.length + bytes.length > open.body.length) {
      const { max_bytes } = this.#options
      const larger = this.#spares.take(Math.max(Math.min(open.body.length * 2, max_bytes), open.length + bytes.length))
      larger.set(open.body.subarray(0, open.length))
      this.#spares.keep(open.body)
      open.body = larger
    }
    // `set` from shared memory goes byte by byte, 25 times as slow as this.
    open.body.fill(bytes, open.length, open.length + bytes.length)
    if (open.count + to - from > open.ends.length) {
      const { ends, records, routes } = open
      Object.assign(open, columns(Math.max(ends.length * 2, open.count + to - from)))
      open.ends.set(ends)
      open.records.set(records)
      open.routes.set(routes)
    }
    for (let i = from; i < to; i++) open.ends[open.count + i - from] = open.length + encoded.ends[i] - start
    open.records.set(encoded.records.subarray(from, to), open.count)
    open.routes.set(encoded.routes.subarray(from, to), open.count)
    if (open.key !== encoded.key) open.key = undefined
    open.count += to - from
    open.length += bytes.length
    this.#bytes += bytes.length
  }

  #seal(open: Open): void {
    open.linger.ring()
    this.#open.delete(open.name)
    this.#bytes -= open.length
    // A body that fills its memory takes it along; a small one is copied, so that a queue of small payloads holds no large memory.
    const fills = open.length * 2 > open.body.length
    const body = fills ? open.body.subarray(0, open.length) : Uint8Array.prototype.slice.call(open.body, 0, open.length)
    if (!fills) this.#spares.keep(open.body)
    this.#options.sealed({
      id: this.#options.newId(open.key),
      output: this.#options.output,
      key: open.key,
      priority: open.priority,
      body,
      count: open.count,
      ends: open.ends.slice(0, open.count),
      records: open.records.slice(0, open.count),
      routes: open.routes.slice(0, open.count),
      runs: open.runs,
      claim: new Claim(open.runs),
    })
  }

  #whole({ key, priority, body, ends, records, routes, count, ticket, input }: Encoded): void {
    const id = this.#options.newId(key)
    const copy = { body: body.slice(), ends: ends.slice(), records: records.slice(), routes: routes.slice() }
    const runs = [{ ticket, input, end: count }]
    this.#options.sealed({ ...copy, id, output: this.#options.output, key, priority, count, runs, claim: new Claim(runs) })
  }
}

function columns(room: number): Pick<Open, 'ends' | 'records' | 'routes'> {
  return { ends: new Uint32Array(room), records: new Uint32Array(room), routes: new Uint16Array(room) }
}

/** Largest `to` in [from, to) whose event ends at or before `limit`, by bisection. */
function lowerEnd(ends: Uint32Array, from: number, to: number, limit: number): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ends[middle] <= limit) low = middle + 1
    else high = middle
  }
  return low
}
