/**
 * Members of records as typed fields: those whose path and value fit a declared field go into the event's columns, without an object in between; all others
 * are gathered as JSON text. Text stays where it lies.
 */
import { isUtf8 } from 'node:buffer'
import type { Event } from '../../../core/event/event.ts'
import type { Fields, KnownField } from '../../../core/event/fields.ts'
import { ID_BYTES, ID_CHARS, idBytes } from '../../../core/event/id.ts'
import { type Branch, fieldTree } from '../../../core/event/tree.ts'
import { ipBytes, listWidth, parseTime } from '../../../core/event/values.ts'
import { arrayAt, mapAt, rawAt, skipPacked } from '../../../core/formats/msgpack-skip.ts'
import { numberAt, u64At } from './numbers.ts'
import { jsonText } from './text.ts'

interface Member {
  readonly key: Uint8Array
  readonly field?: KnownField
  readonly node?: Node
}

/** One object of the written form: its members by a hash of their keys. */
interface Node {
  readonly path: string
  readonly members: Map<number, Member[]>
}

type Put = (a: number, b: number) => void

export class RecordFiller {
  readonly #fields: Fields
  readonly #root: Node
  /** Codes of `name` fields by name. */
  readonly #codes = new Map<KnownField, Map<string, number>>()
  #bytes: Uint8Array = new Uint8Array(0)
  #view = new DataView<ArrayBufferLike>(new ArrayBuffer(0))

  constructor(fields: Fields) {
    this.#fields = fields
    this.#root = nodeOf(fieldTree(fields), '')
    for (const field of fields.all) {
      if (field?.type !== 'name') continue
      // Of codes with the same name the first, which is written in the same way.
      const names = Object.entries(field.names ?? {}).reverse()
      this.#codes.set(field, new Map(names.map(([code, name]) => [name, Number(code)])))
    }
  }

  /**
   * Fills the event from the map at `at` of its bytes.
   * @returns what has no field, as the members of a JSON object; empty when all has one
   * @throws PackedError when something that has no field is nested too deeply
   */
  fill(event: Event, at: number): string {
    if (event.bytes !== this.#bytes) {
      this.#bytes = event.bytes
      this.#view = event.wide
    }
    return this.#map(event, at, this.#root)
  }

  #map(event: Event, at: number, node: Node): string {
    const bytes = this.#bytes
    const held = mapAt(bytes, at)!
    let rest = ''
    at = held.at
    for (let i = 0; i < held.items; i += 2) {
      const keyAt = rawAt(bytes, at)
      const valueAt = skipPacked(bytes, at)
      const end = skipPacked(bytes, valueAt)
      const left = keyAt < 0 ? this.#text(at, valueAt, end) : this.#member(event, node, { at, keyAt, valueAt, end })
      if (left !== '') rest = rest === '' ? left : `${rest},${left}`
      at = end
    }
    return rest
  }

  #member(event: Event, node: Node, { at, keyAt, valueAt, end }: { at: number; keyAt: number; valueAt: number; end: number }): string {
    const member = find(node, this.#bytes, keyAt, valueAt) ?? this.#dotted(node, keyAt, valueAt)
    if (member?.node && mapAt(this.#bytes, valueAt)) {
      const inner = this.#map(event, valueAt, member.node)
      return inner === '' ? '' : `${this.#key(at, valueAt)}:{${inner}}`
    }
    // The first value of a field counts.
    if (member?.field && !event.present(member.field.number) && this.#store(event, member.field, valueAt, end)) return ''
    return this.#text(at, valueAt, end)
  }

  /** A key such as `log.level`, which many write for nested objects. */
  #dotted({ path }: Node, keyAt: number, end: number): Member | undefined {
    if (!this.#bytes.subarray(keyAt, end).includes(46)) return undefined
    const field = this.#fields.find(path + this.#utf8(keyAt, end))
    return field && { key: new Uint8Array(0), field }
  }

  /** A member as JSON. */
  #text(at: number, valueAt: number, end: number): string {
    return `${this.#key(at, valueAt)}:${jsonText(Buffer.from(this.#bytes.subarray(valueAt, end)), 0)}`
  }

  #key(at: number, end: number): string {
    const text = jsonText(Buffer.from(this.#bytes.subarray(at, end)), 0)
    return text.startsWith('"') ? text : JSON.stringify(text)
  }

  #utf8(at: number, end: number): string {
    return Buffer.from(this.#bytes.subarray(at, end)).toString('utf8')
  }

  /** @returns whether the value fits */
  #store(event: Event, field: KnownField, at: number, end: number): boolean {
    const { number } = field
    if (!field.list) return this.#value(event, field, at, end, (a, b) => event.put(number, a, b))
    const held = arrayAt(this.#bytes, at)
    if (!held) return false
    const width = listWidth(field.type)
    const first = event.listEnd
    at = held.at
    for (let i = 0; i < held.items; i++) {
      const next = skipPacked(this.#bytes, at)
      const fits = this.#value(event, field, at, next, (a, b) => {
        event.push(a)
        if (width === 2) event.push(b)
      })
      if (!fits) {
        event.listEnd = first
        return false
      }
      at = next
    }
    event.put(number, first, held.items)
    return true
  }

  #value(event: Event, field: KnownField, at: number, end: number, put: Put): boolean {
    const bytes = this.#bytes
    switch (field.type) {
      case 'bool':
        if (bytes[at] !== 0xc2 && bytes[at] !== 0xc3) return false
        put(bytes[at] & 1, 0)
        return true
      case 'int':
      case 'float': {
        const n = numberAt(this.#view, at)
        if (!(field.type === 'int' ? Number.isSafeInteger(n) : Number.isFinite(n))) return false
        put(n, 0)
        return true
      }
      case 'u64': {
        const n = u64At(this.#view, at)
        if (n === undefined) return false
        put(n.high, n.low)
        return true
      }
      case 'point': {
        const point = this.#point(at)
        if (point) put(point.lat, point.lon)
        return point !== undefined
      }
      default: {
        const from = rawAt(bytes, at)
        return from >= 0 && this.#textual(event, field, from, end, put)
      }
    }
  }

  #textual(event: Event, field: KnownField, from: number, end: number, put: Put): boolean {
    const bytes = this.#bytes
    switch (field.type) {
      case 'text':
        if (!isText(bytes, from, end)) return false
        put(from, end - from)
        return true
      case 'mac': {
        const mac = macAt(bytes, from, end)
        if (mac >= 0) put(mac, 0)
        return mac >= 0
      }
      case 'bytes': {
        const text = this.#utf8(from, end)
        if (!/^(?:[0-9a-f]{2})*$/i.test(text)) return false
        put(event.keep(Buffer.from(text, 'hex')), text.length / 2)
        return true
      }
      case 'ip': {
        const ip = end - from <= 45 ? ipBytes(this.#utf8(from, end)) : undefined
        if (ip) put(event.keep(ip), ip.length)
        return ip !== undefined
      }
      case 'time': {
        const time = end - from <= 40 ? parseTime(this.#utf8(from, end)) : undefined
        if (time) put(time.seconds, time.nanos)
        return time !== undefined
      }
      case 'name': {
        const text = this.#utf8(from, end)
        const code = this.#codes.get(field)!.get(text) ?? (/^-?\d{1,15}$/.test(text) ? Number(text) : undefined)
        if (code !== undefined) put(code, 0)
        return code !== undefined
      }
      case 'id': {
        if (end - from !== ID_CHARS) return false
        try {
          put(event.keep(idBytes(this.#utf8(from, end))), ID_BYTES)
          return true
        } catch {
          return false
        }
      }
      default:
        return false
    }
  }

  #point(at: number): { lat: number; lon: number } | undefined {
    const held = mapAt(this.#bytes, at)
    if (held?.items !== 4) return undefined
    const point = { lat: Number.NaN, lon: Number.NaN }
    at = held.at
    for (let i = 0; i < 2; i++) {
      const valueAt = skipPacked(this.#bytes, at)
      const key = this.#utf8(Math.max(at, rawAt(this.#bytes, at)), valueAt)
      if (key === 'lat' || key === 'lon') point[key] = numberAt(this.#view, valueAt)
      at = skipPacked(this.#bytes, valueAt)
    }
    return Math.abs(point.lat) <= 90 && Math.abs(point.lon) <= 180 ? point : undefined
  }
}

function nodeOf(branch: Branch, path: string): Node {
  const node: Node = { path, members: new Map() }
  for (const member of branch.members) {
    const key = new TextEncoder().encode(member.key)
    const hash = hashOf(key, 0, key.length)
    const known: Member = 'field' in member ? { key, field: member.field } : { key, node: nodeOf(member, `${path}${member.key}.`) }
    node.members.set(hash, [...(node.members.get(hash) ?? []), known])
  }
  return node
}

function find({ members }: Node, bytes: Uint8Array, at: number, end: number): Member | undefined {
  const found = members.get(hashOf(bytes, at, end))
  if (!found) return undefined
  for (const member of found) {
    const { key } = member
    if (key.length !== end - at) continue
    let i = 0
    while (i < key.length && key[i] === bytes[at + i]) i++
    if (i === key.length) return member
  }
  return undefined
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array, at: number, end: number): number {
  let hash = 0x811c9dc5 | 0
  for (; at < end; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193)
  return hash
}

/** Whether it is valid UTF-8. */
function isText(bytes: Uint8Array, at: number, end: number): boolean {
  for (let i = at; i < end; i++) {
    // What is not ASCII is copied out of shared memory, which Node's own check refuses.
    if (bytes[i] >= 0x80) return isUtf8(Uint8Array.from(bytes.subarray(i, end)))
  }
  return true
}

/** Six bytes in hex with `:` or `-` between them; -1 for anything else. */
function macAt(bytes: Uint8Array, at: number, end: number): number {
  if (end - at !== 17) return -1
  let value = 0
  for (let i = 0; i < 17; i++) {
    const byte = bytes[at + i]
    if (i % 3 === 2) {
      if (byte !== 58 && byte !== 45) return -1
      continue
    }
    const digit = byte >= 48 && byte <= 57 ? byte - 48 : (byte | 32) >= 97 && (byte | 32) <= 102 ? (byte | 32) - 87 : -1
    if (digit < 0) return -1
    value = value * 16 + digit
  }
  return value
}
