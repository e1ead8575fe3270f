/** Test filter: does something terrible to the thread at a given number. */
import type { FilterPlugin } from '../../core/plugin.ts'

const config = {
  type: 'object',
  additionalProperties: false,
  required: ['at', 'how'],
  properties: {
    at: { type: 'integer', description: 'The number that does it.' },
    how: { enum: ['exit', 'loop', 'memory', 'throw', 'none'], description: 'What happens.' },
  },
} as const

export default {
  kind: 'filter',
  summary: 'Kills threads, for tests.',
  config,
  create: ({ at, how }, context) => {
    const n = context.field('number.n')
    return {
      apply: (event) => {
        if (n.number(event) !== at) return
        if (how === 'exit') process.exit(3)
        if (how === 'loop') for (;;);
        if (how === 'throw') throw new Error('as asked')
        const hoard: unknown[] = []
        while (how === 'memory') hoard.push(new Array(1000).fill(hoard.length))
      },
    }
  },
} satisfies FilterPlugin<typeof config>
