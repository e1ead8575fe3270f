/**
 * How many requests are under way at once: as many as the server takes well.
 *
 * One more for each round that went well, half as many when the server says 429, a tenth fewer when answers take far longer than usual.
 */
import type { Clock } from '../../../core/plugin.ts'

/** Answers that take so many times the usual are a sign that work piles up in the server … */
const SLOW = 3
/** … unless they are fast anyway. */
const FAST_MS = 1000
/** Weight of a new answer in what is usual. */
const WEIGHT = 0.05

export type Outcome = 'good' | 'busy' | 'failed'

export class Concurrency {
  readonly #most: number
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #waiting: (() => void)[] = []
  #limit: number
  #running = 0
  #usual_ms = Number.NaN
  /** When the limit was last cut: requests from before say nothing about the new one. */
  #cut = Number.NEGATIVE_INFINITY

  constructor(most: number, clock: Pick<Clock, 'monotonic'>) {
    this.#most = most
    this.#limit = most
    this.#clock = clock
  }

  /** Requests that may be under way. */
  get limit(): number {
    return Math.floor(this.#limit)
  }

  /** Does the work when it is its turn, unless the signal is aborted before that. */
  async run<T>(signal: AbortSignal, work: () => Promise<T>, outcome: (error: unknown) => Outcome): Promise<T> {
    await this.#turn(signal)
    this.#running++
    const began = this.#clock.monotonic()
    try {
      const result = await work()
      this.#learn('good', began)
      return result
    } catch (error) {
      this.#learn(outcome(error), began)
      throw error
    } finally {
      this.#running--
      this.#wake()
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    while (this.#running >= this.limit) {
      await new Promise<void>((resolve) => {
        const go = () => {
          signal.removeEventListener('abort', go)
          const at = this.#waiting.indexOf(go)
          if (at >= 0) this.#waiting.splice(at, 1)
          resolve()
        }
        this.#waiting.push(go)
        signal.addEventListener('abort', go, { once: true })
      })
      signal.throwIfAborted()
    }
  }

  #wake(): void {
    for (const go of this.#waiting.slice(0, Math.max(0, this.limit - this.#running))) go()
  }

  #learn(outcome: Outcome, began: number): void {
    if (outcome === 'failed') return
    const took = this.#clock.monotonic() - began
    const slow = outcome === 'good' && took > FAST_MS && took > SLOW * this.#usual_ms
    if (outcome === 'good') this.#usual_ms = Number.isNaN(this.#usual_ms) ? took : this.#usual_ms + WEIGHT * (took - this.#usual_ms)
    if (outcome === 'good' && !slow) this.#limit = Math.min(this.#most, this.#limit + 1 / this.#limit)
    else if (began >= this.#cut) {
      this.#limit = Math.max(1, this.#limit * (slow ? 0.9 : 0.5))
      this.#cut = this.#clock.monotonic()
    }
  }
}
