/** Test filter: drops even numbers. */
import type { FilterPlugin } from '../../core/plugin.ts'

const config = { type: 'object', additionalProperties: false, properties: {} } as const

export default {
  kind: 'filter',
  summary: 'Keeps odd numbers, for tests.',
  config,
  create: () => ({ apply: (event) => Number(event.get('number.n')) % 2 === 1 }),
} satisfies FilterPlugin<typeof config>
