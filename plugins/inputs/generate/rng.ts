/** Chance that is the same for a seed on every machine: 32-bit integer arithmetic only. */

/** 32 well mixed bits of three numbers: the finaliser of MurmurHash3 over their weighted sum. */
export function mix(a: number, b: number, c: number): number {
  let h = (a ^ Math.imul(b, 0x9e3779b1) ^ Math.imul(c, 0x85ebca77)) | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** A row of random numbers (mulberry32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = mix(seed, Math.floor(seed / 4294967296), 1)
  }

  /** 32 random bits. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }

  /** 0 or more, less than 1. */
  fraction(): number {
    return this.next() / 4294967296
  }

  /** A whole number, 0 or more, less than `end`. */
  below(end: number): number {
    return Math.floor(this.fraction() * end)
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  pick<T>(of: readonly T[]): T {
    return of[this.below(of.length)]
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.next() >>> 24)
  }
}
