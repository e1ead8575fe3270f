/** What the generated writers of all encodings have in common beside the pieces of their code (pieces.ts): how values are called for, and records that repeat. */
import { WIDEST } from './ascii.ts'
import type { Event } from './event.ts'
import type { Fields, FieldType, KnownField } from './fields.ts'
import { declarations, type Piece, union } from './pieces.ts'
import { type PutValue, Templates, type ValueForm } from './templates.ts'
import type { ByteWriter } from './writer.ts'

export interface EventWriter {
  (event: Event, out: ByteWriter): void
  /** What it keeps of records that repeat. */
  readonly templates: Templates
}

/** Kinds of values are places in here, those of lists behind them: machine/assembly/fill.ts knows them too. */
const TYPES: readonly FieldType[] = ['bool', 'int', 'float', 'u64', 'mac', 'text', 'bytes', 'ip', 'time', 'name', 'point', 'id']

/** An encoding: code that writes at `o` into `buf` and `view` of `out`, with `e` as the event. */
export interface Encoding {
  /** What fills its templates in the machine. */
  readonly fill: 'fillJson' | 'fillPack'
  /** A value, given by the expressions `a` and `b`; `names` is one for the number of its table of names. */
  value(type: FieldType, names: string, a: string, b: string): string
  /** The list at `a` of `b` values; `bound` is an expression for the most bytes of one. */
  list(type: FieldType, names: string, bound: string): string
  /** The texts of a `name` field's values, one character for each byte. */
  name(name: string): string
}

export class Forms {
  /** How each field's value is written, by number. */
  readonly all: (ValueForm | undefined)[] = []
  /** For each `name` field its names by code. */
  readonly names: Record<number, string>[] = []
  readonly #encoding: Encoding

  constructor(fields: Fields, encoding: Encoding) {
    this.#encoding = encoding
    for (const field of fields.all) if (field) this.all[field.number] = this.#form(field)
  }

  #form({ type, list, names: given }: KnownField): ValueForm {
    const kind = TYPES.indexOf(type) + (list ? TYPES.length : 0)
    if (type !== 'name') return { kind, names: -1, bound: WIDEST }
    const written = Object.entries(given ?? {}).map(([code, name]): [string, string] => [code, this.#encoding.name(name)])
    const names = this.names.push(Object.fromEntries(written)) - 1
    return { kind, names, bound: WIDEST + Math.max(0, ...written.map(([, name]) => name.length)) }
  }

  /** Code that writes the value of a field that is there, and tells it to a template that is being made. */
  code({ number, type, list }: KnownField): string {
    const { names, bound } = this.all[number]!
    return `const from = o
${list ? this.#encoding.list(type, String(names), String(bound)) : this.#encoding.value(type, String(names), 'a', 'b')}
if (keep) templates.wrote(${number}, from, o)`
  }

  /** The body of a function that writes a value of any kind. */
  byKind(): string {
    const cases = TYPES.flatMap((type, i) => [
      `case ${i}: ${this.#encoding.value(type, 'table', 'a', 'b')}; return o`,
      ...(type === 'point' ? [] : [`case ${TYPES.length + i}: ${this.#encoding.list(type, 'table', 'margin')}; return o`]),
    ])
    return `switch (kind) { ${cases.join('\n')} }`
  }
}

/**
 * Makes the writer.
 * @param functions that pieces were moved into
 * @param members of the whole event
 * @param body code that writes them
 * @param fixed most bytes that all constants and values of fixed size take
 * @param helpers functions that the code calls
 */
export function compile(
  fields: Fields,
  forms: Forms,
  encoding: Encoding,
  { functions, members, body, fixed }: { functions: readonly string[]; members: readonly Piece[]; body: string; fixed: number },
  helpers: object,
): EventWriter {
  const code = `'use strict'
// Whether the record's text is kept as a template.
let keep = false
let templates
${functions.join('\n')}
function value(e, out, o, a, b, kind, table) {
  let buf = out.buf, view = out.view
  ${forms.byKind()}
}
function write(e, out) {
  e.forceShown()
  room(out, out.pos, margin)
  const start = out.pos
  let o = start
  let buf = out.buf, view = out.view
  ${declarations(union(members))}
  ${body}
  out.pos = o
  if (keep) templates.done(e, out, start)
}
return { value, write, begin(kept, keeping) { templates = kept; keep = keeping } }`
  const known = { ...helpers, names: forms.names, margin: fixed + WIDEST }
  const { value, write, begin } = new Function(...Object.keys(known), code)(...Object.values(known)) as {
    value: PutValue
    write(event: Event, out: ByteWriter): void
    begin(templates: Templates, keep: boolean): void
  }
  const templates = new Templates(fields, forms.all, value, encoding.fill)
  const writer = (event: Event, out: ByteWriter) => {
    const { repeat } = event
    if (repeat !== undefined) {
      if (templates.write(event, repeat, out)) return
      event.forceShown()
    }
    begin(templates, repeat !== undefined && templates.begin(event, repeat))
    write(event, out)
  }
  return Object.assign(writer, { templates })
}
