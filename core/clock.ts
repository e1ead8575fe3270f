/** Time comes in from outside, so that tests neither sleep nor flake. */

export interface Clock {
  /** Milliseconds since 1970, for people and file names; may jump. */
  now(): number
  /** Milliseconds since some start; never goes back. */
  monotonic(): number
  /** Resolves after `ms`, or as soon as the signal is aborted; never rejects. */
  sleep(ms: number, signal?: AbortSignal | Alarm): Promise<void>
}

/**
 * Ends a sleep, one at a time, as an AbortController with its signal does, for those of which there are many: every payload's linger, every batch's limit. An AbortSignal outlives all young
 * collections (Node 20), with what it leads to, and one without a reason makes an error with a stack.
 */
export class Alarm {
  aborted = false
  #listener: (() => void) | undefined

  ring(): void {
    this.aborted = true
    this.#listener?.()
  }

  addEventListener(_: 'abort', listener: () => void): void {
    this.#listener = listener
  }

  removeEventListener(): void {
    this.#listener = undefined
  }
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done)
    }),
}
