/**
 * The JSON writer, generated from the field tables: straight from an event's columns and record bytes to output bytes.
 *
 * Keys are constants stored eight bytes at a time as doubles (no UTF-8 forms a NaN). Every value ends with a comma, which the end of its
 * object overwrites. Presence words are tested for whole objects before single fields. `toObject` is the oracle: both must give the same text.
 */
import * as ascii from './ascii.ts'
import type { Event } from './event.ts'
import type { Fields, FieldType, KnownField } from './fields.ts'
import { CHUNK, declarations, type Piece, Pieces, sum, test, union } from './pieces.ts'
import { type PutValue, Templates, type ValueForm } from './templates.ts'
import { type Branch, fieldTree, type Leaf } from './tree.ts'
import { listWidth } from './values.ts'
import type { ByteWriter } from './writer.ts'

export type EventWriter = (event: Event, out: ByteWriter) => void

const TYPES: readonly FieldType[] = ['bool', 'int', 'float', 'u64', 'mac', 'text', 'bytes', 'ip', 'time', 'name', 'point', 'id']
const QUOTED: ReadonlySet<FieldType> = new Set(['mac', 'text', 'bytes', 'ip', 'time', 'name', 'id'])

/** Makes the writer of one JSON object per event, without a line end. */
export function jsonWriter(fields: Fields): EventWriter {
  const generator = new Generator(fields)
  const members = generator.members(fieldTree(fields))
  const body = generator.pieces.run(members)
  const values = TYPES.flatMap((type, i) => [
    `case ${i}: ${generator.valueCode(type, 'table', 'a', 'b')}; return o`,
    ...(type === 'point' ? [] : [`case ${TYPES.length + i}: ${generator.listCode(type, 'table', 'margin')}; return o`]),
  ])
  const code = `'use strict'
// Whether the record's text is kept as a template.
let keep = false
let templates
${generator.pieces.functions.join('\n')}
function value(e, out, o, a, b, kind, table) {
  let buf = out.buf, view = out.view
  switch (kind) { ${values.join('\n')} }
}
function write(e, out) {
  e.forceShown()
  room(out, out.pos, margin)
  const start = out.pos
  let o = start
  let buf = out.buf, view = out.view
  ${declarations(union(members))}
  buf[o++] = 123
  ${body}
  if (o === start + 1) o++
  out.buf[o - 1] = 125
  out.pos = o
  if (keep) templates.done(e, out, start)
}
return { value, write, begin(kept, keeping) { templates = kept; keep = keeping } }`
  const names = Object.keys(ascii)
  const { value, write, begin } = new Function(...names, 'names', 'margin', code)(
    ...Object.values(ascii),
    generator.names,
    generator.fixed + ascii.WIDEST,
  ) as { value: PutValue; write: EventWriter; begin(templates: Templates, keep: boolean): void }
  const templates = new Templates(fields, generator.forms, value)
  return (event, out) => {
    const { repeat } = event
    if (repeat !== undefined) {
      if (templates.write(event, repeat, out)) return
      event.forceShown()
    }
    begin(templates, repeat !== undefined && templates.begin(event, repeat))
    write(event, out)
  }
}

class Generator {
  readonly pieces = new Pieces()
  /** For each `name` field its names by code, one character for each byte. */
  readonly names: Record<number, string>[] = []
  /** How each field's value is written, by number. */
  readonly forms: (ValueForm | undefined)[] = []
  /** Most bytes that all constants and values of fixed size take. */
  fixed = 0

  constructor(fields: Fields) {
    for (const field of fields.all) if (field) this.forms[field.number] = this.#form(field)
  }

  #form({ type, list, names: given }: KnownField): ValueForm {
    const kind = TYPES.indexOf(type) + (list ? TYPES.length : 0)
    if (type !== 'name') return { kind, names: -1, bound: ascii.WIDEST }
    const quoted = Object.entries(given ?? {}).map(([code, name]): [string, string] => [code, escaped(name).slice(1, -1)])
    const names = this.names.push(Object.fromEntries(quoted)) - 1
    return { kind, names, bound: ascii.WIDEST + Math.max(0, ...quoted.map(([, name]) => name.length)) }
  }

  members(branch: Branch): Piece[] {
    return branch.members.map((member) => ('field' in member ? this.leaf(member) : this.branch(member)))
  }

  branch(branch: Branch): Piece {
    const members = this.members(branch)
    const bits = union(members)
    const size = sum(members)
    const code = `if (${test(bits)}) {
${this.constant(`${key(branch.key)}{`)}
${this.pieces.run(members)}
buf[o - 1] = 125; buf[o++] = 44
}`
    this.fixed += 2
    return { code, bits, size: Math.min(size, CHUNK) }
  }

  leaf({ key: name, field }: Leaf): Piece {
    const { number, type, list } = field
    const { names, bound } = this.forms[number]!
    const bits = new Map([[number >>> 5, 1 << (number & 31)]])
    const quoted = QUOTED.has(type) && !list
    const value = list ? this.listCode(type, String(names), String(bound)) : this.valueCode(type, String(names), 'a', 'b')
    const code = `if (${test(bits)}) {
const a = e.a[${number}], b = e.b[${number}]
${this.constant(key(name) + (quoted ? '"' : ''))}
const from = o
${value}
if (keep) templates.wrote(${number}, from, o)
${quoted ? 'buf[o++] = 34' : ''}
buf[o++] = 44
}`
    this.fixed += bound
    return { code, bits, size: 1 }
  }

  /** Code that writes the list at `a`; `names` and `bound` are expressions (see `ValueForm`). */
  listCode(type: FieldType, names: string, bound: string): string {
    const width = listWidth(type)
    const quote = QUOTED.has(type) ? 'buf[o++] = 34' : ''
    return `room(out, o, b * (${bound}) + margin); buf = out.buf; view = out.view
buf[o++] = 91
for (let i = 0; i < b; i++) {
const x = e.list[a + i * ${width}], y = ${width === 2 ? `e.list[a + i * 2 + 1]` : '0'}
${quote}
${this.valueCode(type, names, 'x', 'y')}
${quote}
buf[o++] = 44
}
if (b > 0) buf[o - 1] = 93; else buf[o++] = 93`
  }

  /** Code that writes a value, given by the expressions `a` and `b`. */
  valueCode(type: FieldType, names: string, a: string, b: string): string {
    switch (type) {
      case 'bool':
        return `if (${a}) { ${this.constant('true')} } else { ${this.constant('false')} }`
      case 'int':
        return `o = putInt(buf, view, o, ${a})`
      case 'float':
        return `o = putFloat(buf, view, o, ${a})`
      case 'u64':
        return `o = putU64(buf, view, o, ${a}, ${b})`
      case 'mac':
        return `o = putMac(view, o, ${a})`
      case 'time':
        return `o = putTime(buf, view, o, ${a}, ${b})`
      case 'text':
        return `room(out, o, ${b} * 6 + margin); buf = out.buf; view = out.view
o = putEscaped(buf, view, o, sourceOf(e, ${a}), indexOf(${a}), ${b} | 0)`
      case 'bytes':
        return `room(out, o, ${b} * 2 + margin); buf = out.buf; view = out.view
o = putHex(view, o, sourceOf(e, ${a}), indexOf(${a}), ${b} | 0)`
      case 'ip':
        return `o = putIp(buf, view, o, sourceOf(e, ${a}), indexOf(${a}), ${b} | 0)`
      case 'id':
        return `o = putId(view, o, sourceOf(e, ${a}), indexOf(${a}))`
      case 'point':
        return `${this.constant('{"lat":')} o = putFloat(buf, view, o, ${a}); ${this.constant(',"lon":')} o = putFloat(buf, view, o, ${b}); buf[o++] = 125`
      case 'name':
        return `{ const name = names[${names}][${a}]; o = name === undefined ? putInt(buf, view, o, ${a}) : putAscii(buf, o, name) }`
    }
  }

  /** Stores text, one character for each byte, eight at a time. */
  constant(text: string): string {
    this.fixed += text.length + 8
    const bytes = Buffer.alloc(Math.ceil(text.length / 8) * 8)
    bytes.write(text, 'latin1')
    let code = ''
    for (let at = 0; at < text.length; at += 8) code += `view.setFloat64(o + ${at}, ${bytes.readDoubleLE(at)}, true); `
    return `${code}o += ${text.length}`.concat(';')
  }
}

function key(name: string): string {
  return `${escaped(name)}:`
}

/** JSON text, one character for each byte of its UTF-8. */
function escaped(text: string): string {
  return Buffer.from(JSON.stringify(text)).toString('latin1')
}
