/**
 * What the loader does with JSON Schemas beyond ajv: closes them, walks them beside the data, and widens them for editors.
 *
 * A plugin's schema declares the type that its code sees. People may write more: sizes with a unit where an option's name ends in
 * `_bytes`, and `${VAR}` for any number or boolean; `coerce` brings those to the declared type before validation.
 */

import { pointer } from './problems.ts'
import { isSizeName, parseSize, SIZE_PATTERN } from './size.ts'

export interface Schema {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean | Schema
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly format?: string
  readonly description?: string
  readonly default?: unknown
  readonly [keyword: string]: unknown
}

/** Unknown keys are errors: every object that lists its properties and does not speak of others takes no others. */
export function closed(schema: Schema): Schema {
  const copy: { -readonly [K in keyof Schema]: Schema[K] } = mapChildren(schema, closed)
  // A branch without a type only narrows the object around it.
  if (schema.type === 'object' && schema.properties && schema.additionalProperties === undefined && !schema.patternProperties)
    copy.additionalProperties = false
  return copy
}

function mapChildren(schema: Schema, change: (child: Schema, name?: string) => Schema): Schema {
  const copy: { -readonly [K in keyof Schema]: Schema[K] } = { ...schema }
  if (schema.properties) copy.properties = Object.fromEntries(Object.entries(schema.properties).map(([name, child]) => [name, change(child, name)]))
  if (isSchema(schema.items)) copy.items = change(schema.items)
  if (isSchema(schema.additionalProperties)) copy.additionalProperties = change(schema.additionalProperties)
  for (const list of ['anyOf', 'oneOf', 'allOf'] as const) if (schema[list]) copy[list] = schema[list].map((child) => change(child))
  return copy
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null
}

interface Visit {
  readonly schema: Schema
  /** Where the value is kept, to replace it. */
  readonly parent: Record<string | number, unknown>
  readonly key: string | number
  readonly at: string
  /** Name of the option it belongs to: the nearest key of a mapping. */
  readonly name: string
}

/** Calls `visit` for each scalar with the schema that stands beside it. */
function eachScalar(schema: Schema, data: unknown, at: string, visit: (found: Visit) => void, name = ''): void {
  for (const list of [schema.anyOf, schema.oneOf, schema.allOf]) for (const branch of list ?? []) eachScalar(branch, data, at, visit, name)
  if (typeof data !== 'object' || data === null) return
  const parent = data as Record<string | number, unknown>
  for (const key of Object.keys(parent)) {
    const own = schema.properties && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined
    const child = Array.isArray(data) ? schema.items : (own ?? schema.additionalProperties)
    if (!isSchema(child)) continue
    const found = { schema: child, parent, key, at: at + pointer(key), name: Array.isArray(data) ? name : key }
    if (typeof parent[key] === 'object') eachScalar(child, parent[key], found.at, visit, found.name)
    else visit(found)
  }
}

/** The types a schema takes, through its branches; what is listed by value counts as `value`. */
function typesOf(schema: Schema): Set<string> {
  const types = new Set<string>()
  for (const list of [schema.anyOf, schema.oneOf, schema.allOf]) for (const branch of list ?? []) for (const type of typesOf(branch)) types.add(type)
  if (schema.const !== undefined || schema.enum) types.add('value')
  else for (const type of [schema.type ?? []].flat()) types.add(type)
  return types
}

/**
 * Replaces, in the data, sizes with a unit by numbers, and texts that came from variables by the number or boolean that the schema wants.
 * @param substituted whether the value at a pointer came from a variable
 */
export function coerce(schema: Schema, data: unknown, at: string, substituted: (at: string) => boolean): void {
  eachScalar(schema, data, at, ({ schema: wanted, parent, key, at: here, name }) => {
    const text = parent[key]
    if (typeof text !== 'string') return
    const types = typesOf(wanted)
    if (types.has('string')) return
    const numeric = types.has('integer') || types.has('number')
    if (numeric && isSizeName(name)) parent[key] = parseSize(text) ?? text
    if (typeof parent[key] !== 'string' || !substituted(here)) return
    if (numeric && /^[-+]?\d+(\.\d+)?$/.test(text)) parent[key] = Number(text)
    else if (types.has('boolean') && (text === 'true' || text === 'false')) parent[key] = text === 'true'
  })
}

/** All texts whose schema says `format: 'when'`. */
export function conditions(schema: Schema, data: unknown, at: string): { at: string; text: string }[] {
  const found: { at: string; text: string }[] = []
  eachScalar(schema, data, at, ({ schema: wanted, parent, key, at: here }) => {
    const text = parent[key]
    const says = wanted.format === 'when' || [...(wanted.anyOf ?? []), ...(wanted.oneOf ?? [])].some(({ format }) => format === 'when')
    if (typeof text === 'string' && says) found.push({ at: here, text })
  })
  return found
}

/** The schema that an editor checks a file by, in which variables are not yet replaced and sizes may have units. */
export function forEditors(schema: Schema, name = ''): Schema {
  const copy = mapChildren(schema, forEditors)
  const types = typesOf({ type: schema.type })
  if (!types.has('integer') && !types.has('number') && !types.has('boolean')) return copy
  const { description, default: standard, ...rest } = copy
  const texts: Schema[] = [{ type: 'string', pattern: '\\$\\{' }]
  if (isSizeName(name)) texts.push({ type: 'string', pattern: SIZE_PATTERN })
  return {
    ...(description === undefined ? {} : { description }),
    ...(standard === undefined ? {} : { default: standard }),
    anyOf: [rest, ...texts],
  }
}
