/** Test input: the numbers 0 … count-1, each a record of four bytes, in batches of a given size; `streams` of them in turn. */
import { envelope, fieldTable, type InputPlugin } from '../../core/plugin.ts'

const config = {
  type: 'object',
  additionalProperties: false,
  required: ['count'],
  properties: {
    count: { type: 'integer', minimum: 0, description: 'Numbers in each stream.' },
    batch: { type: 'integer', minimum: 1, maximum: 2048, default: 100, description: 'Records in a batch.' },
    streams: { type: 'integer', minimum: 1, default: 1, description: 'Streams, read in turn.' },
    replayable: { type: 'boolean', default: true, description: 'Can be read again after a crash.' },
    leased: { type: 'boolean', default: true, description: 'Reads into leased memory.' },
  },
} as const

export const numbers = fieldTable('numbers', {
  n: { path: 'number.n', type: 'int', description: 'The number.' },
  stream: { path: 'number.stream', type: 'text', description: 'Its stream.' },
  mark: { path: 'number.mark', type: 'text', description: 'What filters left on it.' },
  sum: { path: 'number.sum', type: 'int', description: 'A sum over a window.' },
  seen: { path: 'number.seen', type: 'int', description: 'How many came before, as far as the filter remembers.' },
})

export default {
  kind: 'input',
  summary: 'Counts, for tests.',
  config,
  fields: [numbers],
  replayable: ({ replayable }) => replayable !== false,
  create: ({ count, batch, streams, leased }, context) => ({
    async *read() {
      const names = Array.from({ length: streams }, (_, i) => `numbers-${i}`)
      const at = names.map((stream) => Number(context.position(stream)?.at ?? 0))
      while (at.some((next) => next < count)) {
        for (const [i, stream] of names.entries()) {
          if (context.signal.aborted) return
          const records = Math.min(batch, count - at[i])
          if (records === 0) continue
          const data = leased ? context.lease(records * 4) : new Uint8Array(records * 4)
          const view = new DataView(data.buffer, data.byteOffset)
          for (let k = 0; k < records; k++) view.setUint32(k * 4, at[i] + k)
          const offset = at[i] * 4
          at[i] += records
          yield { stream, data: data.subarray(0, records * 4), offset, records, next: { at: at[i] } }
        }
      }
    },
  }),
  decoder: (_, context) => {
    const base = context.fields.base(numbers)
    const encoder = new TextEncoder()
    return {
      decode(batch, records) {
        const view = new DataView(batch.data.buffer, batch.data.byteOffset)
        for (let at = 0; at < batch.data.length; at += 4) {
          const event = records.open(at, 4)
          if (!event) continue
          const n = view.getUint32(at)
          event.record(1_700_000_000 + n, 0, batch.key, batch.offset + at)
          const name = encoder.encode(batch.stream)
          event.put(base + numbers.at.n, n)
          event.put(base + numbers.at.stream, event.keep(name), name.length)
          event.put(context.fields.base(envelope) + envelope.at.dataset, event.keep(DATASET), DATASET.length)
          records.emit()
        }
      },
    }
  },
} satisfies InputPlugin<typeof config>

const DATASET = new TextEncoder().encode('test.number')
