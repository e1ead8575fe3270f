/**
 * Code that writes a field of an event as a value of an attribute's type: straight from the event's columns and record bytes to the bytes on the wire. What does not fit
 * throws, and the event becomes a dead letter with the reason.
 *
 * The code is part of a function of an event `e` and a writer `out`, with `buf` and `view` its memory; text is appended at `o`.
 */
import * as ascii from '../../../core/event/ascii.ts'
import type { ByteWriter, Event, FieldRef, KnownField, Value } from '../../../core/plugin.ts'
import type { AttributeConfig, AttributeType } from './streams.ts'

/** What the official agent writes for a null. */
const NULL = '_null'
const [LEAST_INT, MOST_INT] = [-(2 ** 31), 2 ** 31 - 1]
const MOST_FLOAT = 3.4028234663852886e38
const NUMBERS = new Set(['int', 'name', 'mac', 'bool'])
/** Types whose bytes lie elsewhere. */
const PLACED = new Set(['text', 'bytes', 'ip', 'id'])
/** Where the config says nothing, "no data" is as far from a reading as the type allows. */
const ABSENT: Readonly<Record<Exclude<AttributeType, 'STRING'>, number | boolean>> = {
  INT: 0,
  LONG: 0,
  FLOAT: Number.NaN,
  DOUBLE: Number.NaN,
  BOOL: false,
}
/** Bytes of the types of fixed size. */
export const WIDTH: Readonly<Record<Exclude<AttributeType, 'STRING'>, number>> = { INT: 4, LONG: 8, FLOAT: 8, DOUBLE: 8, BOOL: 1 }

export type RowWriter = (event: Event, out: ByteWriter) => void
type Slow = (event: Event, out: ByteWriter) => void

export class Values {
  /** Bytes that all that is written takes at most, text of the record left out. */
  room = ascii.WIDEST
  /** Fields that are read. */
  readonly #numbers = new Set<number>()
  readonly #misfits: RangeError[] = []
  readonly #names: Record<number, string>[] = []
  readonly #slow: Slow[] = []
  readonly #problems: string[] = []

  /** Code that something makes; what cannot be made is told by `make`, with all else that cannot. */
  each(made: () => string): string {
    try {
      return made()
    } catch (error) {
      this.#problems.push((error as Error).message)
      return ''
    }
  }

  /**
   * Makes the writer of the code that has been put together, which begins at `row` and sets `out.pos` at its end.
   * @throws Error with all that could not be made
   */
  make(code: string): RowWriter {
    if (this.#problems.length > 0) throw new Error(this.#problems.join('; '))
    const misfit = (i: number) => new RangeError(this.#misfits[i].message)
    // Not before the first event, when all lazy tables are known. They are decoded as a whole.
    const lazyBits = (event: Event) => [...this.#numbers].reduce((bits, number) => bits | event.lazyBitOf(number), 0)
    const helpers = { ...ascii, putLong, putBytes, misfit, lazyBits, names: this.#names, slow: this.#slow, margin: this.room }
    const words = new Set([...this.#numbers].map((number) => number >>> 5))
    const whole = `'use strict'
let lazy = -1
return function row(e, out) {
if (lazy < 0) lazy = lazyBits(e)
if ((e.pending & lazy) !== 0) e.force(lazy)
${[...words].map((word) => `const w${word} = e.has[${word}]`).join('; ')}
room(out, out.pos, margin)
const row = out.pos
let buf = out.buf, view = out.view
${code}
}`
    return new Function(...Object.keys(helpers), whole)(...Object.values(helpers)) as RowWriter
  }

  /** An expression that is true when an event has the field. */
  present({ number }: KnownField): string {
    this.#numbers.add(number)
    return `(w${number >>> 5} & ${1 << (number & 31)}) !== 0`
  }

  /**
   * A statement that stores a value of fixed size at the expression `at`.
   * @param float32 whether a FLOAT takes four bytes
   * @throws Error when the field or the default is of a type that cannot become this one
   */
  fixed(attribute: AttributeConfig, ref: FieldRef, at: string, float32 = false): string {
    const { type, from, name } = attribute
    const { number, type: kind, list } = ref.field
    const absent = attribute.default ?? ABSENT[type as keyof typeof ABSENT]
    const cannot = () => new Error(`${from} is ${list ? 'a list' : kind} and cannot become attribute ${name}, which is ${type}`)
    const wrongDefault = () => new Error(`the default of attribute ${name} is no ${type}`)
    if (list) throw cannot()
    const value = `${this.present(ref.field)} ? e.a[${number}] : ${Number(absent)}`
    switch (type) {
      case 'INT':
        if (!NUMBERS.has(kind)) throw cannot()
        if (typeof absent !== 'number' || !Number.isInteger(absent) || absent < LEAST_INT || absent > MOST_INT) throw wrongDefault()
        return `{ const v = ${value}; if (v < ${LEAST_INT} || v > ${MOST_INT}) throw ${this.#misfit(attribute)}; view.setInt32(${at}, v) }`
      case 'LONG':
        if (!Number.isSafeInteger(absent)) throw wrongDefault()
        if (kind === 'time') return `putLong(view, ${at}, ${this.present(ref.field)} ? ${milliseconds(number)} : ${absent})`
        if (kind === 'u64')
          return `if (${this.present(ref.field)}) {
if (e.a[${number}] > ${MOST_INT}) throw ${this.#misfit(attribute)}
view.setUint32(${at}, e.a[${number}]); view.setUint32(${at} + 4, e.b[${number}])
} else putLong(view, ${at}, ${absent})`
        if (!NUMBERS.has(kind)) throw cannot()
        return `putLong(view, ${at}, ${value})`
      case 'BOOL':
        if (kind !== 'bool') throw cannot()
        if (typeof absent !== 'boolean') throw wrongDefault()
        return `buf[${at}] = ${value}`
      default: {
        if (kind !== 'float' && kind !== 'int') throw cannot()
        const most = type === 'FLOAT' ? MOST_FLOAT : Number.MAX_VALUE
        if (typeof absent !== 'number' || absent > most || absent < -most) throw wrongDefault()
        const store = `view.setFloat${float32 && type === 'FLOAT' ? 32 : 64}(${at}, v)`
        const check = type === 'FLOAT' ? `if (v > ${most} || v < -${most}) throw ${this.#misfit(attribute)}; ` : ''
        return `{ const v = ${value}; ${check}${store} }`
      }
    }
  }

  /** A statement that stores the event's time in milliseconds; without one the event has no place in a stream. */
  time(field: KnownField, at: string): string {
    return `if (!(${this.present(field)})) throw new TypeError('an event without @timestamp has no place in a stream')
putLong(view, ${at}, ${milliseconds(field.number)})`
  }

  /**
   * A statement that appends a length and text.
   * @param nothing what is written for a null
   * @throws Error when the default is no text
   */
  text({ name, type, default: absent }: AttributeConfig, ref: FieldRef, nothing = NULL): string {
    if (absent !== undefined && typeof absent !== 'string') throw new Error(`the default of attribute ${name} is no ${type}`)
    return `if (${this.present(ref.field)}) { ${this.presentText(ref)} } else { ${this.constant(absent ?? nothing)} }`
  }

  /** A statement that appends a length and the text of a field that is present. */
  presentText(ref: FieldRef): string {
    const { type, list, number } = ref.field
    this.room += 4 + ascii.WIDEST
    // Places and lengths, which loops count by, are integers in columns of doubles.
    const [a, b] = PLACED.has(type) ? [`e.a[${number}] | 0`, `e.b[${number}] | 0`] : [`e.a[${number}]`, `e.b[${number}]`]
    if (list || type === 'point') {
      const i = this.#slow.push((event, out) => out.text(plainText(ref.get(event) as Value))) - 1
      return `{ const at = o; out.pos = o + 4; slow[${i}](e, out); o = out.pos; out.view.setUint32(at, o - at - 4); ${more('0')} }`
    }
    switch (type) {
      case 'text':
        return `{ const a = ${a}, b = ${b}; ${more('b')}; view.setUint32(o, b); o = putBytes(buf, o + 4, sourceOf(e, a), indexOf(a), b) }`
      case 'bytes':
        return `{ const a = ${a}, b = ${b}; ${more('2 * b')}; view.setUint32(o, 2 * b); o = putHex(view, o + 4, sourceOf(e, a), indexOf(a), b) }`
      case 'mac':
        return `view.setUint32(o, 17); o = putMac(view, o + 4, ${a})`
      case 'id':
        return `{ const a = ${a}; view.setUint32(o, 32); o = putId(view, o + 4, sourceOf(e, a), indexOf(a)) }`
      default:
        return `{ const at = o; o += 4; ${this.#varying(ref.field, a, b)}; view.setUint32(at, o - at - 4) }`
    }
  }

  #varying({ type, names = {} }: KnownField, a: string, b: string): string {
    switch (type) {
      case 'bool':
        return `o = putAscii(buf, o, ${a} ? 'true' : 'false')`
      case 'float':
        return `o = putFloat(buf, view, o, ${a})`
      case 'u64':
        return `o = putU64(buf, view, o, ${a}, ${b})`
      case 'time':
        return `o = putTime(buf, view, o, ${a}, ${b})`
      case 'ip':
        return `const a = ${a}; o = putIp(buf, view, o, sourceOf(e, a), indexOf(a), ${b})`
      case 'name': {
        // One character for each byte of the UTF-8.
        const known = Object.entries(names).map(([code, name]): [string, string] => [code, Buffer.from(name).toString('latin1')])
        this.room += Math.max(0, ...known.map(([, name]) => name.length))
        const i = this.#names.push(Object.fromEntries(known)) - 1
        return `const name = names[${i}][${a}]; o = name === undefined ? putInt(buf, view, o, ${a}) : putAscii(buf, o, name)`
      }
      default:
        return `o = putInt(buf, view, o, ${a})`
    }
  }

  /** A statement that appends the length of a text, and the text. */
  constant(text: string): string {
    const { code, length } = constantCode('view', 'o', text)
    this.room += length + 8
    return `${code}; o += ${length}`
  }

  #misfit(attribute: AttributeConfig): string {
    const { from, name, type } = attribute
    return `misfit(${this.#misfits.push(new RangeError(`${from} does not fit attribute ${name}, which is ${type}`)) - 1})`
  }
}

/** Stores the length of a text and the text, eight bytes at a time; up to seven bytes too many. */
export function constantCode(view: string, at: string, text: string): { code: string; length: number } {
  const length = 4 + Buffer.byteLength(text)
  const bytes = Buffer.alloc(length + 7)
  bytes.writeUInt32BE(length - 4)
  bytes.write(text, 4)
  const stores = Array.from({ length: Math.ceil(length / 8) }, (_, i) => {
    const [value, o] = [bytes.readDoubleLE(8 * i), 8 * i]
    // A NaN need not keep its bits.
    return Number.isNaN(value)
      ? `${view}.setInt32(${at} + ${o}, ${bytes.readInt32LE(o)}, true); ${view}.setInt32(${at} + ${o + 4}, ${bytes.readInt32LE(o + 4)}, true)`
      : `${view}.setFloat64(${at} + ${o}, ${value}, true)`
  })
  return { code: stores.join('; '), length }
}

/** Makes room for so many bytes beyond what is known, and for all that is. */
function more(bytes: string): string {
  return `if (o + ${bytes} + margin > buf.length) { room(out, o, ${bytes} + margin); buf = out.buf; view = out.view }`
}

/** An expression for the milliseconds since 1970 of a time. */
function milliseconds(number: number): string {
  return `e.a[${number}] * 1000 + ((e.b[${number}] / 1e6) | 0)`
}

/** An integer of at most 2^53 either way. */
function putLong(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / 4294967296))
  view.setUint32(at + 4, value >>> 0)
}

/** Most text is short, and batches lie in shared memory, from which `set` is slow. */
function putBytes(buf: Uint8Array, o: number, source: Uint8Array, at: number, length: number): number {
  for (let i = 0; i < length; i++) buf[o + i] = source[at + i]
  return o + length
}

/** Lists with commas between their values, points as latitude and longitude. */
function plainText(value: Value): string {
  if (Array.isArray(value)) return value.map((item: Value) => plainText(item)).join()
  if (typeof value === 'object') {
    const { lat, lon } = value as { lat: number; lon: number }
    return `${lat},${lon}`
  }
  return String(value)
}
