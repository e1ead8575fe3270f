import type { Writable } from 'node:stream'
import type { Output, Payload, WriteContext } from '../../../core/plugin.ts'

/** Writes bodies to a stream that others use too and that is never ended here. */
export class StreamOutput implements Output {
  readonly #stream: Writable
  /** By payload id: what the stream has but the system has not taken yet. The same id again joins it. */
  readonly #pending = new Map<string, Promise<void>>()
  #error: Error | undefined
  #closed = false
  // A stream that fails without a listener ends the process.
  readonly #onError = (error: Error) => {
    this.#error = error
  }

  constructor(stream: Writable) {
    this.#stream = stream
    stream.on('error', this.#onError)
  }

  /** Resolves when the system has taken the bytes; a reader that stands still is backpressure. */
  async write({ id, body }: Payload, { signal }: WriteContext): Promise<void> {
    signal.throwIfAborted()
    const taken = this.#pending.get(id) ?? this.#send(id, body)
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => reject(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      taken.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#leave()
  }

  #send(id: string, body: Uint8Array): Promise<void> {
    const taken = new Promise<void>((resolve, reject) => {
      this.#stream.write(body, (error) => {
        this.#pending.delete(id)
        // After the first failure the stream says no more than that it has ended. Its error event comes after this call.
        if (error) reject(clear(this.#error ?? error))
        else resolve()
        setImmediate(() => this.#leave())
      })
    })
    this.#pending.set(id, taken)
    return taken
  }

  /** Takes the listener away when nothing can fail any more. */
  #leave(): void {
    if (this.#closed && this.#pending.size === 0) this.#stream.off('error', this.#onError)
  }
}

function clear(cause: NodeJS.ErrnoException): Error {
  const message = cause.code === 'EPIPE' ? 'the reader of standard output has gone' : `standard output: ${cause.message}`
  return Object.assign(new Error(message, { cause }), { code: cause.code })
}
