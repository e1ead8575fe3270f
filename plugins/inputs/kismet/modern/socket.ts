/** A websocket of Kismet: text frames in, each one JSON object. */

import { WebSocket } from 'ws'
import type { Clock } from '../../../../core/plugin.ts'
import type { Backlog } from '../backlog.ts'
import { type Http, StatusError } from './http.ts'

const HANDSHAKE_MS = 10_000

export interface FrameSink {
  frame(bytes: Buffer): void
  closed(reason: string): void
}

export interface FrameSocketOptions {
  readonly http: Http
  readonly path: string
  readonly longest: number
  readonly backlog: Backlog
  readonly clock: Clock
  readonly sink: FrameSink
}

export class FrameSocket {
  readonly #socket: WebSocket
  readonly #backlog: Backlog
  /** Whether it stands still because the backlog is full. */
  held = false

  private constructor(socket: WebSocket, { backlog, sink }: FrameSocketOptions) {
    this.#socket = socket
    this.#backlog = backlog
    let over = false
    const close = (reason: string) => {
      if (over) return
      over = true
      sink.closed(reason)
    }
    socket.on('message', (data) => {
      sink.frame(data as Buffer)
      this.#hold()
    })
    socket.on('close', (code) => close(`the websocket was closed (${code})`))
    socket.on('error', (error) => close(error.message))
  }

  /** @throws StatusError when the server refuses */
  static open(options: FrameSocketOptions): Promise<FrameSocket> {
    const { http, path, longest } = options
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(http.socketUrl(path), {
        headers: http.headers,
        handshakeTimeout: HANDSHAKE_MS,
        maxPayload: longest,
        perMessageDeflate: false,
        ...http.tls,
      })
      socket.once('error', reject)
      socket.once('unexpected-response', (_, response) => {
        response.resume()
        reject(new StatusError(response.statusCode ?? 0, path, Object.keys(http.headers).length > 0))
        // Its own error about the same goes nowhere.
        socket.on('error', () => undefined)
        socket.terminate()
      })
      socket.once('open', () => {
        socket.off('error', reject)
        resolve(new FrameSocket(socket, options))
      })
    })
  }

  send(message: object): void {
    this.#socket.send(JSON.stringify(message))
  }

  close(): void {
    this.#socket.terminate()
  }

  #hold(): void {
    if (this.held || !this.#backlog.full) return
    this.held = true
    this.#socket.pause()
    this.#backlog.whenRoom(() => {
      this.held = false
      if (this.#socket.readyState === WebSocket.OPEN) this.#socket.resume()
    })
  }
}
