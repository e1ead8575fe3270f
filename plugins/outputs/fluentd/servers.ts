/**
 * The servers of one output: whose turn it is, which ones rest after a failure, and connections that are kept.
 *
 * Standby servers come behind the regular ones that do not rest, and before those that do: while no regular server works, none is waited for.
 * A server that failed is called again by heartbeats, as Fluentd does: connected to, with the handshake, and nothing sent.
 */
import { Hosts } from '../../../core/net/hosts.ts'
import type { Clock } from '../../../core/plugin.ts'
import { Connection, type ConnectionOptions } from './connection.ts'
import { type Host, parseHost } from './hosts.ts'

export interface Server {
  readonly address: string
  readonly host: Host
  readonly standby: boolean
  /** Connections without a payload under way. */
  readonly idle: Connection[]
}

export interface ServersOptions {
  readonly hosts: readonly string[]
  readonly standby: readonly string[]
  /** By address; 60 where there is none. */
  readonly weights: Readonly<Record<string, number>>
  /** 0 for none. */
  readonly heartbeat_ms: number
  readonly connecting: ConnectionOptions
  /** A number in [0, 1). */
  readonly random: () => number
  readonly clock: Clock
}

const DEFAULT_WEIGHT = 60

export class Servers {
  readonly all: readonly Server[]
  readonly #options: ServersOptions
  readonly #regular: Hosts<Server>
  readonly #standby: Hosts<Server>
  /** Servers that are called until they answer, or a write to them works. */
  readonly #called = new Map<Server, AbortController>()

  constructor(options: ServersOptions) {
    this.#options = options
    const { hosts, standby, weights, clock, random } = options
    const servers = (addresses: readonly string[], standby: boolean) =>
      addresses.map((address): Server => ({ address, host: parseHost(address), standby, idle: [] }))
    const [regular, spare] = [servers(hosts, false), servers(standby, true)]
    const weight = ({ address }: Server) => weights[address] ?? DEFAULT_WEIGHT
    this.#regular = new Hosts(regular, { clock, random, weight })
    this.#standby = new Hosts(spare, { clock, random, weight })
    this.all = [...regular, ...spare]
  }

  /** All servers, in the order to try them. */
  order(): Server[] {
    const ordered = [...this.#regular.order(), ...this.#standby.order()]
    const rests = (server: Server) => this.#group(server).rests(server)
    return [...ordered.filter((server) => !rests(server)), ...ordered.filter(rests)]
  }

  connect(server: Server, signal: AbortSignal): Promise<Connection> {
    return Connection.open(server.host, this.#options.connecting, signal)
  }

  succeeded(server: Server): void {
    this.#group(server).succeeded(server)
    this.#called.get(server)?.abort(new Error('it works again'))
  }

  failed(server: Server): void {
    this.#group(server).failed(server)
    if (this.#options.heartbeat_ms === 0 || this.#called.has(server)) return
    const over = new AbortController()
    this.#called.set(server, over)
    void this.#call(server, over.signal).finally(() => this.#called.delete(server))
  }

  async #call(server: Server, signal: AbortSignal): Promise<void> {
    const { clock, heartbeat_ms } = this.#options
    while (!signal.aborted) {
      await clock.sleep(heartbeat_ms, signal)
      if (signal.aborted) return
      try {
        server.idle.push(await this.connect(server, signal))
        return this.succeeded(server)
      } catch {
        // Whoever writes next says why; until then it rests on, longer each time.
        this.#group(server).failed(server)
      }
    }
  }

  #group({ standby }: Server): Hosts<Server> {
    return standby ? this.#standby : this.#regular
  }

  async close(): Promise<void> {
    for (const over of this.#called.values()) over.abort(new Error('closed'))
    await Promise.all(this.all.flatMap(({ idle }) => idle.splice(0).map((connection) => connection.close())))
  }
}
