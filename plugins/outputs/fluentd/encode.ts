/** Events as entries of the forward protocol, `[time, record]`; joined they are the body of every carrier mode. */

import { KIND_EVENT_TIME, KIND_INT } from '../../../core/event/machine/numbers.ts'
import { msgpackWriter } from '../../../core/event/msgpack.ts'
import { packEventTime, packInt } from '../../../core/event/pack.ts'
import { type Encoder, envelope, type Framing, type PureContext } from '../../../core/plugin.ts'
import { tagTemplate } from './tag.ts'

/** `event time`: nanoseconds. `metadata`: the same with an empty map of metadata. `integer`: seconds, for receivers of before 2016. */
export type TimeForm = 'event time' | 'metadata' | 'integer'

/** Bytes before the record at most, scribbling included. */
const HEAD = 32
/** Seconds are unsigned, up to 2106. */
const MOST_SECONDS = 0xffffffff

export interface EntryOptions {
  readonly tag: string
  readonly time: TimeForm
}

const ENTRY = 0x92
const NO_METADATA = 0x80

export function entryEncoder({ tag, time: form }: EntryOptions, context: Pick<PureContext, 'fields' | 'field'>): Encoder {
  const write = msgpackWriter(context.fields)
  const time = context.fields.base(envelope) + envelope.at.timestamp
  const key = tagTemplate(tag, context)
  const text = Uint8Array.from(form === 'metadata' ? [ENTRY, ENTRY, NO_METADATA] : [ENTRY])
  const holes = [{ field: time, kind: form === 'integer' ? KIND_INT : KIND_EVENT_TIME, at: form === 'metadata' ? 2 : 1 }]
  const framing: Framing = { write, head: () => ({ text, holes }) }
  return {
    format: `fluentd-entries/1 ${form}`,
    key,
    ...(key.steady ? { framing } : {}),
    write(event, into) {
      into.reserve(HEAD)
      const { buf, view } = into
      // A time that has no place in the protocol is 0: the record has it in `@timestamp`.
      const known = event.present(time) && event.a[time] >= 0 && event.a[time] <= MOST_SECONDS
      const seconds = known ? event.a[time] : 0
      let o = into.pos
      buf[o++] = ENTRY
      if (form === 'integer') o = packInt(buf, view, o, seconds)
      else {
        if (form === 'metadata') buf[o++] = ENTRY
        o = packEventTime(buf, view, o, seconds, known ? event.b[time] : 0)
        if (form === 'metadata') buf[o++] = NO_METADATA
      }
      into.pos = o
      write(event, into)
    },
  }
}
