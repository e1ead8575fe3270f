/**
 * Memory of bodies that were sent, for the next ones: fresh memory costs more than the copy into it, and collections. In sizes that double up to that of a full payload, since keys
 * may be many, and most of these payloads small.
 */

/** Bytes of the smallest piece. */
const FIRST = 64 * 1024
/** Pieces that are taken until those are let go that nobody needed meanwhile. */
const TRIM = 1024
/** What is kept at most, in full payloads. */
const MOST_KEPT = 8

export class Spares {
  readonly #full: number
  /** By size, from the smallest on. */
  readonly #kept: Buffer[][] = []
  /** Fewest that were there since the last trim, by size. */
  readonly #unused: number[] = []
  /** What is in use: nothing else is kept, and nothing twice. */
  readonly #used = new WeakSet<ArrayBufferLike>()
  #bytes = 0
  #taken = 0

  /** @param full_bytes of the largest piece */
  constructor(full_bytes: number) {
    this.#full = full_bytes
    for (let size = FIRST; ; size *= 2) {
      this.#kept.push([])
      this.#unused.push(0)
      if (size >= full_bytes) return
    }
  }

  /** Memory of so many bytes at least. Not pooled and not cleared: what is read of it must have been written. */
  take(bytes: number): Buffer {
    if (bytes > this.#full) return Buffer.allocUnsafeSlow(bytes)
    if (++this.#taken === TRIM) this.#trim()
    const i = this.#place(bytes)
    const kept = this.#kept[i].pop()
    this.#unused[i] = Math.min(this.#unused[i], this.#kept[i].length)
    const memory = kept ?? Buffer.allocUnsafeSlow(this.#size(i))
    if (kept !== undefined) this.#bytes -= kept.length
    this.#used.add(memory.buffer)
    return memory
  }

  /** All of the memory that a piece taken here is part of, which nobody uses any more; other memory is left to the collector. */
  keep({ buffer }: Uint8Array): void {
    if (!this.#used.delete(buffer) || this.#bytes + buffer.byteLength > MOST_KEPT * this.#full) return
    this.#kept[this.#place(buffer.byteLength)].push(Buffer.from(buffer))
    this.#bytes += buffer.byteLength
  }

  #trim(): void {
    this.#taken = 0
    this.#kept.forEach((kept, i) => {
      for (const { length } of kept.splice(0, this.#unused[i])) this.#bytes -= length
      this.#unused[i] = kept.length
    })
  }

  #size(i: number): number {
    return Math.min(FIRST * 2 ** i, this.#full)
  }

  #place(bytes: number): number {
    let i = 0
    while (this.#size(i) < bytes) i++
    return i
  }
}
