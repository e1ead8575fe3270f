/**
 * One client: handshake, messages in, acks out. It is read no faster than its events are taken in.
 *
 * To connect, shake hands and hang up is what clients do to see whether we are there. A value that is no message is kept as a refused record, and the
 * connection goes on; bytes that are no MessagePack, or do not begin like a forward client, end it.
 */
import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Chunk } from './acks.ts'
import { encodeAck, encodeHelo } from './answers.ts'
import { answerPing, type Security } from './handshake.ts'
import { Inbox } from './inbox.ts'

/** A PING is short; who has not proved anything gets no more memory. */
const MOST_UNPROVED = 64 * 1024
const HANDSHAKE_MS = 10_000
/** A client that does not read its acks is gone. */
const MOST_UNREAD = 1024 * 1024
const KEEP_ALIVE_MS = 60_000

export interface ConnectionOptions {
  readonly security: Security | undefined
  readonly max_message_bytes: number
  /**
   * A whole value that is neither nil nor of the handshake.
   * @throws Error to hang up
   */
  readonly take: (value: Uint8Array, connection: Connection) => Promise<void>
  /** It says no more; acks may still be due. */
  readonly ended: (connection: Connection) => void
}

export class Connection {
  /** Of the client, for the log. */
  readonly address: string
  /** For events that come without a chunk id: 8 random bytes, and how many there have been. */
  readonly key = randomBytes(8)
  events = 0
  /** Whether it has sent a message, and whether it says no more. */
  used = false
  ended = false
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  /** Acks that are due, in the order in which the chunks came. */
  #due: { readonly raw: Uint8Array; readonly chunk: Chunk }[] = []
  #drained: (() => void) | undefined
  #stopped = false

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket
    this.#options = options
    this.address = socket.remoteAddress ?? 'unix'
    // Who reads is told of errors; those that come when nobody reads any more are nobody's.
    socket.on('error', () => undefined)
    socket.setNoDelay(true)
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
  }

  /**
   * Reads until the client hangs up, and sends what acks are due then.
   * @throws Error with the reason when it was we who hung up
   */
  async run(): Promise<void> {
    const socket = this.#socket
    const { security } = this.#options
    const nonces = { nonce: randomBytes(16), auth: security?.users ? randomBytes(16) : new Uint8Array(0) }
    let proved = security === undefined
    const late = security && setTimeout(() => socket.destroy(new Error(`no handshake within ${HANDSHAKE_MS / 1000} s`)), HANDSHAKE_MS)
    const inbox = new Inbox()
    try {
      if (security) socket.write(encodeHelo(nonces))
      // Half closed it still takes acks.
      for await (const piece of socket.iterator({ destroyOnReturn: false })) {
        inbox.add(piece as Buffer)
        for (let value = inbox.next(); value; value = inbox.next()) {
          if (proved) await this.#value(value)
          else {
            const { pong, refused } = answerPing(value, nonces, security!)
            socket.write(pong)
            if (refused !== undefined) return await this.#refuse(refused)
            clearTimeout(late)
            proved = true
          }
        }
        const most = proved ? this.#options.max_message_bytes : MOST_UNPROVED
        if (inbox.waiting > most) throw new Error(`a message of more than ${most} bytes`)
      }
      if (inbox.waiting > 0 && proved) throw new Error('it hung up inside a message')
      this.#end()
      await this.#flushed()
    } finally {
      clearTimeout(late)
      this.#end()
      socket.destroy()
    }
  }

  /** An ack that is due once the chunk is settled and all acks before it have gone. */
  due(raw: Uint8Array, chunk: Chunk): void {
    this.#due.push({ raw: Uint8Array.from(raw), chunk })
    this.flush()
  }

  get hasDue(): boolean {
    return this.#due.length > 0
  }

  /** Sends the acks that can go. */
  flush(): void {
    const settled = this.#due.findIndex(({ chunk }) => !chunk.settled)
    const ready = this.#due.splice(0, settled < 0 ? this.#due.length : settled)
    if (ready.length === 0) return
    if (this.#socket.writable) this.#socket.write(Buffer.concat(ready.map(({ raw }) => encodeAck(raw))))
    if (this.#socket.writableLength > MOST_UNREAD) this.#socket.destroy(new Error('it does not read its acks'))
    if (this.#due.length === 0) this.#drained?.()
  }

  /** Takes nothing more, sends the acks that are due as they come, and holds the process no more. */
  stop(): void {
    this.#stopped = true
    this.#socket.unref()
  }

  /** Hangs up once what is written has gone. */
  close(): void {
    this.#socket.destroySoon()
    this.#drained?.()
  }

  async #value(value: Uint8Array): Promise<void> {
    // Fluentd ignores nil, and some send it to keep the line alive.
    if (value[0] === 0xc0) return
    if (!isContainer(value[0])) throw new Error('it does not speak the forward protocol')
    this.used = true
    try {
      if (!this.#stopped) return await this.#options.take(value, this)
    } catch (error) {
      if (!this.#stopped) throw error
    }
    await new Promise<void>((resolve) => this.#socket.once('close', resolve))
  }

  #end(): void {
    if (this.ended) return
    this.ended = true
    this.#options.ended(this)
  }

  async #refuse(reason: string): Promise<never> {
    await new Promise<void>((resolve) => this.#socket.end(resolve))
    throw new Error(`handshake refused: ${reason}`)
  }

  /** The client says no more, but may wait for its acks. */
  async #flushed(): Promise<void> {
    if (this.#due.length > 0 && this.#socket.writable) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve
        this.#socket.once('close', resolve)
      })
    }
    if (this.#socket.writable) await new Promise<void>((resolve) => this.#socket.end(resolve))
  }
}

/** Arrays are messages, or refused like maps; texts and numbers come from those who speak something else, such as JSON or HTTP. */
function isContainer(head: number): boolean {
  return (head >= 0x80 && head < 0xa0) || (head >= 0xdc && head <= 0xdf)
}
