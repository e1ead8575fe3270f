/**
 * One request and its answer, by undici's `dispatch`. Its `request` makes a stream, an async resource and a listener at the signal for each: they outlive young collections (Node 20: a
 * listener leads to those that came after it), and with them every answer.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'

export interface Exchanged {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What is under way, by the signal that ends it. */
const underWay = new WeakMap<AbortSignal, Exchange[]>()

/** @throws what the signal was aborted with, or undici's error */
export function exchange(dispatcher: Dispatcher, options: Dispatcher.DispatchOptions, signal: AbortSignal): Promise<Exchanged> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const started = new Exchange(othersOf(signal), resolve, reject)
    dispatcher.dispatch(options, started)
  })
}

function othersOf(signal: AbortSignal): Exchange[] {
  const known = underWay.get(signal)
  if (known) return known
  const others: Exchange[] = []
  underWay.set(signal, others)
  const end = () => {
    for (const other of others.splice(0)) other.abort(signal.reason)
  }
  signal.addEventListener('abort', end, { once: true })
  return others
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #others: Exchange[]
  readonly #resolve: (answer: Exchanged) => void
  readonly #reject: (error: Error) => void
  #controller: Dispatcher.DispatchController | undefined
  #aborted: Error | undefined
  #status = 0
  #headers: IncomingHttpHeaders = {}
  readonly #pieces: Buffer[] = []

  constructor(others: Exchange[], resolve: (answer: Exchanged) => void, reject: (error: Error) => void) {
    this.#others = others
    this.#resolve = resolve
    this.#reject = reject
    others.push(this)
  }

  /** Also before its turn has come. */
  abort(reason: Error): void {
    this.#aborted = reason
    this.#reject(reason)
    this.#controller?.abort(reason)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#aborted) controller.abort(this.#aborted)
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status
    this.#headers = headers
  }

  onResponseData(_: Dispatcher.DispatchController, piece: Buffer): void {
    this.#pieces.push(piece)
  }

  onResponseEnd(): void {
    this.#leave()
    const body = this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces)
    this.#resolve({ status: this.#status, headers: this.#headers, body })
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#leave()
    this.#reject(error)
  }

  #leave(): void {
    const at = this.#others.indexOf(this)
    if (at >= 0) this.#others.splice(at, 1)
  }
}
