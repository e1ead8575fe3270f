/** Counters of how events end, by route and output. The sums must balance at any time: see books.ts. */

export interface OutputCounts {
  delivered: number
  /** Delivered before: the receiver had it already. */
  duplicate: number
  dead_lettered: number
  /** By reason; only where a user asked for dropping. */
  dropped: number
}

export class Counters {
  /** [route][place of the output in `outputs:`] */
  readonly #cells: OutputCounts[][] = []
  /** Events given to the same output again after a failure, by output. */
  readonly redelivered: number[] = []

  constructor(routes: number, outputs: number) {
    for (let route = 0; route < routes; route++)
      this.#cells.push(Array.from({ length: outputs }, () => ({ delivered: 0, duplicate: 0, dead_lettered: 0, dropped: 0 })))
    this.redelivered = new Array(outputs).fill(0)
  }

  cell(route: number, output: number): OutputCounts {
    return this.#cells[route][output]
  }

  /** Adds the events of a payload to a counter of their routes. */
  count(output: number, routes: ArrayLike<number>, as: keyof OutputCounts, from = 0, to = routes.length): void {
    for (let i = from; i < to; i++) this.#cells[routes[i]][output][as]++
  }
}
