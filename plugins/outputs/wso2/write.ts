/** Sends bundles to groups of receivers: each group gets each bundle, from one of its receivers that takes it. */
import { Hosts } from '../../../core/net/hosts.ts'
import { type Output, type Payload, RetryError } from '../../../core/plugin.ts'
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

  async write(payload: Payload, signal: AbortSignal): Promise<void> {
    const problems: Error[] = []
    for (const endpoint of this.#hosts.order()) {
      try {
        await endpoint.publish(payload, signal)
        return this.#hosts.succeeded(endpoint)
      } catch (error) {
        signal.throwIfAborted()
        problems.push(error as Error)
        this.#hosts.failed(endpoint)
      }
    }
    const message = problems.map((problem) => problem.message).join('; ')
    if (problems.some((problem) => !(problem instanceof OperatorError))) throw new Error(message)
    throw new OperatorError(message)
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
      await Promise.all(groups.flatMap(({ endpoints }) => endpoints.map((endpoint) => endpoint.close())))
    },
  }
}
