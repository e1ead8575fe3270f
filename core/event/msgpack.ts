/**
 * The MessagePack writer, generated from the field tables as the JSON writer is: the same fields in the same order, the same texts.
 *
 * How many members a map has follows from the presence bits, so heads are written first and never mended. Keys are constants stored eight bytes at
 * a time as doubles, four where eight would form a NaN.
 * `toObject` and an independent decoder are the oracle.
 */
import * as ascii from './ascii.ts'
import { compile, type Encoding, type EventWriter, Forms } from './compiled.ts'
import type { Fields, FieldType } from './fields.ts'
import * as pack from './pack.ts'
import { CHUNK, type Piece, Pieces, sum, test, union } from './pieces.ts'
import { type Branch, fieldTree, type Leaf } from './tree.ts'
import { listWidth } from './values.ts'

/** Makes the writer of one map per event. */
export function msgpackWriter(fields: Fields): EventWriter {
  const generator = new Generator(fields)
  const { forms, pieces } = generator
  const root = fieldTree(fields)
  const members = generator.members(root)
  const body = `o = packMap(buf, o, ${generator.count(root, members)})
${pieces.run(members)}`
  return compile(fields, forms, generator, { functions: pieces.functions, members, body, fixed: generator.fixed }, { ...ascii, ...pack })
}

class Generator implements Encoding {
  readonly fill = 'fillPack'
  readonly pieces = new Pieces()
  readonly forms: Forms
  /** Most bytes that all constants and values of fixed size take. */
  fixed = 0

  constructor(fields: Fields) {
    this.forms = new Forms(fields, this)
  }

  members(branch: Branch): Piece[] {
    return branch.members.map((member) => ('field' in member ? this.#leaf(member) : this.#branch(member)))
  }

  /** An expression for how many members of a map are there. */
  count(branch: Branch, members: readonly Piece[]): string {
    const leaves = union(members.filter((_, i) => 'field' in branch.members[i]))
    const branches = members.filter((_, i) => !('field' in branch.members[i]))
    const terms = [
      ...[...leaves].map(([word, mask]) => `bitCount(w${word} & ${mask})`),
      ...branches.map(({ bits }) => `((${test(bits)}) !== 0 ? 1 : 0)`),
    ]
    return terms.join(' + ') || '0'
  }

  #branch(branch: Branch): Piece {
    const members = this.members(branch)
    const bits = union(members)
    const code = `if (${test(bits)}) {
${this.#constant(key(branch.key))}
o = packMap(buf, o, ${this.count(branch, members)})
${this.pieces.run(members)}
}`
    this.fixed += 5
    return { code, bits, size: Math.min(sum(members), CHUNK) }
  }

  #leaf({ key: name, field }: Leaf): Piece {
    const { number } = field
    const bits = new Map([[number >>> 5, 1 << (number & 31)]])
    const code = `if (${test(bits)}) {
const a = e.a[${number}], b = e.b[${number}]
${this.#constant(key(name))}
${this.forms.code(field)}
}`
    this.fixed += this.forms.all[number]!.bound
    return { code, bits, size: 1 }
  }

  name(name: string): string {
    return latin1(name)
  }

  list(type: FieldType, names: string, bound: string): string {
    const width = listWidth(type)
    return `room(out, o, b * (${bound}) + margin); buf = out.buf; view = out.view
o = packArray(buf, o, b)
for (let i = 0; i < b; i++) {
const x = e.list[a + i * ${width}], y = ${width === 2 ? 'e.list[a + i * 2 + 1]' : '0'}
${this.value(type, names, 'x', 'y')}
}`
  }

  value(type: FieldType, names: string, a: string, b: string): string {
    switch (type) {
      case 'bool':
        return `buf[o++] = ${a} ? 195 : 194`
      case 'int':
        return `o = packInt(buf, view, o, ${a})`
      case 'float':
        return `o = packFloat(buf, view, o, ${a})`
      case 'u64':
        return `o = packU64(buf, view, o, ${a}, ${b})`
      case 'mac':
        return `buf[o] = ${0xa0 | 17}; o = putMac(view, o + 1, ${a})`
      case 'time':
        return `buf[o] = ${0xa0 | 30}; o = putTime(buf, view, o + 1, ${a}, ${b})`
      case 'text':
        return `room(out, o, ${b} + margin); buf = out.buf; view = out.view
o = packBytes(buf, packStr(buf, o, ${b}), sourceOf(e, ${a}), indexOf(${a}), ${b})`
      case 'bytes':
        return `room(out, o, ${b} * 2 + margin); buf = out.buf; view = out.view
o = putHex(view, packStr(buf, o, ${b} * 2), sourceOf(e, ${a}), indexOf(${a}), ${b})`
      case 'ip':
        return `o = packIp(buf, view, o, sourceOf(e, ${a}), indexOf(${a}), ${b})`
      case 'id':
        return `o = putId(view, packStr(buf, o, 32), sourceOf(e, ${a}), indexOf(${a}))`
      case 'point':
        return `${this.#constant(`\x82${key('lat')}`)} o = packFloat(buf, view, o, ${a}); ${this.#constant(key('lon'))} o = packFloat(buf, view, o, ${b})`
      case 'name':
        return `{ const name = names[${names}][${a}]; o = name === undefined ? packDigits(buf, view, o, ${a}) : packAscii(buf, o, name) }`
    }
  }

  /** Stores text, one character for each byte. */
  #constant(text: string): string {
    this.fixed += text.length + 8
    const bytes = Buffer.alloc(Math.ceil(text.length / 8) * 8)
    bytes.write(text, 'latin1')
    let code = ''
    for (let at = 0; at < text.length; at += 8) {
      const whole = bytes.readDoubleLE(at)
      if (Number.isNaN(whole)) for (const half of [at, at + 4]) code += `view.setInt32(o + ${half}, ${bytes.readInt32LE(half)}, true); `
      else code += `view.setFloat64(o + ${at}, ${whole}, true); `
    }
    return `${code}o += ${text.length};`
  }
}

/** A key with its head, one character for each byte. */
function key(name: string): string {
  const text = latin1(name)
  const head = new Uint8Array(5)
  return Buffer.from(head.subarray(0, pack.packStr(head, 0, text.length))).toString('latin1') + text
}

/** One character for each byte of the UTF-8. */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}
