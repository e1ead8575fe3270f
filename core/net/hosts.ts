/** Which of several equal hosts is asked next: the healthy ones in turn, and those that failed again after a wait. */
import type { Clock } from '../clock.ts'
import { type BackoffOptions, backoffMs } from './backoff.ts'

const WAIT: BackoffOptions = { initial_ms: 1000, max_ms: 60_000 }

interface Health<T> {
  readonly host: T
  failures: number
  /** By the monotonic clock. */
  rests_until: number
}

export interface HostsOptions {
  readonly clock: Pick<Clock, 'monotonic'>
  /** A number in [0, 1). */
  readonly random: () => number
}

export class Hosts<T> {
  readonly #health: readonly Health<T>[]
  readonly #options: HostsOptions
  #turn: number

  /** @param hosts one or more */
  constructor(hosts: readonly T[], options: HostsOptions) {
    this.#health = hosts.map((host) => ({ host, failures: 0, rests_until: 0 }))
    this.#options = options
    // Many sensors with one config must not all begin with the first.
    this.#turn = Math.floor(options.random() * hosts.length)
  }

  /** All hosts, each once, in the order to try them now: those that do not rest, in turn; behind them the others, soonest first. */
  order(): T[] {
    const now = this.#options.clock.monotonic()
    const first = this.#turn++ % this.#health.length
    const turned = [...this.#health.slice(first), ...this.#health.slice(0, first)]
    const wait = ({ rests_until }: Health<T>) => Math.max(0, rests_until - now)
    return turned.sort((a, b) => wait(a) - wait(b)).map(({ host }) => host)
  }

  succeeded(host: T): void {
    const health = this.#of(host)
    health.failures = 0
    health.rests_until = 0
  }

  failed(host: T): void {
    const { clock, random } = this.#options
    const health = this.#of(host)
    const now = clock.monotonic()
    // Requests that fail together are one failure.
    if (health.rests_until > now) return
    health.failures++
    health.rests_until = now + backoffMs(WAIT, health.failures, random())
  }

  #of(host: T): Health<T> {
    return this.#health.find((health) => health.host === host)!
  }
}
