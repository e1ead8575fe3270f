/**
 * What has been read from the sockets and not been asked for yet: read fast, queued here. Bounded by bytes; when it is full, sockets are paused.
 *
 * Records of one source (one connection) are put together into batches; a batch is closed when it is taken, full, or another source begins.
 */
import type { Batch } from '../../../core/plugin.ts'
import type { Cursor } from './cursor.ts'
import { encodeSource, HEADER_BYTES, type RecordHeader, type Source } from './records.ts'
import { BATCH_BYTES, Segment } from './segment.ts'

/** Memory of batches that were taken in, kept for the next ones: what is fresh is cleared first, and its end is work for the garbage collector. */
const SPARES = 4

/** Name of the records' stream in the checkpoint. */
export const RECORDS = 'records'

interface Part {
  readonly source: Source
  readonly asked: string
  readonly segment: Segment
}

export class Backlog {
  readonly #most: number
  readonly #cursor: Cursor
  #parts: (Part | Batch)[] = []
  /** The youngest part, if records can be added to it. */
  #last: Part | undefined
  /** Memory for segments to come, and that of the batch which is being taken in. */
  readonly #spare: Uint8Array[] = []
  #taking: Uint8Array | undefined
  #bytes = 0
  #ended = false
  #wake: (() => void) | undefined
  /** Sockets that wait for room. */
  readonly #paused = new Set<() => void>()
  #contextOf: Source | undefined
  #context: Uint8Array = new Uint8Array(0)

  constructor(most: number, cursor: Cursor) {
    this.#most = most
    this.#cursor = cursor
  }

  get full(): boolean {
    return this.#bytes >= this.#most
  }

  /**
   * Adds a record: what Kismet sent is bytes[from … to).
   * @param source the same object for all records of a connection
   */
  add(source: Source, asked: string, header: RecordHeader, bytes: Buffer, from: number, to: number): void {
    let last = this.#last
    if (last?.source !== source || !last.segment.fits(to - from)) {
      last = this.#last = { source, asked, segment: new Segment(this.#spare.pop()) }
      this.#parts.push(last)
    }
    last.segment.add(header, bytes, from, to)
    this.#bytes += HEADER_BYTES + to - from
    this.#wake?.()
  }

  /** A batch that is whole already. */
  addBatch(batch: Batch): void {
    this.#parts.push(batch)
    this.#last = undefined
    this.#bytes += batch.data.length
    this.#wake?.()
  }

  /** Calls back once when there is room again. */
  whenRoom(resume: () => void): void {
    this.#paused.add(resume)
  }

  /** Waits until there is room, or the signal. */
  async room(signal: AbortSignal): Promise<void> {
    while (this.full && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          signal.removeEventListener('abort', done)
          this.#paused.delete(done)
          resolve()
        }
        signal.addEventListener('abort', done)
        this.whenRoom(done)
      })
    }
  }

  /** Nothing more will come. */
  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** The oldest batch, valid until the next call; waits for one. Undefined when there will be none any more. */
  async take(): Promise<Batch | undefined> {
    while (this.#parts.length === 0 && !this.#ended) await new Promise<void>((resolve) => (this.#wake = resolve))
    this.#wake = undefined
    return this.next()
  }

  /** The same without waiting; undefined when there is none now. */
  next(): Batch | undefined {
    const part = this.#parts.shift()
    if (this.#taking && this.#spare.length < SPARES) this.#spare.push(this.#taking)
    this.#taking = undefined
    if (!part) return undefined
    if (part === this.#last) this.#last = undefined
    const batch = 'segment' in part ? this.#batch(part) : part
    this.#bytes -= batch.data.length
    // Half empty, so that sockets are not stopped and started for each batch.
    if (this.#bytes <= this.#most / 2) {
      for (const resume of this.#paused) {
        this.#paused.delete(resume)
        resume()
      }
    }
    return batch
  }

  #batch({ source, asked, segment }: Part): Batch {
    const { written, records } = segment
    if (segment.data.length <= BATCH_BYTES) this.#taking = segment.data
    const { offset } = this.#cursor
    this.#cursor.pass(written, source.start, asked)
    if (source !== this.#contextOf) {
      this.#contextOf = source
      this.#context = encodeSource(source)
    }
    return { stream: RECORDS, data: written, offset, records, context: this.#context, next: this.#cursor.position() }
  }
}
