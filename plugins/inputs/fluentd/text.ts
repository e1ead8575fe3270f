/** MessagePack values as JSON text: what of a record has no field. Nothing is lost: what JSON has no form for becomes an object with its bytes in hex. */
import { isUtf8 } from 'node:buffer'
import { PackedError } from '../../../core/formats/msgpack.ts'
import { arrayAt, mapAt, rawAt, skipPacked } from '../../../core/formats/msgpack-skip.ts'

const DEEPEST = 64

/**
 * @param bytes a copy, not in shared memory
 * @throws PackedError when it is nested too deeply
 */
export function jsonText(bytes: Buffer, at: number): string {
  return new Text(bytes, at).value(0)
}

/** Text in quotes; bytes that are no UTF-8 as `{"hex":"…"}`. */
export function rawText(bytes: Buffer, isText: boolean): string {
  return isText && isUtf8(bytes) ? JSON.stringify(bytes.toString('utf8')) : `{"hex":"${bytes.toString('hex')}"}`
}

class Text {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  value(depth: number): string {
    if (depth > DEEPEST) throw new PackedError(`nested more than ${DEEPEST} deep`)
    const at = this.#at
    const held = arrayAt(this.#bytes, at) ?? mapAt(this.#bytes, at)
    if (!held) {
      this.#at = skipPacked(this.#bytes, at)
      return this.#single(at)
    }
    this.#at = held.at
    const isMap = mapAt(this.#bytes, at) !== undefined
    const items: string[] = []
    for (let i = 0; i < held.items; i++) items.push(isMap && i % 2 === 0 ? `${asKey(this.value(depth + 1))}:` : `${this.value(depth + 1)},`)
    const inner = items.join('').slice(0, -1)
    return isMap ? `{${inner}}` : `[${inner}]`
  }

  #single(at: number): string {
    const bytes = this.#bytes
    const head = bytes[at]
    const raw = rawAt(bytes, at)
    // `bin` of Ruby and Python is often text that nobody called so.
    if (raw >= 0) return rawText(bytes.subarray(raw, this.#at), true)
    if (head < 0x80) return `${head}`
    if (head >= 0xe0) return `${head - 256}`
    switch (head) {
      case 0xc0:
        return 'null'
      case 0xc2:
        return 'false'
      case 0xc3:
        return 'true'
      case 0xca:
        return float(bytes.readFloatBE(at + 1))
      case 0xcb:
        return float(bytes.readDoubleBE(at + 1))
      case 0xcc:
      case 0xcd:
      case 0xce:
        return `${bytes.readUIntBE(at + 1, this.#at - at - 1)}`
      case 0xcf:
        return `${bytes.readBigUInt64BE(at + 1)}`
      case 0xd0:
      case 0xd1:
      case 0xd2:
        return `${bytes.readIntBE(at + 1, this.#at - at - 1)}`
      case 0xd3:
        return `${bytes.readBigInt64BE(at + 1)}`
      default:
        return `{"ext":"${bytes.toString('hex', at, this.#at)}"}`
    }
  }
}

/** JSON knows no other keys than texts. */
function asKey(text: string): string {
  return text.startsWith('"') ? text : JSON.stringify(text)
}

function float(n: number): string {
  return Number.isFinite(n) ? `${n}` : `"${n}"`
}
