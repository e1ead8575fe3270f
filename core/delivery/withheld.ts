/**
 * The records that filters withhold: their tickets stay open until a flush, and their bytes are kept so that a new thread can be brought to where
 * the dead one was.
 */
import type { Clock } from '../clock.ts'
import type { RunRequest } from '../route/result.ts'
import type { Lane } from '../worker/lane.ts'
import type { Job } from './job.ts'
import type { Ticket } from './tracker.ts'

/** Bytes of kept records at which filters are flushed early. */
const MAX_BYTES = 16 * 1024 * 1024

interface Kept {
  readonly request: Job['request']
  readonly from: number
  readonly to: number
}

export class Withheld {
  readonly #hold_ms: number
  readonly #clock: Clock
  readonly #overdue: () => void
  #tickets: Ticket[] = []
  #kept: Kept[] = []
  #bytes = 0
  #timer: AbortController | undefined

  /** @param overdue called when something has been held for `hold_ms` */
  constructor(hold_ms: number, clock: Clock, overdue: () => void) {
    this.#hold_ms = hold_ms
    this.#clock = clock
    this.#overdue = overdue
  }

  /** The ticket that created events count for: nothing behind it settles before they do. */
  get oldest(): Ticket | undefined {
    return this.#tickets[0]
  }

  get full(): boolean {
    return this.#bytes >= MAX_BYTES
  }

  /** Holds the records [from, to) of a job, whose ticket has one count that ends with the next release. */
  keep(ticket: Ticket, { request }: Job, from: number, to: number): void {
    this.#tickets.push(ticket)
    const last = this.#kept.at(-1)?.request
    // A batch that is run in several pieces is copied once.
    const copy = last && last.stream === request.stream && last.offset === request.offset ? last : { ...request, data: request.data.slice() }
    if (copy !== last) this.#bytes += copy.data.length
    this.#kept.push({ request: copy, from, to })
    if (!this.#timer) this.#start()
  }

  /** Everything held has been let go. */
  release(): void {
    this.close()
    const tickets = this.#tickets
    this.#tickets = []
    this.#kept = []
    this.#bytes = 0
    for (const ticket of tickets) ticket.done(1)
  }

  /** Brings a new thread's filters to where the old one's were. What it encodes has been accepted before and is left out. */
  async rerun(lane: Lane): Promise<void> {
    const progress = new Int32Array(new SharedArrayBuffer(12))
    for (const { request, from, to } of this.#kept) {
      for (let at = from; at < to; ) {
        const again: RunRequest = { ...request, from: at, to, flush: false, memory: undefined, progress }
        at = (await lane.run(again)).consumed
      }
    }
  }

  close(): void {
    this.#timer?.abort()
    this.#timer = undefined
  }

  #start(): void {
    const timer = new AbortController()
    this.#timer = timer
    void this.#clock.sleep(this.#hold_ms, timer.signal).then(() => {
      if (!timer.signal.aborted) this.#overdue()
    })
  }
}
