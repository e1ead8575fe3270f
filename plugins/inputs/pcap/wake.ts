/** Waiting for something to happen, or for a time. */
import type { Clock } from '../../../core/plugin.ts'

export class Wake {
  readonly #clock: Clock
  readonly #signal: AbortSignal
  #pending = false
  #sleeping: AbortController | undefined

  /** @param signal ends every wait */
  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock
    this.#signal = signal
  }

  /** Something has happened: ends the wait, or the next one at once. */
  notify(): void {
    this.#pending = true
    this.#sleeping?.abort('awake')
  }

  /** Resolves after `ms`, at once when there was a `notify` since the last wait. */
  async wait(ms: number): Promise<void> {
    if (!this.#pending && !this.#signal.aborted) {
      const sleeping = new AbortController()
      this.#sleeping = sleeping
      const stop = (): void => sleeping.abort()
      this.#signal.addEventListener('abort', stop, { once: true })
      await this.#clock.sleep(ms, sleeping.signal)
      this.#signal.removeEventListener('abort', stop)
      this.#sleeping = undefined
    }
    this.#pending = false
  }
}
