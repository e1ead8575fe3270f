/**
 * The text of a record that repeats, with holes where records of the same run may differ, as it lies in the memory of the machine:
 *
 * | bytes   | what                                                                                               |
 * | ------- | -------------------------------------------------------------------------------------------------- |
 * | 20      | counts of words, fixed fields and holes, place and length of the text; 4 more are empty            |
 * | 12 each | presence words: index, bits that are shown, those of them that are there; up to a multiple of 8    |
 * | 24 each | fields whose value is part of the text: number, how it is read (as in `Read`), its place, extra, `a` |
 * | 24 each | holes: number, how it is read, its place, extra, kind, place in the text                           |
 * |         | the text                                                                                           |
 *
 * All but `a` are 32-bit integers, little-endian as in any place where Node runs.
 */
import { type Machine, SLACK } from './machine/machine.ts'
import type { Read } from './reads.ts'

const HEADER = 24
export const WORD = 12
export const FIXED = 24
export const HOLE = 24

/** What a template is made of. */
export interface TemplateParts {
  readonly words: readonly (readonly [index: number, shown: number, there: number])[]
  readonly fixed: readonly { readonly read: Read; readonly value: number }[]
  readonly holes: readonly { readonly read: Read; readonly kind: number; readonly to: number }[]
  readonly text: Uint8Array
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
    return HEADER + words.length * WORD + 4 + fixed.length * FIXED + holes.length * HOLE + text.length + SLACK
  }

  /** Lays the parts out at a place, a multiple of 8. */
  become(place: number, { words, fixed, holes, text }: TemplateParts, { i32, u8, view }: Machine): void {
    this.place = place
    this.words = words.length
    this.fixed = fixed.length
    this.holes = holes.length
    this.length = text.length
    i32.set([words.length, fixed.length, holes.length, this.textAt, text.length], place >> 2)
    i32.set(words.flat(), this.wordsAt >> 2)
    fixed.forEach(({ read: { field, how, at, extra }, value }, i) => {
      const place = this.fixedAt + i * FIXED
      i32.set([field, how, at, extra], place >> 2)
      view.setFloat64(place + 16, value, true)
    })
    holes.forEach(({ read: { field, how, at, extra }, kind, to }, i) => {
      i32.set([field, how, at, extra, kind, to], (this.holesAt + i * HOLE) >> 2)
    })
    u8.set(text, this.textAt)
    this.whole = true
  }

  get wordsAt(): number {
    return this.place + HEADER
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
