/** Test filter: throws now and then with an address of the frame in its words, and once ends its thread. */
import type { FilterPlugin } from '../../core/plugin.ts'

const config = {
  type: 'object',
  additionalProperties: false,
  properties: {
    every: { type: 'integer', minimum: 1, default: 500, description: 'Of so many frames one is thrown on.' },
    deadly: { type: 'integer', minimum: 0, default: 0, description: 'Number of the frame that ends the thread; 0: none.' },
  },
} as const

export default {
  kind: 'filter',
  summary: 'Throws what it should not say, for tests.',
  config,
  create: ({ every, deadly }, { field }) => {
    const number = field('frame.number')
    const transmitter = field('wlan.ta')
    return {
      apply: (event) => {
        const n = number.number(event)
        if (n === deadly) process.exit(3)
        if (n % every === 0) throw new TypeError(`wlan.ta ${String(transmitter.get(event))} does not fit`)
      },
    }
  },
} satisfies FilterPlugin<typeof config>
