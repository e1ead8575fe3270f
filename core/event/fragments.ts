/**
 * What a writer keeps of runs that repeat: for each transmitter and kind of frame the last run's bytes and what was written for it.
 *
 * Direct-mapped by the key, and a hit needs the very bytes (around those that vary) and the same shown fields: there are no false hits. An entry costs
 * what its bytes and text cost; a full table of beacons is a few MB, since runs that do not fit `LARGEST` are not kept.
 */
import type { Event, Repeat } from './event.ts'
import { MOST_VARYING } from './event.ts'

const PLACES = 4096
/** Bytes of a run, and of the text of a run, that are kept. */
const LARGEST = 4096

class Entry {
  key = -1
  length = 0
  bytes = new DataView(new ArrayBuffer(0))
  varying = new Int32Array(MOST_VARYING * 2)
  pairs = 0
  show: Uint32Array
  text = new DataView(new ArrayBuffer(0))
  /** Where each piece of text lies; pieces whose fields are all absent are empty. */
  readonly starts: Int32Array
  readonly ends: Int32Array
  whole = false
  constructor(words: number, pieces: number) {
    this.show = new Uint32Array(words)
    this.starts = new Int32Array(pieces)
    this.ends = new Int32Array(pieces)
  }
}

export class Fragments {
  readonly #entries: (Entry | undefined)[] = new Array(PLACES).fill(undefined)
  readonly #words: readonly number[]
  readonly #pieces: number
  /** The entry that the record at hand is written from, or kept in. */
  #current: Entry | undefined
  #filled = 0

  /**
   * @param words numbers of the presence words that the kept tables take
   * @param pieces places in the text where fields of these tables stand together
   */
  constructor(words: readonly number[], pieces: number) {
    this.#words = words
    this.#pieces = pieces
  }

  /** Looks up the record's run. True: its pieces can be copied. False: write them, and `keep` each. */
  find(event: Event, repeat: Repeat): boolean {
    // The remainder of a number beyond 32 bits, which % takes long for.
    const place = repeat.key - Math.floor(repeat.key / PLACES) * PLACES
    let entry = this.#entries[place]
    if (!entry) this.#entries[place] = entry = new Entry(this.#words.length, this.#pieces)
    this.#current = entry
    if (entry.whole && entry.key === repeat.key && this.#same(entry, event, repeat)) return true
    this.#begin(entry, event, repeat)
    return false
  }

  /** Bytes of a piece; 0 when no field of it was there. */
  length(piece: number): number {
    const { starts, ends } = this.#current!
    return ends[piece] - starts[piece]
  }

  /** Copies a piece and answers the place behind it. */
  copy(piece: number, into: DataView, o: number): number {
    const { starts, ends, text } = this.#current!
    const end = ends[piece]
    // Wide stores may scribble behind the piece, where the next value goes.
    for (let at = starts[piece]; at < end; at += 4, o += 4) into.setInt32(o, text.getInt32(at))
    return o - ((starts[piece] - end) & 3)
  }

  /** Keeps a piece that was just written. */
  keep(piece: number, from: Uint8Array, start: number, end: number): void {
    const entry = this.#current!
    const size = this.#filled + end - start
    if (size > LARGEST) entry.key = -1
    if (entry.key < 0) return
    // Four bytes of margin: copies read whole words.
    if (size + 4 > entry.text.byteLength) {
      const larger = new Uint8Array(size * 2 + 4)
      larger.set(bytesOf(entry.text))
      entry.text = new DataView(larger.buffer)
    }
    bytesOf(entry.text).set(from.subarray(start, end), this.#filled)
    entry.starts[piece] = this.#filled
    this.#filled = entry.ends[piece] = size
  }

  /** All pieces of the record have been kept. */
  done(): void {
    this.#current!.whole = this.#current!.key >= 0
  }

  #begin(entry: Entry, event: Event, repeat: Repeat): void {
    const { start, end } = repeat
    this.#filled = 0
    entry.whole = false
    entry.starts.fill(0)
    entry.ends.fill(0)
    entry.key = end - start > LARGEST ? -1 : repeat.key
    if (entry.key < 0) return
    entry.length = end - start
    if (entry.length > entry.bytes.byteLength) entry.bytes = new DataView(new ArrayBuffer(entry.length))
    bytesOf(entry.bytes).set(event.bytes.subarray(start, end))
    entry.pairs = repeat.findVarying(event)
    for (let i = 0; i < entry.pairs * 2; i++) entry.varying[i] = repeat.varying[i] - start
    for (let i = 0; i < this.#words.length; i++) entry.show[i] = event.show[this.#words[i]]
  }

  #same(entry: Entry, event: Event, { start, end }: Repeat): boolean {
    if (end - start !== entry.length) return false
    for (let i = 0; i < this.#words.length; i++) if (entry.show[i] !== event.show[this.#words[i]]) return false
    const { wide } = event
    const known = entry.bytes
    let at = 0
    for (let pair = 0; pair <= entry.pairs; pair++) {
      const stop = pair < entry.pairs ? entry.varying[pair * 2] : entry.length
      for (; at + 4 <= stop; at += 4) if (known.getInt32(at) !== wide.getInt32(start + at)) return false
      for (; at < stop; at++) if (known.getUint8(at) !== wide.getUint8(start + at)) return false
      if (pair < entry.pairs) at = entry.varying[pair * 2 + 1]
    }
    return true
  }
}

function bytesOf({ buffer }: DataView): Uint8Array {
  return new Uint8Array(buffer)
}
