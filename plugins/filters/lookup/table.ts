/** A table file as keys with the values of the wanted columns, and its packed form between the threads. */
import { parseCsv } from './csv.ts'

export interface TableOptions {
  /** Column that is looked up. */
  readonly key: string
  /** Columns whose values are wanted. */
  readonly columns: readonly string[]
}

/** By key in its normal form, the values in the order of the columns; undefined where a row has none. */
export type Table = ReadonlyMap<string, readonly (string | undefined)[]>

const MAX_ROWS = 1_000_000

/** Letter case and the separators of addresses do not matter: `00-1B-63-AA-BB-CC` is `00:1b:63:aa:bb:cc`. */
export function normalKey(text: string): string {
  const trimmed = text.trim().toLowerCase()
  const hex = /^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$|^(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}$|^[0-9a-f]{12}$/.test(trimmed)
    ? trimmed.replace(/[:.-]/g, '')
    : ''
  return hex === '' ? trimmed : hex.replace(/(..)(?=.)/g, '$1:')
}

/**
 * Reads a table.
 * @param name of the file: `.json` holds an array of objects, or an object of them by key; all else is CSV with a header, by tab or semicolon where that has one
 * @throws Error with what is wrong
 */
export function readTable(name: string, text: string, options: TableOptions): Table {
  const table = new Map<string, (string | undefined)[]>()
  for (const [key, values] of name.endsWith('.json') ? jsonRows(text, options) : csvRows(text, options)) {
    if (key.trim() === '') continue
    if (table.size === MAX_ROWS) throw new Error(`it has more than ${MAX_ROWS} rows`)
    table.set(normalKey(key), values)
  }
  return table
}

type Row = readonly [key: string, values: (string | undefined)[]]

function* csvRows(text: string, { key, columns }: TableOptions): Iterable<Row> {
  const head = text.slice(0, text.search(/\r?\n|$/))
  const separator = ['\t', ';'].find((each) => head.includes(each)) ?? ','
  const [names, ...rows] = parseCsv(text, separator)
  if (!names) throw new Error('it is empty')
  const place = (column: string): number => {
    const at = names.findIndex((name) => name.trim() === column)
    if (at < 0) throw new Error(`it has no column ${column}; it has ${names.map((name) => name.trim()).join(', ')}`)
    return at
  }
  const at = place(key)
  const places = columns.map(place)
  for (const row of rows) yield [row[at] ?? '', places.map((each) => (row[each] === '' ? undefined : row[each]))]
}

function* jsonRows(text: string, { key, columns }: TableOptions): Iterable<Row> {
  const data: unknown = JSON.parse(text)
  if (typeof data !== 'object' || data === null) throw new Error('it is neither an array nor an object')
  const rows = Array.isArray(data) ? data.map((row) => [undefined, row] as const) : Object.entries(data)
  const seen = new Set<string>()
  for (const [name, row] of rows) {
    if (typeof row !== 'object' || row === null) throw new Error('its rows are no objects')
    const of = row as Record<string, unknown>
    for (const column of columns) if (of[column] !== undefined) seen.add(column)
    yield [name ?? textOf(of[key]) ?? '', columns.map((column) => textOf(of[column]))]
  }
  const missing = columns.find((column) => !seen.has(column))
  if (rows.length > 0 && missing !== undefined) throw new Error(`no row of it has ${missing}`)
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** For `replace`. */
export function packTable(table: Table): Uint8Array {
  return new TextEncoder().encode(JSON.stringify([...table]))
}

export function unpackTable(bytes: Uint8Array): Table {
  // Decoders refuse shared memory.
  const rows = JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes))) as [string, (string | null)[]][]
  return new Map(rows.map(([key, values]) => [key, values.map((value) => value ?? undefined)]))
}
