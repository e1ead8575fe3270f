/** One socket to a receiver: one call at a time. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type TlsConfig, tlsOptions } from '../../../core/net/tls.ts'
import type { Databridge, PublishMessage, Speak } from './databridge.ts'
import { type Address, addressText } from './receivers.ts'

const CONNECT_MS = 10_000
/** A message of an exception may hold two whole definitions, but no more. */
const MOST_ANSWER = 1024 * 1024
/** Characters of an error that are repeated. */
const MOST_WORDS = 500

export interface ConnectionOptions {
  readonly tls: TlsConfig
  readonly speak: Speak
}

export class Connection {
  readonly #socket: Socket
  readonly #databridge: Databridge
  /** Rejects the call under way. */
  #failed: ((error: Error) => void) | undefined
  /** Bytes of answers since the call began. */
  #received = 0
  #spare: Buffer | undefined
  #ended: Error | undefined

  private constructor(socket: Socket, speak: Speak) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (data) => this.#count(data))
    socket.on('error', (error) => this.#end(error))
    socket.on('close', () => this.#end(new Error('the receiver closed the connection')))
    this.#databridge = speak(socket, (error) => this.#end(new Error(`the answer is not of a databridge: ${error.message}`, { cause: error })))
  }

  /** @throws Error that says why there is no connection */
  static async open(address: Address, { tls, speak }: ConnectionOptions, signal: AbortSignal): Promise<Connection> {
    const { host, port } = address
    const limit = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)])
    let socket: Socket | undefined
    try {
      const options = address.tls ? await tlsOptions(tls, host, port) : undefined
      signal.throwIfAborted()
      socket = options ? connectTls({ host, port, ...options }) : connect({ host, port })
      await once(socket, options ? 'secureConnect' : 'connect', { signal: limit })
      return new Connection(socket, speak)
    } catch (error) {
      socket?.on('error', () => undefined).destroy()
      signal.throwIfAborted()
      // OpenSSL's own messages are a line of its sources; the reason is what it says to people.
      const { message, code, reason } = error as NodeJS.ErrnoException & { reason?: string }
      throw new Error(limit.aborted ? `no connection within ${CONNECT_MS / 1000} s` : reason || message || String(code), { cause: error })
    }
  }

  get usable(): boolean {
    return this.#ended === undefined && !this.#socket.destroyed
  }

  /**
   * What the receiver returned. After an error that is not a `CallError` the connection is closed.
   * @param timeout_ms a receiver whose queue is full keeps a call waiting
   */
  async call<T>(ask: (databridge: Databridge) => Promise<T>, timeout_ms: number, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted()
    if (this.#ended) throw this.#ended
    const stop = () => this.#end(new Error('given up'))
    const timer = setTimeout(() => this.#end(new Error(silence(timeout_ms))), timeout_ms)
    signal.addEventListener('abort', stop, { once: true })
    this.#received = 0
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#failed = reject
        ask(this.#databridge).then(resolve, reject)
      })
    } finally {
      this.#failed = undefined
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
    }
  }

  /** Sends a bundle, in the memory of the one before. */
  publish(bundle: (sequence: number, spare: Buffer | undefined) => Buffer, timeout_ms: number, signal: AbortSignal): Promise<void> {
    const message: PublishMessage = (sequence) => {
      const bytes = bundle(sequence, this.#spare)
      this.#spare = Buffer.from(bytes.buffer)
      return bytes
    }
    return this.call((databridge) => databridge.publish(message), timeout_ms, signal)
  }

  close(): void {
    this.#end(new Error('closed'))
  }

  #count(data: Buffer): void {
    this.#received += data.length
    if (!this.#failed) this.#end(new Error('the receiver spoke unasked'))
    else if (this.#received > MOST_ANSWER) this.#end(new Error('the answer has no end'))
  }

  #end(error: Error): void {
    if (this.#ended) return
    this.#ended = error
    this.#socket.destroy()
    this.#failed?.(error)
  }
}

function silence(ms: number): string {
  return `no answer within ${ms / 1000} s; a receiver that never answers is framed, or speaks TLS where we do not, or the reverse, or another protocol`
}

/** An error of a connection, on one line with the address in front. */
export function at(address: Address, error: unknown): Error {
  const words = (error as Error).message.replace(/\s+/g, ' ').trim()
  return new Error(`${addressText(address)}: ${words.slice(0, MOST_WORDS)}`, { cause: error })
}
