/**
 * The JSON writer, generated from the field tables: straight from an event's columns and record bytes to output bytes.
 *
 * Keys are constants stored eight bytes at a time as doubles (no UTF-8 forms a NaN). Every value ends with a comma, which the end of its
 * object overwrites. Presence words are tested for whole objects before single fields. `toObject` is the oracle: both must give the same text.
 */
import * as ascii from './ascii.ts'
import { compile, type Encoding, type EventWriter, Forms } from './compiled.ts'
import type { Fields, FieldType } from './fields.ts'
import { CHUNK, type Piece, Pieces, sum, test, union } from './pieces.ts'
import { type Branch, fieldTree, type Leaf } from './tree.ts'
import { listWidth } from './values.ts'

const QUOTED: ReadonlySet<FieldType> = new Set(['mac', 'text', 'bytes', 'ip', 'time', 'name', 'id'])

/** Makes the writer of one JSON object per event, without a line end. */
export function jsonWriter(fields: Fields): EventWriter {
  const generator = new Generator(fields)
  const { forms, pieces } = generator
  const members = generator.members(fieldTree(fields))
  const body = `buf[o++] = 123
${pieces.run(members)}
if (o === start + 1) o++
out.buf[o - 1] = 125`
  return compile(fields, forms, generator, { functions: pieces.functions, members, body, fixed: generator.fixed }, ascii)
}

class Generator implements Encoding {
  readonly fill = 'fillJson'
  readonly pieces = new Pieces()
  readonly forms: Forms
  /** Most bytes that all constants and values of fixed size take. */
  fixed = 0

  constructor(fields: Fields) {
    this.forms = new Forms(fields, this)
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
    const bits = new Map([[number >>> 5, 1 << (number & 31)]])
    const quoted = QUOTED.has(type) && !list
    const code = `if (${test(bits)}) {
const a = e.a[${number}], b = e.b[${number}]
${this.constant(key(name) + (quoted ? '"' : ''))}
${this.forms.code(field)}
${quoted ? 'buf[o++] = 34' : ''}
buf[o++] = 44
}`
    this.fixed += this.forms.all[number]!.bound
    return { code, bits, size: 1 }
  }

  list(type: FieldType, names: string, bound: string): string {
    const width = listWidth(type)
    const quote = QUOTED.has(type) ? 'buf[o++] = 34' : ''
    return `room(out, o, b * (${bound}) + margin); buf = out.buf; view = out.view
buf[o++] = 91
for (let i = 0; i < b; i++) {
const x = e.list[a + i * ${width}], y = ${width === 2 ? `e.list[a + i * 2 + 1]` : '0'}
${quote}
${this.value(type, names, 'x', 'y')}
${quote}
buf[o++] = 44
}
if (b > 0) buf[o - 1] = 93; else buf[o++] = 93`
  }

  name(name: string): string {
    return escaped(name).slice(1, -1)
  }

  value(type: FieldType, names: string, a: string, b: string): string {
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
