/** Sends bundles to groups of receivers: each group gets each bundle, from one of its receivers that takes it. */
import { Hosts } from '../../../core/net/hosts.ts'
import { type Output, RetryError } from '../../../core/plugin.ts'
import { Endpoint, type EndpointOptions, OPERATOR_MS, OperatorError } from './endpoint.ts'
import type { ReceiverGroup } from './receivers.ts'

export interface BundleOptions extends EndpointOptions {
  readonly groups: readonly ReceiverGroup[]
  readonly random: () => number
}

/** Receivers acknowledge a bundle of more than 10,000,000 bytes and drop it; in memory it takes more than here. */
const MOST_BYTES = 5_000_000

class Group {
  readonly endpoints: readonly Endpoint[]
  readonly #hosts: Hosts<Endpoint>

  constructor({ failover, receivers }: ReceiverGroup, options: BundleOptions) {
    this.endpoints = receivers.map((receiver) => new Endpoint(receiver, options))
    this.#hosts = new Hosts(this.endpoints, { ...options, failover, load: ({ pending }) => pending })
  }

  /** Does the work with the first receiver that it can be done with. */
  async with(work: (endpoint: Endpoint) => Promise<void>, signal: AbortSignal): Promise<void> {
    const problems: Error[] = []
    for (const endpoint of this.#hosts.order()) {
      try {
        await work(endpoint)
        return this.#hosts.succeeded(endpoint)
      } catch (error) {
        signal.throwIfAborted()
        problems.push(error as Error)
        this.#hosts.failed(endpoint)
      }
    }
    throw joined(problems)
  }
}

/** All that is wrong in one error, which says whether an operator is needed for all of it. */
function joined(problems: readonly Error[]): Error {
  const message = problems.map((problem) => problem.message).join('; ')
  return problems.every((problem) => problem instanceof OperatorError) ? new OperatorError(message) : new Error(message)
}

export function bundleOutput(options: BundleOptions): Output {
  const groups = options.groups.map((group) => new Group(group, options))
  /** Groups that have taken a payload which others have not. */
  const taken = new Map<string, Set<Group>>()
  /** Work of all groups, as far as they have not done it. */
  async function all(work: (group: Group) => Promise<unknown>, signal: AbortSignal): Promise<void> {
    const outcomes = await Promise.allSettled(groups.map(work))
    const problems = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason as Error)
    signal.throwIfAborted()
    if (problems.length === 0) return
    const error = joined(problems)
    throw error instanceof OperatorError ? new RetryError(error.message, { after_ms: OPERATOR_MS }) : error
  }
  return {
    open: (signal) => all((group) => group.with((endpoint) => endpoint.open(signal), signal), signal),
    async write(payload, { signal }) {
      const { id, body, count } = payload
      if (body.length > MOST_BYTES && count > 1) throw new RetryError(`a bundle of ${body.length} bytes is too large`, { halve: true })
      const done = taken.get(id) ?? new Set()
      taken.set(id, done)
      await all(async (group) => {
        if (done.has(group)) return
        await group.with((endpoint) => endpoint.publish(payload, signal), signal)
        done.add(group)
      }, signal)
      taken.delete(id)
    },
    async close() {
      await Promise.all(groups.flatMap(({ endpoints }) => endpoints.map((endpoint) => endpoint.close())))
    },
  }
}
