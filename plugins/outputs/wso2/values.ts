/** How a field becomes a value of a Thrift type. What does not fit throws, and the event becomes a dead letter. */
import { indexOf, putFloat, putHex, putId, putInt, putIp, putMac, putTime, putU64, sourceOf, WIDEST } from '../../../core/event/ascii.ts'
import type { ByteWriter, Event, FieldRef, KnownField, Value } from '../../../core/plugin.ts'
import type { AttributeConfig, AttributeType } from './streams.ts'

/** Writes a value of fixed size at a place. */
export type Fixed = (event: Event, view: DataView, at: number) => void
/** Appends a length and text. */
export type Text = (event: Event, into: ByteWriter) => void

/** What the official agent writes for a null. */
const NULL = '_null'
const [LEAST_INT, MOST_INT] = [-(2 ** 31), 2 ** 31 - 1]
const MOST_FLOAT = 3.4028234663852886e38
const NUMBERS = new Set(['int', 'name', 'mac'])
/** Where the config says nothing, "no data" is as far from a reading as the type allows. */
const ABSENT: Readonly<Record<Exclude<AttributeType, 'STRING'>, number | boolean>> = {
  INT: 0,
  LONG: 0,
  FLOAT: Number.NaN,
  DOUBLE: Number.NaN,
  BOOL: false,
}

function unfit({ name, type, from }: AttributeConfig): RangeError {
  return new RangeError(`${from} does not fit attribute ${name}, which is ${type}`)
}

/** @throws Error when the field or the default is of a type that cannot become this one */
export function fixedValue(attribute: AttributeConfig, ref: FieldRef): Fixed {
  const { type, from, name } = attribute
  const { number, type: kind, list } = ref.field
  const absent = attribute.default ?? ABSENT[type as keyof typeof ABSENT]
  const cannot = () => new Error(`${from} is ${list ? 'a list' : kind} and cannot become attribute ${name}, which is ${type}`)
  if (list) throw cannot()
  switch (type) {
    case 'INT': {
      if (!NUMBERS.has(kind) && kind !== 'bool') throw cannot()
      if (typeof absent !== 'number' || !Number.isInteger(absent) || absent < LEAST_INT || absent > MOST_INT) throw badDefault(attribute)
      return (event, view, at) => {
        const value = event.present(number) ? event.a[number] : absent
        if (value < LEAST_INT || value > MOST_INT) throw unfit(attribute)
        view.setInt32(at, value)
      }
    }
    case 'LONG':
      return longValue(attribute, ref.field, absent, cannot)
    case 'BOOL':
      if (kind !== 'bool') throw cannot()
      if (typeof absent !== 'boolean') throw badDefault(attribute)
      return (event, view, at) => view.setUint8(at, event.present(number) ? event.a[number] : Number(absent))
    default: {
      if (kind !== 'float' && kind !== 'int') throw cannot()
      if (typeof absent !== 'number') throw badDefault(attribute)
      const most = type === 'FLOAT' ? MOST_FLOAT : Number.MAX_VALUE
      return (event, view, at) => {
        const value = event.present(number) ? event.a[number] : absent
        if (value > most || value < -most) throw unfit(attribute)
        view.setFloat64(at, value)
      }
    }
  }
}

function badDefault({ name, type }: AttributeConfig): Error {
  return new Error(`the default of attribute ${name} is no ${type}`)
}

function longValue(attribute: AttributeConfig, { number, type }: KnownField, absent: unknown, cannot: () => Error): Fixed {
  if (!Number.isSafeInteger(absent)) throw badDefault(attribute)
  const other = absent as number
  if (type === 'time') return (event, view, at) => putLong(view, at, event.present(number) ? milliseconds(event, number) : other)
  if (type === 'u64')
    return (event, view, at) => {
      if (!event.present(number)) return putLong(view, at, other)
      if (event.a[number] > MOST_INT) throw unfit(attribute)
      view.setUint32(at, event.a[number])
      view.setUint32(at + 4, event.b[number])
    }
  if (!NUMBERS.has(type) && type !== 'bool') throw cannot()
  return (event, view, at) => putLong(view, at, event.present(number) ? event.a[number] : other)
}

/** An integer of at most 2^53 either way. */
export function putLong(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / 4294967296))
  view.setUint32(at + 4, value >>> 0)
}

/** Since 1970, of a time that is present. */
export function milliseconds(event: Event, number: number): number {
  return event.a[number] * 1000 + Math.floor(event.b[number] / 1e6)
}

export function constantText(text: string): (into: ByteWriter) => void {
  const bytes = Buffer.from(text)
  const whole = new Uint8Array(4 + bytes.length)
  new DataView(whole.buffer).setUint32(0, bytes.length)
  whole.set(bytes, 4)
  return (into) => {
    into.reserve(whole.length)
    const { buf, pos } = into
    for (let i = 0; i < whole.length; i++) buf[pos + i] = whole[i]
    into.pos = pos + whole.length
  }
}

/** @throws Error when the default is no text */
export function textValue(attribute: AttributeConfig, ref: FieldRef): Text {
  const { default: absent = NULL } = attribute
  if (typeof absent !== 'string') throw badDefault(attribute)
  const nothing = constantText(absent)
  const write = presentText(ref)
  const { number } = ref.field
  return (event, into) => (event.present(number) ? write(event, into) : nothing(into))
}

/** The text of a field that is present. */
export function presentText(ref: FieldRef): Text {
  const { field } = ref
  const { number } = field
  if (field.list || field.type === 'point')
    return (event, into) => {
      const at = into.pos
      into.reserve(4)
      into.pos = at + 4
      into.text(plainText(ref.get(event) as Value))
      into.view.setUint32(at, into.pos - at - 4)
    }
  if (field.type === 'text')
    return (event, into) => {
      const length = event.b[number]
      into.reserve(4 + length)
      const place = event.a[number]
      const [source, from, at] = [sourceOf(event, place), indexOf(place), into.pos + 4]
      into.view.setUint32(at - 4, length)
      for (let i = 0; i < length; i++) into.buf[at + i] = source[from + i]
      into.pos = at + length
    }
  const put = putter(field)
  const extra = field.type === 'bytes'
  return (event, into) => {
    const at = into.pos
    into.reserve(4 + WIDEST + (extra ? 2 * event.b[number] : 0))
    const end = put(event, into, at + 4)
    into.view.setUint32(at, end - at - 4)
    into.pos = end
  }
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

type Put = (event: Event, into: ByteWriter, o: number) => number

function putter({ number, type, names = {} }: KnownField): Put {
  switch (type) {
    case 'bool':
      return (event, { buf, view }, o) => {
        if (event.a[number] === 0) {
          view.setUint32(o, 0x66616c73)
          buf[o + 4] = 101
          return o + 5
        }
        view.setUint32(o, 0x74727565)
        return o + 4
      }
    case 'float':
      return (event, { buf, view }, o) => putFloat(buf, view, o, event.a[number])
    case 'u64':
      return (event, { buf, view }, o) => putU64(buf, view, o, event.a[number], event.b[number])
    case 'mac':
      return (event, { view }, o) => putMac(view, o, event.a[number])
    case 'time':
      return (event, { buf, view }, o) => putTime(buf, view, o, event.a[number], event.b[number])
    case 'id':
      return (event, { view }, o) => putId(view, o, sourceOf(event, event.a[number]), indexOf(event.a[number]))
    case 'bytes':
      return (event, { view }, o) => putHex(view, o, sourceOf(event, event.a[number]), indexOf(event.a[number]), event.b[number])
    case 'ip':
      return (event, { buf, view }, o) => putIp(buf, view, o, sourceOf(event, event.a[number]), indexOf(event.a[number]), event.b[number])
    case 'name': {
      const known = new Map(Object.entries(names).map(([code, name]) => [Number(code), Buffer.from(name)]))
      return (event, into, o) => {
        const name = known.get(event.a[number])
        if (!name) return putInt(into.buf, into.view, o, event.a[number])
        // Names are short; the margin of the caller may not hold one.
        into.reserve(4 + WIDEST + name.length)
        into.buf.set(name, o)
        return o + name.length
      }
    }
    default:
      return (event, { buf, view }, o) => putInt(buf, view, o, event.a[number])
  }
}
