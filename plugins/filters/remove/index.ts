import type { FilterPlugin, KnownField, PureContext } from '../../../core/plugin.ts'

const config = {
  type: 'object',
  required: ['fields'],
  properties: {
    fields: {
      type: 'array',
      minItems: 1,
      items: { type: 'string' },
      description: 'Fields by path, or all below a path: wlan.ssid, radiotap.*',
    },
  },
} as const

/** Every event has its own; queues, outputs and receivers tell events apart by them. */
const FIXED = new Set(['event.id', '@timestamp'])

export default {
  kind: 'filter',
  summary: 'Removes fields.',
  config,
  create: ({ fields }, context) => {
    const found = [...new Set(fields.flatMap((name) => named(name, context)))]
    return {
      apply: (event) => {
        for (const { number, path } of found) if (event.present(number)) event.delete(path)
      },
    }
  },
} satisfies FilterPlugin<typeof config>

/** The fields of a path or group. A group leaves out what every event needs. */
function named(name: string, context: PureContext): KnownField[] {
  if (name.endsWith('.*')) {
    const fields = context.fields.all.filter((field) => field?.path.startsWith(name.slice(0, -1)) && !FIXED.has(field.path)) as KnownField[]
    if (fields.length === 0) throw new Error(`no plugin declares a field below ${name.slice(0, -2)}`)
    return fields
  }
  const { field } = context.field(name)
  if (FIXED.has(field.path)) throw new Error(`${name} cannot be removed: it says which record this is`)
  return [field]
}
