/** One capture file: its descriptor, and whether it still holds the capture it held. */
import { fstatSync, readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Batch } from '../../../core/plugin.ts'
import { type GzipFeed, gzipFeed, isGzip } from './gzip.ts'
import { type Identity, identify } from './identity.ts'
import type { Place } from './position.ts'
import { type CaptureReader, matches, type Whereabouts } from './reader.ts'
import { type ByteSource, feedSource, plainSource } from './source.ts'

/** What `stat` says of a file. */
export interface Seen {
  readonly dev: number
  readonly ino: number
  readonly size: number
  readonly mtimeMs: number
}

/** So much of the beginning is compared to notice that a file was written anew. */
const GUARD_BYTES = 1024

export class CaptureFile {
  path: string
  /** Where it lay first: another path means that it was rotated away. */
  readonly firstPath: string
  readonly dev: number
  readonly ino: number
  /** Size and time as last seen from outside. */
  seen: Seen
  /** By the monotonic clock. */
  changedAt: number
  /** No path leads to it any more; it is read through its descriptor. */
  goneAt: number | undefined
  identity: string | undefined
  reader: CaptureReader | undefined
  /** It holds another capture by now: the reason. */
  overwritten: string | undefined
  /** Said once. */
  complained = false
  /** What it looked like when it was last tried to identify it. */
  tried: Seen | undefined
  /** It was there at the start. */
  early = false
  /** Number of the poll in which its stream was last looked for. */
  asked = -1
  /** Bytes that are no whole first record. */
  dangling = 0
  /** Nothing will be added, as far as one can tell, and `after` has been thought of. */
  ended = false
  compressed = false
  /** There may be something to read; see turns.ts. */
  ready = false

  /** Bytes that are read at most: with `once` those that were there at the start. */
  readonly #limit: number
  #handle: FileHandle | undefined
  #source: ByteSource | undefined
  #gzip: GzipFeed | undefined
  /** Bytes of the file that are known to be, or to have been, there. */
  #size: number
  #guard: Uint8Array | undefined
  /** What of the file had been taken when it was closed. */
  #taken = 0

  constructor(path: string, seen: Seen, now: number, limit: number) {
    this.path = this.firstPath = path
    this.dev = seen.dev
    this.ino = seen.ino
    this.seen = seen
    this.#size = seen.size
    this.changedAt = now
    this.#limit = limit
  }

  get isOpen(): boolean {
    return this.#handle !== undefined
  }

  /** Bytes of the file that are there and not read. */
  get unread(): number {
    const known = Math.min(this.#size, this.#limit)
    const offset = this.reader?.offset ?? 0
    // A file that is not open is read to its end, or was never begun.
    return Math.max(0, known - (this.#source ? this.#source.taken(offset) : this.#taken))
  }

  whereabouts(offset: number): Whereabouts {
    const unread = Math.max(0, Math.min(this.#size, this.#limit) - (this.#source?.taken(offset) ?? 0))
    return { path: this.path, dev: this.dev, ino: this.ino, unread }
  }

  /**
   * Opens it when it is not open.
   * @throws ENOENT also when its path leads to another file by now
   */
  async open(): Promise<void> {
    if (this.#handle) return
    const handle = await open(this.path, 'r')
    try {
      const stat = await handle.stat()
      if (stat.dev !== this.dev || stat.ino !== this.ino) throw Object.assign(new Error(`${this.path} is another file now`), { code: 'ENOENT' })
      this.#size = Math.max(this.#size, stat.size)
      const magic = new Uint8Array(2)
      await handle.read(magic, 0, 2, 0)
      this.#gzip = isGzip(magic) ? gzipFeed(handle, this.#limit) : undefined
      this.compressed = this.#gzip !== undefined
      this.#source = this.#gzip ? feedSource(this.#gzip) : plainSource(handle, this.#limit)
      this.#handle = handle
    } finally {
      if (!this.#handle) await handle.close()
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle
    if (!handle) return
    this.#taken = this.#source?.taken(this.reader?.offset ?? 0) ?? 0
    this.#handle = undefined
    await this.#source?.close()
    this.#source = this.#gzip = undefined
    await handle.close()
  }

  /** Looks which capture it holds, and remembers how it begins. */
  async identify(): Promise<Identity> {
    this.tried = this.seen
    await this.open()
    const source = this.#source as ByteSource
    const handle = this.#handle as FileHandle
    const result = await identify(source)
    if (result.kind === 'known') {
      const guard = new Uint8Array(Math.min(GUARD_BYTES, this.#gzip ? this.seen.size : result.length))
      const { bytesRead } = await handle.read(guard, 0, guard.length, 0)
      this.#guard = guard.slice(0, bytesRead)
      this.identity = result.identity
    } else await this.close()
    this.dangling = result.kind === 'waiting' ? result.dangling : 0
    return result
  }

  /** Whether it holds, where a place says so, the record that was read last. The source can go on from the place then. */
  async verify(place: Place): Promise<boolean> {
    await this.open()
    const good = await matches(this.#source as ByteSource, place)
    // A compressed file cannot go back.
    if (!good) await this.close()
    return good
  }

  /** The next batch; undefined at the end, or when it was overwritten. */
  async next(): Promise<Batch | undefined> {
    await this.open()
    if (!this.intact()) return undefined
    return await this.reader?.next(this.#source as ByteSource)
  }

  /** Whether the file still holds the capture. Costs two small system calls, and is asked after every read. */
  readonly intact = (): boolean => {
    const handle = this.#handle
    const guard = this.#guard
    if (!handle || !guard || this.overwritten) return !this.overwritten
    const { size } = fstatSync(handle.fd)
    const begin = new Uint8Array(guard.length)
    const have = readSync(handle.fd, begin, 0, begin.length, 0)
    const taken = this.#source?.taken(this.reader?.offset ?? 0) ?? 0
    if (size < taken) this.overwritten = 'truncated'
    else if (have < guard.length || Buffer.compare(begin, guard) !== 0) this.overwritten = 'overwritten'
    else this.#size = Math.max(this.#size, size)
    return !this.overwritten
  }

  /** For an end that is final: says what is wrong with it. Returns whether all of the file was read. */
  async finish(warn: (message: string) => void): Promise<boolean> {
    const wrong = await this.#gzip?.finish()
    if (wrong) warn(`${this.path}: the compressed data is cut short or damaged (${wrong})`)
    // What was appended since the start is not for this run, and may hold the rest of a record.
    const grown = this.#handle !== undefined && fstatSync(this.#handle.fd).size > this.#limit
    const end = this.#gzip ? (this.reader?.offset ?? 0) : Math.min(this.#size, this.#limit)
    if (!this.reader && this.dangling > 0) warn(`${this.path}: ends inside its first record, after ${this.dangling} bytes of it`)
    return !grown && (this.reader?.finish(end) ?? false) && !wrong
  }

  /** Forgets the capture: the file holds another one. */
  async reset(): Promise<void> {
    await this.close()
    this.identity = this.reader = this.overwritten = this.tried = this.#guard = undefined
    this.#taken = 0
    this.#size = 0
    this.complained = this.ended = false
  }
}
