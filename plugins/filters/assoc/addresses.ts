/**
 * A bounded set of 48-bit addresses, each with a slot number by which others keep columns. When it is full, the address that was touched longest ago
 * leaves. Nothing is allocated after the start.
 *
 * Invariants
 * - `size` slots are in use, each in the chain of its bucket and in the list from the oldest to the newest.
 * - Slots not in use are chained through `#next` from `#free`.
 */
const NONE = -1

export class Addresses {
  /** The address of each slot in use. */
  readonly keys: Float64Array
  size = 0
  readonly #heads: Int32Array
  /** Within a bucket, or among the free ones. */
  readonly #next: Int32Array
  readonly #newer: Int32Array
  readonly #older: Int32Array
  readonly #shift: number
  #oldest = NONE
  #newest = NONE
  #free = 0

  constructor(capacity: number) {
    const bits = Math.max(1, Math.ceil(Math.log2(capacity)))
    this.keys = new Float64Array(capacity)
    this.#heads = new Int32Array(1 << bits).fill(NONE)
    this.#next = Int32Array.from({ length: capacity }, (_, slot) => (slot + 1 < capacity ? slot + 1 : NONE))
    this.#newer = new Int32Array(capacity)
    this.#older = new Int32Array(capacity)
    this.#shift = 32 - bits
  }

  /** Slot of an address, or -1. */
  find(key: number): number {
    let slot = this.#heads[this.#bucket(key)]
    while (slot !== NONE && this.keys[slot] !== key) slot = this.#next[slot]
    return slot
  }

  /** Takes a slot for an address that is not there, from the oldest when none is free. The columns of that slot are the caller's to clear. */
  add(key: number): number {
    if (this.#free === NONE) this.remove(this.#oldest)
    const slot = this.#free
    const bucket = this.#bucket(key)
    this.#free = this.#next[slot]
    this.#next[slot] = this.#heads[bucket]
    this.#heads[bucket] = slot
    this.keys[slot] = key
    this.size++
    this.#append(slot)
    return slot
  }

  /** Makes a slot the newest. */
  touch(slot: number): void {
    if (slot === this.#newest) return
    this.#unlink(slot)
    this.#append(slot)
  }

  remove(slot: number): void {
    const bucket = this.#bucket(this.keys[slot])
    if (this.#heads[bucket] === slot) this.#heads[bucket] = this.#next[slot]
    else {
      let before = this.#heads[bucket]
      while (this.#next[before] !== slot) before = this.#next[before]
      this.#next[before] = this.#next[slot]
    }
    this.#unlink(slot)
    this.#next[slot] = this.#free
    this.#free = slot
    this.size--
  }

  #bucket(key: number): number {
    return Math.imul((key | 0) ^ Math.imul((key / 4294967296) | 0, 0x85ebca6b), 0x9e3779b1) >>> this.#shift
  }

  #append(slot: number): void {
    this.#older[slot] = this.#newest
    this.#newer[slot] = NONE
    if (this.#newest === NONE) this.#oldest = slot
    else this.#newer[this.#newest] = slot
    this.#newest = slot
  }

  #unlink(slot: number): void {
    const older = this.#older[slot]
    const newer = this.#newer[slot]
    if (older === NONE) this.#oldest = newer
    else this.#newer[older] = newer
    if (newer === NONE) this.#newest = older
    else this.#older[newer] = older
  }
}
