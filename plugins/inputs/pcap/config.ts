/** Options of the section. */
import type { Config } from '../../../core/plugin.ts'

const texts = {
  oneOf: [
    { type: 'string', minLength: 1 },
    { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 },
  ],
} as const

export const config = {
  type: 'object',
  additionalProperties: false,
  oneOf: [{ required: ['path'] }, { required: ['command'] }],
  properties: {
    path: {
      ...texts,
      description: 'Captures to read: paths with *, ?, [abc], {a,b} and ** for any folders between; a FIFO; or - for standard input.',
    },
    exclude: { ...texts, description: 'Paths to leave out, with the same wildcards.' },
    follow: { type: 'boolean', default: true, description: 'Wait for more when the end is reached, and for new files. Otherwise the input ends.' },
    start_at: {
      type: 'string',
      enum: ['beginning', 'end'],
      default: 'beginning',
      description: 'Where to begin in files that are there at the first start. Files that come later are read from their beginning.',
    },
    after: {
      type: 'string',
      enum: ['keep', 'delete', 'move'],
      default: 'keep',
      description: 'What becomes of a file once all of it is delivered and nobody will write to it again.',
    },
    move_to: { type: 'string', minLength: 1, description: 'Folder for after: move.' },
    command: {
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      description:
        'A program and its arguments that writes a capture to its standard output, started again when it ends: [tcpdump, -i, wlan0, -U, -w, -].',
    },
    statistics: { type: 'boolean', default: true, description: 'Whether interface statistics of pcapng become events too.' },
  },
  anyOf: [{ required: ['move_to'] }, { properties: { after: { enum: ['keep', 'delete'] } } }],
} as const

export type PcapConfig = Config<typeof config>
