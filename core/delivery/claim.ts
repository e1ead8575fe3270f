/**
 * What is owed to tickets for the events of a payload. It is paid part by part as events are delivered, or all at once by whoever takes over the promise: a disk
 * queue, at the sync that covers the payload.
 */
import type { Ticket } from './tracker.ts'

/** Consecutive events of one ticket. */
export interface Run {
  readonly ticket: Ticket
  /** Index of the input whose records these are. */
  readonly input: number
  /** Index behind the run's last event. */
  readonly end: number
}

export class Claim {
  readonly #runs: readonly Run[]
  /** Events still owed to each ticket; made when the first part is paid. */
  #left: Map<Ticket, number> | undefined
  #paid = false

  constructor(runs: readonly Run[]) {
    this.#runs = runs
  }

  /** Whether nothing is owed any more. */
  get paid(): boolean {
    return this.#paid || this.#runs.length === 0
  }

  /** Whether some of it is from one of these inputs. */
  concerns(inputs: ReadonlySet<number>): boolean {
    return !this.paid && this.#runs.some(({ input }) => inputs.has(input))
  }

  /** Some of the payload's events are settled. */
  pay(runs: readonly Run[]): void {
    if (this.#paid) return
    if (runs === this.#runs) return this.payAll()
    this.#left ??= owed(this.#runs)
    for (const [ticket, events] of owed(runs)) {
      this.#left.set(ticket, this.#left.get(ticket)! - events)
      ticket.done(events)
    }
  }

  /** All that is still owed is settled. */
  payAll(): void {
    if (this.#paid) return
    this.#paid = true
    for (const [ticket, events] of this.#left ?? owed(this.#runs)) if (events > 0) ticket.done(events)
  }
}

function owed(runs: readonly Run[]): Map<Ticket, number> {
  const sums = new Map<Ticket, number>()
  let start = 0
  for (const { ticket, end } of runs) {
    sums.set(ticket, (sums.get(ticket) ?? 0) + end - start)
    start = end
  }
  return sums
}
