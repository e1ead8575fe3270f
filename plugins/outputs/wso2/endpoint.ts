/**
 * One receiver: its session, its streams, its sockets.
 *
 * A session lasts 30 minutes from the login, however much it is used, and ends with the server. So there is a new login ahead of that time and whenever a
 * session is refused, with all streams looked for again; the bundle that was refused goes once more.
 */
import { once, setMaxListeners } from 'node:events'
import type { Clock, Payload } from '../../../core/plugin.ts'
import { complaint } from './complaint.ts'
import { at, Connection, type ConnectionOptions } from './connection.ts'
import { type Bundler, CallError, type Databridge, type Failure } from './databridge.ts'
import { type Address, addressText } from './receivers.ts'
import { type Stream, streamId } from './streams.ts'

export interface EndpointOptions extends ConnectionOptions {
  readonly username: string
  readonly password: string
  /** Those that the receiver is told of. */
  readonly streams: readonly Stream[]
  readonly bundle: Bundler
  readonly define: boolean
  readonly timeout_ms: number
  readonly session_s: number
  readonly clock: Clock
}

/** How long what only an operator can change is left alone. */
export const OPERATOR_MS = 30_000
/** Logins and definitions do not wait for a queue. */
const CALL_MS = 10_000
/** Ending a session is a courtesy. */
const GOODBYE_MS = 2_000
/** A socket that was idle for longer may be closed at the other end: TLS after 30 s. */
const IDLE_MS = 5_000

/** What a server says that has forgotten who we are, or what the streams are. */
const FORGOTTEN: ReadonlySet<Failure | undefined> = new Set(['expired', 'undefined_event'])

/** Nothing is wrong with the events, and nothing helps but an operator. */
export class OperatorError extends Error {}

interface Session {
  readonly id: string
  readonly since: number
}

export class Endpoint {
  readonly data: Address
  readonly #auth: Address
  readonly #options: EndpointOptions
  readonly #stop = new AbortController()
  readonly #idle: { readonly connection: Connection; readonly since: number }[] = []
  #session: Promise<Session> | undefined
  #refused: { readonly error: OperatorError; readonly until: number } | undefined
  /** Publishes under way. */
  pending = 0

  constructor({ data, auth }: { readonly data: Address; readonly auth: Address }, options: EndpointOptions) {
    this.data = data
    this.#auth = auth
    this.#options = options
    setMaxListeners(0, this.#stop.signal)
  }

  /** Resolves when there is a session and the receiver knows the streams. */
  async open(signal: AbortSignal): Promise<void> {
    await this.#ready(signal)
  }

  /** Resolves when the receiver has taken the bundle. */
  async publish({ body, ends }: Pick<Payload, 'body' | 'ends'>, signal: AbortSignal): Promise<void> {
    this.pending++
    try {
      const { bundle, timeout_ms } = this.#options
      const send = ({ id }: Session) =>
        this.#with(signal, (connection, stop) => connection.publish((sequence, spare) => bundle(body, ends, id, sequence, spare), timeout_ms, stop))
      const session = await this.#ready(signal)
      try {
        await send(session)
      } catch (error) {
        if (!FORGOTTEN.has(failureOf(error as Error))) throw error
        await this.#forget(session)
        await send(await this.#ready(signal))
      }
    } finally {
      this.pending--
    }
  }

  /** Ends the session at the server, if there is one, as far as that is quick. */
  async close(): Promise<void> {
    this.#stop.abort()
    for (const { connection } of this.#idle.splice(0)) connection.close()
    const limit = AbortSignal.timeout(GOODBYE_MS)
    const goodbye = async () => {
      const session = await this.#session
      if (session) await this.#atLogin((databridge) => databridge.disconnect(session.id), GOODBYE_MS, limit)
    }
    // What fails ends by itself.
    await Promise.race([goodbye().catch(() => undefined), once(limit, 'abort')])
  }

  /** Gives up a session that was refused, unless there is another one meanwhile. */
  async #forget(session: Session): Promise<void> {
    if ((await this.#session) === session) this.#session = undefined
  }

  /** The session to use now; one login at a time, whoever waits for it. */
  async #ready(signal: AbortSignal): Promise<Session> {
    const { clock, session_s } = this.#options
    const session = await abortable(this.#session, signal)
    if (session && clock.monotonic() - session.since < session_s * 1000) return session
    if (session) await this.#forget(session)
    if (this.#refused && clock.monotonic() < this.#refused.until) throw this.#refused.error
    this.#session ??= this.#prepare().catch((error) => {
      this.#session = undefined
      if (error instanceof OperatorError) this.#refused = { error, until: clock.monotonic() + OPERATOR_MS }
      throw error
    })
    return abortable(this.#session, signal)
  }

  async #prepare(): Promise<Session> {
    const { username, password, clock, streams } = this.#options
    const { signal } = this.#stop
    const since = clock.monotonic()
    try {
      const id = await this.#atLogin((databridge) => databridge.connect(username, password), CALL_MS, signal)
      if (typeof id !== 'string') throw new Error('the login was answered with something else')
      for (const stream of streams) await this.#define(stream, id)
      return { id, since }
    } catch (error) {
      throw this.#explained(error as Error)
    }
  }

  /** Finds the stream, or defines it. A server that cannot be asked, and need not be told, is believed to have it. */
  async #define(stream: Stream, session: string): Promise<void> {
    const { define } = this.#options
    let found = true
    try {
      await this.#ask((databridge) => databridge.findStreamId(session, stream.name, stream.version))
    } catch (error) {
      const failure = failureOf(error as Error)
      if (failure === 'application' && !define) return
      if (failure !== 'no_stream') throw error
      found = false
      if (!define) throw new OperatorError(`${(error as Error).message}; create stream ${streamId(stream)} there, or say define: true`)
    }
    // Also where the stream is there: it may be another one of that name, whose bundles would be dropped without a word.
    if (!define) return
    try {
      await this.#ask((databridge) => databridge.defineStream(session, stream.definition))
    } catch (error) {
      const { cause } = error as { cause: Error }
      if (failureOf(error as Error) === 'different') throw new OperatorError(`${addressText(this.data)}: ${complaint(stream, cause.message)}`)
      // Servers where streams are made in the console need not have the method.
      if (failureOf(error as Error) !== 'application') throw error
      if (!found) throw new OperatorError(`${(error as Error).message}; create stream ${streamId(stream)} there`)
    }
  }

  /** A call on a connection of its own: where TLS is, idle ones are closed at the other end. */
  async #atLogin<T>(ask: (databridge: Databridge) => Promise<T>, timeout_ms: number, signal: AbortSignal): Promise<T> {
    try {
      const connection = await Connection.open(this.#auth, this.#options, signal)
      try {
        return await connection.call(ask, timeout_ms, signal)
      } finally {
        connection.close()
      }
    } catch (error) {
      throw at(this.#auth, error)
    }
  }

  #ask<T>(ask: (databridge: Databridge) => Promise<T>): Promise<T> {
    return this.#with(this.#stop.signal, (connection, stop) => connection.call(ask, CALL_MS, stop))
  }

  /** Works with a connection to where data go. */
  async #with<T>(signal: AbortSignal, work: (connection: Connection, stop: AbortSignal) => Promise<T>): Promise<T> {
    const stop = AbortSignal.any([signal, this.#stop.signal])
    try {
      const connection = this.#pooled() ?? (await Connection.open(this.data, this.#options, stop))
      try {
        return await work(connection, stop)
      } finally {
        if (connection.usable && !this.#stop.signal.aborted) this.#idle.push({ connection, since: this.#options.clock.monotonic() })
        else connection.close()
      }
    } catch (error) {
      throw at(this.data, error)
    }
  }

  #pooled(): Connection | undefined {
    const now = this.#options.clock.monotonic()
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (idle.connection.usable && now - idle.since < IDLE_MS) return idle.connection
      idle.connection.close()
    }
    return undefined
  }

  /** What only an operator can change is told from what passes. */
  #explained(error: Error): Error {
    const { message } = error
    switch (failureOf(error)) {
      case undefined:
      case 'expired':
        return error
      case 'authentication':
        return new OperatorError(`${message}: the login of user ${this.#options.username} is refused`)
      case 'application':
        return new OperatorError(`${message}: not the port of a databridge with this method`)
      default:
        return new OperatorError(`${message}: a definition is refused`)
    }
  }
}

/** Waits for what others wait for too, until the signal says otherwise. */
function abortable<T>(shared: T | Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason as Error)
    Promise.resolve(shared)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort))
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}

/** What a receiver answered, if it is that. */
function failureOf({ cause }: Partial<Error>): Failure | undefined {
  return cause instanceof CallError ? cause.failure : undefined
}
