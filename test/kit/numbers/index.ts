/** An input of numbered records, for tests of delivery: event n has `frame.number` n, from 1. */
import { BATCH_RECORDS, type InputPlugin } from '../../../core/plugin.ts'

const config = {
  type: 'object',
  required: ['count'],
  properties: {
    count: { type: 'integer', minimum: 0, description: 'Number of the last record.' },
    per_batch: { type: 'integer', minimum: 1, maximum: BATCH_RECORDS, default: 100, description: 'Records in a batch.' },
    bad_every: { type: 'integer', minimum: 0, default: 0, description: 'Every so many records is one that the decoder rejects; 0 = none.' },
  },
} as const

/** A record is its number, whether it is bad, and zeros. */
const RECORD_BYTES = 16
const FIRST_SECOND = 1_700_000_000

export default {
  kind: 'input',
  summary: 'Reads records that are numbered from 1; for tests.',
  config,
  replayable: true,
  create: ({ count, per_batch, bad_every }, context) => ({
    read: async function* () {
      const stream = context.name
      let last = Number(context.position(stream)?.last ?? 0)
      while (last < count && !context.signal.aborted) {
        const lease = context.lease(per_batch * RECORD_BYTES)
        const view = new DataView(lease.buffer, lease.byteOffset, lease.byteLength)
        const offset = last * RECORD_BYTES
        const records = Math.min(count - last, Math.floor(lease.length / RECORD_BYTES))
        const data = lease.subarray(0, records * RECORD_BYTES).fill(0)
        for (let at = 0; at < data.length; at += RECORD_BYTES) {
          view.setUint32(at, ++last)
          view.setUint8(at + 4, bad_every > 0 && last % bad_every === 0 ? 1 : 0)
        }
        yield { stream, data, offset, records, next: { last } }
      }
    },
  }),
  decoder: (_, context) => {
    const number = context.field('frame.number')
    return {
      decode: ({ data, key, offset }, records) => {
        const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
        for (let at = 0; at + RECORD_BYTES <= data.length; at += RECORD_BYTES) {
          const event = records.open(at, RECORD_BYTES)
          if (!event) continue
          if (view.getUint8(at + 4) !== 0) {
            records.reject('made bad')
            continue
          }
          const n = view.getUint32(at)
          event.record(FIRST_SECOND + n, 0, key, offset + at)
          number.set(event, n)
          records.emit()
        }
      },
    }
  },
} satisfies InputPlugin<typeof config>
