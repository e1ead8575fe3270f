/** Which of several hosts is asked next: the healthy ones, and those that failed again after a wait. */
import type { Clock } from '../clock.ts'
import { type BackoffOptions, backoffMs } from './backoff.ts'

const WAIT: BackoffOptions = { initial_ms: 1000, max_ms: 60_000 }

interface Health<T> {
  readonly host: T
  failures: number
  /** By the monotonic clock. */
  rests_until: number
}

export interface HostsOptions<T> {
  readonly clock: Pick<Clock, 'monotonic'>
  /** A number in [0, 1). */
  readonly random: () => number
  /** Always in the order given, so that later ones stand in for earlier ones; else all take turns. */
  readonly failover?: boolean
  /** How busy a host is: of those that take turns the least busy comes first. */
  readonly load?: (host: T) => number
}

export class Hosts<T> {
  readonly #health: readonly Health<T>[]
  readonly #options: HostsOptions<T>
  #turn: number

  /** @param hosts one or more */
  constructor(hosts: readonly T[], options: HostsOptions<T>) {
    this.#health = hosts.map((host) => ({ host, failures: 0, rests_until: 0 }))
    this.#options = options
    // Many sensors with one config must not all begin with the first.
    this.#turn = Math.floor(options.random() * hosts.length)
  }

  /** All hosts, each once, in the order to try them now: those that do not rest; behind them the others, soonest first. */
  order(): T[] {
    const { clock, failover = false, load = () => 0 } = this.#options
    const now = clock.monotonic()
    const first = failover ? 0 : this.#turn++ % this.#health.length
    const turned = [...this.#health.slice(first), ...this.#health.slice(0, first)]
    const wait = ({ rests_until }: Health<T>) => Math.max(0, rests_until - now)
    const busy = ({ host }: Health<T>) => (failover ? 0 : load(host))
    return turned.sort((a, b) => wait(a) - wait(b) || busy(a) - busy(b)).map(({ host }) => host)
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
