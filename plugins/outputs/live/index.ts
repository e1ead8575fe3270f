import type { OutputPlugin } from '../../../core/plugin.ts'
import { heardEncoder } from './encode.ts'

const config = {
  type: 'object',
  additionalProperties: false,
  properties: {
    interval_ms: { type: 'integer', minimum: 100, default: 1000, description: 'Time between two lines.' },
  },
} as const

export default {
  kind: 'output',
  summary: 'Prints one readable line per second: frames, networks, clients, what was delivered.',
  config,
  create: async ({ interval_ms }, { clock }) =>
    (await import('./output.ts')).liveOutput({ interval_ms, clock, print: (line) => process.stdout.write(line) }),
  encoder: (_, context) => heardEncoder(context),
} satisfies OutputPlugin<typeof config>
