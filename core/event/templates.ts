/**
 * What a writer keeps of records that repeat (see repeats.ts): the text of a whole record, with holes where fields may differ.
 *
 * A template serves a record of the same run that has the same fields in the tables that do not repeat, and shows the same (a run has a few templates): then all of the text but the
 * values in the holes is the same, and the tables that repeat are not looked at, nor decoded. A field becomes a hole when its value is first seen to differ,
 * or when it did in most other templates; until then its value is part of the text, and compared.
 */
import { WIDEST } from './ascii.ts'
import type { Event, Repeat } from './event.ts'
import type { Fields, FieldType } from './fields.ts'
import { READ, readFirst, readSecond } from './reads.ts'
import type { ByteWriter } from './writer.ts'

/** Bytes of a record's text that is kept. */
const LARGEST = 8192

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

/** Numbers of a template: for each presence word its index, the bits that are shown and those of them that are there; … */
const WORD = 3
/** … for each field its number and how it is read; … */
const FIELD = 4
/** … for each hole besides its place in the text, and the field's kind and table of names. */
const HOLE = FIELD + 3

const NONE = new ArrayBuffer(0)

/** All in one piece of memory, since it is read once for each record and there are many. */
class Template {
  version = 0
  shown = 0
  /** Key of the lens that the values were seen through; 0 for none. */
  lens = 0
  whole = false
  words = 0
  holes = 0
  fixed = 0
  /** Presence words, then holes, then the fields whose values are part of the text. */
  numbers = new Int32Array(NONE)
  /** `a` of the fields whose values are part of the text. */
  values = new Float64Array(NONE)
  text = new DataView(NONE)
  length = 0
  /** Whether the text can be copied as doubles: none of those that are read is a NaN, which would not come through unchanged. */
  doubles = true
  /** Bytes that a record takes at most, but for values that make room themselves. */
  most = 0
  /** Fields that were seen to differ; the same set for all templates of a run. */
  readonly varying: Set<number>
  /** Another template of the run, for records with other fields. */
  next: Template | undefined

  constructor(varying: Set<number>) {
    this.varying = varying
  }
}

/** Templates of a run: filters add fields to some of its records and not to others. */
const VARIANTS = 4

export class Templates {
  readonly #templates: (Template | undefined)[] = []
  /** Presence words of the tables that do not repeat, with the bits of their fields. */
  readonly #bits: ReadonlyMap<number, number>
  readonly #forms: readonly (ValueForm | undefined)[]
  readonly #put: PutValue
  #keeping: Template | undefined
  /** The template of the record at hand but for values that were part of its text. */
  #stale: Template | undefined
  /** Which template of a run gives way when there are too many. */
  #turn = 0
  /** Runs that have had a template, and in how many of these each field was seen to differ. */
  #runs = 0
  readonly #differed: Uint32Array
  /** Values of the record being kept: field, begin and end. */
  #written: (readonly [number: number, from: number, to: number])[] = []

  /** @param forms for each field, by number */
  constructor(fields: Fields, forms: readonly (ValueForm | undefined)[], put: PutValue) {
    const bits = new Map<number, number>()
    for (const field of fields.all) {
      if (field && !field.table.repeats) bits.set(field.number >>> 5, (bits.get(field.number >>> 5) ?? 0) | (1 << (field.number & 31)))
    }
    this.#bits = bits
    this.#differed = new Uint32Array(fields.words * 32)
    this.#forms = forms
    this.#put = put
  }

  /** Writes the record from its template; false when there is none for it. */
  write(event: Event, { place, version, tables, direct }: Repeat, out: ByteWriter): boolean {
    this.#stale = undefined
    let template = this.#templates[place]
    if (template === undefined || template.version !== version) return false
    const lens = lensKey(event)
    for (let forced = false; template !== undefined; template = template.next) {
      if (!template.whole || template.shown !== event.shown || template.lens !== lens) continue
      if (!forced) event.forceShown(tables | direct)
      forced = true
      if (!hasSame(template, event)) continue
      if (this.#fits(template, event)) {
        this.#fill(template, event, out)
        return true
      }
      this.#stale = template
      return false
    }
    return false
  }

  #fill(template: Template, event: Event, out: ByteWriter): void {
    const { numbers, words, holes, text, length, doubles } = template
    out.reserve(template.most)
    let o = out.pos
    let at = 0
    const last = words * WORD + holes * HOLE
    for (let hole = words * WORD; hole < last; hole += HOLE) {
      const end = numbers[hole + FIELD]
      copy(text, at, end, out.view, o, doubles)
      o = this.#put(
        event,
        out,
        o + end - at,
        first(event, numbers, hole),
        second(event, numbers, hole),
        numbers[hole + FIELD + 1],
        numbers[hole + FIELD + 2],
      )
      at = end
    }
    copy(text, at, length, out.view, o, doubles)
    out.pos = o + length - at
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
    this.#written = []
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
    this.#written.push([number, from, to])
  }

  /** The record was written to out.buf[start … out.pos). */
  done(event: Event, out: ByteWriter, start: number): void {
    const template = this.#keeping!
    const { has, show } = event
    const { direct, reads } = event.repeat!
    if (out.pos - start > LARGEST) return
    const { lens } = event
    if (lens !== undefined && reads.some(({ field }) => !lens.isDirect(field))) return
    const isDirect = (number: number) => (event.lazyBitOf(number) & direct) !== 0
    const how = (number: number): readonly [number, number, number, number] => {
      const { how, at, extra } = reads.find(({ field }) => field === number) ?? { how: READ.column, at: 0, extra: 0 }
      return [number, how, at, extra]
    }
    const written = this.#written.filter(([number]) => !event.fields.all[number]!.table.repeats || reads.some(({ field }) => field === number))
    // Tables begin at whole words, so a word's first field tells for all of it.
    const words = [...this.#bits]
      .filter(([word]) => !isDirect(word * 32))
      .map(([word, bits]) => [word, show[word] & bits, has[word] & show[word] & bits])
      .filter(([, shown]) => shown !== 0)
    const fixed = written.filter(([number]) => this.#fixed(event, number, template)).map(([number]) => number)
    const open = written.filter(([number]) => !fixed.includes(number))
    const compared = fixed.flatMap((number) =>
      event.fields.all[number]!.type === 'point' ? [how(number), [number, READ.second, 0, 0] as const] : [how(number)],
    )
    const count = words.length * WORD + open.length * HOLE + compared.length * FIELD
    const textAt = (count * 4 + 7) & ~7
    const memory = new ArrayBuffer(textAt + compared.length * 8 + out.pos - start + 8)
    const numbers = new Int32Array(memory, 0, count)
    numbers.set(words.flat())
    const values = new Float64Array(memory, textAt, compared.length)
    values.set(compared.map(([number, how]) => (how === READ.second ? event.b : event.a)[number]))
    const bytes = new Uint8Array(memory, textAt + compared.length * 8)
    let length = 0
    let at = start
    const take = (to: number) => {
      bytes.set(out.buf.subarray(at, to), length)
      length += to - at
    }
    let most = WIDEST
    open.forEach(([number, from, to], i) => {
      const { kind, names, bound } = this.#forms[number]!
      take(from)
      at = to
      numbers.set([...how(number), length, kind, names], words.length * WORD + i * HOLE)
      most += bound
    })
    take(out.pos)
    numbers.set(compared.flat(), words.length * WORD + open.length * HOLE)
    const text = new DataView(memory, bytes.byteOffset)
    Object.assign(template, {
      numbers,
      values,
      text,
      length,
      doubles: allDoubles(text, [0, ...open.map((_, i) => numbers[words.length * WORD + i * HOLE + FIELD]), length]),
      most: most + length,
      words: words.length,
      holes: open.length,
      fixed: compared.length,
      whole: true,
    })
  }

  /** Whether a value is told by `a` alone and has not been seen to differ. Text is when it lies in the event's constants. */
  #fixed(event: Event, number: number, { varying }: Template): boolean {
    const { type, list } = event.fields.all[number]!
    if (list || varying.has(number) || this.#differed[number] * 2 > this.#runs) return false
    return PLAIN.has(type) || (type === 'text' && event.isConstant(event.a[number]))
  }

  /** Whether a record that has the template's fields has its values where they are part of the text. */
  #fits({ numbers, words, holes, fixed, values, varying }: Template, event: Event): boolean {
    let at = words * WORD + holes * HOLE
    let same = true
    for (let i = 0; i < fixed; i++, at += FIELD) {
      if (first(event, numbers, at) === values[i]) continue
      const number = numbers[at]
      same = false
      if (varying.has(number)) continue
      varying.add(number)
      this.#differed[number]++
    }
    return same
  }
}

/** Copies a piece of a template's text; up to seven bytes behind its end are scribbled on. */
function copy(text: DataView, from: number, end: number, view: DataView, to: number, doubles: boolean): void {
  if (doubles) for (; from < end; from += 8, to += 8) view.setFloat64(to, text.getFloat64(from, true), true)
  else for (; from < end; from += 4, to += 4) view.setInt32(to, text.getInt32(from, true), true)
}

/** Whether no double that `copy` reads between one cut and the next is a NaN. UTF-8 forms none, MessagePack does. */
function allDoubles(text: DataView, cuts: readonly number[]): boolean {
  for (let i = 1; i < cuts.length; i++) for (let at = cuts[i - 1]; at < cuts[i]; at += 8) if (Number.isNaN(text.getFloat64(at, true))) return false
  return true
}

function lensKey({ lens }: Event): number {
  return lens === undefined ? 0 : lens.key
}

/** Whether the record has the template's fields. */
function hasSame({ numbers, words }: Template, { has }: Event): boolean {
  for (let at = 0; at < words * WORD; at += WORD) if ((has[numbers[at]] & numbers[at + 1]) !== numbers[at + 2]) return false
  return true
}

/** The numbers of a field's value, where `numbers` say at `at` which field it is and how it is read. */
function first(event: Event, numbers: Int32Array, at: number): number {
  const how = numbers[at + 1]
  if (how === READ.column) return event.a[numbers[at]]
  if (how === READ.second) return event.b[numbers[at]]
  const a = readFirst(event, how, numbers[at + 2], numbers[at + 3])
  return event.lens === undefined ? a : event.lens.direct(numbers[at], a)
}
function second(event: Event, numbers: Int32Array, at: number): number {
  const how = numbers[at + 1]
  return how === READ.column ? event.b[numbers[at]] : readSecond(event, how, numbers[at + 2], numbers[at + 3])
}
