/** Test output: appends NDJSON to a file with one write for each payload; fails while `FILE.down` is there. */
import { appendFileSync, existsSync } from 'node:fs'
import { jsonWriter } from '../../core/event/json.ts'
import type { OutputPlugin } from '../../core/plugin.ts'

const config = {
  type: 'object',
  additionalProperties: false,
  required: ['file'],
  properties: {
    file: { type: 'string', description: 'Where lines go.' },
    slow_ms: { type: 'integer', minimum: 0, default: 0, description: 'Time that each payload takes.' },
  },
} as const

export default {
  kind: 'output',
  summary: 'Writes lines, for tests.',
  config,
  create: ({ file, slow_ms = 0 }, { clock }) => ({
    async write({ body }, { signal }) {
      if (slow_ms > 0) await clock.sleep(slow_ms, signal)
      if (existsSync(`${file}.down`)) throw new Error('down')
      appendFileSync(file, body)
    },
  }),
  encoder: (_, context) => {
    const write = jsonWriter(context.fields)
    return {
      format: 'switched/1',
      write(event, into) {
        write(event, into)
        into.byte(10)
      },
    }
  },
} satisfies OutputPlugin<typeof config>
