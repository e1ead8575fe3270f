/** Counters of how events end, by route and output. The sums must balance at any time: see books.ts. */

export interface OutputCounts {
  delivered: number
  /** Delivered before: the receiver had it already. */
  duplicate: number
  dead_lettered: number
  dropped: number
  /** Found on disk at the start, or in dead letters that are sent again. */
  restored: number
}

/**
 * Why an event was dropped: the queue was `full` or it was too `old`, both only where a user asked for it; or what was stored was `damaged` by the disk or
 * deleted there.
 */
export type DropReason = 'full' | 'old' | 'damaged'

export class Counters {
  /** [route][place of the output in `outputs:`] */
  readonly #cells: OutputCounts[][] = []
  readonly #reasons = new Map<string, Partial<Record<DropReason, number>>>()
  /** Events given to the same output again after a failure, by output. */
  readonly redelivered: number[] = []

  constructor(routes: number, outputs: number) {
    for (let route = 0; route < routes; route++) this.#cells.push(Array.from({ length: outputs }, empty))
    this.redelivered = new Array(outputs).fill(0)
  }

  cell(route: number, output: number): OutputCounts {
    return this.#cells[route][output]
  }

  /** Why events of a route were dropped by an output. */
  reasons(route: number, output: number): Readonly<Partial<Record<DropReason, number>>> {
    return this.#reasons.get(`${route} ${output}`) ?? {}
  }

  add(route: number, output: number, as: keyof OutputCounts, events: number, reason?: DropReason): void {
    this.#cells[route][output][as] += events
    if (reason)
      this.#reasons.set(`${route} ${output}`, { ...this.reasons(route, output), [reason]: (this.reasons(route, output)[reason] ?? 0) + events })
  }

  /** Adds the events of a payload to a counter of their routes. */
  count(output: number, routes: ArrayLike<number>, as: keyof OutputCounts, from = 0, to = routes.length): void {
    for (let i = from; i < to; i++) this.#cells[routes[i]][output][as]++
  }
}

function empty(): OutputCounts {
  return { delivered: 0, duplicate: 0, dead_lettered: 0, dropped: 0, restored: 0 }
}
