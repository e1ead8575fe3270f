/** Sends payloads to forward servers: connections that are kept, one payload at a time on each, and another server where one fails. */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { type Clock, type Log, type Output, type Payload, RejectedError, RetryError } from '../../../core/plugin.ts'
import type { Connection, ConnectionOptions } from './connection.ts'
import type { Credentials } from './handshake.ts'
import { isLoopback } from './hosts.ts'
import { type Messages, type Mode, messagesOf } from './message.ts'
import { type Server, Servers } from './servers.ts'

/** Receivers close, or fall silent for ever, over larger frames; Fluent Bit takes 6 MB, before and after decompression. */
const LARGEST = 4 * 1024 * 1024
const GZIP_LEVEL = 1

export interface FluentdOptions extends Omit<ConnectionOptions, 'identity' | 'credentials'> {
  readonly hosts: readonly string[]
  readonly standby: readonly string[]
  readonly weights: Readonly<Record<string, number>>
  readonly heartbeat_ms: number
  readonly credentials: Credentials | undefined
  readonly mode: Mode
  readonly compression: 'gzip' | 'zstd'
  readonly ack: boolean
  /** A number in [0, 1). */
  readonly random: () => number
  readonly log: Log
  readonly clock: Clock
}

/** @throws Error when this Node has no such compression */
export function fluentdOutput(options: FluentdOptions): Output {
  const { mode, compression, ack, tls, credentials, log } = options
  const compress = mode === 'compressed_packed_forward' ? compressor(compression) : undefined
  // No server has this name, so none can pass off our own digest as its proof.
  const name = `wherry-${hostname()}`
  const connecting = { ...options, identity: () => ({ hostname: name, salt: randomBytes(16).toString('hex') }) }
  const servers = new Servers({ ...options, connecting })
  if (credentials && !tls && !servers.all.every(({ host }) => isLoopback(host)))
    log.warn('without tls the shared key proves who is who, but who listens can read all that is sent, and guess at the key')

  const messages = async (payload: Payload): Promise<Messages> => {
    if (!compress) return messagesOf(payload, { mode, ack })
    return messagesOf(payload, { mode, ack, compressed: compression, body: await compress(payload.body) })
  }

  /** On a kept connection if there is one; a server may have closed it meanwhile, so that then a new one is tried at once. */
  const ask = async (server: Server, sent: Messages, signal: AbortSignal): Promise<void> => {
    for (let kept = server.idle.pop(); kept; kept = server.idle.pop()) {
      if (!kept.isOpen) continue
      try {
        return await use(server, kept, sent, signal)
      } catch (error) {
        signal.throwIfAborted()
        if (!/closed the connection|ECONNRESET|EPIPE/.test((error as Error).message)) throw error
      }
    }
    await use(server, await servers.connect(server, signal), sent, signal)
  }

  const use = async (server: Server, connection: Connection, sent: Messages, signal: AbortSignal): Promise<void> => {
    await connection.send(sent, signal)
    if (connection.keepalive) server.idle.push(connection)
    else await connection.close()
  }

  /** Does the work with the first server with which it can be done. */
  const withAny = async (signal: AbortSignal, work: (server: Server) => Promise<void>): Promise<void> => {
    const problems: string[] = []
    for (const server of servers.order()) {
      try {
        await work(server)
        servers.succeeded(server)
        return
      } catch (error) {
        signal.throwIfAborted()
        servers.failed(server)
        problems.push(`${server.address}: ${(error as Error).message}`)
      }
    }
    throw new Error(problems.join('; '))
  }

  return {
    open: (signal) => withAny(signal, async (server) => void server.idle.push(await servers.connect(server, signal))),
    async write(payload, { signal }) {
      signal.throwIfAborted()
      if (payload.body.length > LARGEST) {
        const said = `more than ${LARGEST} bytes, which forward servers do not take at once`
        if (payload.count > 1) throw new RetryError(said, { halve: true })
        throw new RejectedError(said)
      }
      const sent = await messages(payload)
      await withAny(signal, (server) => ask(server, sent, signal))
    },
    close: () => servers.close(),
  }
}

type Compress = (body: Uint8Array) => Promise<Uint8Array>

function compressor(compression: 'gzip' | 'zstd'): Compress {
  if (compression === 'gzip') {
    const gzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip)
    return (body) => gzip(body, { level: GZIP_LEVEL })
  }
  // Since Node 22.15.
  const { zstdCompress } = zlib as { zstdCompress?: (body: Uint8Array, done: (error: Error | null, result: Buffer) => void) => void }
  if (!zstdCompress) throw new Error(`Node ${process.versions.node} has no zstd: take gzip, or Node 22.15 or later`)
  return promisify<Uint8Array, Buffer>(zstdCompress)
}
