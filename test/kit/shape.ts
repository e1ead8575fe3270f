/** What every plugin's object must be like. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Schema } from '../../core/config/schema.ts'
import { envelope, frame } from '../../core/event/envelope.ts'
import { Fields, type FieldTable } from '../../core/event/fields.ts'
import type { Plugin } from '../../core/plugin.ts'
import { schemas, strictAjv } from './config.ts'
import { Problems, type Property, words } from './property.ts'

const COMMON = ['kind', 'summary', 'config', 'fields', 'create']
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  input: [...COMMON, 'replayable', 'endless', 'carries', 'decoder'],
  filter: [...COMMON, 'state', 'feed', 'conceals'],
  output: [...COMMON, 'parallel', 'encoder', 'select', 'setup'],
}

/** @param folder of the plugin's sources */
export function shapeProperties(plugin: Plugin, folder: string | undefined): Property[] {
  const schema = plugin.config as Schema
  return [
    { name: 'the object has the members of its kind', check: () => members(plugin) },
    { name: 'the summary is one sentence', check: () => summary(plugin.summary) },
    { name: 'options are in snake_case and described', check: () => options(schema) },
    { name: 'the schema is strict and its defaults fit it', check: () => defaults(schema) },
    { name: 'fields are described and do not clash', check: () => (Array.isArray(plugin.fields) ? fields(plugin.fields) : []) },
    ...(folder === undefined ? [] : [{ name: 'there is a README.md', check: () => readme(folder) }]),
  ]
}

function members(plugin: Plugin): string[] {
  const problems = new Problems()
  const known = MEMBERS[plugin.kind]
  if (!known) return [`kind is ${JSON.stringify(plugin.kind)}, not input, filter or output`]
  const object = plugin as unknown as Record<string, unknown>
  for (const name of Object.keys(object)) if (!known.includes(name)) problems.add(`${name} is no member of a plugin of this kind`)
  const isFunction = (name: string) => {
    if (typeof object[name] !== 'function') problems.add(`${name} is not a function`)
  }
  isFunction('create')
  if (plugin.kind === 'input') {
    isFunction('decoder')
    for (const name of ['replayable', 'endless'])
      if (!['boolean', 'function', ...(name === 'endless' ? ['undefined'] : [])].includes(typeof object[name]))
        problems.add(`${name} is neither a boolean nor a function`)
  }
  if (plugin.kind === 'filter') {
    const { state, feed } = plugin
    if (typeof state !== 'function' && ![undefined, 'none', 'annotates', 'withholds'].includes(state)) problems.add(`state is ${state}`)
    if (feed !== undefined && typeof feed.start !== 'function') problems.add('feed has no function start')
  }
  if (plugin.kind === 'output') {
    isFunction('encoder')
    const { parallel = 1 } = plugin
    if (typeof parallel !== 'function' && !(Number.isInteger(parallel) && parallel > 0)) problems.add(`parallel is ${parallel}`)
  }
  return problems.list
}

function summary(text: unknown): string[] {
  if (typeof text === 'string' && /^[^\s.][^\n]*\.$/.test(text) && !/[.!?]\s+\p{Lu}/u.test(text)) return []
  return [`not one sentence with a full stop: ${JSON.stringify(text)}`]
}

function options(schema: Schema, declared: ReadonlySet<string> = new Set()): string[] {
  const problems: string[] = []
  const own = Object.entries(schema.properties ?? {})
  for (const [name, option] of own) {
    // Branches name options again to narrow them.
    if (declared.has(name)) continue
    if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name)) problems.push(`${name} is not in snake_case`)
    if (!option.description?.trim()) problems.push(`${name} has no description`)
    problems.push(...options(option))
  }
  const names = new Set([...declared, ...own.map(([name]) => name)])
  for (const branch of [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]) problems.push(...options(branch, names))
  for (const child of [schema.items, schema.additionalProperties, ...Object.values(schema.patternProperties ?? {})])
    if (typeof child === 'object') problems.push(...options(child))
  return [...new Set(problems)]
}

function defaults(schema: Schema): string[] {
  const problems = new Problems()
  if (schema?.type !== 'object') return ['the config is not a schema of type object']
  try {
    strictAjv(schema).compile(schema)
  } catch (error) {
    return [words(error)]
  }
  for (const inner of schemas(schema)) {
    for (const [name, option] of Object.entries(inner.properties ?? {})) {
      const { default: value, ...rest } = option
      if (value === undefined) continue
      const ajv = strictAjv(rest)
      if (!ajv.validate(rest, structuredClone(value))) problems.add(`the default of ${name} does not fit: ${ajv.errorsText()}`)
    }
  }
  return problems.list
}

function fields(tables: readonly FieldTable[]): string[] {
  const problems = new Problems()
  try {
    new Fields([envelope, frame, ...tables])
  } catch (error) {
    problems.add(words(error))
  }
  for (const table of tables) {
    for (const { path, description } of table.fields) {
      if (!/^@?[\w-]+(\.[\w-]+)*$/.test(path)) problems.add(`${path} is not a dotted path`)
      if (!description.trim()) problems.add(`${path} has no description`)
    }
  }
  return problems.list
}

function readme(folder: string): string[] {
  return existsSync(join(folder, 'README.md')) ? [] : [`${folder} has none`]
}
