/**
 * One connection to a forward server. Its messages are read whole and queued; whatever goes wrong ends it, for whoever waits and for good.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { isMap, type Packed, packedText, readPacked } from '../../../core/formats/msgpack.ts'
import { type TlsConfig, tlsOptions } from '../../../core/net/tls.ts'
import { Alarm, type Clock } from '../../../core/plugin.ts'
import { type Credentials, checkPong, type Identity, pingOf, readHelo } from './handshake.ts'
import type { Host } from './hosts.ts'
import type { Messages } from './message.ts'

/** A server says only HELO, PONG and acks. */
const LONGEST = 64 * 1024
const MOST_WAITING = 10_000
const CONNECT_MS = 10_000
const KEEP_ALIVE_MS = 60_000

export interface ConnectionOptions {
  readonly tls: TlsConfig | undefined
  readonly credentials: Credentials | undefined
  readonly identity: () => Identity
  readonly ack_timeout_ms: number
  readonly clock: Clock
}

export class Connection {
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  readonly #messages: Packed[] = []
  #unread: Uint8Array = new Uint8Array(0)
  #failure: Error | undefined
  #wake: (() => void) | undefined
  /** Whether the server wants to keep the connection after a write. */
  keepalive = true

  private constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket
    this.#options = options
    socket.on('data', (bytes) => this.#read(bytes))
    socket.on('error', (error: NodeJS.ErrnoException) => this.fail(new Error(error.message || String(error.code), { cause: error })))
    socket.on('close', () => this.fail(new Error('the server closed the connection')))
    socket.on('end', () => this.fail(new Error('the server closed the connection')))
  }

  /** Connects and shakes hands. */
  static async open(host: Host, options: ConnectionOptions, signal: AbortSignal): Promise<Connection> {
    const { tls } = options
    const secure = tls !== undefined && !('path' in host)
    const socket = secure ? connectTls({ ...(await tlsOptions(tls, host.host, host.port)), ...host }) : connect(host)
    socket.setNoDelay(true)
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    const connection = new Connection(socket, options)
    await connection.#during(signal, CONNECT_MS, `no connection and handshake within ${CONNECT_MS / 1000} s`, () =>
      connection.#begin(secure ? 'secureConnect' : 'connect'),
    )
    return connection
  }

  get isOpen(): boolean {
    return this.#failure === undefined
  }

  /** Resolves when all has been acknowledged or, where no ack was asked for, handed to the system. Any failure ends the connection. */
  async send({ pieces, chunks }: Messages, signal: AbortSignal): Promise<void> {
    const { ack_timeout_ms } = this.#options
    await this.#during(signal, ack_timeout_ms, `no ack within ${ack_timeout_ms} ms`, async () => {
      const acknowledged = async () => {
        for (const chunk of chunks) this.#acknowledge(await this.#next(), chunk)
      }
      // Both are waited for, so that neither failure is nobody's.
      await Promise.all([this.#written(...pieces), acknowledged()])
    })
  }

  /** Ends the connection; the first reason counts. */
  fail(reason: Error): void {
    this.#failure ??= reason
    this.#socket.destroy()
    this.#wake?.()
  }

  async close(): Promise<void> {
    const gone = this.#socket.closed ? undefined : once(this.#socket, 'close')
    this.fail(new Error('closed'))
    await gone
  }

  async #begin(event: 'connect' | 'secureConnect'): Promise<void> {
    await this.#until((done) => this.#socket.once(event, done))
    const { credentials, identity } = this.#options
    if (!credentials) return
    const me = identity()
    const helo = readHelo(await this.#next())
    this.keepalive = helo.keepalive
    await this.#written(pingOf(helo, credentials, me))
    let pong: Packed
    try {
      pong = await this.#next()
    } catch (error) {
      if (!/closed the connection|ECONNRESET/.test((error as Error).message)) throw error
      // Fluent Bit says no more than that to a wrong key.
      throw new Error('the server closed the connection during the handshake: another shared key?', { cause: error })
    }
    checkPong(pong, helo, credentials, me)
  }

  #acknowledge(message: Packed, chunk: string): void {
    if (Array.isArray(message) && packedText(message[0]) === 'HELO') throw new Error('the server asks for a shared key')
    if (!isMap(message) || packedText(message.get('ack')) !== chunk) throw new Error('the server acknowledges something else')
  }

  /** Does the work, unless the signal, the time or a failure ends it together with the connection. */
  async #during<T>(signal: AbortSignal, ms: number, late: string, work: () => Promise<T>): Promise<T> {
    const over = new Alarm()
    const abort = () => this.fail(signal.reason instanceof Error ? signal.reason : new Error('stopped'))
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    void this.#options.clock.sleep(ms, over).then(() => {
      if (!over.aborted) this.fail(new Error(late))
    })
    try {
      return await work()
    } catch (error) {
      this.fail(error as Error)
      throw error
    } finally {
      over.ring()
      signal.removeEventListener('abort', abort)
    }
  }

  #written(...pieces: readonly Uint8Array[]): Promise<void> {
    return this.#until((done) => {
      this.#socket.cork()
      pieces.forEach((piece, i) => void this.#socket.write(piece, i === pieces.length - 1 ? done : undefined))
      this.#socket.uncork()
    })
  }

  /** The next message of the server. */
  async #next(): Promise<Packed> {
    if (this.#messages.length === 0) await this.#until((done) => (this.#wake = done))
    return this.#messages.shift()!
  }

  /** Waits for what calls `done`, or for the end of the connection. */
  async #until(begin: (done: () => void) => void): Promise<void> {
    if (this.#failure) throw this.#failure
    await new Promise<void>((resolve) => {
      const end = () => {
        this.#socket.off('close', end)
        resolve()
      }
      this.#socket.once('close', end)
      begin(end)
    })
    // What came before the end counts.
    if (this.#failure && this.#messages.length === 0) throw this.#failure
  }

  #read(bytes: Uint8Array): void {
    let rest = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes])
    try {
      for (let read = readPacked(rest); read; read = readPacked(rest)) {
        this.#messages.push(read.value)
        rest = rest.subarray(read.end)
      }
    } catch (error) {
      this.fail(error as Error)
      return
    }
    this.#unread = rest
    if (rest.length > LONGEST || this.#messages.length > MOST_WAITING) this.fail(new Error('the server says what no forward server says'))
    const wake = this.#wake
    if (this.#messages.length === 0) return
    this.#wake = undefined
    wake?.()
  }
}
