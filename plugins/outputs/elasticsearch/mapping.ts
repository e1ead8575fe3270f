/** The mapping, made from the field tables: each field has the type that its table says, and nothing is guessed. */
import type { Field, Fields, FieldType } from '../../../core/plugin.ts'
import type { Dialect } from './dialect.ts'

/** Longest text that is indexed, in characters: Lucene takes terms of 32766 bytes, a character has at most four. */
const MOST_CHARACTERS = 8191

const KEYWORD = { type: 'keyword', ignore_above: MOST_CHARACTERS }

const TYPES: Readonly<Record<FieldType, object>> = {
  bool: { type: 'boolean' },
  int: { type: 'long' },
  float: { type: 'double' },
  u64: { type: 'unsigned_long' },
  mac: { type: 'keyword' },
  text: KEYWORD,
  bytes: KEYWORD,
  ip: { type: 'ip' },
  // Its range is 1970 to 2262; a capture may say anything, and its other fields are worth keeping.
  time: { type: 'date_nanos', ignore_malformed: true },
  name: { type: 'keyword' },
  point: { type: 'geo_point', ignore_malformed: true },
  id: { type: 'keyword' },
}

/** Units whose integers are small: signal strength and frequency. */
const SMALL: Readonly<Record<string, object>> = { dBm: { type: 'short' }, MHz: { type: 'integer' } }

/** Other types of a live mapping that take the same values and find them again. */
const AS_GOOD: Readonly<Record<string, readonly string[]>> = {
  short: ['integer', 'long'],
  integer: ['long'],
  // Of a server that has become newer, or older.
  unsigned_long: ['keyword'],
  keyword: ['unsigned_long', 'wildcard'],
  date_nanos: ['date'],
}

export interface Properties {
  [name: string]: { properties: Properties } | { type?: string }
}

/** A mapping as servers say it, where dynamic is a text. */
export interface Mapping {
  readonly dynamic?: boolean | string
  readonly properties?: Properties
}

/** Mapping of all fields of a pipeline. */
export function mappingOf(fields: Fields, dialect: Dialect, dataStream = false): { dynamic: false; properties: Properties } {
  const properties: Properties = {}
  for (const field of fields.all) {
    if (!field) continue
    const names = field.path.split('.')
    const last = names.pop() as string
    let at = properties
    for (const name of names) at = ((at[name] ??= { properties: {} }) as { properties: Properties }).properties
    at[last] = typeOf(field, dialect)
  }
  // The time of a data stream may not be left out.
  if (dataStream) properties['@timestamp'] = { type: 'date_nanos' }
  return { dynamic: false, properties }
}

function typeOf({ type, unit }: Field, { unsigned_long }: Dialect): object {
  if (type === 'u64' && !unsigned_long) return { type: 'keyword' }
  return (type === 'int' && SMALL[unit ?? '']) || TYPES[type]
}

export interface Difference {
  /** Where a live mapping has another type than ours: `wlan.ta is text, not keyword`. */
  readonly wrong: readonly string[]
  /** Fields that it lacks. */
  readonly missing: readonly string[]
}

export function differences(ours: Properties, live: Properties): Difference {
  const [wrong, missing]: [string[], string[]] = [[], []]
  compare(ours, live, '', wrong, missing)
  return { wrong, missing }
}

function compare(ours: Properties, live: Properties, path: string, wrong: string[], missing: string[]): void {
  for (const [name, own] of Object.entries(ours)) {
    const at = `${path}${name}`
    const found = live[name] as { properties?: Properties; type?: string } | undefined
    if ('properties' in own && own.properties) {
      if (found && !found.properties) wrong.push(`${at} is ${found.type}, not an object`)
      else compare(own.properties as Properties, found?.properties ?? {}, `${at}.`, wrong, missing)
      continue
    }
    const { type } = own as { type: string }
    if (!found) missing.push(at)
    else if (found.type !== type && !AS_GOOD[type]?.includes(found.type ?? '')) wrong.push(`${at} is ${found.type ?? 'an object'}, not ${type}`)
  }
}

/** Differences that are told of one index. */
const MOST_TOLD = 5

/** Why documents must not go into an index of this mapping; undefined where they may. */
export function refusal(ours: Properties, { dynamic, properties = {} }: Mapping): string | undefined {
  const { wrong, missing } = differences(ours, properties)
  if (wrong.length > 0) return `${wrong.slice(0, MOST_TOLD).join(', ')}${wrong.length > MOST_TOLD ? `, and ${wrong.length - MOST_TOLD} more` : ''}`
  // With `dynamic: false` what is missing is kept, only not indexed.
  if (missing.length > 0 && String(dynamic) !== 'false') return `the types of ${missing.length} fields, such as ${missing[0]}, would be guessed`
  return undefined
}
