/**
 * A lane runs batches one after another in a thread of its own. piscina starts the thread, and says when it ends; the lane adds what delivery
 * needs: who was running when the thread died, a limit on the time of one batch, and a fresh thread afterwards.
 *
 * There is one task for the thread's life, and batches go over a port of its own: what piscina keeps of tasks (a map that is made anew every few of them)
 * outlives young collections, and with it all that a task leads to: megabytes, at 20,000 frames/s.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { Piscina } from 'piscina'
import { Alarm, type Clock } from '../clock.ts'
import type { Publishers } from '../feed/publishers.ts'
import type { RunRequest, RunResult } from '../route/result.ts'
import type { Built, Setup } from './setup.ts'
import type { Serve } from './worker.ts'

/** Requests handed to a thread at once: the second one is there when the first one ends. */
const DEPTH = 2

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
  /** Of the thread's pipelines, once they are built. */
  #port: MessagePort | undefined
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

  warm(): Promise<Built> {
    const { port1: port, port2 } = new MessageChannel()
    const task: Serve = { setup: this.#options.setup, port: port2 }
    return new Promise((resolve, reject) => {
      port.once('message', (built: Built) => {
        this.#port = port
        port.on('message', (result: RunResult) => port === this.#port && this.#done(result))
        resolve(built)
      })
      this.#pool.run(task, { transferList: [port2] }).catch((error: Error) => {
        reject(error)
        port.close()
        if (this.#port === port) void this.#die(error.message)
      })
    })
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
      if (this.#port) this.#port.postMessage({ feeds: this.#options.publishers.bytes, ...waiting.request })
      else void this.#die('it could not be built')
    }
  }

  #done(result: RunResult): void {
    const waiting = this.#running.shift()
    this.#watch()
    waiting?.resolve(result)
    this.#fill()
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
    this.#port = undefined
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
    this.#port = undefined
    this.#unwatch()
    await this.#dying
    await this.#pool.destroy()
  }
}
