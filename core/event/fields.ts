/**
 * Field tables: the one declaration of every field an event can have.
 *
 * A table is written once beside the code that fills it. Typed access, the writers, the reference page, the
 * mapping of a search engine, privacy and the names that `when:` knows are all derived from it.
 */

/**
 * How a value is kept in an event's two number columns `a` and `b`, and what `get` returns.
 *
 * | type  | a, b                                   | get           | JSON                       |
 * | ----- | -------------------------------------- | ------------- | -------------------------- |
 * | bool  | 0 or 1                                 | boolean       | true, false                |
 * | int   | an integer of at most 2^53             | number        | number                     |
 * | float | a finite double                        | number        | number                     |
 * | u64   | high and low 32 bits                   | bigint        | exact decimal              |
 * | mac   | the 48 bits as an integer              | string        | "aa:bb:cc:dd:ee:ff"        |
 * | text  | place and length of valid UTF-8        | string        | string                     |
 * | bytes | place and length                       | string (hex)  | "0a1b"                     |
 * | ip    | place, and 4 or 16                     | string        | "10.0.0.1", "fe80::1"      |
 * | time  | seconds and nanoseconds since 1970     | string        | "2026-11-23T10:00:00.000000001Z" |
 * | name  | a code with a name in `names`          | string        | the name, or the number    |
 * | point | latitude and longitude in degrees      | {lat, lon}    | {"lat":…,"lon":…}          |
 * | id    | place of the 24 bytes of an event id   | string        | 32 characters              |
 *
 * A place counts from the start of the record's batch when it is 0 or more; below 0 it lies in the event's own
 * arena, at -place - 1.
 */
export type FieldType = 'bool' | 'int' | 'float' | 'u64' | 'mac' | 'text' | 'bytes' | 'ip' | 'time' | 'name' | 'point' | 'id'

/** What kind of personal data a field may hold; privacy acts on this. */
export type FieldClass = 'device_address' | 'network_address' | 'ssid' | 'identity' | 'payload' | 'position' | 'plain'

export interface Field {
  /** Dotted name, Wireshark's where there is one: `wlan.bssid`. No path may be the beginning of another. */
  readonly path: string
  readonly type: FieldType
  /** Several values in the order of the record. Every type but `point`, `time` and `id` can be a list. */
  readonly list?: boolean
  /** `dBm`, `MHz`, `us` …; absent for a plain count, code or text. */
  readonly unit?: string
  /** Default `plain`. */
  readonly class?: FieldClass
  /** Whether it is written by default (`standard`), or only on request (`full`). Default `standard`. */
  readonly emit?: 'standard' | 'full'
  /** Other spellings that `get`, `when:` and the docs accept, such as Wireshark's `wlan.fc` for `wlan.fc.value`. */
  readonly alias?: readonly string[]
  /** For type `name`: the names of the codes. A code without a name is written as a number in a string. An `int` is written as it is; conditions take its names too. */
  readonly names?: Readonly<Record<number, string>>
  /** Where the value comes from: a clause of a standard, a header, a computation. */
  readonly source?: string
  readonly description: string
}

/** A table of fields with short keys: `{ bssid: { path: 'wlan.bssid', type: 'mac', … } }`. */
export type FieldDeclarations = Readonly<Record<string, Field>>

/** A declared table. `at` gives the place of each key within the table. */
export interface FieldTable<K extends string = string> {
  readonly name: string
  readonly fields: readonly Field[]
  readonly at: Readonly<Record<K, number>>
  /** Whether records may say that this table repeats (`Event.repeat`), so that writers keep what they wrote of it. */
  readonly repeats: boolean
}

/** Declares a table. `name` is the group's name, as in `emit: [name]`. */
export function fieldTable<const D extends FieldDeclarations>(
  name: string,
  declarations: D,
  { repeats = false }: { readonly repeats?: boolean } = {},
): FieldTable<keyof D & string> {
  const keys = Object.keys(declarations)
  const fields = Object.values(declarations)
  for (const field of fields) {
    if (field.list && (field.type === 'point' || field.type === 'time' || field.type === 'id'))
      throw new Error(`field ${field.path}: a ${field.type} cannot be a list`)
  }
  return { name, fields, at: literal(keys) as Record<keyof D & string, number>, repeats }
}

/** A literal keeps its properties in fast places, which an object filled in a loop would not; decoders read `at` in their hottest lines. */
function literal(keys: string[]): Record<string, number> {
  return new Function(`return {${keys.map((key, i) => `${JSON.stringify(key)}:${i}`).join()}}`)()
}

/** A field with the number that all its storage is addressed by. */
export interface KnownField extends Field {
  readonly number: number
  readonly table: FieldTable
}

/**
 * All fields of one pipeline, numbered. Tables start at multiples of 32, so that the presence bits of a table are
 * whole words. Order matters: writers write fields in the order of their numbers within an object.
 */
export class Fields {
  readonly tables: readonly FieldTable[]
  /** By number; the gaps between tables are undefined. */
  readonly all: readonly (KnownField | undefined)[]
  /** Words of presence bits. */
  readonly words: number
  readonly #byName = new Map<string, KnownField>()
  readonly #bases = new Map<FieldTable, number>()

  /**
   * @param tables in the order they are written; a path that an earlier table has already is not declared again,
   *   it must only agree in type.
   * @throws Error when two tables disagree about a path or a path is the beginning of another
   */
  constructor(tables: Iterable<FieldTable>) {
    const all: (KnownField | undefined)[] = []
    const unique = [...new Set(tables)]
    for (const table of unique) {
      const base = Math.ceil(all.length / 32) * 32
      let shared = false
      table.fields.forEach((field, i) => {
        const known = this.#byName.get(field.path)
        if (known) {
          if (known.type !== field.type || Boolean(known.list) !== Boolean(field.list))
            throw new Error(`field ${field.path} is ${typeName(field)} in ${table.name}, but ${typeName(known)} in ${known.table.name}`)
          shared = true
          return
        }
        const entry: KnownField = { ...field, number: base + i, table }
        all[base + i] = entry
        for (const name of [field.path, ...(field.alias ?? [])]) this.#byName.set(name, entry)
      })
      if (!shared) this.#bases.set(table, base)
    }
    refusePrefixes(all)
    this.tables = unique
    this.all = all
    this.words = Math.max(1, Math.ceil(all.length / 32))
  }

  /** The field of a path or one of its aliases. */
  find(name: string): KnownField | undefined {
    return this.#byName.get(name)
  }

  /** Every path and alias. */
  names(): string[] {
    return [...this.#byName.keys()]
  }

  /**
   * Number of a table's first field; field `table.at.x` has the number `base + table.at.x`.
   * @throws Error when the table is not part of this pipeline or shares a path with another one
   */
  base(table: FieldTable): number {
    const base = this.#bases.get(table)
    if (base === undefined) throw new Error(`table ${table.name} has no place of its own here`)
    return base
  }
}

export function typeName(field: Pick<Field, 'type' | 'list'>): string {
  return field.list ? `list of ${field.type}` : field.type
}

function refusePrefixes(all: readonly (KnownField | undefined)[]): void {
  const paths = new Set<string>()
  for (const field of all) if (field) paths.add(field.path)
  for (const path of paths) {
    for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
      const head = path.slice(0, dot)
      if (paths.has(head)) throw new Error(`field ${head} cannot have a value and the child ${path}`)
    }
  }
}
