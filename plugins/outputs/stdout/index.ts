/** Writes events as NDJSON to standard output. */
import { jsonWriter } from '../../../core/event/json.ts'
import type { OutputPlugin } from '../../../core/plugin.ts'

const config = { type: 'object', properties: {} } as const

export default {
  kind: 'output',
  summary: 'Writes events as lines of JSON to standard output.',
  config,
  create: async () => {
    const { StreamOutput } = await import('./output.ts')
    return new StreamOutput(process.stdout)
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
