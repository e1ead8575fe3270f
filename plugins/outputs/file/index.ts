/** Appends events as NDJSON to files named by event time. */
import { jsonWriter } from '../../../core/event/json.ts'
import { timePattern } from '../../../core/formats/time-pattern.ts'
import type { OutputPlugin } from '../../../core/plugin.ts'
import { fixedFolder } from './folder.ts'

const config = {
  type: 'object',
  required: ['path'],
  properties: {
    path: {
      type: 'string',
      pattern: '^(?:[^%]|%[YmdjHMS%])*(?:[^%/]|%[YmdjHMS%])$',
      description:
        'File to append to; a relative path counts from the folder Wherry was started in. %Y %m %d %H %M %S %j are the UTC time of the event, %% is a percent sign.',
    },
    gzip: { type: 'boolean', default: false, description: 'Write gzip files; their names end with .gz, which is added when missing.' },
    rotate: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'When a file is closed for good and renamed with the next number (name.1, name.2 …; name.1.gz with gzip).',
      properties: {
        max_bytes: { type: 'integer', minimum: 1, description: 'Before a write that would make the file larger than this.' },
        interval_s: { type: 'integer', minimum: 1, description: 'Before the first write after the file has reached this age.' },
      },
    },
    sync_ms: {
      type: 'integer',
      minimum: 0,
      default: 1000,
      description: 'Bring what was written to the disk at most this often; only then is it settled. 0 = with each write.',
    },
  },
} as const

export default {
  kind: 'output',
  summary: 'Appends events as lines of JSON to files named by event time, plain or gzip.',
  config,
  // Writes wait for the sync that covers them; meanwhile others go on.
  parallel: 64,
  create: async ({ path, gzip, rotate, sync_ms }, context) => {
    const [{ FileOutput }, { realDisk }] = await Promise.all([import('./output.ts'), import('./disk.ts')])
    return new FileOutput({ folder: fixedFolder(path), gzip: isGzip(path, gzip), rotate, sync_ms, disk: realDisk }, context)
  },
  encoder: ({ path, gzip }, context) => {
    const time = context.field('@timestamp')
    const pathAt = timePattern(isGzip(path, gzip) && !path.endsWith('.gz') ? `${path}.gz` : path)
    const writeJson = jsonWriter(context.fields)
    return {
      // The key says which file; whether that is compressed is not in the key alone.
      format: isGzip(path, gzip) ? 'ndjson/1 gzip' : 'ndjson/1',
      key: (event) => pathAt(time.number(event)),
      framing: { write: writeJson, period: pathAt.period, tail: 10 },
      write: (event, into) => {
        writeJson(event, into)
        into.byte(10)
      },
    }
  },
} satisfies OutputPlugin<typeof config>

function isGzip(path: string, gzip: boolean): boolean {
  return gzip || path.endsWith('.gz')
}
