/** Test output: for each event its `frame.number` and the places of the conditions that hold. It keeps nothing. */
import type { OutputPlugin } from '../../core/plugin.ts'

const config = {
  type: 'object',
  additionalProperties: false,
  required: ['conditions'],
  properties: { conditions: { type: 'array', items: { type: 'string' }, description: 'Conditions, which have been checked.' } },
} as const

export default {
  kind: 'output',
  summary: 'Says which conditions hold, for tests.',
  config,
  create: () => ({ write: async () => undefined }),
  encoder: ({ conditions }, { when, field }) => {
    const tests = conditions.map(when)
    const number = field('frame.number')
    return {
      format: 'conditions/1',
      write: (event, into) => into.text(`${number.number(event)} ${tests.flatMap((holds, i) => (holds(event) ? [i] : [])).join()}\n`),
    }
  },
} satisfies OutputPlugin<typeof config>
