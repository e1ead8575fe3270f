/** An output that misbehaves at given rates, drawn from a seed, the payload's id and the attempt: the same in every run. */
import { jsonWriter } from '../../../core/event/json.ts'
import type { OutputPlugin } from '../../../core/plugin.ts'

const rate = { type: 'number', minimum: 0, maximum: 1, default: 0 } as const

const config = {
  type: 'object',
  properties: {
    name: { type: 'string', default: 'chaos', description: 'Where `chaosState` finds what it has seen.' },
    seed: { type: 'integer', default: 1, description: 'Decides about everything.' },
    fail_rate: { ...rate, description: 'Writes that fail with nothing taken.' },
    lost_ack_rate: { ...rate, description: 'Writes that fail although all was taken.' },
    retry_rate: { ...rate, description: 'Writes that take some events, reject some and want others again.' },
    reject_rate: { ...rate, description: 'Writes that reject some events, or all, and take the others.' },
    late_rate: { ...rate, description: 'Writes that take `late_ms` to succeed.' },
    hang_rate: { ...rate, description: 'Writes that end only when they are aborted.' },
    late_ms: { type: 'integer', minimum: 0, default: 20, description: 'How late is late.' },
    calm_after: { type: 'integer', minimum: 0, default: 6, description: 'From the attempt behind this one on every write succeeds.' },
    parallel: { type: 'integer', minimum: 1, default: 4, description: 'Writes under way at once.' },
    dedupe: { type: 'boolean', default: false, description: 'Take an event that it has already as a duplicate, as receivers that know ids do.' },
    file: { type: 'string', description: 'Append what is taken to this file as well, for tests that kill the process.' },
  },
} as const

export default {
  kind: 'output',
  summary: 'Fails, hangs, is late and refuses events at given rates; for tests.',
  config,
  parallel: ({ parallel }) => parallel,
  create: async (options, context) => {
    const { ChaosOutput } = await import('./output.ts')
    return new ChaosOutput(options, context.clock)
  },
  encoder: (_, context) => {
    const writeJson = jsonWriter(context.fields)
    return {
      format: 'ndjson/1',
      write: (event, into) => {
        writeJson(event, into)
        into.byte(10)
      },
    }
  },
} satisfies OutputPlugin<typeof config>
