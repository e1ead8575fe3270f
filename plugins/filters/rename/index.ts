import type { Field, FilterPlugin, Value } from '../../../core/plugin.ts'
import { fieldTable } from '../../../core/plugin.ts'

const config = {
  type: 'object',
  required: ['fields'],
  properties: {
    fields: {
      type: 'object',
      minProperties: 1,
      additionalProperties: { type: 'string' },
      description: 'For each field, by path, its new path.',
    },
  },
} as const

/** Every event has its own; queues, outputs and receivers tell events apart by them. */
const FIXED = new Set(['event.id', '@timestamp'])

export default {
  kind: 'filter',
  summary: 'Gives fields other names.',
  config,
  fields: ({ fields }, find) => {
    const added = new Map<string, Field>()
    const taken = new Map<string, string>()
    for (const [from, to] of Object.entries(fields)) {
      const source = find(from)
      if (!source) throw new Error(`there is no field ${from} to rename; a filter that sets it must stand above this one`)
      const target = find(to)
      for (const path of [source.path, target?.path ?? to])
        if (FIXED.has(path)) throw new Error(`${path} keeps its name: it says which record this is`)
      const other = taken.get(target?.path ?? to)
      if (other !== undefined) throw new Error(`both ${other} and ${from} would become ${to}`)
      taken.set(target?.path ?? to, from)
      if (!target) added.set(to, renamed(source, to))
      else if (target.type !== source.type || Boolean(target.list) !== Boolean(source.list))
        throw new Error(`${from} is ${typeName(source)}, but ${to} is ${typeName(target)}`)
    }
    return [fieldTable('rename', Object.fromEntries(added))]
  },
  create: ({ fields }, context) => {
    const moves = Object.entries(fields).map(([from, to]) => ({ from: context.field(from), to: context.field(to) }))
    const values: (Value | undefined)[] = []
    return {
      apply: (event) => {
        // All are read before any is written, so that names can be swapped.
        for (let i = 0; i < moves.length; i++) {
          values[i] = moves[i].from.get(event)
          if (values[i] !== undefined) event.delete(moves[i].from.field.path)
        }
        for (let i = 0; i < moves.length; i++) {
          const value = values[i]
          if (value !== undefined) moves[i].to.set(event, value)
        }
      },
    }
  },
} satisfies FilterPlugin<typeof config>

/** The same field at another path. What it may tell about people goes with it. */
function renamed({ type, list, unit, class: kind, names, description }: Field, path: string): Field {
  if (!/^[A-Za-z_][\w-]*(\.[\w-]+)*$/.test(path)) throw new Error(`${path} is no path of a field; paths look like site.name`)
  return {
    path,
    type,
    ...(list && { list }),
    ...(unit && { unit }),
    ...(kind && { class: kind }),
    ...(names && { names }),
    description,
    source: 'rename',
  }
}

function typeName({ type, list }: Field): string {
  return list ? `list of ${type}` : type
}
