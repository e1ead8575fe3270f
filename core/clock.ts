/** Time comes in from outside, so that tests neither sleep nor flake. */
import { setTimeout as delay } from 'node:timers/promises'

export interface Clock {
  /** Milliseconds since 1970, for people and file names; may jump. */
  now(): number
  /** Milliseconds since some start; never goes back. */
  monotonic(): number
  /** Resolves after `ms`, or as soon as the signal is aborted; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, { signal })
    } catch {
      // Aborted: the caller looks at its signal.
    }
  },
}
