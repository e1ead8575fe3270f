/** Adds to events what a table says about them. The file is read and watched on the main thread (feed.ts). */
import { type Field, type FieldRef, type FilterPlugin, fieldTable, type Value } from '../../../core/plugin.ts'
import { normalKey, type Table, unpackTable } from './table.ts'

const config = {
  type: 'object',
  required: ['file', 'field', 'key', 'add'],
  properties: {
    file: {
      type: 'string',
      minLength: 1,
      description: 'The table: CSV with a header, or JSON: an array of objects, or an object of them by key. It is read again when it has changed.',
    },
    field: { type: 'string', description: 'Field that is looked up: an address, a name, a number. Letter case does not matter.' },
    key: { type: 'string', description: 'Column that holds its values. For a JSON object of rows its keys are meant.' },
    add: {
      type: 'object',
      minProperties: 1,
      additionalProperties: { type: 'string' },
      description: 'For each column, by name, the field that its value goes to.',
    },
    look_s: { type: 'number', exclusiveMinimum: 0, default: 5, description: 'How often to look whether the file has changed.' },
  },
} as const

/** Every event has its own; queues, outputs and receivers tell events apart by them. */
const FIXED = new Set(['event.id', '@timestamp'])

export default {
  kind: 'filter',
  summary: 'Adds fields from a CSV or JSON table, by the value of a field.',
  config,
  fields: ({ add }, find) => {
    const paths = [...new Set(Object.values(add))]
    for (const path of paths) if (FIXED.has(find(path)?.path ?? path)) throw new Error(`${path} is not to be set: it says which record this is`)
    return [fieldTable('lookup', Object.fromEntries(paths.filter((path) => !find(path)).map((path) => [path, declared(path)])))]
  },
  feed: {
    start: async ({ file, key, add, look_s }, context) =>
      (await import('./feed.ts')).publishTable({ file, key, columns: Object.keys(add), look_s }, context),
  },
  create({ field, add }, context) {
    const { feed } = context
    const from = context.field(field)
    const into = Object.values(add).map((path) => context.field(path))
    let bytes: Uint8Array | undefined
    let table: Table = new Map()
    return {
      apply(event) {
        if (feed.bytes !== bytes) {
          bytes = feed.bytes
          table = bytes ? unpackTable(bytes) : new Map()
        }
        const row = find(table, from.get(event))
        if (!row) return
        for (let i = 0; i < into.length; i++) {
          const value = row[i] === undefined ? undefined : fitting(into[i], row[i]!)
          if (value !== undefined) into[i].set(event, value)
        }
      },
    }
  },
} satisfies FilterPlugin<typeof config>

/** The row of a value; of a list that of the first value which has one. */
function find(table: Table, value: Value | undefined): readonly (string | undefined)[] | undefined {
  if (value === undefined) return undefined
  if (!Array.isArray(value)) return table.get(normalKey(String(value)))
  for (const one of value as readonly Value[]) {
    const row = table.get(normalKey(String(one)))
    if (row) return row
  }
  return undefined
}

/** Text of the table as a value of a field that another plugin has; undefined where it is none. */
function fitting({ field }: FieldRef, text: string): Value | undefined {
  const one = ((): Value | undefined => {
    switch (field.type) {
      case 'text':
        return text
      case 'int':
      case 'u64':
      case 'float': {
        const n = Number(text)
        return text.trim() === '' || !(field.type === 'float' ? Number.isFinite(n) : Number.isSafeInteger(n)) ? undefined : n
      }
      case 'bool':
        return /^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : undefined
      case 'mac':
        return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(normalKey(text)) ? normalKey(text) : undefined
      default:
        return undefined
    }
  })()
  return one === undefined || !field.list ? one : [one]
}

/** A field that no other plugin has. */
function declared(path: string): Field {
  if (!/^[A-Za-z_][\w-]*(\.[\w-]+)*$/.test(path)) throw new Error(`${path} is no path of a field; paths look like asset.owner`)
  return { path, type: 'text', description: 'From the table of a lookup.', source: 'filter lookup' }
}
