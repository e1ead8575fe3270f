/** Test filter: leaves a mark. */
import type { FilterPlugin } from '../../core/plugin.ts'

const config = {
  type: 'object',
  additionalProperties: false,
  required: ['text'],
  properties: { text: { type: 'string', description: 'The mark.' } },
} as const

export default {
  kind: 'filter',
  summary: 'Marks events, for tests.',
  config,
  create: ({ text }) => ({ apply: (event) => event.set('number.mark', text) }),
} satisfies FilterPlugin<typeof config>
