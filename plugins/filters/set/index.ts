import type { Field, FilterPlugin, Value } from '../../../core/plugin.ts'
import { fieldTable } from '../../../core/plugin.ts'

const config = {
  type: 'object',
  required: ['fields'],
  properties: {
    fields: {
      type: 'object',
      minProperties: 1,
      additionalProperties: { type: ['string', 'number', 'boolean'] },
      description: 'For each field, by path, the value it gets.',
    },
    when: { type: 'string', format: 'when', description: 'Only for events that match, in the display-filter syntax of Wireshark.' },
  },
} as const

type Constant = string | number | boolean

/** Every event has its own; queues, outputs and receivers tell events apart by them. */
const FIXED = new Set(['event.id', '@timestamp'])

export default {
  kind: 'filter',
  summary: 'Sets fields to constant values.',
  config,
  fields: ({ fields }, find) => {
    const added = Object.entries(fields).filter(([path]) => !find(path))
    for (const [path] of Object.entries(fields))
      if (FIXED.has(find(path)?.path ?? path)) throw new Error(`${path} is not to be set: it says which record this is`)
    return [fieldTable('set', Object.fromEntries(added.map(([path, value]) => [path, declared(path, value)])))]
  },
  create: ({ fields, when }, context) => {
    const values = Object.entries(fields).map(([path, value]) => {
      const ref = context.field(path)
      return { ref, value: ref.field.list ? [value] : value } as { ref: typeof ref; value: Value }
    })
    // Values that do not fit are an error of the config, not of every record.
    context.event.open(new Uint8Array(0))
    for (const { ref, value } of values) ref.set(context.event, value)
    const matches = when === undefined ? undefined : context.when(when)
    return {
      apply: (event) => {
        if (matches && !matches(event)) return
        for (const { ref, value } of values) ref.set(event, value)
      },
    }
  },
} satisfies FilterPlugin<typeof config>

/** A field that no other plugin has, of the value's own type. */
function declared(path: string, value: Constant): Field {
  if (!/^[A-Za-z_][\w-]*(\.[\w-]+)*$/.test(path)) throw new Error(`${path} is no path of a field; paths look like site.name`)
  const type = typeof value === 'string' ? 'text' : typeof value === 'boolean' ? 'bool' : Number.isSafeInteger(value) ? 'int' : 'float'
  return { path, type, description: 'Constant that the config sets.', source: 'shipper.yml' }
}
