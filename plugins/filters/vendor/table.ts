/**
 * Who has which prefix of 24, 28 or 36 bits, packed into one piece of bytes that all threads share.
 *
 *    0 "WOUI"    4 u32 version    8 f64 date, ms since 1970    16 u32 prefixes of 24, 28 and 36 bits, names
 *   32 f64 prefixes of 36 bits, ascending    then u32 prefixes of 24, then of 28 bits, ascending    then u32 ends of the names
 *      then u16 names of the prefixes of 24, 28 and 36 bits    then the names in UTF-8
 *
 * Little-endian, each list as long as the numbers say.
 */
import type { Assignment } from './registry.ts'

const MAGIC = 0x49554f57
const VERSION = 1
const HEAD_BYTES = 32
const MOST_NAMES = 65_536
/** Addresses whose vendor is remembered; a direct-mapped table. */
const PLACES = 16384

/** @throws RangeError when there are more different names than can be numbered */
export function packTable(assignments: Iterable<Assignment>, date_ms: number): Uint8Array {
  const byPrefix = new Map(assignments)
  const names = [...new Set(byPrefix.values())].sort()
  if (names.length > MOST_NAMES) throw new RangeError(`${names.length} different names; ${MOST_NAMES} fit`)
  const numbers = new Map(names.map((name, i) => [name, i]))
  const lists = [6, 7, 9].map((digits) =>
    [...byPrefix]
      .filter(([prefix]) => prefix.length === digits)
      .map(([prefix, name]): [number, number] => [Number.parseInt(prefix, 16), numbers.get(name)!])
      .sort(([x], [y]) => x - y),
  )
  const texts = names.map((name) => Buffer.from(name))
  const text = Buffer.concat(texts)
  const shape = new Shape(lists[0].length, lists[1].length, lists[2].length, names.length)
  const bytes = new Uint8Array(shape.text + text.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC, true)
  view.setUint32(4, VERSION, true)
  view.setFloat64(8, date_ms, true)
  for (const [i, n] of [...lists.map(({ length }) => length), names.length].entries()) view.setUint32(16 + i * 4, n, true)
  for (const [i, [prefix]] of lists[2].entries()) view.setFloat64(shape.long + i * 8, prefix, true)
  for (const [i, [prefix]] of lists[0].entries()) view.setUint32(shape.short + i * 4, prefix, true)
  for (const [i, [prefix]] of lists[1].entries()) view.setUint32(shape.middle + i * 4, prefix, true)
  let end = 0
  for (const [i, { length }] of texts.entries()) view.setUint32(shape.ends + i * 4, (end += length), true)
  for (const [i, [, name]] of lists.flat().entries()) view.setUint16(shape.names + i * 2, name, true)
  bytes.set(text, shape.text)
  return bytes
}

/** Where the parts of a table lie. */
class Shape {
  readonly long = HEAD_BYTES
  readonly short: number
  readonly middle: number
  readonly ends: number
  readonly names: number
  readonly text: number

  constructor(short: number, middle: number, long: number, names: number) {
    this.short = this.long + long * 8
    this.middle = this.short + short * 4
    this.ends = this.middle + middle * 4
    this.names = this.ends + names * 4
    this.text = this.names + (short + middle + long) * 2
  }
}

export class VendorTable {
  /** When the list was made, ms since 1970. */
  readonly date_ms: number
  readonly prefixes: number
  readonly #short: Uint32Array
  readonly #middle: Uint32Array
  readonly #long: Float64Array
  readonly #ends: Uint32Array
  readonly #names: Uint16Array
  readonly #text: Uint8Array
  readonly #addresses = new Float64Array(PLACES).fill(-1)
  readonly #found = new Int32Array(PLACES)

  /** @throws Error when the bytes are no table */
  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    if (bytes.length < HEAD_BYTES || view.getUint32(0, true) !== MAGIC || view.getUint32(4, true) !== VERSION) throw new Error('no table of vendors')
    const [short, middle, long, names] = [16, 20, 24, 28].map((at) => view.getUint32(at, true))
    const shape = new Shape(short, middle, long, names)
    if (shape.text > bytes.length) throw new Error('the table of vendors is cut')
    const { buffer, byteOffset: at } = bytes
    this.date_ms = view.getFloat64(8, true)
    this.prefixes = short + middle + long
    this.#long = new Float64Array(buffer, at + shape.long, long)
    this.#short = new Uint32Array(buffer, at + shape.short, short)
    this.#middle = new Uint32Array(buffer, at + shape.middle, middle)
    this.#ends = new Uint32Array(buffer, at + shape.ends, names)
    this.#names = new Uint16Array(buffer, at + shape.names, this.prefixes)
    this.#text = bytes.subarray(shape.text)
    if (names > 0 && this.#ends[names - 1] > this.#text.length) throw new Error('the table of vendors is cut')
  }

  /** Number of the organisation that an address belongs to, by its longest prefix; -1 when nobody is known. */
  find(address: number): number {
    const place = (Math.imul((address % 2 ** 24) ^ Math.floor(address / 2 ** 24), 0x9e3779b1) >>> 18) & (PLACES - 1)
    if (this.#addresses[place] === address) return this.#found[place]
    const found = this.#search(address)
    this.#addresses[place] = address
    this.#found[place] = found
    return found
  }

  /** UTF-8 of an organisation's name. */
  name(number: number): Uint8Array {
    return this.#text.subarray(number === 0 ? 0 : this.#ends[number - 1], this.#ends[number])
  }

  #search(address: number): number {
    const long = indexOf(this.#long, Math.floor(address / 2 ** 12))
    if (long >= 0) return this.#names[this.#short.length + this.#middle.length + long]
    const middle = indexOf(this.#middle, Math.floor(address / 2 ** 20))
    if (middle >= 0) return this.#names[this.#short.length + middle]
    const short = indexOf(this.#short, Math.floor(address / 2 ** 24))
    return short >= 0 ? this.#names[short] : -1
  }
}

function indexOf(sorted: Float64Array | Uint32Array, value: number): number {
  let from = 0
  let to = sorted.length - 1
  while (from <= to) {
    const middle = (from + to) >>> 1
    if (sorted[middle] === value) return middle
    if (sorted[middle] < value) from = middle + 1
    else to = middle - 1
  }
  return -1
}
