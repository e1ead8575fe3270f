/**
 * A lane runs batches one after another in a thread of its own. piscina starts the thread and carries the tasks; the lane adds what delivery
 * needs: who was running when the thread died, a limit on the time of one batch, and a fresh thread afterwards.
 */
import type { Piscina } from 'piscina'
import { Alarm, type Clock } from '../clock.ts'
import type { Publishers } from '../feed/publishers.ts'
import type { RunRequest, RunResult } from '../route/result.ts'
import type { Built, Setup } from './setup.ts'
import { DEPTH } from './threads.ts'

export interface Lane {
  /** Builds the pipelines, so that the first batch does not wait for it. */
  warm(): Promise<Built>
  /** @throws ThreadDied when the thread ended before this request was done */
  run(request: RunRequest): Promise<RunResult>
  close(): Promise<void>
}

/** The thread ended: by itself, out of memory, or because a batch took too long. */
export class ThreadDied extends Error {
  override readonly name = 'ThreadDied'
  /** Whether this request was being worked on; the others only waited. */
  readonly running: boolean
  constructor(message: string, running: boolean) {
    super(message)
    this.running = running
  }
}

interface Waiting {
  readonly request: RunRequest
  readonly resolve: (result: RunResult) => void
  readonly reject: (error: unknown) => void
}

export interface LaneOptions {
  readonly setup: Setup
  readonly hang_ms: number
  /** Another thread, for one that died. */
  readonly start: () => Promise<Piscina>
  readonly publishers: Publishers
  readonly clock: Clock
}

export class ThreadLane implements Lane {
  readonly #options: LaneOptions
  #pool: Piscina
  readonly #queue: Waiting[] = []
  /** Handed to the thread, oldest first. */
  #running: Waiting[] = []
  /** When the oldest request under way became that, by the monotonic clock. */
  #since = 0
  /** While there is one. */
  #watching: Alarm | undefined
  /** While a thread takes the place of one that died. */
  #dying: Promise<void> | undefined
  #closed = false

  /** @param pool a thread that has been started */
  constructor(options: LaneOptions, pool: Piscina) {
    this.#options = options
    this.#pool = pool
  }

  async warm(): Promise<Built> {
    return this.#pool.run(this.#options.setup)
  }

  run(request: RunRequest): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, resolve, reject })
      this.#fill()
    })
  }

  #fill(): void {
    while (!this.#closed && !this.#dying && this.#running.length < DEPTH && this.#queue.length > 0) {
      const waiting = this.#queue.shift()!
      this.#running.push(waiting)
      if (this.#running.length === 1) this.#watch()
      this.#pool.run({ ...waiting.request, feeds: this.#options.publishers.bytes }).then(
        (result: RunResult) => this.#done(waiting, () => waiting.resolve(result)),
        (error: Error) => this.#failed(waiting, error),
      )
    }
  }

  #done(waiting: Waiting, settle: () => void): void {
    const at = this.#running.indexOf(waiting)
    if (at < 0) return
    this.#running.splice(at, 1)
    this.#watch()
    settle()
    this.#fill()
  }

  /** A task's own error (which a pipeline should never throw) is told to its caller; anything else is the end of the thread. */
  #failed(waiting: Waiting, error: Error): void {
    if (this.#running.includes(waiting)) void this.#die(error.message)
  }

  /** Another request is the oldest under way: it has its time from now on. */
  #watch(): void {
    this.#since = this.#options.clock.monotonic()
    if (this.#running.length === 0) this.#unwatch()
    else if (!this.#watching) {
      this.#watching = new Alarm()
      void this.#guard(this.#watching)
    }
  }

  #unwatch(): void {
    this.#watching?.ring()
    this.#watching = undefined
  }

  /** Waits for the oldest request to take too long, whichever that is by then: a timer for each would cost more than handing it over. */
  async #guard(alarm: Alarm): Promise<void> {
    const { clock, hang_ms } = this.#options
    while (!alarm.aborted) {
      const left = this.#since + hang_ms - clock.monotonic()
      if (left <= 0) return this.#die(`no result after ${hang_ms} ms`)
      await clock.sleep(left, alarm)
    }
  }

  /** Ends the thread and starts another; only then is anybody told, since until its end it may write into the slots. */
  #die(reason: string): Promise<void> {
    if (this.#closed) return Promise.resolve()
    this.#dying ??= this.#replace(reason)
    return this.#dying
  }

  async #replace(reason: string): Promise<void> {
    this.#unwatch()
    const victims = this.#running
    this.#running = []
    await this.#pool.destroy()
    this.#pool = await this.#options.start()
    // Built before it is given work, so that the time limit is the batch's alone. A thread that cannot be built fails its next request.
    await this.warm().catch(() => undefined)
    this.#dying = undefined
    for (const [i, { reject }] of victims.entries()) reject(new ThreadDied(reason, i === 0))
    this.#fill()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#unwatch()
    await this.#dying
    await this.#pool.destroy()
  }
}
