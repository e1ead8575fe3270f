/**
 * Events that have come and were not asked for yet, put together into batches whoever sent them. Bounded by bytes; while it is full, clients wait.
 */
import { BATCH_RECORDS, type Batch } from '../../../core/plugin.ts'
import { encodeTags, HEADER_BYTES, putHeader } from './records.ts'

/** Clients stand still beyond that. */
const MOST_BYTES = 8 * 1024 * 1024
/** Largest batch of more than one event. */
const BATCH_BYTES = 256 * 1024

export interface Arrival {
  readonly kind: number
  readonly tag: string
  readonly key: Uint8Array
  readonly number: number
  readonly entry: Uint8Array
}

class Segment {
  /** 1, 2, 3 …: what is settled is told by it. */
  readonly number: number
  readonly tags = new Map<string, number>()
  data: Uint8Array
  end = 0
  records = 0

  constructor(number: number, data: Uint8Array) {
    this.number = number
    this.data = data
  }

  fits(bytes: number): boolean {
    return this.records < BATCH_RECORDS && (this.end === 0 || this.end + bytes <= BATCH_BYTES)
  }

  add(length: number, { kind, tag, key, number, entry }: Arrival): void {
    if (this.end + length > this.data.length) {
      const larger = new Uint8Array(Math.max(2 * this.data.length, this.end + length))
      larger.set(this.data.subarray(0, this.end))
      this.data = larger
    }
    let known = this.tags.get(tag)
    if (known === undefined) this.tags.set(tag, (known = this.tags.size))
    putHeader(this.data, this.end, length, { kind, tag: known, key, number })
    this.data.set(entry, this.end + HEADER_BYTES)
    this.end += length
    this.records++
  }
}

export class Backlog {
  readonly #stream: string
  #segments: Segment[] = []
  #made = 0
  #bytes = 0
  /** Place of the next batch in the stream. */
  #offset = 0
  #ended = false
  #wake: (() => void) | undefined
  readonly #waiting = new Set<() => void>()

  /** @param stream name of all batches */
  constructor(stream: string) {
    this.#stream = stream
  }

  /** @returns the number of the batch that it goes into */
  add(arrival: Arrival): number {
    const length = HEADER_BYTES + arrival.entry.length
    let last = this.#segments.at(-1)
    if (!last?.fits(length)) this.#segments.push((last = new Segment(++this.#made, new Uint8Array(16 * 1024))))
    last.add(length, arrival)
    this.#bytes += length
    this.#wake?.()
    return last.number
  }

  get full(): boolean {
    return this.#bytes >= MOST_BYTES
  }

  /** Waits until there is room, or the signal. */
  async room(signal: AbortSignal): Promise<void> {
    while (this.full && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          signal.removeEventListener('abort', done)
          this.#waiting.delete(done)
          resolve()
        }
        signal.addEventListener('abort', done)
        this.#waiting.add(done)
      })
    }
  }

  /** Nothing more will come. */
  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** The oldest batch; waits for one. Undefined when there will be none any more. */
  async take(): Promise<Batch | undefined> {
    while (this.#segments.length === 0 && !this.#ended) await new Promise<void>((resolve) => (this.#wake = resolve))
    this.#wake = undefined
    const segment = this.#segments.shift()
    if (!segment) return undefined
    const { data, end, records, tags, number } = segment
    const offset = this.#offset
    this.#offset += end
    this.#bytes -= end
    // Half empty, so that clients are not stopped and started for each batch.
    if (this.#bytes <= MOST_BYTES / 2) for (const resume of [...this.#waiting]) resume()
    return { stream: this.#stream, data: data.subarray(0, end), offset, records, context: encodeTags([...tags.keys()]), next: { batch: number } }
  }
}
