/** The main half: clients come and go; their messages become batches, and settled batches acks. */
import { randomBytes } from 'node:crypto'
import type { Server, Socket } from 'node:net'
import { hostname } from 'node:os'
import type { Batch, Input, InputContext, Position } from '../../../core/plugin.ts'
import { Backlog } from './backlog.ts'
import type { FluentdInputConfig } from './config.ts'
import { Connection } from './connection.ts'
import { Intake } from './intake.ts'
import { isPublic, listen } from './listen.ts'

/** After a stop acks still go out for so long, as what has been taken in is settled. */
const LINGER_MS = 30_000
/** Words that are remembered so that they are said once. */
const MOST_SAID = 1000

export class FluentdInput implements Input {
  readonly #config: FluentdInputConfig
  readonly #context: InputContext
  /** Of this run only: what waits when the process ends comes again from the clients, and not from here. */
  readonly #stream = `forward-${randomBytes(6).toString('hex')}`
  readonly #backlog = new Backlog(this.#stream)
  readonly #intake: Intake
  readonly #connections = new Set<Connection>()
  readonly #said = new Set<string>()
  #stopping = false
  /** With `--once`: a client that has sent something says no more, and so do all others. */
  #done: (() => void) | undefined

  constructor(config: FluentdInputConfig, context: InputContext) {
    this.#config = config
    this.#context = context
    const { listen: addresses, shared_key, tls } = config
    if (addresses.some(isPublic)) {
      if (shared_key === undefined) context.log.warn(`input ${context.name}: without shared_key anyone who reaches the port can send`)
      else if (!tls) context.log.warn(`input ${context.name}: without tls who listens can read all that is sent, and guess at the shared key`)
    }
    this.#intake = new Intake({
      backlog: this.#backlog,
      stream: this.#stream,
      max_message_bytes: config.max_message_bytes,
      context,
      settled: () => {
        for (const connection of this.#connections) connection.flush()
      },
    })
  }

  async *read(): AsyncGenerator<Batch, void, void> {
    const { signal, once } = this.#context
    if (signal.aborted) return
    const servers = await listen(this.#config, (socket) => void this.#serve(socket))
    const stop = () => this.#backlog.end()
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    if (once) this.#done = stop
    try {
      for (let batch = await this.#backlog.take(); batch && !signal.aborted; batch = await this.#backlog.take()) yield batch
    } finally {
      signal.removeEventListener('abort', stop)
      await this.#stop(servers)
    }
  }

  settled(_stream: string, { batch }: Position): void {
    this.#intake.acks.settled(Number(batch))
    if (this.#stopping) this.#release()
  }

  async #serve(socket: Socket): Promise<void> {
    const connection = new Connection(socket, {
      security: this.#security(),
      max_message_bytes: this.#config.max_message_bytes,
      take: (value, from) => this.#intake.take(value, from),
      ended: ({ used }) => used && [...this.#connections].every(({ ended }) => ended) && this.#done?.(),
    })
    this.#connections.add(connection)
    try {
      await connection.run()
    } catch (error) {
      // What the system says of a connection is the client's matter: it hung up, or the line is gone.
      if (!this.#stopping && (error as NodeJS.ErrnoException).code === undefined) this.#say(`${connection.address}: ${(error as Error).message}`)
    } finally {
      this.#connections.delete(connection)
    }
  }

  #security() {
    const { shared_key, users } = this.#config
    // Another name than that of our own output, and than that of a Fluentd beside us.
    return shared_key === undefined ? undefined : { shared_key, users, hostname: `wherry-relay-${hostname()}` }
  }

  #say(words: string): void {
    if (this.#said.has(words)) return
    if (this.#said.size >= MOST_SAID) this.#said.clear()
    this.#said.add(words)
    this.#context.log.warn(`input ${this.#context.name}: hung up on ${words}`)
  }

  /** No new clients; those that wait for acks get them, as far as they come. */
  async #stop(servers: readonly Server[]): Promise<void> {
    this.#stopping = true
    for (const server of servers) {
      server.close()
      server.unref()
    }
    this.#release()
    const rest = setTimeout(() => this.#hangUp(), LINGER_MS)
    rest.unref()
  }

  /** Hangs up on all clients that wait for nothing. */
  #release(): void {
    for (const connection of this.#connections) {
      connection.stop()
      if (!connection.hasDue) connection.close()
    }
  }

  #hangUp(): void {
    for (const connection of this.#connections) connection.close()
  }
}
