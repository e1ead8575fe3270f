/** Takes events from Fluentd, Fluent Bit, other Wherries and any client of the forward protocol. */
import { envelope, type InputPlugin } from '../../../core/plugin.ts'
import { config } from './config.ts'
import { entryDecoder } from './decode.ts'
import { fluentd } from './fields.ts'

export default {
  kind: 'input',
  summary: 'Takes events from other Wherries, Fluentd, Fluent Bit and all who speak the forward protocol; acknowledges what is settled.',
  config,
  fields: [envelope, fluentd],
  replayable: false,
  carries: true,
  create: async (options, context) => {
    const { FluentdInput } = await import('./input.ts')
    return new FluentdInput(options, context)
  },
  decoder: (_options, context) => entryDecoder(context),
} satisfies InputPlugin<typeof config>
