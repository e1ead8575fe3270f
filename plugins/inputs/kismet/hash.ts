/** Hashes of 48 bits: whole numbers in JavaScript, six bytes in a position. Not for adversaries: a clash costs one repeat or one change among 2^48. */

const LOW = 0x811c9dc5
const HIGH = 0x9747b28c

/** FNV-1a over UTF-16 units or words of bytes, two lanes with different primes. `begin` makes it ready for the next one. */
export class Hasher {
  #low = LOW
  #high = HIGH

  begin(): this {
    this.#low = LOW
    this.#high = HIGH
    return this
  }

  /** Adds text, and that it ends here. */
  text(text: string): this {
    let low = this.#low
    let high = this.#high
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      low = Math.imul(low ^ unit, 0x01000193)
      high = Math.imul(high ^ unit, 0x5bd1e995)
    }
    return this.#end(low, high)
  }

  #end(low: number, high: number): this {
    // No unit of text is 0x10000: `ab`, `c` is not `a`, `bc`.
    this.#low = Math.imul(low ^ 0x10000, 0x01000193)
    this.#high = Math.imul(high ^ 0x10000, 0x5bd1e995) ^ (this.#low >>> 13)
    return this
  }

  /** Adds bytes, four at a time: the shifts carry what differs in the upper bits of a word down again. */
  bytes(bytes: DataView, from: number, to: number): this {
    let low = this.#low
    let high = this.#high
    let at = from
    for (; at + 4 <= to; at += 4) {
      const word = bytes.getInt32(at, true)
      low = Math.imul(low ^ word, 0x85ebca6b)
      low ^= low >>> 15
      high = Math.imul(high ^ word, 0xc2b2ae35)
      high ^= high >>> 13
    }
    for (; at < to; at++) {
      const byte = bytes.getUint8(at)
      low = Math.imul(low ^ byte, 0x01000193)
      high = Math.imul(high ^ byte, 0x5bd1e995)
    }
    return this.#end(low, high)
  }

  number(value: number): this {
    return this.text(String(value))
  }

  /** Never 0. */
  get value(): number {
    const low = mix(this.#low) >>> 0
    const high = mix(this.#high ^ this.#low) & 0xffff
    return high * 4294967296 + low || 1
  }
}

function mix(value: number): number {
  let x = value
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return x ^ (x >>> 16)
}
