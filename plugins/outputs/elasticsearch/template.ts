/** The index template, made from the field tables: each field has the type that its table says, and nothing is guessed. */
import type { Field, Fields, FieldType } from '../../../core/plugin.ts'

/** What a server says it is. */
export interface Dialect {
  readonly distribution: 'elasticsearch' | 'opensearch'
  /** Major and minor version. */
  readonly version: readonly [number, number]
}

/** Longest text that is indexed, in characters: Lucene takes terms of 32766 bytes, a character has at most four. */
const MOST_CHARACTERS = 8191
/** Above the templates that Elasticsearch brings along. */
const PRIORITY = 200
/** Elasticsearch's and OpenSearch's own limit, objects counted. */
const FIELDS_LIMIT = 1000

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

/** @param answer body of `GET /`; who cannot be told from Elasticsearch is taken for it */
export function dialectOf(answer: unknown): Dialect {
  const { version } = (answer ?? {}) as { version?: { distribution?: unknown; number?: unknown } }
  const [major = 8, minor = 0] = String(version?.number ?? '8.0')
    .split('.')
    .map((part) => Number.parseInt(part, 10) || 0)
  return { distribution: version?.distribution === 'opensearch' ? 'opensearch' : 'elasticsearch', version: [major, minor] }
}

interface Properties {
  [name: string]: { properties: Properties } | { type?: string }
}

/** Mapping of all fields of a pipeline. */
export function mappingOf(fields: Fields, dialect: Dialect): { dynamic: false; properties: Properties } {
  const properties: Properties = {}
  for (const field of fields.all) {
    if (!field) continue
    const names = field.path.split('.')
    const last = names.pop() as string
    let at = properties
    for (const name of names) at = ((at[name] ??= { properties: {} }) as { properties: Properties }).properties
    at[last] = typeOf(field, dialect)
  }
  return { dynamic: false, properties }
}

function typeOf({ type, unit }: Field, { distribution, version: [major, minor] }: Dialect): object {
  // OpenSearch has unsigned_long since 2.8, Elasticsearch since 7.10.
  const [since, small] = distribution === 'opensearch' ? [2, 8] : [7, 10]
  if (type === 'u64' && (major < since || (major === since && minor < small))) return { type: 'keyword' }
  return (type === 'int' && SMALL[unit ?? '']) || TYPES[type]
}

/** The fixed beginning of the names of indexes, without which a template would catch those of others. */
function beginning(index: string): string {
  const prefix = index.split('%')[0]
  if (prefix === '') throw new Error(`index: ${index} has no fixed beginning: a template for it would catch every index`)
  return prefix
}

/** What all indexes of an output are called. */
export function indexPattern(index: string): string {
  const prefix = beginning(index)
  return prefix === index ? index : `${prefix}*`
}

export function templateName(index: string): string {
  return beginning(index).replace(/[._-]+$/, '')
}

/** Bodies of the component template and of the index template that is made of it. */
export function templates(index: string, fields: Fields, dialect: Dialect): { component: object; template: object } {
  const mappings = mappingOf(fields, dialect)
  const limit = Math.max(FIELDS_LIMIT, 2 * fields.all.length)
  return {
    component: { template: { settings: { 'index.mapping.total_fields.limit': limit, 'index.codec': 'best_compression' }, mappings } },
    template: { index_patterns: [indexPattern(index)], priority: PRIORITY, composed_of: [templateName(index)] },
  }
}

/** Where a live mapping has another type than ours, or lacks a field: `wlan.ta is text, not keyword`. */
export function differences(ours: Properties, live: Properties, path = ''): string[] {
  return Object.entries(ours).flatMap(([name, own]) => {
    const at = `${path}${name}`
    const found = live[name] as { properties?: Properties; type?: string } | undefined
    if ('properties' in own && own.properties)
      return found && !found.properties
        ? [`${at} is ${found.type}, not an object`]
        : differences(own.properties as Properties, found?.properties ?? {}, `${at}.`)
    const { type } = own as { type: string }
    const is = found?.type ?? (found ? 'object' : 'missing')
    return is === type ? [] : [`${at} is ${is}, not ${type}`]
  })
}
