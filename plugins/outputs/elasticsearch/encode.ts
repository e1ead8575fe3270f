/**
 * Events as the lines of a `_bulk` body: an action line with index and id, then the document.
 *
 * The action is `create` and the id that of the event, so that sending again never makes a second document of it.
 */

import { indexOf, putId, sourceOf } from '../../../core/event/ascii.ts'
import { ID_CHARS } from '../../../core/event/id.ts'
import { jsonWriter } from '../../../core/event/json.ts'
import { KIND_ID } from '../../../core/event/machine/numbers.ts'
import { memo } from '../../../core/formats/memo.ts'
import { timePattern } from '../../../core/formats/time-pattern.ts'
import { type Encoder, type Event, envelope, type PureContext } from '../../../core/plugin.ts'
import { actionUpToId } from './action.ts'

/** Bytes of an action line beside its head: id and end. Wide stores may scribble eight bytes behind. */
const REST = ID_CHARS + 4 + 8

/** Indexes whose action line is kept. */
const KEPT = 64

/** @param index pattern of the index's name, by the capture time of the event */
export function bulkEncoder(index: string, { fields }: Pick<PureContext, 'fields'>): Encoder {
  const write = jsonWriter(fields)
  const indexAt = timePattern(index)
  const time = fields.base(envelope) + envelope.at.timestamp
  const id = fields.base(envelope) + envelope.at.id
  /** The action line up to the id, in whole steps of eight bytes, and its length. */
  const headFor = memo(KEPT, (name: string) => {
    const text = new TextEncoder().encode(actionUpToId(name))
    const head = new DataView(new ArrayBuffer((text.length + 7) & ~7))
    new Uint8Array(head.buffer).set(text)
    return { head, length: text.length }
  })

  const secondsOf = (event: Event) => (event.present(time) ? event.a[time] : Number.NaN)

  return {
    format: 'elasticsearch-bulk/1',
    key: (event) => indexAt(secondsOf(event)),
    mixes: true,
    framing: {
      write,
      period: indexAt.period,
      tail: 10,
      head(event) {
        const before = actionUpToId(indexAt(secondsOf(event)))
        const text = new TextEncoder().encode(`${before}"}}\n`)
        return { text, holes: [{ field: id, kind: KIND_ID, at: Buffer.byteLength(before) }] }
      },
    },
    write(event, into) {
      if (!event.present(id)) throw new TypeError('an event without event.id cannot be sent twice as one')
      const { head, length } = headFor(indexAt(secondsOf(event)))
      into.reserve(length + REST)
      const { view } = into
      let o = into.pos
      // Doubles go through unchanged, since no UTF-8 forms a NaN.
      for (let i = 0; i < length; i += 8) view.setFloat64(o + i, head.getFloat64(i, true), true)
      const place = event.a[id]
      o = putId(view, o + length, sourceOf(event, place), indexOf(place))
      // `"}}` and the line's end, little-endian.
      view.setUint32(o, 0x0a7d7d22, true)
      into.pos = o + 4
      write(event, into)
      into.byte(10)
    },
  }
}
