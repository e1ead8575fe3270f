/**
 * What a writer keeps of records that repeat (see repeats.ts): the text of a whole record, with holes where fields may differ.
 *
 * A template serves a record of the same run that has the same fields in the tables that do not repeat, and shows the same (a run has a few templates): then all of the text but the
 * values in the holes is the same, and the tables that repeat are not looked at, nor decoded. A field becomes a hole when its value is first seen to differ,
 * or when it did in most other templates; until then its value is part of the text, and compared.
 */
import { WIDEST } from './ascii.ts'
import type { Event } from './event.ts'
import type { Fields, FieldType } from './fields.ts'
import { type Fill, type Machine, machine } from './machine/machine.ts'
import { CANNOT, FIXED, HOLE, OTHER_FIELDS, OTHER_VALUES, WORD } from './machine/numbers.ts'
import { Shelf } from './machine/shelf.ts'
import { READ, readFirst, readSecond } from './reads.ts'
import type { Repeat } from './repeat.ts'
import { Template, type TemplateParts } from './template.ts'
import type { ByteWriter } from './writer.ts'

/** Bytes of a record's text that is kept. */
const LARGEST = 8192
/** Memory for templates; when it is full all are forgotten. */
const MOST_BYTES = 8 * 1024 * 1024

/** How a field's value is written: its kind as `PutValue` takes it, the number of its table of names, most bytes where they are fixed. */
export interface ValueForm {
  readonly kind: number
  readonly names: number
  readonly bound: number
}

/** Writes the value that an event's columns hold as `a` and `b` at `o` and answers the next place; `kind` and `names` are those of its field's form. */
export type PutValue = (event: Event, out: ByteWriter, o: number, a: number, b: number, kind: number, names: number) => number

/** Types whose value is the number in `a` alone; of points `b` is looked at too. */
const PLAIN: ReadonlySet<FieldType> = new Set(['bool', 'int', 'float', 'mac', 'name', 'point'])

/** Beside what `Fill` answers when it has not written: the record is there. */
const WRITTEN = CANNOT + 1

/** Templates of a run: filters add fields to some of its records and not to others. */
const VARIANTS = 4

export class Templates {
  readonly #templates: (Template | undefined)[] = []
  /** Presence words of the tables that do not repeat, and in `#bits` those of their fields. */
  readonly #words: readonly number[]
  readonly #bits: Int32Array
  readonly #forms: readonly (ValueForm | undefined)[]
  readonly #put: PutValue
  readonly #machine = machine()
  readonly #fill: Fill | undefined
  /** Whether the texts are MessagePack. */
  readonly packs: boolean
  /** What the machine wrote the last event from, 0 when it did not. */
  last = 0
  readonly #memory = new Shelf(this.#machine, MOST_BYTES)
  #keeping: Template | undefined
  /** The template of the record at hand but for values that were part of its text. */
  #stale: Template | undefined
  /** Which template of a run gives way when there are too many. */
  #turn = 0
  /** Runs that have had a template, and in how many of these each field was seen to differ. */
  #runs = 0
  readonly #differed: Uint32Array
  /** Values of the record being kept, three numbers each: field, begin and end; and how many numbers. */
  readonly #written: number[] = []
  #count = 0

  /**
   * @param forms for each field, by number
   * @param fill what writes records in the machine
   */
  constructor(fields: Fields, forms: readonly (ValueForm | undefined)[], put: PutValue, fill: 'fillJson' | 'fillPack') {
    this.#bits = new Int32Array(fields.words)
    for (const field of fields.all) if (field && !field.table.repeats) this.#bits[field.number >>> 5] |= 1 << (field.number & 31)
    this.#words = [...this.#bits.keys()].filter((word) => this.#bits[word] !== 0)
    this.#differed = new Uint32Array(fields.words * 32)
    this.#forms = forms
    this.#put = put
    this.#fill = this.#machine.code?.[fill]
    this.packs = fill === 'fillPack'
  }

  /** Writes the record from its template; false when there is none for it. */
  write(event: Event, repeat: Repeat, out: ByteWriter): boolean {
    const { place, version, tables } = repeat
    this.#stale = undefined
    this.last = 0
    let template = this.#templates[place]
    if (template === undefined || template.version !== version) return false
    const lens = lensKey(event)
    const direct = directOf(event, repeat)
    for (let forced = false; template !== undefined; template = template.next) {
      if (!template.whole || template.shown !== event.shown || template.lens !== lens) continue
      if (!forced) event.forceShown(tables | direct)
      forced = true
      const answer = this.#filled(template, event, out)
      if (answer === OTHER_FIELDS) continue
      if (answer !== OTHER_VALUES) return true
      this.#stale = template
      return false
    }
    return false
  }

  /** Writes the record, unless its fields or values are others. */
  #filled(template: Template, event: Event, out: ByteWriter): number {
    out.reserve(template.most)
    const { buf, pos } = out
    // Through a lens values are other ones than the bytes have.
    if (this.#fill !== undefined && event.place !== 0 && event.lens === undefined && buf.buffer === this.#machine.buffer) {
      const start = buf.byteOffset
      const answer = this.#fill(template.place, event.place, event.start, start + pos, start + buf.length)
      if (answer > CANNOT) {
        out.pos = answer - start
        this.last = template.place
      }
      if (answer === OTHER_VALUES) this.#fits(template, event)
      if (answer !== CANNOT) return answer
    }
    if (!hasSame(this.#machine, template, event)) return OTHER_FIELDS
    if (!this.#fits(template, event)) return OTHER_VALUES
    const { i32, view } = this.#machine
    const { textAt, length } = template
    let o = out.pos
    let done = 0
    let hole = template.holesAt >> 2
    for (let i = 0; i < template.holes; i++, hole += HOLE >> 2) {
      const to = i32[hole + 5]
      copy(view, textAt + done, textAt + to, out.view, o)
      const number = i32[hole]
      const a = first(event, i32, hole)
      o = this.#put(event, out, o + to - done, a, second(event, i32, hole), i32[hole + 4], this.#forms[number]!.names)
      done = to
    }
    copy(view, textAt + done, textAt + length, out.view, o)
    out.pos = o + length - done
    return WRITTEN
  }

  /** Begins a template of the record that is about to be written; false when it is not worth one. */
  begin(event: Event, { place, version }: Repeat): boolean {
    const { shown } = event
    // Shown by more than one hand: not worth telling apart.
    if (shown < 0) return false
    const template = this.#stale ?? this.#next(place, version)
    template.version = version
    template.shown = shown
    template.lens = lensKey(event)
    template.whole = false
    this.#count = 0
    this.#keeping = template
    return true
  }

  /** The place for another template of a run. */
  #next(place: number, version: number): Template {
    while (this.#templates.length <= place) this.#templates.push(undefined)
    const known = this.#templates[place]
    if (known === undefined || known.version !== version) {
      this.#runs++
      const fresh = new Template(new Set())
      this.#templates[place] = fresh
      return fresh
    }
    let template = known
    let count = 1
    for (; template.next !== undefined; count++) template = template.next
    if (count < VARIANTS) {
      template.next = new Template(known.varying)
      return template.next
    }
    template = known
    for (let turn = this.#turn++ % VARIANTS; turn > 0 && template.next !== undefined; turn--) template = template.next
    return template
  }

  /** The value of a field was written to [from, to). */
  wrote(number: number, from: number, to: number): void {
    this.#written[this.#count++] = number
    this.#written[this.#count++] = from
    this.#written[this.#count++] = to
  }

  /** The record was written to out.buf[start … out.pos). */
  done(event: Event, out: ByteWriter, start: number): void {
    const template = this.#keeping!
    const { has, show } = event
    const { tables, reads } = event.repeat!
    if (out.pos - start > LARGEST) return
    const { lens } = event
    if (lens !== undefined && reads.some(({ field }) => (event.lazyBitOf(field) & tables) !== 0 && !lens.isDirect(field))) return
    const direct = directOf(event, event.repeat!)
    const words: number[] = []
    for (const word of this.#words) {
      const shown = show[word] & this.#bits[word]
      // Tables begin at whole words, so a word's first field tells for all of it.
      if (shown !== 0 && (event.lazyBitOf(word * 32) & direct) === 0) words.push(word, shown, has[word] & shown)
    }
    const fixed: TemplateParts['fixed'][number][] = []
    const holes: TemplateParts['holes'][number][] = []
    const text = new Uint8Array(out.pos - start)
    let length = 0
    let at = start
    const take = (to: number) => {
      text.set(out.buf.subarray(at, to), length)
      length += to - at
    }
    let most = WIDEST
    for (let i = 0; i < this.#count; i += 3) {
      const number = this.#written[i]
      const { table, type } = event.fields.all[number]!
      const known = reads.find(({ field }) => field === number && (event.lazyBitOf(field) & (tables | direct)) !== 0)
      if (table.repeats && known === undefined) continue
      const read = known ?? { field: number, how: READ.column, at: 0, extra: 0 }
      if (this.#fixed(event, number, template)) {
        fixed.push({ read, value: event.a[number] })
        if (type === 'point') fixed.push({ read: { field: number, how: READ.second, at: 0, extra: 0 }, value: event.b[number] })
        continue
      }
      const { kind, bound } = this.#forms[number]!
      take(this.#written[i + 1])
      at = this.#written[i + 2]
      holes.push({ read, kind, to: length })
      most += bound
    }
    take(out.pos)
    const parts = { words, fixed, holes, text: text.subarray(0, length), most: most + length }
    const memory = this.#memory.take(Template.bytes(parts))
    if (memory !== 0) return template.become(memory, parts, this.#machine)
    this.#templates.length = 0
    this.#memory.clear()
  }

  /** Whether a value is told by `a` alone and has not been seen to differ. Text is when it lies in the event's constants. */
  #fixed(event: Event, number: number, { varying }: Template): boolean {
    const { type, list } = event.fields.all[number]!
    if (list || varying.has(number) || this.#differed[number] * 2 > this.#runs) return false
    return PLAIN.has(type) || (type === 'text' && event.isConstant(event.a[number]))
  }

  /** Whether a record that has the template's fields has its values where they are part of the text. */
  #fits(template: Template, event: Event): boolean {
    const { i32, f64 } = this.#machine
    let same = true
    let at = template.fixedAt
    for (let i = 0; i < template.fixed; i++, at += FIXED) {
      if (first(event, i32, at >> 2) === f64[(at >> 3) + 2]) continue
      const number = i32[at >> 2]
      same = false
      if (template.varying.has(number)) continue
      template.varying.add(number)
      this.#differed[number]++
    }
    return same
  }
}

/** Copies a piece of a template's text; up to three bytes behind its end are scribbled on. Not as doubles, since some of MessagePack are none that come through. */
function copy(text: DataView, from: number, end: number, view: DataView, to: number): void {
  for (; from < end; from += 4, to += 4) view.setInt32(to, text.getInt32(from, true), true)
}

/** The tables that need not be decoded, without those of which a lens changes a field in ways that reads cannot: they are decoded, as if the run had no reads for them. */
function directOf(event: Event, { direct, reads }: Repeat): number {
  const { lens } = event
  if (lens === undefined) return direct
  let bits = direct
  for (let i = 0; i < reads.length; i++) if (!lens.isDirect(reads[i].field)) bits &= ~event.lazyBitOf(reads[i].field)
  return bits
}

function lensKey({ lens }: Event): number {
  return lens === undefined ? 0 : lens.key
}

/** Whether the record has the template's fields. */
function hasSame({ i32 }: Machine, template: Template, { has }: Event): boolean {
  let at = template.wordsAt >> 2
  for (let i = 0; i < template.words; i++, at += WORD >> 2) if ((has[i32[at]] & i32[at + 1]) !== i32[at + 2]) return false
  return true
}

/** The numbers of a field's value, where `i32` says at `at` which field it is and how it is read. */
function first(event: Event, i32: Int32Array, at: number): number {
  const how = i32[at + 1]
  if (how === READ.column) return event.a[i32[at]]
  if (how === READ.second) return event.b[i32[at]]
  const a = readFirst(event, how, i32[at + 2], i32[at + 3])
  return event.lens === undefined ? a : event.lens.direct(i32[at], a)
}
function second(event: Event, i32: Int32Array, at: number): number {
  const how = i32[at + 1]
  return how === READ.column ? event.b[i32[at]] : readSecond(event, how, i32[at + 2], i32[at + 3])
}
