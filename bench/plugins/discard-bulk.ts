/** Output of the bench: what `elasticsearch` encodes, into a TCP connection whose other end throws it away. */
import type { OutputPlugin } from '../../core/plugin.ts'
import { bulkEncoder } from '../../plugins/outputs/elasticsearch/encode.ts'
import discard from './discard.ts'

export default {
  ...discard,
  summary: 'Writes `_bulk` bodies to a TCP port on this machine.',
  encoder: (_, context) => bulkEncoder('wherry-%Y.%m.%d', context),
} satisfies OutputPlugin<typeof discard.config>
