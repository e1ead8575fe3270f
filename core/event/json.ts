/**
 * The JSON writer, generated from the field tables: straight from an event's columns and record bytes to output bytes.
 *
 * Keys are constants stored eight bytes at a time as doubles (no UTF-8 forms a NaN). Every value ends with a comma, which the end of its
 * object overwrites. Presence words are tested for whole objects before single fields. The code is cut into functions of some twenty fields,
 * since V8 does not optimise very large ones. `toObject` is the oracle: both must give the same text.
 */
import * as ascii from './ascii.ts'
import type { Event } from './event.ts'
import type { Fields, FieldType, KnownField } from './fields.ts'
import { Fragments } from './fragments.ts'
import { type Branch, fieldTree, type Leaf } from './tree.ts'
import { listWidth } from './values.ts'
import type { ByteWriter } from './writer.ts'

export type EventWriter = (event: Event, out: ByteWriter) => void

/** Fields in one generated function. */
const CHUNK = 20

const QUOTED: ReadonlySet<FieldType> = new Set(['mac', 'text', 'bytes', 'ip', 'time', 'name', 'id'])

interface Piece {
  readonly code: string
  /** Presence bits that this piece writes, by word. */
  readonly bits: ReadonlyMap<number, number>
  readonly size: number
  /** Numbers of the pieces in it that can be copied where they repeat. */
  readonly copies: readonly number[]
}

/** Makes the writer of one JSON object per event, without a line end. */
export function jsonWriter(fields: Fields): EventWriter {
  const generator = new Generator(fields)
  const members = generator.joined(generator.members(fieldTree(fields)))
  const body = generator.run(members)
  const fragments = generator.repeated.size > 0 ? new Fragments([...generator.repeated.keys()], generator.pieces) : undefined
  const code = `'use strict'
// What to do with pieces that repeat: 0 write, 1 copy, 2 write and keep.
let state = 0
${generator.functions.join('\n')}
return (e, out) => {
  ${
    fragments
      ? `const hit = e.repeat !== undefined && fragments.find(e, e.repeat)
  e.forceShown(hit ? e.repeat.tables : undefined)
  state = hit ? 1 : e.repeat !== undefined ? 2 : 0`
      : 'e.forceShown()'
  }
  room(out, out.pos, ${generator.fixed + ascii.WIDEST})
  const start = out.pos
  let o = start
  let buf = out.buf, view = out.view
  ${declarations(union(members))}
  buf[o++] = 123
  ${body}
  if (o === start + 1) o++
  out.buf[o - 1] = 125
  out.pos = o
  ${fragments ? 'if (state === 2) fragments.done()' : ''}
}`
  const names = Object.keys(ascii)
  return new Function(...names, 'names', 'margin', 'fragments', code)(
    ...Object.values(ascii),
    generator.names,
    generator.fixed + ascii.WIDEST,
    fragments,
  )
}

class Generator {
  readonly functions: string[] = []
  /** For each `name` field its names by code, one character for each byte. */
  readonly names: Record<number, string>[] = []
  /** Most bytes that all constants and values of fixed size take. */
  fixed = 0
  /** Presence bits of the tables that may repeat, by word. */
  readonly repeated = new Map<number, number>()
  /** Pieces of text that are made of such fields only. */
  pieces = 0

  constructor(fields: Fields) {
    for (const field of fields.all) {
      if (field?.table.repeats) this.repeated.set(field.number >>> 5, (this.repeated.get(field.number >>> 5) ?? 0) | (1 << (field.number & 31)))
    }
  }

  members(branch: Branch): Piece[] {
    return branch.members.map((member) => ('field' in member ? this.leaf(member) : this.branch(member)))
  }

  branch(branch: Branch): Piece {
    let members = this.members(branch)
    const bits = union(members)
    const size = sum(members)
    // Within a branch of repeating fields only, the piece is the whole branch.
    if (!this.#repeats(bits)) members = this.joined(members)
    const copies = members.flatMap((member) => member.copies)
    if (size > CHUNK) members = this.chunks(members)
    const code = `if (${[test(bits), ...copies.map((piece) => `(state === 1 && fragments.length(${piece}) > 0)`)].join(' || ')}) {
${this.constant(`${key(branch.key)}{`)}
${this.run(members)}
buf[o - 1] = 125; buf[o++] = 44
}`
    this.fixed += 2
    return { code, bits, size: Math.min(size, CHUNK), copies }
  }

  /** Puts neighbours that are made of repeating fields only together into one piece, which is copied where it is known. */
  joined(members: Piece[]): Piece[] {
    const joined: Piece[] = []
    for (let i = 0; i < members.length; ) {
      let end = i
      while (end < members.length && this.#repeats(members[end].bits)) end++
      if (end === i) {
        joined.push(members[i++])
        continue
      }
      const piece = this.pieces++
      const run = members.slice(i, end)
      const bits = union(run)
      const code = `if (state === 1) {
room(out, o, fragments.length(${piece}) + margin); buf = out.buf; view = out.view
o = fragments.copy(${piece}, view, o)
} else {
const from = o
${this.run(run)}
if (state === 2) fragments.keep(${piece}, buf, from, o)
}`
      joined.push({ code, bits, size: Math.min(CHUNK, sum(run)), copies: [piece] })
      i = end
    }
    return joined
  }

  #repeats(bits: ReadonlyMap<number, number>): boolean {
    return bits.size > 0 && [...bits].every(([word, mask]) => (mask & ~(this.repeated.get(word) ?? 0)) === 0)
  }

  /** Moves runs of pieces into functions of their own. */
  chunks(pieces: Piece[]): Piece[] {
    const calls: Piece[] = []
    let run: Piece[] = []
    const close = () => {
      if (run.length === 0) return
      const name = `chunk${this.functions.length}`
      const bits = union(run)
      this.functions.push(`function ${name}(e, out, o) {
  ${declarations(bits)}
  let buf = out.buf, view = out.view
  ${run.map((piece) => piece.code).join('\n')}
  return o
}`)
      const copies = run.flatMap((piece) => piece.copies)
      const always = copies.length > 0 ? ' || state === 1' : ''
      calls.push({ code: `if (${test(bits)}${always}) { o = ${name}(e, out, o); buf = out.buf; view = out.view }`, bits, size: 1, copies })
      run = []
    }
    for (const piece of pieces) {
      if (sum(run) + piece.size > CHUNK) close()
      run.push(piece)
    }
    close()
    return calls
  }

  /** Code of pieces within the function that calls it; at the top level that is the writer itself. */
  run(pieces: Piece[]): string {
    return (sum(pieces) > CHUNK ? this.chunks(pieces) : pieces).map((piece) => piece.code).join('\n')
  }

  leaf({ key: name, field }: Leaf): Piece {
    const bits = new Map([[field.number >>> 5, 1 << (field.number & 31)]])
    const quoted = QUOTED.has(field.type) && !field.list
    const code = `if (${test(bits)}) {
const a = e.a[${field.number}], b = e.b[${field.number}]
${this.constant(key(name) + (quoted ? '"' : ''))}
${field.list ? this.listCode(field) : this.valueCode(field, 'a', 'b')}
${quoted ? 'buf[o++] = 34' : ''}
buf[o++] = 44
}`
    this.fixed += ascii.WIDEST
    return { code, bits, size: 1, copies: [] }
  }

  listCode(field: KnownField): string {
    const width = listWidth(field.type)
    const quote = QUOTED.has(field.type) ? 'buf[o++] = 34' : ''
    return `room(out, o, b * ${this.bound(field)} + margin); buf = out.buf; view = out.view
buf[o++] = 91
for (let i = 0; i < b; i++) {
const x = e.list[a + i * ${width}], y = ${width === 2 ? `e.list[a + i * 2 + 1]` : '0'}
${quote}
${this.valueCode(field, 'x', 'y')}
${quote}
buf[o++] = 44
}
if (b > 0) buf[o - 1] = 93; else buf[o++] = 93`
  }

  /** Most bytes of one list item whose length is fixed. */
  bound(field: KnownField): number {
    return ascii.WIDEST + (field.type === 'name' ? longest(field) : 0)
  }

  valueCode(field: KnownField, a: string, b: string): string {
    switch (field.type) {
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
o = putEscaped(buf, view, o, sourceOf(e, ${a}), indexOf(${a}), ${b})`
      case 'bytes':
        return `room(out, o, ${b} * 2 + margin); buf = out.buf; view = out.view
o = putHex(view, o, sourceOf(e, ${a}), indexOf(${a}), ${b})`
      case 'ip':
        return `o = putIp(buf, view, o, sourceOf(e, ${a}), indexOf(${a}), ${b})`
      case 'id':
        return `o = putId(view, o, sourceOf(e, ${a}), indexOf(${a}))`
      case 'point':
        return `${this.constant('{"lat":')} o = putFloat(buf, view, o, ${a}); ${this.constant(',"lon":')} o = putFloat(buf, view, o, ${b}); buf[o++] = 125`
      case 'name': {
        this.fixed += longest(field)
        const quoted = Object.entries(field.names ?? {}).map(([code, name]) => [code, escaped(name).slice(1, -1)])
        const table = this.names.push(Object.fromEntries(quoted)) - 1
        return `{ const name = names[${table}][${a}]; o = name === undefined ? putInt(buf, view, o, ${a}) : putAscii(buf, o, name) }`
      }
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

function longest(field: KnownField): number {
  return Math.max(0, ...Object.values(field.names ?? {}).map((name) => escaped(name).length))
}

function union(pieces: readonly Piece[]): Map<number, number> {
  const bits = new Map<number, number>()
  for (const piece of pieces) for (const [word, mask] of piece.bits) bits.set(word, (bits.get(word) ?? 0) | mask)
  return bits
}

function sum(pieces: readonly Piece[]): number {
  return pieces.reduce((total, piece) => total + piece.size, 0)
}

function declarations(bits: ReadonlyMap<number, number>): string {
  return [...bits.keys()].map((word) => `const w${word} = e.has[${word}] & e.show[${word}]`).join('; ')
}

function test(bits: ReadonlyMap<number, number>): string {
  return [...bits].map(([word, mask]) => `(w${word} & ${mask})`).join(' | ')
}
