/** Test filter: ends the thread the first time it meets each multiple of a number; a file remembers, since the thread cannot. */
import { appendFileSync, readFileSync } from 'node:fs'
import type { FilterPlugin } from '../../core/plugin.ts'

const config = {
  type: 'object',
  additionalProperties: false,
  required: ['every', 'file'],
  properties: {
    every: { type: 'integer', minimum: 1, description: 'Multiples of this.' },
    file: { type: 'string', description: 'Remembers.' },
  },
} as const

export default {
  kind: 'filter',
  summary: 'Ends its thread now and then, for tests.',
  config,
  create: ({ every, file }, context) => {
    const n = context.field('number.n')
    const deaths = () => {
      try {
        return readFileSync(file, 'utf8').split('\n')
      } catch {
        return []
      }
    }
    return {
      apply: (event) => {
        const value = n.number(event)
        if (value === 0 || value % every !== 0 || deaths().includes(String(value))) return
        appendFileSync(file, `${value}\n`)
        process.exit(1)
      },
    }
  },
} satisfies FilterPlugin<typeof config>
