/** Test filter that annotates: how many events came before. */
import type { FilterPlugin } from '../../core/plugin.ts'

const config = { type: 'object', additionalProperties: false, properties: {} } as const

export default {
  kind: 'filter',
  summary: 'Numbers events as it sees them, for tests.',
  config,
  state: 'annotates',
  create: (_, context) => {
    const seen = context.field('number.seen')
    let count = 0
    return { apply: (event) => seen.set(event, count++) }
  },
} satisfies FilterPlugin<typeof config>
