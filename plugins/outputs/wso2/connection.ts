/** One socket to a receiver: one call at a time. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type TlsConfig, tlsOptions } from '../../../core/net/tls.ts'
import { type Address, addressText } from './receivers.ts'
import { type Method, MOST_ANSWER, readAnswer } from './wire.ts'

const CONNECT_MS = 10_000

export class Connection {
  readonly #socket: Socket
  #waiting: { readonly method: Method; readonly done: (answer: string) => void; readonly failed: (error: Error) => void } | undefined
  #bytes: Buffer = Buffer.alloc(0)
  #ended: Error | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (data) => this.#take(data))
    socket.on('error', (error) => this.#end(error))
    socket.on('close', () => this.#end(new Error('the receiver closed the connection')))
  }

  /** @throws Error that says why there is no connection */
  static async open(address: Address, tls: TlsConfig, signal: AbortSignal): Promise<Connection> {
    const { host, port } = address
    const limit = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)])
    let socket: Socket | undefined
    try {
      const options = address.tls ? await tlsOptions(tls, host, port) : undefined
      signal.throwIfAborted()
      socket = options ? connectTls({ host, port, ...options }) : connect({ host, port })
      await once(socket, options ? 'secureConnect' : 'connect', { signal: limit })
      return new Connection(socket)
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
  async call(method: Method, message: Buffer, timeout_ms: number, signal: AbortSignal): Promise<string> {
    if (this.#ended) throw this.#ended
    const stop = () => this.#end(new Error('given up'))
    const timer = setTimeout(() => this.#end(new Error(silence(timeout_ms))), timeout_ms)
    signal.addEventListener('abort', stop, { once: true })
    try {
      return await new Promise<string>((done, failed) => {
        this.#waiting = { method, done, failed }
        this.#socket.write(message)
      })
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
    }
  }

  close(): void {
    this.#end(new Error('closed'))
  }

  #take(data: Buffer): void {
    const waiting = this.#waiting
    if (!waiting) return this.#end(new Error('the receiver spoke unasked'))
    this.#bytes = this.#bytes.length === 0 ? data : Buffer.concat([this.#bytes, data])
    try {
      const answer = readAnswer(waiting.method, this.#bytes)
      if (answer === undefined && this.#bytes.length > MOST_ANSWER) return this.#end(new Error('the answer has no end'))
      if (answer !== undefined) this.#answered(() => waiting.done(answer))
    } catch (error) {
      if ((error as { failure?: unknown }).failure === undefined) this.#end(error as Error)
      else this.#answered(() => waiting.failed(error as Error))
    }
  }

  #answered(tell: () => void): void {
    this.#waiting = undefined
    this.#bytes = Buffer.alloc(0)
    tell()
  }

  #end(error: Error): void {
    if (this.#ended) return
    this.#ended = error
    this.#socket.destroy()
    this.#waiting?.failed(error)
    this.#waiting = undefined
  }
}

function silence(ms: number): string {
  return `no answer within ${ms / 1000} s; a receiver that never answers is framed, or speaks TLS where we do not, or the reverse`
}

/** An error of a connection, with the address in front. */
export function at(address: Address, error: unknown): Error {
  return new Error(`${addressText(address)}: ${(error as Error).message}`, { cause: error })
}
