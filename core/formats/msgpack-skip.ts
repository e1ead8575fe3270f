/**
 * Finds where MessagePack values end without reading them. No recursion and nothing allocated, whatever the bytes say: what is open is one number.
 */
import { PackedError } from './msgpack.ts'

/** Bytes of the values 0xc0 … 0xdf whose size is fixed, heads included; 0 for the others. */
const FIXED = [1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 5, 9, 2, 3, 5, 9, 2, 3, 5, 9, 3, 4, 6, 10, 18, 0, 0, 0, 0, 0, 0, 0]
/** Of the others: bytes of their length, and bytes between the length and what it counts. */
const LENGTH = [0, 0, 0, 0, 1, 2, 4, 1, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 2, 4, 2, 4]

/** Goes on where it stopped when more bytes have come. */
export class Skipper {
  /** Where the value ends, once it is whole. */
  at = 0
  /** Values still to be skipped. */
  #open = 0

  begin(at: number): void {
    this.at = at
    this.#open = 1
  }

  /**
   * Whether the value is whole within bytes[0 … end).
   * @throws PackedError when it never will be
   */
  skip(bytes: Uint8Array, end: number): boolean {
    while (this.#open > 0) {
      const { at } = this
      if (at >= end) return false
      const head = bytes[at]
      if (head < 0x80 || head >= 0xe0) this.#pass(1, 0)
      else if (head < 0x90) this.#pass(1, 2 * (head & 15))
      else if (head < 0xa0) this.#pass(1, head & 15)
      else if (head < 0xc0) this.#pass(1 + (head & 31), 0)
      else if (FIXED[head - 0xc0] > 0) this.#pass(FIXED[head - 0xc0], 0)
      else {
        const size = LENGTH[head - 0xc0]
        if (size === 0) throw new PackedError(`0x${head.toString(16)} begins no value`)
        if (at + 1 + size > end) return false
        const length = lengthAt(bytes, at + 1, size)
        if (head >= 0xdc) this.#pass(1 + size, head >= 0xde ? 2 * length : length)
        else this.#pass(1 + size + (head >= 0xc7 && head <= 0xc9 ? 1 : 0) + length, 0)
      }
    }
    return this.at <= end
  }

  #pass(bytes: number, items: number): void {
    this.at += bytes
    this.#open += items - 1
  }
}

const skipper = new Skipper()

/**
 * Where the value at `at` ends; -1 when it is not whole within bytes[0 … end).
 * @throws PackedError when it never will be
 */
export function skipPacked(bytes: Uint8Array, at: number, end = bytes.length): number {
  skipper.begin(at)
  return skipper.skip(bytes, end) ? skipper.at : -1
}

/** What a container holds: `items` values (of a map two for each member) from `at` on. */
export interface Held {
  readonly items: number
  readonly at: number
}

/** The array at `at`, undefined when it is none. */
export function arrayAt(bytes: Uint8Array, at: number): Held | undefined {
  return container(bytes, at, 0x90, 0xdc)
}

/** The map at `at`, undefined when it is none; `items` counts keys and values. */
export function mapAt(bytes: Uint8Array, at: number): Held | undefined {
  const held = container(bytes, at, 0x80, 0xde)
  return held && { items: 2 * held.items, at: held.at }
}

function container(bytes: Uint8Array, at: number, short: number, long: number): Held | undefined {
  const head = bytes[at]
  if ((head & 0xf0) === short) return { items: head & 15, at: at + 1 }
  if (head !== long && head !== long + 1) return undefined
  const size = head === long ? 2 : 4
  return at + 1 + size > bytes.length ? undefined : { items: lengthAt(bytes, at + 1, size), at: at + 1 + size }
}

/** Where the bytes of the `str` or `bin` at `at` begin; -1 when it is neither. They end where the value does. */
export function rawAt(bytes: Uint8Array, at: number): number {
  const head = bytes[at]
  if ((head & 0xe0) === 0xa0) return at + 1
  const bin = head >= 0xc4 && head <= 0xc6
  return bin || (head >= 0xd9 && head <= 0xdb) ? at + 1 + LENGTH[head - 0xc0] : -1
}

function lengthAt(bytes: Uint8Array, at: number, size: number): number {
  let length = 0
  for (let i = 0; i < size; i++) length = length * 256 + bytes[at + i]
  return length
}
