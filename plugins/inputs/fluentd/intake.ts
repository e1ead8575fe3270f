/** The way of every message into the backlog: taken apart, decompressed, recognised when it comes again, cut into events. */
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { PackedError } from '../../../core/formats/msgpack.ts'
import { skipPacked } from '../../../core/formats/msgpack-skip.ts'
import type { InputContext } from '../../../core/plugin.ts'
import { Acks } from './acks.ts'
import type { Backlog } from './backlog.ts'
import type { Connection } from './connection.ts'
import { countEntries, type Message, RefusedError, readMessage } from './message.ts'
import { ENTRY, REFUSED, refusal } from './records.ts'

/** So much of a message that cannot be read is kept. */
const KEPT_BYTES = 64 * 1024

export interface IntakeOptions {
  readonly backlog: Backlog
  readonly stream: string
  readonly max_message_bytes: number
  readonly context: Pick<InputContext, 'max_record_bytes' | 'skipped' | 'signal'>
  /** Some chunks are settled. */
  readonly settled: () => void
}

export class Intake {
  readonly acks: Acks
  readonly #options: IntakeOptions

  constructor(options: IntakeOptions) {
    this.#options = options
    this.acks = new Acks(options.settled)
  }

  /**
   * Takes a message in, or keeps it as a refused record.
   * @throws Error to hang up: then it has not been taken, and no ack will come
   */
  async take(value: Uint8Array, connection: Connection): Promise<void> {
    let message: Message | undefined
    try {
      message = readMessage(value)
      await this.#message(message, value.length, connection)
    } catch (error) {
      if (!(error instanceof RefusedError) && !(error instanceof PackedError)) throw error
      const chunk = error instanceof RefusedError ? (error.chunk ?? message?.chunk) : undefined
      await this.#once({ chunk, tag: message?.tag ?? '', length: value.length }, connection, async (key, number) =>
        this.#options.backlog.add({ kind: REFUSED, tag: '', key, number, entry: refusal(error.message, value.subarray(0, KEPT_BYTES)) }),
      )
    }
  }

  async #message(message: Message, length: number, connection: Connection): Promise<void> {
    const { backlog, stream, context } = this.#options
    const { tag, chunk, compressed } = message
    const entries = compressed === undefined ? message.entries : await this.#decompressed(message.entries, compressed, chunk)
    const count = countEntries({ ...message, entries })
    await this.#once({ chunk, tag, length, count }, connection, async (key, first) => {
      let batch = 0
      for (let i = 0, at = 0; i < count; i++) {
        const end = skipPacked(entries, at)
        const entry = entries.subarray(at, end)
        at = end
        if (entry.length > context.max_record_bytes) {
          context.skipped(stream, 0, entry.length, `an event of more than ${context.max_record_bytes} bytes`)
          continue
        }
        if (backlog.full) await backlog.room(context.signal)
        if (context.signal.aborted) throw new Error('we are stopping')
        batch = backlog.add({ kind: ENTRY, tag, key, number: first + i, entry })
      }
      return batch
    })
  }

  /**
   * Does what takes a chunk in, unless it is known; its ack is due in either case.
   * @param add answers with the batch that holds the last event, 0 when there is none
   */
  async #once(about: About, connection: Connection, add: (key: Uint8Array, number: number) => Promise<number>): Promise<void> {
    const { chunk: raw, tag, length, count = 1 } = about
    if (!raw) {
      const first = connection.events
      connection.events += count
      await add(connection.key, first)
      return
    }
    const key = createHash('sha256').update(raw).update(`${length}`).digest()
    const name = `${connection.address} ${key.toString('latin1')} ${tag}`
    const { chunk, known } = this.acks.arrived(name)
    connection.due(raw, chunk)
    if (known) return
    try {
      this.acks.taken(chunk, await add(key.subarray(0, 8), 0))
    } catch (error) {
      this.acks.abandon(name)
      throw error
    }
  }

  async #decompressed(body: Uint8Array, compressed: string, chunk: Uint8Array | undefined): Promise<Uint8Array> {
    const { max_message_bytes } = this.#options
    const decompress = DECOMPRESS[compressed]
    if (!decompress) throw new RefusedError(`a body compressed with ${compressed.slice(0, 20)}, which is not known here`, chunk)
    try {
      return await decompress(body, { maxOutputLength: max_message_bytes })
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'ERR_BUFFER_TOO_LARGE') throw new Error(`a message of more than ${max_message_bytes} bytes after decompression`)
      throw new RefusedError(`a body that is no ${compressed}: ${message}`, chunk)
    }
  }
}

interface About {
  readonly chunk: Uint8Array | undefined
  readonly tag: string
  /** Of the message. */
  readonly length: number
  readonly count?: number
}

type Decompress = (body: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>

// Since Node 22.15.
const { zstdDecompress } = zlib as {
  zstdDecompress?: (body: Uint8Array, options: object, done: (error: Error | null, result: Buffer) => void) => void
}

const DECOMPRESS: Readonly<Record<string, Decompress | undefined>> = {
  // All members one after the other, as Fluentd writes them.
  gzip: promisify<Uint8Array, object, Buffer>(zlib.gunzip),
  ...(zstdDecompress ? { zstd: promisify<Uint8Array, object, Buffer>(zstdDecompress) } : {}),
}
