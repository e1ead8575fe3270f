import type { FilterPlugin } from '../../../core/plugin.ts'

const config = {
  type: 'object',
  required: ['when'],
  properties: {
    when: { type: 'string', format: 'when', description: 'Which events go on, in the display-filter syntax of Wireshark.' },
  },
} as const

export default {
  kind: 'filter',
  summary: 'Keeps the events that a condition matches and drops all others.',
  config,
  create: ({ when }, context) => ({ apply: context.when(when) }),
} satisfies FilterPlugin<typeof config>
