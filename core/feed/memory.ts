/**
 * What a filter's main-thread half publishes and its pure halves read: a ring of timed values in shared memory, under a sequence lock, and bytes that are
 * replaced as a whole.
 *
 *   0 i32 sequence, odd while a value is being written    4 i32 values ever written    8 … `VALUES` times: f64 time in ms since 1970, then `width` f64
 *
 * There is one writer. A reader copies the ring when the sequence has changed, and copies again when it changed meanwhile; it never waits for long, since the
 * copy before is as good a moment of the past.
 */
import type { FeedView } from '../plugin.ts'

/** Values that are remembered: more than an hour of GPS fixes, so that a backlog finds its own. */
const VALUES = 4096
const HEAD_BYTES = 8
/** How often a reader tries to get a copy that no write has torn. */
const TRIES = 1000

const SEQUENCE = 0
const WRITTEN = 1

/** Bytes as they were replaced for the `version`th time. */
export interface FeedBytes {
  readonly version: number
  readonly memory: SharedArrayBuffer
}

/** @param width numbers of a value, behind its time */
export function feedMemory(width: number): SharedArrayBuffer {
  return new SharedArrayBuffer(width === 0 ? HEAD_BYTES : HEAD_BYTES + VALUES * (width + 1) * 8)
}

export class FeedWriter {
  readonly #head: Int32Array
  readonly #ring: Float64Array
  readonly #width: number

  constructor(memory: SharedArrayBuffer, width: number) {
    this.#head = new Int32Array(memory, 0, 2)
    this.#ring = new Float64Array(memory, HEAD_BYTES)
    this.#width = width
  }

  /** @throws RangeError when the value has not the feed's width, or a number of it or its time is not finite */
  publish(at_ms: number, values: readonly number[]): void {
    if (values.length !== this.#width || !Number.isFinite(at_ms)) throw new RangeError(`a value of this feed is a time and ${this.#width} numbers`)
    const place = (this.#head[WRITTEN] % VALUES) * (this.#width + 1)
    Atomics.add(this.#head, SEQUENCE, 1)
    this.#ring[place] = at_ms
    this.#ring.set(values, place + 1)
    Atomics.add(this.#head, WRITTEN, 1)
    Atomics.add(this.#head, SEQUENCE, 1)
  }
}

export class FeedReader implements FeedView {
  readonly values: Float64Array
  bytes: Uint8Array | undefined
  #version = 0
  readonly #head: Int32Array
  readonly #shared: Float64Array
  /** The ring as it was at `#sequence`. */
  readonly #ring: Float64Array
  #sequence = 0
  #count = 0
  /** Place of the value that is nearest for all times from `#from` up to `#until`; -1 when there is none. */
  #nearest = -1
  #from = 0
  #until = 0

  /** @param memory none where no main half runs: then there is never a value */
  constructor(width: number, memory: SharedArrayBuffer = feedMemory(0)) {
    this.values = new Float64Array(width)
    this.#head = new Int32Array(memory, 0, 2)
    this.#shared = new Float64Array(memory, HEAD_BYTES)
    this.#ring = new Float64Array(this.#shared.length)
  }

  nearest(at_ms: number, max_age_ms: number): number {
    if (Atomics.load(this.#head, SEQUENCE) !== this.#sequence) this.#copy()
    if (!(at_ms >= this.#from && at_ms < this.#until)) this.#search(at_ms)
    if (this.#nearest < 0) return Number.NaN
    const age = Math.abs(at_ms - this.#ring[this.#nearest])
    if (!(age <= max_age_ms)) return Number.NaN
    const { values } = this
    for (let i = 0; i < values.length; i++) values[i] = this.#ring[this.#nearest + 1 + i]
    return age
  }

  /** Takes over bytes that were replaced since; those of before stay valid for whoever still has them. */
  adopt({ version, memory }: FeedBytes): void {
    if (version === this.#version) return
    this.#version = version
    this.bytes = new Uint8Array(memory)
  }

  #copy(): void {
    for (let tries = 0; tries < TRIES; tries++) {
      const before = Atomics.load(this.#head, SEQUENCE)
      if (before & 1) continue
      const written = this.#head[WRITTEN]
      this.#ring.set(this.#shared)
      if (Atomics.load(this.#head, SEQUENCE) !== before) continue
      this.#sequence = before
      this.#count = Math.min(written, VALUES)
      break
    }
    this.#from = this.#until = 0
  }

  /** Finds the nearest value, and for which other times it is the nearest. Times need not ascend: clocks jump. */
  #search(at_ms: number): void {
    const stride = this.values.length + 1
    const end = this.#count * stride
    this.#nearest = -1
    let best = Number.POSITIVE_INFINITY
    for (let place = 0; place < end; place += stride) {
      const away = Math.abs(at_ms - this.#ring[place])
      if (away > best) continue
      best = away
      this.#nearest = place
    }
    this.#from = Number.NEGATIVE_INFINITY
    this.#until = Number.POSITIVE_INFINITY
    if (this.#nearest < 0) return
    const at = this.#ring[this.#nearest]
    for (let place = 0; place < end; place += stride) {
      const middle = (at + this.#ring[place]) / 2
      if (this.#ring[place] < at) this.#from = Math.max(this.#from, middle)
      else if (this.#ring[place] > at) this.#until = Math.min(this.#until, middle)
    }
  }
}
