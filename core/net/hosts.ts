/** Which of several hosts is asked next: the healthy ones, and those that failed again after a wait. */
import type { Clock } from '../clock.ts'
import { type BackoffOptions, backoffMs } from './backoff.ts'

const WAIT: BackoffOptions = { initial_ms: 1000, max_ms: 60_000 }

interface Health<T> {
  readonly host: T
  failures: number
  /** By the monotonic clock. */
  rests_until: number
  /** Turns that it is owed, in shares: grows by its weight with each turn, and falls by the sum of all weights when the turn is its own. */
  credit: number
}

export interface HostsOptions<T> {
  readonly clock: Pick<Clock, 'monotonic'>
  /** A number in [0, 1). */
  readonly random: () => number
  /** Always in the order given, so that later ones stand in for earlier ones; else all take turns. */
  readonly failover?: boolean
  /** How busy a host is: of those that take turns the least busy comes first. */
  readonly load?: (host: T) => number
  /** How often a host is first, in proportion. Default 1 for all. */
  readonly weight?: (host: T) => number
}

export class Hosts<T> {
  readonly #health: readonly Health<T>[]
  readonly #options: HostsOptions<T>

  constructor(hosts: readonly T[], options: HostsOptions<T>) {
    // Many sensors with one config must not all begin with the first.
    const first = options.failover ? 0 : Math.floor(options.random() * hosts.length)
    this.#health = [...hosts.slice(first), ...hosts.slice(0, first)].map((host) => ({ host, failures: 0, rests_until: 0, credit: 0 }))
    this.#options = options
  }

  /** All hosts, each once, in the order to try them now: those that do not rest; behind them the others, soonest first. */
  order(): T[] {
    const { clock, failover = false, load = () => 0, weight = () => 1 } = this.#options
    const now = clock.monotonic()
    const resting = this.#health.filter(({ rests_until }) => rests_until > now).sort((a, b) => a.rests_until - b.rests_until)
    const awake = this.#health.filter(({ rests_until }) => rests_until <= now)
    if (!failover && awake.length > 0) {
      for (const health of awake) health.credit += weight(health.host)
      awake.sort((a, b) => load(a.host) - load(b.host) || b.credit - a.credit)
      awake[0].credit -= awake.reduce((sum, { host }) => sum + weight(host), 0)
    }
    return [...awake, ...resting].map(({ host }) => host)
  }

  /** Whether a host failed a short while ago. */
  rests(host: T): boolean {
    return this.#of(host).rests_until > this.#options.clock.monotonic()
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
