/** Memory of a machine for what is made one after the other and forgotten all at once. */
import type { Machine } from './machine.ts'

/** Bytes of the first chunk, which is all that a quiet input needs; each is twice as large as the one before. */
const FIRST = 16 * 1024

export class Shelf {
  readonly #machine: Machine
  readonly #most: number
  readonly #chunks: { readonly place: number; readonly size: number }[] = []
  /** Chunks in use, and bytes of the last one. */
  #used = 0
  #filled = 0

  /** @param most_bytes in all */
  constructor(machine: Machine, most_bytes: number) {
    this.#machine = machine
    this.#most = most_bytes
  }

  /** The place of so many bytes, a multiple of 16; 0 when there is no room: forget what is here, `clear`, and take again. */
  take(bytes: number): number {
    const size = (bytes + 15) & ~15
    while (this.#used === 0 || this.#filled + size > this.#chunks[this.#used - 1].size) {
      if (this.#used === this.#chunks.length && !this.#grow()) return 0
      this.#used++
      this.#filled = 0
    }
    this.#filled += size
    return this.#chunks[this.#used - 1].place + this.#filled - size
  }

  #grow(): boolean {
    const size = FIRST * 2 ** this.#chunks.length
    // All before it are a little less than it is.
    if (size * 2 > this.#most) return false
    const place = this.#machine.take(size)
    if (place === 0) return false
    this.#chunks.push({ place, size })
    return true
  }

  clear(): void {
    this.#used = 0
    this.#machine.cleared++
  }
}
