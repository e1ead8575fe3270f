/** Test output: what `elasticsearch` encodes, an index for each hour. It keeps nothing. */
import type { OutputPlugin } from '../../core/plugin.ts'
import { bulkEncoder } from '../../plugins/outputs/elasticsearch/encode.ts'

const config = { type: 'object', additionalProperties: false, properties: {} } as const

export default {
  kind: 'output',
  summary: 'Encodes `_bulk` bodies, for tests.',
  config,
  create: () => ({ write: async () => undefined }),
  encoder: (_, context) => bulkEncoder('test-%Y.%m.%d-%H', context),
} satisfies OutputPlugin<typeof config>
