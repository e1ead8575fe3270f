/** Values of fields as JavaScript values: the slow and plain way in and out of an event's columns. */
import { isIPv4, isIPv6 } from 'node:net'
import type { Event, Value } from './event.ts'
import { type FieldType, type KnownField, typeName } from './fields.ts'
import { ID_BYTES, idBytes, idText } from './id.ts'

/** A byte order mark at the start is a part of the text: a network may be named so. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** Numbers that one value takes in a list. */
export function listWidth(type: FieldType): 1 | 2 {
  return type === 'text' || type === 'bytes' || type === 'ip' || type === 'u64' ? 2 : 1
}

/** The value of a present field. */
export function readValue(event: Event, field: KnownField): Value {
  const a = event.a[field.number]
  const b = event.b[field.number]
  if (!field.list) return one(event, field, a, b)
  const width = listWidth(field.type)
  const values: Value[] = []
  for (let i = 0; i < b; i++) {
    const at = a + i * width
    values.push(one(event, field, event.list[at], width === 2 ? event.list[at + 1] : 0))
  }
  return values
}

function one(event: Event, field: KnownField, a: number, b: number): Value {
  switch (field.type) {
    case 'bool':
      return a !== 0
    case 'int':
    case 'float':
      return a
    case 'u64':
      return (BigInt(a) << 32n) | BigInt(b)
    case 'mac':
      return macText(a)
    case 'text':
      return utf8.decode(plain(event.view(a, b)))
    case 'bytes':
      return hex(event.view(a, b))
    case 'ip':
      return ipText(event.view(a, b))
    case 'time':
      return timeText(a, b)
    case 'name':
      return field.names?.[a] ?? String(a)
    case 'point':
      return { lat: a, lon: b }
    case 'id':
      return idText(event.view(a, ID_BYTES))
  }
}

/**
 * Stores a value in the columns of a field.
 * @throws TypeError when it does not fit the field's type
 */
export function storeValue(event: Event, field: KnownField, value: Value): void {
  const put = (a: number, b: number) => {
    event.a[field.number] = a
    event.b[field.number] = b
  }
  if (!field.list) return void numbers(event, field, value, put)
  if (!Array.isArray(value)) throw unfit(field, value)
  const width = listWidth(field.type)
  const all: number[] = []
  for (const item of value as readonly Value[])
    numbers(event, field, item, (a, b) => {
      all.push(a)
      if (width === 2) all.push(b)
    })
  const first = event.listEnd
  for (const number of all) event.push(number)
  put(first, value.length)
}

function numbers(event: Event, field: KnownField, value: Value, put: (a: number, b: number) => void): void {
  switch (field.type) {
    case 'bool':
      if (typeof value === 'boolean') return put(value ? 1 : 0, 0)
      break
    case 'int':
      if (typeof value === 'number' && Number.isSafeInteger(value)) return put(value, 0)
      break
    case 'float':
      if (typeof value === 'number' && Number.isFinite(value)) return put(value, 0)
      break
    case 'u64':
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) value = BigInt(value)
      if (typeof value === 'bigint' && value >= 0n && value < 1n << 64n) return put(Number(value >> 32n), Number(value & 0xffffffffn))
      break
    case 'mac':
      if (typeof value === 'string' && /^[0-9a-f]{2}([:-]?[0-9a-f]{2}){5}$/i.test(value))
        return put(Number.parseInt(value.replace(/[:-]/g, ''), 16), 0)
      break
    case 'text':
      if (typeof value === 'string') {
        const place = event.keepText(value)
        return put(place, event.arenaEnd + place + 1)
      }
      break
    case 'bytes':
      if (typeof value === 'string' && /^([0-9a-f]{2})*$/i.test(value)) return put(event.keep(Buffer.from(value, 'hex')), value.length / 2)
      break
    case 'ip':
      if (typeof value === 'string') {
        const bytes = ipBytes(value)
        if (bytes) return put(event.keep(bytes), bytes.length)
      }
      break
    case 'time': {
      const time = typeof value === 'string' ? parseTime(value) : undefined
      if (time) return put(time.seconds, time.nanos)
      break
    }
    case 'name': {
      if (typeof value === 'number' && Number.isSafeInteger(value)) return put(value, 0)
      const code = Object.entries(field.names ?? {}).find(([, name]) => name === value)
      if (code) return put(Number(code[0]), 0)
      if (typeof value === 'string' && /^\d{1,9}$/.test(value)) return put(Number(value), 0)
      break
    }
    case 'point': {
      const point = value as { lat?: unknown; lon?: unknown }
      if (typeof point?.lat === 'number' && typeof point.lon === 'number' && Math.abs(point.lat) <= 90 && Math.abs(point.lon) <= 180)
        return put(point.lat, point.lon)
      break
    }
    case 'id':
      if (typeof value === 'string') return put(event.keep(idBytes(value)), ID_BYTES)
  }
  throw unfit(field, value)
}

function unfit(field: KnownField, value: Value): TypeError {
  const shown = typeof value === 'bigint' ? `${value}n` : JSON.stringify(value)
  return new TypeError(`${field.path} is ${typeName(field)}; ${shown} does not fit`)
}

/** A TextDecoder refuses views of shared memory, where batches lie. */
function plain(bytes: Uint8Array): Uint8Array {
  return bytes.buffer instanceof SharedArrayBuffer ? new Uint8Array(bytes) : bytes
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}

/** 48 bits as `aa:bb:cc:dd:ee:ff`. */
export function macText(value: number): string {
  return value
    .toString(16)
    .padStart(12, '0')
    .replace(/..(?!$)/g, '$&:')
}

/** `2026-11-23T10:00:00.000000001Z`, years 0000 to 9999. */
export function timeText(seconds: number, nanos: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(nanos).padStart(9, '0')}Z`
}

/** Reads what `timeText` writes, with any number of digits behind the point up to nine; undefined when it is no such time. */
export function parseTime(text: string): { seconds: number; nanos: number } | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?Z?$/.exec(text)
  const ms = parts ? Date.parse(`${parts[1]}T${parts[2]}Z`) : Number.NaN
  if (!parts || Number.isNaN(ms)) return undefined
  return { seconds: ms / 1000, nanos: Number((parts[3] ?? '').padEnd(9, '0')) }
}

/** 4 or 16 bytes as text, IPv6 by RFC 5952. */
export function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] << 8) | bytes[2 * i + 1]).toString(16))
  let best = { at: -1, length: 1 }
  for (let i = 0; i < 8; i++) {
    let end = i
    while (end < 8 && groups[end] === '0') end++
    if (end - i > best.length) best = { at: i, length: end - i }
  }
  if (best.at < 0) return groups.join(':')
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`
}

/** The bytes of an address as text; undefined when it is none. */
export function ipBytes(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number)
  if (!isIPv6(text) || text.includes('%')) return undefined
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').flatMap((group) => (group.includes('.') ? pairs(group.split('.').map(Number)) : [Number.parseInt(group, 16)]))
  const [head, tail] = text.split('::')
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const all = tail === undefined ? left : [...left, ...new Array(8 - left.length - right.length).fill(0), ...right]
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 255]))
}

function pairs([a, b, c, d]: number[]): number[] {
  return [(a << 8) | b, (c << 8) | d]
}
