/** Test output: one line for each event in the keys of tshark's truth files. It keeps nothing. */
import type { OutputPlugin } from '../../core/plugin.ts'
import { truthLine, truthOf } from '../conformance/truth.ts'

const config = { type: 'object', additionalProperties: false, properties: {} } as const

export default {
  kind: 'output',
  summary: 'Encodes in the keys of the truth files, for tests.',
  config,
  create: () => ({ write: async () => undefined }),
  encoder: (_, { fields }) => ({
    format: 'truth/1',
    write: (event, into) => into.text(`${truthLine(truthOf((path) => (fields.find(path) ? event.get(path) : undefined)))}\n`),
  }),
} satisfies OutputPlugin<typeof config>
