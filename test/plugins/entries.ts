/** Test output: what `fluentd` encodes. It keeps nothing. */
import type { OutputPlugin } from '../../core/plugin.ts'
import { entryEncoder } from '../../plugins/outputs/fluentd/encode.ts'

const config = { type: 'object', additionalProperties: false, properties: {} } as const

export default {
  kind: 'output',
  summary: 'Encodes entries of the forward protocol, for tests.',
  config,
  create: () => ({ write: async () => undefined }),
  encoder: (_, context) => entryEncoder({ tag: 'wifi', time: 'metadata' }, context),
} satisfies OutputPlugin<typeof config>
