/** Bytes that were there and could not be read before they were overwritten or deleted: an event that says so. */
import { createdId, idText } from '../../../core/event/id.ts'
import { timeText } from '../../../core/event/values.ts'
import { CAPTURE } from '../../../core/formats/capture.ts'
import { type Batch, type Decoder, type Event, fieldTable } from '../../../core/plugin.ts'
import { type Place, toPosition } from './position.ts'

export const gapFields = fieldTable('gap', {
  stream: { path: 'gap.stream', type: 'text', description: 'Name of the stream in the checkpoint.', source: 'input' },
  path: { path: 'gap.path', type: 'text', description: 'File that the bytes were in.', source: 'input' },
  fromOffset: {
    path: 'gap.from_offset',
    type: 'int',
    unit: 'bytes',
    description: 'Place in the stream behind the last record read.',
    source: 'input',
  },
  bytes: {
    path: 'gap.bytes',
    type: 'int',
    unit: 'bytes',
    description: 'Bytes of the file that are known to be lost; there may be more.',
    source: 'input',
  },
  reason: { path: 'gap.reason', type: 'text', description: 'Why it could not be read.', source: 'input' },
  from: { path: 'gap.from', type: 'time', description: 'Up to here everything was read.', source: 'input' },
  to: { path: 'gap.to', type: 'time', description: 'From here on everything is read again.', source: 'input' },
})

const GAP = CAPTURE + 1

interface Gap {
  readonly stream: string
  readonly path: string
  readonly offset: number
  readonly unread: number
  readonly reason: string
  readonly seconds: number
  readonly nanos: number
  /** For what came through a pipe: from when on it is read again, in ms since 1970. */
  readonly to_ms?: number
}

/** A batch of one record that becomes a gap event. `place` is where reading had come to. */
export function gapBatch(stream: string, place: Place, reason: string): Batch {
  const { path, offset, unread, seconds, nanos } = place
  const gap: Gap = { stream, path, offset, unread, reason, seconds, nanos }
  const data = new TextEncoder().encode(JSON.stringify(gap))
  return { stream, identity: place.identity, data, offset, records: 1, context: Uint8Array.of(GAP), next: toPosition({ ...place, unread: 0 }) }
}

/**
 * A batch that becomes a gap event for a stream that was read when the process ended, and cannot be read again: everything up to `place` was settled, what came
 * behind is lost but for what a queue had on disk by then.
 */
export function lossBatch(stream: string, place: Place, to_ms: number): Batch {
  const { path, offset, seconds, nanos } = place
  const gap: Gap = {
    stream,
    path,
    offset,
    unread: 0,
    reason: 'Wherry ended while this was coming, and it cannot be read again',
    seconds,
    nanos,
    to_ms,
  }
  const data = new TextEncoder().encode(JSON.stringify(gap))
  return { stream, identity: place.identity, data, offset, records: 1, context: Uint8Array.of(GAP), next: toPosition(place) }
}

/** Decodes both kinds of batches of this input: captures by `captures`, gaps here. */
export function withGaps(captures: Decoder, observer: string): Decoder {
  return {
    decode: (batch, records) => {
      if (batch.context[0] !== GAP) return captures.decode(batch, records)
      const event = records.open(0, batch.data.length)
      if (!event) return
      try {
        fill(event, JSON.parse(Buffer.from(batch.data).toString('utf8')), observer)
      } catch (error) {
        return records.reject(`not a gap: ${(error as Error).message}`)
      }
      records.emit()
    },
  }
}

function fill(event: Event, gap: Gap, observer: string): void {
  const { stream, path, offset, unread, reason, seconds, nanos, to_ms } = gap
  const id = createdId(seconds, nanos, 'gap', stream, String(offset), String(offset + unread))
  event.set('event.id', idText(id))
  event.set('@timestamp', timeText(seconds, nanos))
  event.set('event.kind', 'state')
  event.set('event.dataset', 'wherry.gap')
  event.set('observer.name', observer)
  event.set('gap.stream', stream)
  event.set('gap.path', path)
  event.set('gap.from_offset', offset)
  if (to_ms === undefined) event.set('gap.bytes', unread)
  else {
    event.set('gap.from', timeText(seconds, nanos))
    event.set('gap.to', timeText(Math.floor(to_ms / 1000), (to_ms % 1000) * 1_000_000))
  }
  event.set('gap.reason', reason)
}
