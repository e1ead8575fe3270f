/** Sends bundles to groups of receivers: each group gets each bundle, from one of its receivers that takes it. */
import { type BackoffOptions, backoffMs } from '../../../core/net/backoff.ts'
import { type Output, type Payload, RetryError } from '../../../core/plugin.ts'
import { Endpoint, type EndpointOptions, OPERATOR_MS, OperatorError } from './endpoint.ts'
import type { ReceiverGroup } from './receivers.ts'

export interface BundleOptions extends EndpointOptions {
  readonly groups: readonly ReceiverGroup[]
  readonly random: () => number
}

/** Receivers acknowledge a bundle of more than 10,000,000 bytes and drop it; in memory it takes more than here. */
const MOST_BYTES = 5_000_000
const REST: BackoffOptions = { initial_ms: 1000, max_ms: 30_000 }

interface Member {
  readonly endpoint: Endpoint
  readonly place: number
  failures: number
  /** By the monotonic clock. */
  rests_until: number
}

class Group {
  readonly members: readonly Member[]
  readonly #failover: boolean
  readonly #options: BundleOptions
  #turn = 0

  constructor({ failover, receivers }: ReceiverGroup, options: BundleOptions) {
    this.#failover = failover
    this.#options = options
    this.members = receivers.map((receiver, place) => ({ endpoint: new Endpoint(receiver, options), place, failures: 0, rests_until: 0 }))
  }

  async write(payload: Payload, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options
    const problems: Error[] = []
    for (const member of this.#order(clock.monotonic())) {
      try {
        await member.endpoint.publish(payload, signal)
        member.failures = 0
        member.rests_until = 0
        return
      } catch (error) {
        signal.throwIfAborted()
        problems.push(error as Error)
        const now = clock.monotonic()
        if (member.rests_until <= now) member.rests_until = now + backoffMs(REST, ++member.failures, random())
      }
    }
    const message = problems.map((problem) => problem.message).join('; ')
    if (problems.some((problem) => !(problem instanceof OperatorError))) throw new Error(message)
    throw new OperatorError(message)
  }

  /** Those that do not rest: in their order, or the least busy in turn. Behind them the others, soonest first. */
  #order(now: number): Member[] {
    const { length } = this.members
    const turn = this.#failover ? 0 : this.#turn++
    const rest = ({ rests_until }: Member) => Math.max(0, rests_until - now)
    const busy = ({ endpoint }: Member) => (this.#failover ? 0 : endpoint.pending)
    const place = (member: Member) => (member.place - (turn % length) + length) % length
    return [...this.members].sort((a, b) => rest(a) - rest(b) || busy(a) - busy(b) || place(a) - place(b))
  }
}

export function bundleOutput(options: BundleOptions): Output {
  const groups = options.groups.map((group) => new Group(group, options))
  /** Groups that have taken a payload which others have not. */
  const taken = new Map<string, Set<Group>>()
  return {
    async write(payload, { signal }) {
      const { id, body, count } = payload
      if (body.length > MOST_BYTES && count > 1) throw new RetryError(`a bundle of ${body.length} bytes is too large`, { halve: true })
      const done = taken.get(id) ?? new Set()
      const outcomes = await Promise.allSettled(
        groups.filter((group) => !done.has(group)).map((group) => group.write(payload, signal).then(() => done.add(group))),
      )
      const failed = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason as Error)
      if (failed.length === 0) return void taken.delete(id)
      if (done.size > 0) taken.set(id, done)
      signal.throwIfAborted()
      const message = failed.map((error) => error.message).join('; ')
      throw failed.every((error) => error instanceof OperatorError) ? new RetryError(message, { after_ms: OPERATOR_MS }) : new Error(message)
    },
    async close() {
      for (const { members } of groups) for (const { endpoint } of members) endpoint.close()
    },
  }
}
