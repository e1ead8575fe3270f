import type { Clock } from '../../core/plugin.ts'

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #time: number
  /** How far the wall clock was set. */
  #set = 0
  readonly #start: number
  readonly #sleepers = new Set<{ until: number; wake: () => void }>()

  /** @param start milliseconds since 1970 */
  constructor(start = Date.UTC(2026, 10, 23, 10)) {
    this.#time = this.#start = start
  }

  /** How many sleep. */
  get sleepers(): number {
    return this.#sleepers.size
  }

  now(): number {
    return this.#time + this.#set
  }

  monotonic(): number {
    return this.#time - this.#start
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const sleeper = {
        until: this.#time + ms,
        wake: () => {
          this.#sleepers.delete(sleeper)
          signal?.removeEventListener('abort', sleeper.wake)
          resolve()
        },
      }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', sleeper.wake, { once: true })
    })
  }

  /** Sets the wall clock, as a time service does; nobody wakes. */
  set(ms: number): void {
    this.#set += ms
  }

  /** Moves on and wakes who is due, in order. */
  advance(ms: number): void {
    this.#time += ms
    const due = [...this.#sleepers].filter((sleeper) => sleeper.until <= this.#time).sort((a, b) => a.until - b.until)
    for (const sleeper of due) sleeper.wake()
  }
}
