/**
 * Takes payloads from an output's queue and writes them, for ever if need be.
 *
 * A payload leaves by being delivered, or, as far as the receiver never wants it, by a dead letter. Everything else is tried again under the same id.
 * Partial failure stays partial: only the failed events go again, as a part with an id of its own that is fixed at the split.
 */
import { setMaxListeners } from 'node:events'
import type { Clock } from '../clock.ts'
import { type BackoffOptions, backoffMs } from '../net/backoff.ts'
import { type Log, type Output, RejectedError, type Rejection, RetryError } from '../plugin.ts'
import type { Queue } from '../queue/queue.ts'
import type { Counters } from './counters.ts'
import { others, type Parcel, type Select, selectEvents } from './parcel.ts'

export interface SenderOptions {
  readonly name: string
  readonly index: number
  readonly output: Output
  readonly select: Select | undefined
  readonly parallel: number
  readonly retry: BackoffOptions
  readonly queue: Queue
  readonly counters: Counters
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  /** Keeps what the receiver will never take; resolves once it is on disk. Rejecting means trying again. */
  readonly bury: (parcel: Parcel, reason: (event: number) => string) => Promise<void>
  /** A payload was settled as a whole: there may be room again. */
  readonly settled: () => void
  /** The sender has nothing to do, or has something again. */
  readonly idle: (idle: boolean) => void
}

export class Sender {
  readonly #options: SenderOptions
  readonly #stop = new AbortController()
  readonly #flying = new Set<Parcel>()
  readonly #work = new Set<Promise<void>>()
  #open = false
  #opening: Promise<void> | undefined
  /** Failures in a row, over all payloads: what back-off and the log go by. */
  #failures = 0
  #lastError: string | undefined

  constructor(options: SenderOptions) {
    this.#options = options
    // Every write under way may listen.
    setMaxListeners(0, this.#stop.signal)
  }

  /** Payloads being written, for the books. */
  get inFlight(): Iterable<Parcel> {
    return this.#flying
  }

  /** There may be payloads in the queue. */
  poke(): void {
    const { queue, parallel, idle } = this.#options
    while (!this.#stop.signal.aborted && this.#flying.size < parallel) {
      const parcel = queue.shift()
      if (!parcel) break
      this.#flying.add(parcel)
      idle(false)
      const work = this.#send(parcel).finally(() => {
        this.#work.delete(work)
        this.poke()
      })
      this.#work.add(work)
    }
    if (this.#flying.size === 0) idle(true)
  }

  /** Gives up what is under way; it stays unsettled. Resolves when no write is running any more. */
  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#work)
    if (this.#open) await this.#options.output.close?.()
  }

  async #send(whole: Parcel): Promise<void> {
    const { signal } = this.#stop
    const { queue, settled } = this.#options
    const parts: Parcel[] = [whole]
    let attempt = 1
    let splits = 0
    while (parts.length > 0) {
      const parcel = parts[0]
      const rest = await this.#attempt(parcel, attempt, () => `${whole.id}.${++splits}`)
      if (signal.aborted && rest !== 'settled') return
      if (rest === 'settled') {
        parts.shift()
        attempt = 1
        continue
      }
      if (rest[0] !== parcel) {
        this.#flying.delete(parcel)
        for (const part of rest) this.#flying.add(part)
        parts.splice(0, 1, ...rest)
        attempt = 1
      } else attempt++
      this.#options.counters.redelivered[this.#options.index] += rest.reduce((sum, { count }) => sum + count, 0)
    }
    whole.claim.payAll()
    queue.settled(whole)
    settled()
  }

  /** One write. Answers what is left of the parcel: nothing, the same parcel, or parts of it; after the wait that is due. */
  async #attempt(parcel: Parcel, attempt: number, newId: () => string): Promise<'settled' | Parcel[]> {
    const { signal } = this.#stop
    const { output, counters, index } = this.#options
    try {
      await this.#ready()
      if (signal.aborted) return [parcel]
      const receipt = await output.write(parcel, { signal, attempt })
      const duplicates = receipt?.duplicates ?? 0
      counters.count(index, parcel.routes, 'duplicate', 0, duplicates)
      counters.count(index, parcel.routes, 'delivered', duplicates)
      this.#settle(parcel)
      this.#recovered()
      return 'settled'
    } catch (error) {
      parcel.held = true
      if (error instanceof RejectedError) return this.#rejected(parcel, error, newId)
      if (error instanceof RetryError) return this.#partial(parcel, error, newId)
      await this.#wait(error as Error, 0)
      return [parcel]
    }
  }

  async #rejected(parcel: Parcel, error: RejectedError, newId: () => string): Promise<'settled' | Parcel[]> {
    const rejected = error.events ?? Array.from({ length: parcel.count }, (_, event) => ({ event, reason: error.message }))
    return this.#divide(parcel, rejected, [], 0, newId)
  }

  async #partial(parcel: Parcel, error: RetryError, newId: () => string): Promise<'settled' | Parcel[]> {
    const rejectedOrDone = others(parcel.count, error.rejected)
    const again = error.events ?? rejectedOrDone
    if (again.length === parcel.count) {
      await this.#wait(error, error.after_ms)
      if (!error.halve || parcel.count === 1) return [parcel]
      const middle = parcel.count >>> 1
      return [this.#part(parcel, again.slice(0, middle), newId()), this.#part(parcel, again.slice(middle), newId())]
    }
    const left = await this.#divide(parcel, error.rejected, again, error.duplicates, newId)
    if (left !== 'settled') await this.#wait(error, error.after_ms)
    return left
  }

  /** Buries the rejected events, counts the delivered ones, and answers what must go again. */
  async #divide(
    parcel: Parcel,
    rejected: readonly Rejection[],
    again: readonly number[],
    duplicates: number,
    newId: () => string,
  ): Promise<'settled' | Parcel[]> {
    const { counters, index, bury } = this.#options
    if (rejected.length > 0) {
      const reasons = new Map(rejected.map(({ event, reason }) => [event, reason]))
      const events = [...reasons.keys()].sort((a, b) => a - b)
      const dead = events.length === parcel.count ? parcel : this.#part(parcel, events, newId())
      try {
        await bury(dead, (event) => reasons.get(events[event])!)
      } catch (error) {
        await this.#wait(error as Error, 0)
        return [parcel]
      }
      counters.count(index, dead.routes, 'dead_lettered')
      this.#settle(dead)
      if (dead === parcel) return 'settled'
    }
    const gone = new Set([...again, ...rejected.map(({ event }) => event)])
    const delivered = Array.from({ length: parcel.count }, (_, event) => event).filter((event) => !gone.has(event))
    if (delivered.length > 0) {
      const done = this.#part(parcel, delivered, newId())
      counters.count(index, done.routes, 'duplicate', 0, duplicates)
      counters.count(index, done.routes, 'delivered', duplicates)
      this.#settle(done)
    }
    this.#flying.delete(parcel)
    if (again.length === 0) return 'settled'
    return [
      this.#part(
        parcel,
        [...again].sort((a, b) => a - b),
        newId(),
      ),
    ]
  }

  #part(parcel: Parcel, events: readonly number[], id: string): Parcel {
    return selectEvents(parcel, events, id, this.#options.select)
  }

  #settle(parcel: Parcel): void {
    this.#flying.delete(parcel)
    parcel.claim.pay(parcel.runs)
  }

  /** Opens the output when it is not open; several writes wait for the same opening. */
  async #ready(): Promise<void> {
    if (this.#open) return
    this.#opening ??= (async () => {
      try {
        await this.#options.output.open?.(this.#stop.signal)
        this.#open = true
      } finally {
        this.#opening = undefined
      }
    })()
    await this.#opening
  }

  async #wait(error: Error, after_ms: number): Promise<void> {
    const { clock, random, retry, log, name, queue } = this.#options
    if (this.#stop.signal.aborted) return
    this.#failures++
    queue.down(true)
    if (this.#lastError !== error.message) log.warn(`output ${name} is in trouble and keeps its data: ${error.message}`)
    this.#lastError = error.message
    await clock.sleep(Math.max(after_ms, backoffMs(retry, this.#failures, random())), this.#stop.signal)
  }

  #recovered(): void {
    if (this.#failures === 0) return
    this.#options.log.info(`output ${this.#options.name} takes data again after ${this.#failures} failures`)
    this.#options.queue.down(false)
    this.#failures = 0
    this.#lastError = undefined
  }
}
