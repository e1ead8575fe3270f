/** A forward client that sends what it is told, byte by byte if need be. It writes with an encoder of others and shares nothing with what it tests. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { decodeMultiStream, ExtData, ExtensionCodec, encode } from '@msgpack/msgpack'

/** Types are not turned into anything, so that answers can be compared as they are. */
const codec = new ExtensionCodec()

/** A time as fixext8, or as ext8 by hand. */
export function eventTime(seconds: number, nanos: number): ExtData {
  const body = Buffer.alloc(8)
  body.writeUInt32BE(seconds, 0)
  body.writeUInt32BE(nanos, 4)
  return new ExtData(0, body)
}

export const pack = (value: unknown): Buffer => Buffer.from(encode(value, { useBigInt64: true, extensionCodec: codec }))
/** Bytes as str of any length, as Ruby writes them. */
export function str32(bytes: Uint8Array): Buffer {
  const head = Buffer.from([0xdb, 0, 0, 0, 0])
  head.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([head, bytes])
}
/** Parts that are packed already, as one array. */
export const packArray = (...parts: Uint8Array[]): Buffer => Buffer.concat([Buffer.of(0x90 | parts.length), ...parts])

export interface Credentials {
  readonly key: string
  readonly hostname?: string
  readonly user?: string
  readonly password?: string
  /** As Fluent Bit: 16 raw bytes in a str. */
  readonly rawSalt?: boolean
  /** Writes the PING in pieces of one byte. */
  readonly slow?: boolean
}

export class ForwardClient {
  readonly socket: Socket
  readonly #answers: AsyncIterator<unknown>

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('error', () => undefined)
    this.#answers = decodeMultiStream(socket)[Symbol.asyncIterator]()
  }

  /** Tries until somebody listens. */
  static async open(where: { port: number } | { path: string }, tls?: ConnectionOptions): Promise<ForwardClient> {
    for (let tries = 0; ; tries++) {
      const socket = tls ? connectTls({ host: '127.0.0.1', ...where, ...tls }) : connect({ host: '127.0.0.1', ...where })
      try {
        await once(socket, tls ? 'secureConnect' : 'connect')
        return new ForwardClient(socket)
      } catch (error) {
        if (tries > 400 || !/ECONNREFUSED|ENOENT/.test(String((error as NodeJS.ErrnoException).code))) throw error
        await delay(10)
      }
    }
  }

  send(...messages: Uint8Array[]): void {
    this.socket.write(Buffer.concat(messages))
  }

  /** What the server says next; undefined when it has hung up. */
  async answer(): Promise<unknown> {
    try {
      const { done, value } = await this.#answers.next()
      return done ? undefined : value
    } catch {
      return undefined
    }
  }

  async acks(count: number): Promise<unknown[]> {
    const acks: unknown[] = []
    for (let i = 0; i < count; i++) acks.push(((await this.answer()) as { ack?: unknown } | undefined)?.ack)
    return acks
  }

  /** @returns the reason of a refusal; undefined when the server proved itself */
  async shakeHands({ key, hostname = 'client', user = '', password = '', rawSalt = false, slow = false }: Credentials): Promise<string | undefined> {
    const [helo, { nonce, auth, keepalive }] = (await this.answer()) as [string, { nonce: Uint8Array; auth: Uint8Array | string; keepalive: boolean }]
    if (helo !== 'HELO' || !(nonce instanceof Uint8Array) || keepalive !== true) throw new Error('no HELO')
    const salt = rawSalt ? Buffer.alloc(16, 0xfe) : Buffer.from('0123456789abcdef')
    const sha = (...parts: (string | Uint8Array)[]) => parts.reduce((hash, part) => hash.update(part), createHash('sha512')).digest('hex')
    const proof = user === '' ? '' : sha(auth, user, password)
    const head = Buffer.concat([Buffer.of(0xb0), salt])
    const ping = packArray(pack('PING'), pack(hostname), head, pack(sha(salt, hostname, nonce, key)), pack(user), pack(proof))
    if (!slow) this.send(ping)
    for (let i = 0; slow && i < ping.length; i++) {
      this.socket.write(ping.subarray(i, i + 1))
      if (i % 40 === 0) await delay(1)
    }
    const [pong, ok, reason, server, hex] = (await this.answer()) as [string, boolean, string, string, string]
    if (pong !== 'PONG') throw new Error('no PONG')
    if (!ok) return reason
    if (hex !== sha(salt, server, nonce, key) || server === hostname) throw new Error('the server does not prove itself')
    return undefined
  }

  async close(): Promise<void> {
    if (this.socket.closed) return
    this.socket.destroy()
    await once(this.socket, 'close')
  }
}
