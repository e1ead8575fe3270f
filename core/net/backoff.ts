/** How long to wait before trying again: doubling from `initial_ms` to `max_ms`, each time a random part of it so that many sensors do not come back at once. */
export interface BackoffOptions {
  readonly initial_ms: number
  readonly max_ms: number
}

/**
 * @param failures so far, from 1
 * @param random a number in [0, 1)
 * @returns between half of the step and the whole of it, in ms
 */
export function backoffMs({ initial_ms, max_ms }: BackoffOptions, failures: number, random: number): number {
  const step = Math.min(max_ms, initial_ms * 2 ** Math.min(failures - 1, 30))
  return step / 2 + (step / 2) * random
}
