/** Test output: NDJSON by the slow object path, to compare the fast one with. It keeps nothing. */
import { exactJson, toObject } from '../../core/event/object.ts'
import type { OutputPlugin } from '../../core/plugin.ts'

const config = { type: 'object', additionalProperties: false, properties: {} } as const

export default {
  kind: 'output',
  summary: 'Encodes by the object path, for tests.',
  config,
  create: () => ({ write: async () => undefined }),
  encoder: () => ({ format: 'objects/1', write: (event, into) => into.text(`${exactJson(toObject(event))}\n`) }),
} satisfies OutputPlugin<typeof config>
