/** What an event has in the memory of the machine. */
import { machine, SLACK, sizeOf } from './machine.ts'

const NONE = new Uint8Array(0)

export class Tenant {
  readonly #machine = machine()
  readonly #places: Int32Array
  /** Memory that batches are copied to. */
  #copied: Uint8Array = NONE

  /** @param pieces how many the machine looks for */
  constructor(pieces: number) {
    this.#places = new Int32Array(...this.take(pieces, 4))
  }

  /** Memory of so many numbers, all 0, for the constructors of typed arrays: the machine's, where there is some left. */
  take(count: number, width: number): [ArrayBuffer, number, number] {
    const place = this.#machine.take(count * width + SLACK)
    if (place === 0) return [new ArrayBuffer(count * width), 0, count]
    this.#machine.u8.fill(0, place, place + count * width)
    return [this.#machine.buffer, place, count]
  }

  /** Says where the pieces are; answers where that is said, or 0 when one of them is elsewhere. */
  locate(...pieces: readonly { readonly buffer: ArrayBufferLike; readonly byteOffset: number }[]): number {
    if ([...pieces, this.#places].some(({ buffer }) => buffer !== this.#machine.buffer)) return 0
    this.#places.set(pieces.map(({ byteOffset }) => byteOffset))
    return this.#places.byteOffset
  }

  /** Copies a batch and answers the copy, which is valid until the next one; the batch itself where there is no memory. */
  copy(bytes: Uint8Array): Uint8Array {
    if (bytes.length > this.#copied.length) {
      const { byteOffset, length } = this.#copied
      if (length > 0) this.#machine.giveBack(byteOffset, length + SLACK)
      const size = sizeOf(bytes.length + SLACK)
      const place = this.#machine.take(size)
      this.#copied = place === 0 ? NONE : this.#machine.u8.subarray(place, place + size - SLACK)
    }
    if (bytes.length > this.#copied.length) return bytes
    const copy = this.#copied.subarray(0, bytes.length)
    // `set` from shared memory goes byte by byte, 25 times as slow as this.
    if (bytes.length > 0) Buffer.from(copy.buffer, copy.byteOffset, copy.length).fill(bytes)
    return copy
  }
}
