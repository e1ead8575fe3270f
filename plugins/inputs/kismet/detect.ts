/** Finds out which generation answers: the legacy server speaks first, the modern one waits to be asked. */
import { connect, type Socket } from 'node:net'
import type { Clock } from '../../../core/plugin.ts'

const CONNECT_MS = 10_000

export interface Answer {
  readonly socket: Socket
  /** What it said first. */
  readonly first: Buffer
}

export interface DetectOptions {
  readonly host: string
  readonly port: number
  /** How long to wait for the first word. */
  readonly wait_ms: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * @returns the socket of a server that spoke first, paused; undefined when it was silent, with the socket closed
 * @throws Error when there is no connection, or it is closed at once
 */
export async function firstWord({ host, port, wait_ms, clock, signal }: DetectOptions): Promise<Answer | undefined> {
  const socket = connect({ host, port, noDelay: true })
  const over = new AbortController()
  const stop = () => over.abort()
  signal.addEventListener('abort', stop)
  try {
    return await new Promise<Answer | undefined>((resolve, reject) => {
      const fail = (error: Error) => reject(error)
      const timer = (ms: number, late: () => void) => void clock.sleep(ms, over.signal).then(() => (over.signal.aborted ? undefined : late()))
      let connected = false
      timer(CONNECT_MS, () => {
        if (!connected) reject(new Error('no connection within 10 s'))
      })
      over.signal.addEventListener('abort', () => reject(new Error('stopped')))
      socket.on('error', fail)
      socket.on('connect', () => {
        connected = true
        timer(wait_ms, () => resolve(undefined))
      })
      socket.on('end', () => reject(new Error('Kismet closed the connection before a word: it has too many clients, or this host is not allowed')))
      socket.on('data', (first) => {
        socket.pause()
        resolve({ socket, first })
      })
    })
      .then((answer) => {
        if (!answer) socket.destroy()
        return answer
      })
      .catch((error: unknown) => {
        socket.destroy()
        throw error
      })
  } finally {
    over.abort()
    signal.removeEventListener('abort', stop)
    socket.removeAllListeners()
    // Until the next owner listens, an error must not be nobody's.
    socket.on('error', () => undefined)
  }
}
