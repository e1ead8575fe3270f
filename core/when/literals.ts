/** Literals as the constants that a field's type asks for, by the rules of Wireshark. */

import { nearest } from '../config/nearest.ts'
import type { FieldType } from '../event/fields.ts'
import { idBytes } from '../event/id.ts'
import { ipBytes } from '../event/values.ts'
import type { ValueNode } from './ast.ts'
import { WhenError } from './errors.ts'
import { parseWhenTime } from './times.ts'
import type { Constant } from './typed.ts'

/** What a literal is compared with. */
export interface Wanted {
  readonly type: FieldType
  /** Of a field of type `name`, or of an `int` whose codes have names. */
  readonly names?: Readonly<Record<number, string>>
  /** For messages: `wlan.ssid`, or what stands there. */
  readonly what: string
}

export type Literal = Extract<ValueNode, { kind: 'word' | 'text' | 'char' }>

const NO_BYTES = new Uint8Array(0)

export function constant(type: FieldType, a: number, b = 0): Constant {
  return { kind: 'constant', type, a, b, bytes: NO_BYTES }
}

function octets(type: FieldType, bytes: Uint8Array, bits?: number): Constant {
  return { kind: 'constant', type, a: 0, b: bytes.length, bytes, ...(bits !== undefined && { bits }) }
}

/**
 * Whether a word that is no field can be a literal at all. Words of hexadecimal letters alone can: `wlan.ta[0] == aa`.
 * `true` and `false` are.
 */
export function looksLiteral(word: string): boolean {
  return /^[\d:]/.test(word) || word.includes(':') || /^[0-9a-f]+([.-][0-9a-f]+)*$/i.test(word) || readBool(word) !== undefined
}

/** @throws WhenError when it is no value of that type */
export function literal(node: Literal, wanted: Wanted): Constant {
  const { type } = wanted
  const text = node.kind === 'word' ? node.text : undefined
  const shown = node.kind === 'word' ? node.text : node.kind === 'char' ? 'this character' : 'this text'
  const wrong = (message: string, hint?: string) => new WhenError(message, node, hint)
  const unfit = (expected: string, hint?: string) => wrong(`${wanted.what} is ${typeWords(type)}, but ${shown} is not ${expected}`, hint)
  switch (type) {
    case 'bool': {
      const bool = text === undefined ? undefined : (readBool(text) ?? (readInteger(text) === undefined ? undefined : readInteger(text) !== 0n))
      if (bool === undefined) throw unfit('true or false')
      return constant(type, bool ? 1 : 0)
    }
    case 'int': {
      if (node.kind === 'text' && wanted.names) return constant(type, codeOf(node, wanted))
      const n = node.kind === 'char' ? BigInt(node.code) : text === undefined ? undefined : readInteger(text)
      if (n === undefined) throw unfit('an integer', node.kind === 'text' ? 'leave out the quotes' : undefined)
      if (n > BigInt(Number.MAX_SAFE_INTEGER)) throw wrong(`${shown} is out of range: at most ${Number.MAX_SAFE_INTEGER}`)
      return constant(type, Number(n))
    }
    case 'u64': {
      const n = node.kind === 'char' ? BigInt(node.code) : text === undefined ? undefined : readInteger(text)
      if (n === undefined) throw unfit('an integer', node.kind === 'text' ? 'leave out the quotes' : undefined)
      if (n >> 64n) throw wrong(`${shown} is out of range: at most 18446744073709551615`)
      return constant(type, Number(n >> 32n), Number(n & 0xffffffffn))
    }
    case 'float': {
      const integer = text === undefined ? undefined : readInteger(text)
      const n = integer !== undefined ? Number(integer) : /^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text ?? '') ? Number(text) : Number.NaN
      if (!Number.isFinite(n)) throw unfit('a number', node.kind === 'text' ? 'leave out the quotes' : undefined)
      return constant(type, n)
    }
    case 'mac': {
      const bytes = text === undefined ? undefined : readBytes(text)
      if (bytes?.length !== 6) throw unfit('one of six bytes such as 00:1b:63:aa:bb:cc', node.kind === 'text' ? 'leave out the quotes' : undefined)
      return constant(type, Number.parseInt(Buffer.from(bytes).toString('hex'), 16))
    }
    case 'text':
    case 'bytes': {
      if (node.kind === 'text') return octets(type, node.bytes)
      if (node.kind === 'char') return octets(type, Uint8Array.of(node.code))
      const bytes = readBytes(node.text)
      // `ssid == cafe` is text that lacks its quotes; for bytes it is ca:fe, as in Wireshark.
      if (!bytes || (type === 'text' && bytes.length > 1 && !/[:.-]/.test(node.text)))
        throw unfit(type === 'text' ? 'text in quotes' : 'bytes such as 00:1b:63', `"${node.text}"`)
      return octets(type, bytes)
    }
    case 'ip': {
      const [, address, bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text ?? '') ?? []
      const bytes = address ? ipBytes(address) : undefined
      if (!bytes) throw unfit('an address such as 10.0.0.1 or 10.0.0.0/8', node.kind === 'text' ? 'leave out the quotes' : undefined)
      if (bits === undefined) return octets(type, bytes)
      if (Number(bits) > bytes.length * 8) throw wrong(`${shown} has only ${bytes.length * 8} bits`)
      return octets(type, bytes, Number(bits))
    }
    case 'time': {
      const time = parseWhenTime(node.kind === 'text' ? Buffer.from(node.bytes).toString() : (text ?? ''), node.kind === 'word')
      if (!time) throw unfit('a time', '"2026-11-23 10:00:00.5" (in UTC), or seconds since 1970')
      return constant(type, time.seconds, time.nanos)
    }
    case 'name': {
      const n = node.kind === 'char' ? BigInt(node.code) : text === undefined ? undefined : readInteger(text)
      if (n !== undefined && n <= BigInt(Number.MAX_SAFE_INTEGER)) return constant(type, Number(n))
      return constant(type, codeOf(node, wanted))
    }
    case 'id':
      try {
        return octets(type, idBytes(node.kind === 'text' ? Buffer.from(node.bytes).toString() : shown))
      } catch {
        throw unfit('the 32 characters of an id, in quotes')
      }
    case 'point':
      throw wrong(`${wanted.what} is a point, which cannot be compared`)
  }
}

/** The code of a name; letter case does not matter where no name is exactly so. */
function codeOf(node: Literal, { names = {}, what }: Wanted): number {
  const name = node.kind === 'text' ? Buffer.from(node.bytes).toString() : undefined
  const known = Object.entries(names)
  const found = known.find(([, text]) => text === name) ?? known.find(([, text]) => text.toLowerCase() === name?.toLowerCase())
  if (found) return Number(found[0])
  const close = nearest(
    name ?? (node.kind === 'word' ? node.text : ''),
    known.map(([, text]) => text),
  )
  throw new WhenError(`${name === undefined ? 'this' : JSON.stringify(name)} is none of the names of ${what}`, node, close && `"${close}"`)
}

/** A type as the object of "is". */
export function typeWords(type: FieldType): string {
  switch (type) {
    case 'bool':
      return 'true or false'
    case 'int':
    case 'u64':
      return 'an integer'
    case 'float':
      return 'a number'
    case 'mac':
      return 'a MAC address'
    case 'text':
    case 'bytes':
      return type
    case 'ip':
      return 'an IP address'
    case 'id':
      return 'an event id'
    default:
      return `a ${type}`
  }
}

function readBool(word: string): boolean | undefined {
  return /^(true|True|TRUE)$/.test(word) ? true : /^(false|False|FALSE)$/.test(word) ? false : undefined
}

/** 10, 0x1f, 0b101 and 017. */
function readInteger(word: string): bigint | undefined {
  if (/^0[0-7]+$/.test(word)) return BigInt(`0o${word.slice(1)}`)
  return /^(0|[1-9]\d*|0x[0-9a-f]+|0b[01]+)$/i.test(word) ? BigInt(word) : undefined
}

/** Bytes of one or two digits with colons, dots or hyphens between them, 0011.2233.4455, 00112233, 0x0011, or one byte. */
function readBytes(word: string): Uint8Array | undefined {
  const text = word.replace(/^(0x|:(?!:))/i, '')
  const separator = /[:.-]/.exec(text)?.[0]
  const groups = separator ? text.split(separator) : [text]
  const pairs = groups.every((group) => /^[0-9a-f]{4}$/i.test(group)) || (!separator && text.length > 2)
  if (!groups.every((group) => (pairs ? /^([0-9a-f]{2})+$/i : /^[0-9a-f]{1,2}$/i).test(group))) return undefined
  return new Uint8Array(Buffer.from(groups.map((group) => (pairs ? group : group.padStart(2, '0'))).join(''), 'hex'))
}
