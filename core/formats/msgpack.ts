/**
 * Reads small MessagePack values, such as answers of a forward server. Text stays bytes: servers put what is no UTF-8 into `str`.
 *
 * Nothing is allocated by a length that was read: containers grow as their members are read, and bytes are views.
 */

export type Packed = null | boolean | number | bigint | Uint8Array | PackedExtension | readonly Packed[] | PackedMap

/** Keys are texts; members with other keys are left out. */
export type PackedMap = ReadonlyMap<string, Packed>

export interface PackedExtension {
  readonly extension: number
  readonly body: Uint8Array
}

/** Bytes that are no MessagePack, or are nested too deeply. */
export class PackedError extends Error {
  override readonly name = 'PackedError'
}

const DEEPEST = 32

/**
 * The value that begins at `at`, and where it ends; undefined when it is not whole yet.
 * @throws PackedError when it never will be one
 */
export function readPacked(bytes: Uint8Array, at = 0): { readonly value: Packed; readonly end: number } | undefined {
  const reader = new Reader(bytes, at)
  try {
    const value = reader.value(0)
    return { value, end: reader.at }
  } catch (error) {
    if (error === SHORT) return undefined
    throw error
  }
}

export function isMap(value: Packed | undefined): value is PackedMap {
  return value instanceof Map
}

/** A value that is text, damaged where it is no UTF-8; empty for others. */
export function packedText(value: Packed | undefined): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : ''
}

const SHORT = new Error('not whole')

class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  at: number

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.at = at
  }

  value(depth: number): Packed {
    if (depth > DEEPEST) throw new PackedError(`nested more than ${DEEPEST} deep`)
    const head = this.#bytes[this.#take(1)]
    if (head < 0x80) return head
    if (head < 0x90) return this.#map(head & 15, depth)
    if (head < 0xa0) return this.#array(head & 15, depth)
    if (head < 0xc0) return this.#raw(head & 31)
    if (head >= 0xe0) return head - 256
    return this.#coded(head, depth)
  }

  #coded(head: number, depth: number): Packed {
    const view = this.#view
    switch (head) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#raw(this.#length(head - 0xc4))
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#extension(this.#length(head - 0xc7))
      case 0xca:
        return view.getFloat32(this.#take(4))
      case 0xcb:
        return view.getFloat64(this.#take(8))
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#length(head - 0xcc)
      case 0xcf:
        return plain(view.getBigUint64(this.#take(8)))
      case 0xd0:
        return view.getInt8(this.#take(1))
      case 0xd1:
        return view.getInt16(this.#take(2))
      case 0xd2:
        return view.getInt32(this.#take(4))
      case 0xd3:
        return plain(view.getBigInt64(this.#take(8)))
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(1 << (head - 0xd4))
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#raw(this.#length(head - 0xd9))
      case 0xdc:
      case 0xdd:
        return this.#array(this.#length(head - 0xdb), depth)
      case 0xde:
      case 0xdf:
        return this.#map(this.#length(head - 0xdd), depth)
      default:
        throw new PackedError(`0x${head.toString(16)} begins no value`)
    }
  }

  /** An unsigned number of 1, 2 or 4 bytes, by `size` 0, 1 or 2. */
  #length(size: number): number {
    if (size === 0) return this.#bytes[this.#take(1)]
    return size === 1 ? this.#view.getUint16(this.#take(2)) : this.#view.getUint32(this.#take(4))
  }

  #raw(length: number): Uint8Array {
    const from = this.#take(length)
    return this.#bytes.subarray(from, from + length)
  }

  #extension(length: number): PackedExtension {
    const extension = this.#view.getInt8(this.#take(1))
    return { extension, body: this.#raw(length) }
  }

  #array(length: number, depth: number): Packed[] {
    const items: Packed[] = []
    while (items.length < length) items.push(this.value(depth + 1))
    return items
  }

  #map(length: number, depth: number): PackedMap {
    const members = new Map<string, Packed>()
    for (let i = 0; i < length; i++) {
      const key = this.value(depth + 1)
      const value = this.value(depth + 1)
      if (key instanceof Uint8Array) members.set(packedText(key), value)
    }
    return members
  }

  #take(length: number): number {
    const from = this.at
    if (from + length > this.#bytes.length) throw SHORT
    this.at += length
    return from
  }
}

function plain(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
