/**
 * Reads the tables of an SQLite database, row by row in the order of their rowids. Nothing is locked or written, and no more than a few pages are held.
 * Source: https://www.sqlite.org/fileformat2.html
 *
 * What a journal beside the file holds is not looked at: whoever reads must make sure that there is none.
 */

/** Bytes of the file; fewer than asked for at its end. */
export type ReadAt = (offset: number, length: number) => Uint8Array

export type SqliteValue = null | number | bigint | string | Uint8Array

export interface SqliteRow {
  readonly rowid: number
  /** Values by column; columns that were added after the row are missing. */
  readonly values: Readonly<Record<string, SqliteValue>>
}

export interface SqliteTable {
  readonly root: number
  readonly columns: readonly string[]
}

const MAGIC = 'SQLite format 3\0'
const HEADER_BYTES = 100
const INTERIOR = 5
const LEAF = 13
const UTF8 = 1

export class SqliteReader {
  readonly #read: ReadAt
  readonly #pageBytes: number
  /** Of a page without what extensions keep at its end. */
  readonly #usable: number

  /** @throws Error when it is not an SQLite database that can be read */
  constructor(read: ReadAt) {
    this.#read = read
    const header = read(0, HEADER_BYTES)
    if (header.length < HEADER_BYTES || Buffer.from(header.subarray(0, 16)).toString('latin1') !== MAGIC) throw new Error('not an SQLite database')
    const view = viewOf(header)
    const size = view.getUint16(16)
    this.#pageBytes = size === 1 ? 65536 : size
    this.#usable = this.#pageBytes - header[20]
    if (this.#pageBytes < 512 || (this.#pageBytes & (this.#pageBytes - 1)) !== 0 || this.#usable < 480)
      throw new Error('an SQLite database with damaged header')
    const encoding = view.getUint32(56)
    if (encoding > UTF8) throw new Error('an SQLite database with text that is not UTF-8')
  }

  /** Its tables by name. */
  tables(): Map<string, SqliteTable> {
    const columns = ['type', 'name', 'tbl_name', 'rootpage', 'sql']
    const tables = new Map<string, SqliteTable>()
    for (const { values } of this.rows({ root: 1, columns }, 1 << 20)) {
      const { type, name, rootpage, sql } = values
      if (type === 'table' && typeof name === 'string' && typeof rootpage === 'number' && typeof sql === 'string')
        tables.set(name.toLowerCase(), { root: rootpage, columns: columnsOf(sql) })
    }
    return tables
  }

  /**
   * @param longest of a row in bytes; longer ones are given to `long` instead
   * @param after rowid behind which to begin
   * @throws Error when the file is damaged
   */
  *rows(table: SqliteTable, longest: number, after = Number.NEGATIVE_INFINITY, long?: (rowid: number, bytes: number) => void): Generator<SqliteRow> {
    yield* this.#page(table, table.root, { longest, after, long, inner: new Set() })
  }

  *#page(table: SqliteTable, number: number, options: RowOptions): Generator<SqliteRow> {
    if (options.inner.has(number)) throw new Error(`page ${number} is damaged: the tree has no end`)
    const page = this.#load(number)
    const view = viewOf(page)
    const at = number === 1 ? HEADER_BYTES : 0
    const type = page[at]
    if (type !== INTERIOR && type !== LEAF) throw new Error(`page ${number} is damaged: not a page of a table`)
    if (type === INTERIOR) options.inner.add(number)
    const cells = view.getUint16(at + 3)
    const first = at + (type === INTERIOR ? 12 : 8)
    if (first + 2 * cells > this.#usable) throw new Error(`page ${number} is damaged: ${cells} cells do not fit`)
    for (let i = 0; i < cells; i++) {
      const cell = view.getUint16(first + 2 * i)
      if (cell + 4 > this.#usable) throw new Error(`page ${number} is damaged: a cell lies outside`)
      if (type === LEAF) {
        const row = this.#row(table, page, cell, options)
        if (row) yield row
        // All rowids of the child are up to this key.
      } else if (varint(page, cell + 4).value > options.after) yield* this.#page(table, view.getUint32(cell), options)
    }
    if (type === INTERIOR) yield* this.#page(table, view.getUint32(at + 8), options)
  }

  #row({ columns }: SqliteTable, page: Uint8Array, cell: number, { longest, after, long }: RowOptions): SqliteRow | undefined {
    const length = varint(page, cell)
    if (length.value < 0) throw new Error('a row is damaged: its length is below 0')
    const rowid = varint(page, length.end)
    if (rowid.value <= after) return undefined
    if (length.value > longest) {
      long?.(rowid.value, length.value)
      return undefined
    }
    const payload = this.#payload(page, rowid.end, length.value)
    return { rowid: rowid.value, values: record(payload, columns) }
  }

  /** What does not fit into the cell lies in a chain of pages. */
  #payload(page: Uint8Array, at: number, length: number): Uint8Array {
    const usable = this.#usable
    const most = usable - 35
    if (length <= most) return checked(page, at, length)
    const least = Math.floor(((usable - 12) * 32) / 255) - 23
    const rest = least + ((length - least) % (usable - 4))
    const local = rest <= most ? rest : least
    const parts = [checked(page, at, local)]
    let next = viewOf(checked(page, at + local, 4)).getUint32(0)
    for (let missing = length - local; missing > 0; ) {
      const overflow = this.#load(next)
      const take = Math.min(missing, usable - 4)
      parts.push(overflow.subarray(4, 4 + take))
      next = viewOf(overflow).getUint32(0)
      missing -= take
    }
    return Buffer.concat(parts)
  }

  #load(number: number): Uint8Array {
    const page = number > 0 ? this.#read((number - 1) * this.#pageBytes, this.#pageBytes) : undefined
    if (page?.length !== this.#pageBytes) throw new Error(`page ${number} is missing: the file is cut or damaged`)
    return page
  }
}

interface RowOptions {
  readonly longest: number
  readonly after: number
  readonly long: ((rowid: number, bytes: number) => void) | undefined
  /** Inner pages that were read: none is part of the tree twice. */
  readonly inner: Set<number>
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

function checked(bytes: Uint8Array, at: number, length: number): Uint8Array {
  if (at + length > bytes.length) throw new Error('a row is damaged: it goes over the end of its page')
  return bytes.subarray(at, at + length)
}

/** Seven bits a byte, most significant first; the ninth byte has eight. */
function varint(bytes: Uint8Array, at: number): { value: number; end: number } {
  let value = 0
  for (let i = 0; i < 8; i++) {
    const byte = bytes[at + i]
    if (byte === undefined) throw new Error('a row is damaged: a number goes over its end')
    value = value * 128 + (byte & 127)
    if (byte < 128) return { value, end: at + i + 1 }
  }
  return { value: Number(BigInt.asIntN(64, BigInt(value) * 256n + BigInt(bytes[at + 8] ?? 0))), end: at + 9 }
}

function record(payload: Uint8Array, columns: readonly string[]): Record<string, SqliteValue> {
  const view = viewOf(payload)
  const head = varint(payload, 0)
  const values: Record<string, SqliteValue> = {}
  let at = head.value
  for (let i = 0, type = head.end; type < head.value && i < columns.length; i++) {
    const serial = varint(payload, type)
    type = serial.end
    const bytes = bytesOf(serial.value)
    if (at + bytes > payload.length) throw new Error('a row is damaged: a value goes over its end')
    values[columns[i]] = valueAt(serial.value, payload, view, at, bytes)
    at += bytes
  }
  return values
}

const WIDTHS = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0]

function bytesOf(serial: number): number {
  if (serial >= 12) return Math.floor((serial - 12) / 2)
  const width = WIDTHS[serial]
  if (width === undefined) throw new Error(`a row is damaged: ${serial} is no type`)
  return width
}

function valueAt(serial: number, bytes: Uint8Array, view: DataView, at: number, length: number): SqliteValue {
  switch (serial) {
    case 0:
      return null
    case 6: {
      const value = view.getBigInt64(at)
      return Number.isSafeInteger(Number(value)) ? Number(value) : value
    }
    case 7:
      return view.getFloat64(at)
    case 8:
    case 9:
      return serial - 8
  }
  if (serial >= 12)
    return serial % 2 === 0 ? Uint8Array.from(bytes.subarray(at, at + length)) : Buffer.from(bytes.subarray(at, at + length)).toString('utf8')
  let value = view.getInt8(at)
  for (let i = 1; i < length; i++) value = value * 256 + bytes[at + i]
  return value
}

/** Names of the columns in `CREATE TABLE name (column type …, …, UNIQUE (…))`. */
function columnsOf(sql: string): string[] {
  const columns: string[] = []
  let depth = 0
  let part = ''
  const end = () => {
    const [, name] = /^\s*["'`[]?([^\s"'`\]]+)/.exec(part) ?? []
    if (name !== undefined && !/^(unique|primary|check|foreign|constraint)$/i.test(name)) columns.push(name.toLowerCase())
    part = ''
  }
  for (const char of sql.slice(sql.indexOf('(') + 1)) {
    if (char === '(') depth++
    if (char === ')' && depth-- === 0) break
    if (char === ',' && depth === 0) end()
    else part += char === '(' ? ' (' : char
  }
  end()
  return columns
}
