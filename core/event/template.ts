/**
 * The text of a record that repeats, with holes where records of the same run may differ, as it lies in the memory of the machine:
 *
 * | bytes   | what                                                                                               |
 * | ------- | -------------------------------------------------------------------------------------------------- |
 * | 24      | counts of words, fixed fields and holes, place and length of the text, `most`                      |
 * | 12 each | presence words: index, bits that are shown, those of them that are there; up to a multiple of 8    |
 * | 24 each | fields whose value is part of the text: number, how it is read (as in `Read`), its place, extra, `a` |
 * | 24 each | holes: number, how it is read, its place, extra, kind, place in the text                           |
 * |         | the text                                                                                           |
 *
 * All but `a` are 32-bit integers, little-endian as in any place where Node runs.
 */
import { type Machine, SLACK } from './machine/machine.ts'
import { FIXED, HEAD, HOLE, WORD } from './machine/numbers.ts'
import type { Read } from './reads.ts'

/** What a template is made of. */
export interface TemplateParts {
  /** Three numbers each: index, bits that are shown, those of them that are there. */
  readonly words: readonly number[]
  readonly fixed: readonly { readonly read: Read; readonly value: number }[]
  readonly holes: readonly { readonly read: Read; readonly kind: number; readonly to: number }[]
  readonly text: Uint8Array
  /** Bytes that a record takes at most, but for values that make room themselves. */
  readonly most: number
}

export class Template {
  version = 0
  shown = 0
  /** Key of the lens that the values were seen through; 0 for none. */
  lens = 0
  whole = false
  /** Where it is. */
  place = 0
  words = 0
  holes = 0
  fixed = 0
  length = 0
  /** Bytes that a record takes at most, but for values that make room themselves. */
  most = 0
  /** Fields that were seen to differ; the same set for all templates of a run. */
  readonly varying: Set<number>
  /** Another template of the run, for records with other fields. */
  next: Template | undefined

  constructor(varying: Set<number>) {
    this.varying = varying
  }

  /** Bytes of memory that these parts need. */
  static bytes({ words, fixed, holes, text }: TemplateParts): number {
    return HEAD + words.length * 4 + 4 + fixed.length * FIXED + holes.length * HOLE + text.length + SLACK
  }

  /** Lays the parts out at a place, a multiple of 8. */
  become(place: number, { words, fixed, holes, text, most }: TemplateParts, { i32, f64, u8 }: Machine): void {
    this.place = place
    this.words = words.length / 3
    this.fixed = fixed.length
    this.holes = holes.length
    this.length = text.length
    this.most = most
    const head = place >> 2
    i32[head] = this.words
    i32[head + 1] = this.fixed
    i32[head + 2] = this.holes
    i32[head + 3] = this.textAt
    i32[head + 4] = this.length
    i32[head + 5] = most
    i32.set(words, this.wordsAt >> 2)
    let at = this.fixedAt >> 2
    for (const { read, value } of fixed) {
      put(i32, at, read)
      f64[(at >> 1) + 2] = value
      at += FIXED >> 2
    }
    for (const { read, kind, to } of holes) {
      put(i32, at, read)
      i32[at + 4] = kind
      i32[at + 5] = to
      at += HOLE >> 2
    }
    u8.set(text, this.textAt)
    this.whole = true
  }

  get wordsAt(): number {
    return this.place + HEAD
  }

  get fixedAt(): number {
    return (this.wordsAt + this.words * WORD + 7) & ~7
  }

  get holesAt(): number {
    return this.fixedAt + this.fixed * FIXED
  }

  get textAt(): number {
    return this.holesAt + this.holes * HOLE
  }
}

function put(i32: Int32Array, into: number, { field, how, at, extra }: Read): void {
  i32[into] = field
  i32[into + 1] = how
  i32[into + 2] = at
  i32[into + 3] = extra
}
