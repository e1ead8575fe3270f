/**
 * Which records are settled, and how far the checkpoint of each stream may move.
 *
 * A ticket stands for a run of records that were read together. It is settled when everything it led to is. The checkpoint of a stream
 * moves over the longest unbroken run of settled tickets, in read order, and never over one that is not settled.
 */
import type { Position } from '../plugin.ts'

/** Where to go on: at `position` (undefined: from the start), leaving out the first `skip` records, which are settled already. */
export interface Cut {
  readonly position: Position | undefined
  readonly skip: number
}

export class Ticket {
  readonly stream: string
  readonly cut: Cut
  /** Whether `cut` is the end of a batch, which inputs are told about. */
  readonly whole: boolean
  /** Events not settled yet, and one for each part of the core that still works on it. */
  #open = 1
  readonly #settled: (ticket: Ticket) => void

  constructor(stream: string, cut: Cut, whole: boolean, settled: (ticket: Ticket) => void) {
    this.stream = stream
    this.cut = cut
    this.whole = whole
    this.#settled = settled
  }

  get settled(): boolean {
    return this.#open === 0
  }

  add(events: number): void {
    this.#open += events
  }

  done(events: number): void {
    this.#open -= events
    if (this.#open < 0) throw new Error('settled more than was opened')
    if (this.#open === 0 && events > 0) this.#settled(this)
  }
}

export class Tracker {
  readonly #streams = new Map<string, Ticket[]>()
  readonly #moved: (ticket: Ticket) => void
  #idle: (() => void)[] = []
  #unsettled = 0

  /** @param moved called with the last ticket that a stream's checkpoint moved over */
  constructor(moved: (ticket: Ticket) => void) {
    this.#moved = moved
  }

  /** Opens the next ticket of a stream; the caller holds one count of it. */
  open(stream: string, cut: Cut, whole: boolean): Ticket {
    const ticket = new Ticket(stream, cut, whole, () => this.#settle(stream))
    const tickets = this.#streams.get(stream)
    if (tickets) tickets.push(ticket)
    else this.#streams.set(stream, [ticket])
    this.#unsettled++
    return ticket
  }

  /** Tickets over which the checkpoint has not moved. */
  get unsettled(): number {
    return this.#unsettled
  }

  /** Resolves when every ticket is settled. */
  async idle(): Promise<void> {
    if (this.#unsettled > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #settle(stream: string): void {
    const tickets = this.#streams.get(stream)!
    let settled = 0
    while (settled < tickets.length && tickets[settled].settled) settled++
    if (settled === 0) return
    const over = tickets.splice(0, settled)
    if (tickets.length === 0) this.#streams.delete(stream)
    this.#unsettled -= settled
    this.#moved(over[settled - 1])
    if (this.#unsettled === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }
}
