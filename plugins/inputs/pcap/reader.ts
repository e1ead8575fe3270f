/**
 * Reads batches of whole records from one capture, wherever its bytes come from.
 *
 * Invariants
 * - `offset` is the end of the last batch or of what was passed over; nothing behind it has been given out.
 * - A record that is not whole is read again later; nothing of it is kept here.
 */
import { CaptureCutter, encodeContext } from '../../../core/formats/capture.ts'
import { lastTime } from '../../../core/formats/capture-time.ts'
import { findRecord, RESYNC_BYTES } from '../../../core/formats/resync.ts'
import { BATCH_RECORDS, type Batch, type InputContext, LEASE_BYTES } from '../../../core/plugin.ts'
import { type Place, toPosition } from './position.ts'
import type { ByteSource } from './source.ts'

const HEAD_BYTES = 16

/** The part of a place that only the owner of the file knows. */
export type Whereabouts = Pick<Place, 'path' | 'dev' | 'ino' | 'unread'>

export interface ReaderOptions {
  readonly context: InputContext
  readonly statistics: boolean
  /** Name in the checkpoint, and what the capture is. */
  readonly stream: string
  readonly identity: string
  /** Where to go on. */
  readonly place?: Place
  /** What the capture is called in logs. */
  readonly name: () => string
  /** Called for every batch. */
  readonly whereabouts: (offset: number) => Whereabouts
  /** Called after every read: false when the bytes are of another capture by now, and must not be used. */
  readonly intact?: () => boolean
  /** Ends a search or a run of skipped records; default is the input's. */
  readonly signal?: AbortSignal
}

export class CaptureReader {
  readonly stream: string
  readonly identity: string
  offset = 0
  /** Place behind the last batch. */
  place: Place | undefined
  readonly #options: ReaderOptions
  readonly #cutter: CaptureCutter
  readonly #signal: AbortSignal
  #blocks: Uint8Array | undefined
  #encodedBlocks = ''
  /** Bytes that the record at `offset` lacks; 0 when the capture ends between two records. */
  #missing = 0
  /** A record that is passed over, up to an offset that may not be there yet. */
  #passing: { to: number; packet: boolean } | undefined
  /** Damage at `offset`; the search for the next record has come to `at`. */
  #damage: { at: number; reason: string } | undefined

  constructor(options: ReaderOptions) {
    const { context, place } = options
    this.#options = options
    this.#signal = options.signal ?? context.signal
    this.stream = options.stream
    this.identity = options.identity
    this.#cutter = new CaptureCutter({ maxRecord: context.max_record_bytes, statistics: options.statistics })
    if (place) {
      this.place = place
      this.offset = place.offset
      this.#cutter.restore(Buffer.from(place.blocks, 'base64'), place.frames)
    }
  }

  /** The next batch, or undefined when no whole record is there now. */
  async next(source: ByteSource): Promise<Batch | undefined> {
    const { context, intact } = this.#options
    while (!this.#signal.aborted) {
      if (this.#passing && !(await this.#pass(source))) return undefined
      if (this.#damage && !(await this.#search(source))) return undefined
      let data = context.lease(LEASE_BYTES)
      let have = await source.readAt(data, this.offset)
      if (intact?.() === false || have === 0) {
        this.#missing = 0
        return undefined
      }
      const state = encodeContext(this.#cutter)
      this.#cut(data, have)
      if (this.#cutter.end === 0 && this.#cutter.stop === 'more' && this.#cutter.need > data.length && have === data.length) {
        // Longer than the lease, not longer than allowed: the cutter has seen to that.
        data = new Uint8Array(this.#cutter.need)
        have = await source.readAt(data, this.offset)
        if (intact?.() === false) return undefined
        this.#cut(data, have)
      }
      if (this.#cutter.records > 0) return this.#batch(data, state)
      if (!this.#goOn(data, have)) return undefined
    }
    return undefined
  }

  /** Says what is left when nothing will be added; counts what could not be read. Returns whether all was read. */
  finish(end: number): boolean {
    const { context, name } = this.#options
    if (this.#damage) {
      context.skipped(this.stream, this.offset, Math.max(0, end - this.offset), this.#damage.reason)
      context.log.warn(`${name()}: no record found behind the damage at ${this.offset}, the rest is left out`, { offset: this.offset })
      return false
    }
    const missing = this.#passing ? this.#passing.to - end : this.#missing
    if (missing <= 0) return true
    context.log.warn(`${name()}: ends inside a record: at offset ${this.offset} the last one lacks ${missing} bytes`, {
      offset: this.offset,
      missing,
    })
    return false
  }

  #cut(data: Uint8Array, have: number): void {
    this.#cutter.cut(data, 0, have, BATCH_RECORDS)
  }

  #batch(data: Uint8Array, context: Uint8Array): Batch {
    const { stream, identity } = this
    const cutter = this.#cutter
    const offset = this.offset
    const whole = data.subarray(0, cutter.end)
    const time = lastTime(cutter, data) ?? { seconds: this.place?.seconds ?? 0, nanos: this.place?.nanos ?? 0 }
    this.offset = offset + cutter.end
    this.#missing = 0
    this.place = {
      identity,
      offset: this.offset,
      frames: cutter.frames,
      ...this.#options.whereabouts(this.offset),
      blocks: this.#blocksText(),
      last: offset + cutter.last,
      head: hex(whole.subarray(cutter.last, cutter.last + HEAD_BYTES)),
      ...time,
    }
    const batch = { stream, data: whole, offset, records: cutter.records, context, next: toPosition(this.place) }
    return identity === stream ? batch : { ...batch, identity }
  }

  #blocksText(): string {
    if (this.#blocks !== this.#cutter.blocks) {
      this.#blocks = this.#cutter.blocks
      this.#encodedBlocks = Buffer.from(this.#blocks).toString('base64')
    }
    return this.#encodedBlocks
  }

  /** After a call of the cutter without records. Returns whether to read again at once. */
  #goOn(data: Uint8Array, have: number): boolean {
    const cutter = this.#cutter
    const { end, stop } = cutter
    this.offset += end
    this.#missing = 0
    if (stop === 'long') {
      const packet = cutter.skip(data, end, have - end)
      this.#passing = { to: this.offset + cutter.need, packet }
      return true
    }
    if (stop === 'corrupt' || stop === 'foreign') {
      const { context, name } = this.#options
      context.log.warn(`${name()}: damaged at offset ${this.offset} (${cutter.reason}), looking for the next record`, { offset: this.offset })
      this.#damage = { at: this.offset + 1, reason: cutter.reason }
      return true
    }
    if (end > 0) return true
    this.#missing = cutter.need - have
    return false
  }

  async #pass(source: ByteSource): Promise<boolean> {
    const passing = this.#passing
    if (!passing || !(await source.reaches(passing.to))) return false
    const { context } = this.#options
    if (passing.packet) context.skipped(this.stream, this.offset, passing.to - this.offset, 'longer than max_record_bytes')
    this.offset = passing.to
    this.#passing = undefined
    return true
  }

  async #search(source: ByteSource): Promise<boolean> {
    const damage = this.#damage
    const window = new Uint8Array(RESYNC_BYTES)
    while (damage && !this.#signal.aborted) {
      const have = await source.readAt(window, damage.at)
      if (this.#options.intact?.() === false) return false
      const { header, bigEndian } = this.#cutter
      const result = findRecord(window, have, { header, bigEndian, near: this.place?.seconds })
      damage.at += result.at
      if (result.found) {
        this.#options.context.skipped(this.stream, this.offset, damage.at - this.offset, damage.reason)
        this.offset = damage.at
        this.#damage = undefined
        return true
      }
      if (have < window.length) return false
    }
    return false
  }
}

/** Whether the source holds, where a place says so, the record that was read last. */
export async function matches(source: ByteSource, place: Place): Promise<boolean> {
  const head = new Uint8Array(place.head.length / 2)
  const have = await source.readAt(head, place.last)
  return have === head.length && hex(head) === place.head && (await source.reaches(place.offset))
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
