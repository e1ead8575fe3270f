/** Waiting for something to happen, or for a time. */
import { Alarm, type Clock } from '../../../core/plugin.ts'

export class Wake {
  readonly #clock: Clock
  #pending = false
  #ended = false
  #sleeping: Alarm | undefined

  /** @param signal ends every wait. Listened to once: what listens for each wait would keep the next ones in memory, listeners being a list, until all of it is collected. */
  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock
    const end = () => {
      this.#ended = true
      this.notify()
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  }

  /** Something has happened: ends the wait, or the next one at once. */
  notify(): void {
    this.#pending = true
    this.#sleeping?.ring()
  }

  /** Resolves after `ms`, at once when there was a `notify` since the last wait. */
  async wait(ms: number): Promise<void> {
    if (!this.#pending && !this.#ended) {
      this.#sleeping = new Alarm()
      await this.#clock.sleep(ms, this.#sleeping)
      this.#sleeping = undefined
    }
    this.#pending = false
  }
}
