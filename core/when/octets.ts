/** Sources of bytes that are made from other values: slices, addresses as bytes, text in another case. */
import type { Event } from '../event/event.ts'
import type { KnownField } from '../event/fields.ts'
import type { Range } from './ast.ts'
import { NO_BYTES, type Numbers, type Octets, type Source } from './sources.ts'

/** Bytes that are computed into memory of its own, which grows to the longest value. */
abstract class Made implements Octets {
  bytes = new Uint8Array(16)
  readonly from = 0
  to = 0
  abstract count(event: Event): number
  abstract load(event: Event, i: number): void

  protected reserve(length: number): void {
    if (this.bytes.length >= length) return
    const larger = new Uint8Array(length * 2)
    larger.set(this.bytes)
    this.bytes = larger
  }
}

/** The six bytes of MAC addresses. */
export class MacOctets extends Made {
  readonly #of: Numbers

  constructor(of: Numbers) {
    super()
    this.#of = of
    this.to = 6
  }

  count(event: Event): number {
    return this.#of.count(event)
  }

  load(event: Event, i: number): void {
    let rest = this.#of.at(event, i)
    for (let at = 5; at >= 0; at--) {
      this.bytes[at] = rest
      rest = Math.floor(rest / 256)
    }
  }
}

/** Ranges of bytes one after the other. As in Wireshark, from the first range on that is not wholly there nothing more comes. */
export class Slices extends Made {
  readonly #of: Octets
  readonly #ranges: readonly Range[]

  constructor(of: Octets, ranges: readonly Range[]) {
    super()
    this.#of = of
    this.#ranges = ranges
  }

  count(event: Event): number {
    return this.#of.count(event)
  }

  load(event: Event, i: number): void {
    const of = this.#of
    of.load(event, i)
    const size = of.to - of.from
    this.to = 0
    for (const range of this.#ranges) {
      const from = range.from < 0 ? range.from + size : range.from
      const to = range.length !== undefined ? from + range.length : range.to === undefined ? size : (range.to < 0 ? range.to + size : range.to) + 1
      if (from < 0 || from > to || to > size) return
      this.reserve(this.to + to - from)
      for (let at = from; at < to; at++) this.bytes[this.to++] = of.bytes[of.from + at]
    }
  }
}

/** ASCII letters in another case, as Wireshark has it. */
export class CaseOctets extends Made {
  readonly #of: Octets
  readonly #first: number
  readonly #by: number

  constructor(of: Octets, upper: boolean) {
    super()
    this.#of = of
    this.#first = upper ? 0x61 : 0x41
    this.#by = upper ? -32 : 32
  }

  count(event: Event): number {
    return this.#of.count(event)
  }

  load(event: Event, i: number): void {
    const of = this.#of
    of.load(event, i)
    this.to = of.to - of.from
    this.reserve(this.to)
    for (let at = 0; at < this.to; at++) {
      const byte = of.bytes[of.from + at]
      this.bytes[at] = byte >= this.#first && byte < this.#first + 26 ? byte + this.#by : byte
    }
  }
}

/** Bitwise and of each pair of values, as long as the shorter one. */
export class MaskedOctets extends Made {
  readonly #left: Octets
  readonly #right: Octets
  #rights = 0

  constructor(left: Octets, right: Octets) {
    super()
    this.#left = left
    this.#right = right
  }

  count(event: Event): number {
    this.#rights = this.#right.count(event)
    return this.#left.count(event) * this.#rights
  }

  load(event: Event, i: number): void {
    const left = this.#left
    const right = this.#right
    left.load(event, Math.floor(i / this.#rights))
    right.load(event, i % this.#rights)
    this.to = Math.min(left.to - left.from, right.to - right.from)
    this.reserve(this.to)
    for (let at = 0; at < this.to; at++) this.bytes[at] = left.bytes[left.from + at] & right.bytes[right.from + at]
  }
}

/** Values as the text that people read. */
export class TextOctets<S extends Source> extends Made {
  readonly #of: S
  readonly #text: (of: S, event: Event, i: number) => string

  constructor(of: S, text: (of: S, event: Event, i: number) => string) {
    super()
    this.#of = of
    this.#text = text
  }

  count(event: Event): number {
    return this.#of.count(event)
  }

  load(event: Event, i: number): void {
    const text = this.#text(this.#of, event, i)
    this.reserve(text.length * 3)
    this.to = Buffer.from(this.bytes.buffer, 0, this.bytes.length).write(text)
  }
}

/** The names of a field's codes, encoded once. */
export class NameOctets implements Octets {
  bytes: Uint8Array = NO_BYTES
  readonly from = 0
  to = 0
  readonly #of: Numbers
  readonly #names: ReadonlyMap<number, Uint8Array>

  constructor(of: Numbers, { names = {} }: KnownField) {
    this.#of = of
    this.#names = new Map(Object.entries(names).map(([code, name]) => [Number(code), new Uint8Array(Buffer.from(name))]))
  }

  count(event: Event): number {
    return this.#of.count(event)
  }

  load(event: Event, i: number): void {
    const code = this.#of.at(event, i)
    this.bytes = this.#names.get(code) ?? new Uint8Array(Buffer.from(String(code)))
    this.to = this.bytes.length
  }
}
