/**
 * A forward server that does as it is told: HELO of either kind, wrong proofs, acks late, wrong or never, cut connections. It reads with a decoder of others
 * and writes its own answers byte by byte, so that it shares nothing with what it tests.
 */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type ListenOptions, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { gunzipSync } from 'node:zlib'
import { decode, decodeMulti, decodeMultiStream, ExtensionCodec, encode } from '@msgpack/msgpack'

/** Seconds and nanoseconds of an EventTime, or the integer that was sent. */
export type PeerTime = { readonly seconds: number; readonly nanos: number } | number | bigint

export interface PeerEvent {
  readonly tag: string
  readonly time: PeerTime
  readonly metadata?: unknown
  readonly record: Readonly<Record<string, unknown>>
  readonly chunk: string | undefined
}

export interface Security {
  readonly key: string
  readonly hostname?: string
  readonly users?: Readonly<Record<string, string>>
  /** As Fluent Bit: nonce and salt as `str` that are no UTF-8, a salt though there are no users, no word to a wrong key. */
  readonly fluentBit?: boolean
  /** What it answers instead of its proof. */
  readonly proof?: (ping: readonly string[]) => readonly [hostname: string, hex: string]
}

/** What to do with a message, the connection being the nth. */
export type Verdict = 'ack' | 'silent' | 'close' | 'wrong ack'

export interface PeerOptions {
  readonly security?: Security
  readonly tls?: TlsOptions
  readonly keepalive?: boolean
  readonly listen?: ListenOptions
  readonly judge?: (message: readonly unknown[], connection: number) => Verdict | Promise<Verdict>
  /** Takes the events of each message, before it is acknowledged; else they are kept in `events`. */
  readonly store?: (events: readonly PeerEvent[]) => void
}

const codec = new ExtensionCodec()
codec.register({
  type: 0,
  encode: () => null,
  decode: (body) => ({ seconds: Buffer.from(body).readUInt32BE(0), nanos: Buffer.from(body).readUInt32BE(4) }),
})
const decoding = { extensionCodec: codec, useBigInt64: true }

export class ForwardPeer {
  readonly events: PeerEvent[] = []
  /** Carrier mode of each message: type of its second element, and what it says of compression. */
  readonly forms: string[] = []
  /** Chunk id of each message. */
  readonly chunks: (string | undefined)[] = []
  readonly pings: (readonly string[])[] = []
  connections = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #options: PeerOptions

  constructor(options: PeerOptions = {}) {
    this.#options = options
    const accept = (socket: Socket) => void this.#serve(socket, ++this.connections).catch(() => socket.destroy())
    this.#server = options.tls ? createTlsServer(options.tls, accept) : createServer(accept)
    this.#server.on('tlsClientError', () => undefined)
  }

  async listen(): Promise<this> {
    this.#server.listen(this.#options.listen ?? { port: 0, host: '127.0.0.1' })
    await once(this.#server, 'listening')
    return this
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Ends all connections, as a server that is started again. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.cut()
    if (!this.#server.listening) return
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #serve(socket: Socket, connection: number): Promise<void> {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#sockets.delete(socket))
    const { security } = this.#options
    if (security && !(await this.#shakeHands(socket, security))) return
    for await (const message of decodeMultiStream(socket, decoding)) await this.#take(socket, message as readonly unknown[], connection)
  }

  /** The PING must come in one read. */
  async #shakeHands(socket: Socket, { key, hostname = 'peer', users, fluentBit = false, proof }: Security): Promise<boolean> {
    const nonce = fluentBit ? Buffer.alloc(16, 0xfe) : randomBytes(16)
    const auth = fluentBit ? Buffer.alloc(16, 0xc1) : users ? randomBytes(16) : Buffer.alloc(0)
    const raw = (bytes: Buffer) => (fluentBit ? Buffer.concat([Buffer.of(0xa0 | bytes.length), bytes]) : Buffer.from(encode(bytes)))
    const options = [Buffer.from(encode('nonce')), raw(nonce), Buffer.from(encode('auth')), auth.length === 0 ? Buffer.of(0xa0) : raw(auth)]
    const { keepalive = true } = this.#options
    const last = fluentBit ? [] : [Buffer.from(encode('keepalive')), Buffer.from(encode(keepalive))]
    socket.write(Buffer.concat([Buffer.of(0x92), Buffer.from(encode('HELO')), Buffer.of(fluentBit ? 0x82 : 0x83), ...options, ...last]))
    const [first] = (await once(socket, 'data')) as [Buffer]
    const ping = decode(first) as string[]
    if (ping.length !== 6 || ping.some((part) => typeof part !== 'string')) throw new Error('no PING of six texts')
    this.pings.push(ping)
    const [, client, salt, digest, username, password] = ping
    const sha = (...parts: (string | Buffer)[]) => parts.reduce((hash, part) => hash.update(part), createHash('sha512')).digest('hex')
    const refuse = (reason: string) => {
      socket.end(encode(['PONG', false, reason, '', '']))
      return false
    }
    if (digest !== sha(salt, client, nonce, key)) {
      if (!fluentBit) return refuse('shared_key mismatch')
      socket.end()
      return false
    }
    if (users && password !== sha(auth, username, users[username] ?? '')) return refuse('username/password mismatch')
    socket.write(encode(['PONG', true, '', ...(proof?.(ping) ?? [hostname, sha(salt, hostname, nonce, key)])]))
    return true
  }

  async #take(socket: Socket, message: readonly unknown[], connection: number): Promise<void> {
    const [tag, second] = message
    const packed = second instanceof Uint8Array
    const many = packed || Array.isArray(second)
    const option = (message[many ? 2 : 3] ?? {}) as { chunk?: string; compressed?: string; size?: number }
    const { store, judge } = this.#options
    if (!store)
      this.forms.push(`${packed ? 'packed' : many ? 'forward' : 'message'}${option.compressed === undefined ? '' : ` ${option.compressed}`}`)
    if (!store) this.chunks.push(option.chunk)
    const verdict = (await judge?.(message, connection)) ?? 'ack'
    if (verdict === 'close') return void socket.destroy()
    const body = packed && option.compressed === 'gzip' ? gunzipSync(second) : second
    const entries = packed ? [...decodeMulti(body as Uint8Array, decoding)] : many ? (second as unknown[]) : [[second, message[2]]]
    if (many && Number(option.size) !== entries.length) throw new Error(`${entries.length} entries, said to be ${option.size}`)
    const events = (entries as [unknown, Record<string, unknown>][]).map(([head, record]): PeerEvent => {
      const [time, metadata] = Array.isArray(head) ? head : [head]
      return { tag: String(tag), time, ...(metadata === undefined ? {} : { metadata }), record, chunk: option.chunk }
    })
    if (store) store(events)
    else this.events.push(...events)
    if (option.chunk === undefined || verdict === 'silent') return
    socket.write(encode({ ack: verdict === 'ack' ? option.chunk : 'another' }))
  }
}
