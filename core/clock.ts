/** Time comes in from outside, so that tests neither sleep nor flake. */

export interface Clock {
  /** Milliseconds since 1970, for people and file names; may jump. */
  now(): number
  /** Milliseconds since some start; never goes back. */
  monotonic(): number
  /** Resolves after `ms`, or as soon as the signal is aborted; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** Why a sleep is given up: a reason made once, where every `abort()` without one makes an error with a stack. */
export const AWAKE = 'awake'

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  // Aborted sleeps are many (every payload's linger, every batch's limit), and an AbortError each would cost more than the timer.
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
