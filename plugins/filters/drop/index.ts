import type { FilterPlugin } from '../../../core/plugin.ts'

const config = {
  type: 'object',
  required: ['when'],
  properties: {
    when: { type: 'string', format: 'when', description: 'Which events end here, in the display-filter syntax of Wireshark.' },
  },
} as const

export default {
  kind: 'filter',
  summary: 'Drops the events that a condition matches.',
  config,
  create: ({ when }, context) => {
    const matches = context.when(when)
    return { apply: (event) => !matches(event) }
  },
} satisfies FilterPlugin<typeof config>
