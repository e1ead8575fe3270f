/** The worker's half: entries as events. */
import type { Event } from '../../../core/event/event.ts'
import { ID_BYTES, putRecordId } from '../../../core/event/id.ts'
import { PackedError } from '../../../core/formats/msgpack.ts'
import { arrayAt, mapAt, skipPacked } from '../../../core/formats/msgpack-skip.ts'
import { type Decoder, envelope, type PureContext } from '../../../core/plugin.ts'
import { fluentd } from './fields.ts'
import { RecordFiller } from './fill.ts'
import { numberAt } from './numbers.ts'
import { decodeTags, ENTRY, HEADER_BYTES, REFUSED, reasonOf } from './records.ts'
import { jsonText } from './text.ts'

/** End of the year 9999, behind which times have no text. */
const MOST_SECONDS = 253_402_300_799
const utf8 = new TextEncoder()

export function entryDecoder({ event, fields, sensor, field }: PureContext): Decoder {
  const filler = new RecordFiller(fields)
  const first = fields.base(envelope)
  const base = fields.base(fluentd)
  const record = field('fluentd.record')
  const [kind, dataset, observer] = ['event', 'fluentd.record', sensor.name].map((text) => {
    const bytes = utf8.encode(text)
    return { place: event.constant(bytes), length: bytes.length }
  })
  let known = new Uint8Array(0)
  let tags: readonly Uint8Array[] = []

  /** Puts a text that the record did not bring. */
  const text = (into: Event, number: number, { place, length }: { place: number; length: number }) => {
    if (!into.present(number)) into.put(number, place, length)
  }

  /** @throws Error with the reason when the entry cannot become an event */
  const fill = (into: Event, data: Uint8Array, view: DataView, header: number, length: number) => {
    const entry = readEntry(data, view, header + HEADER_BYTES, header + length)
    const rest = filler.fill(into, entry.record)
    const timestamp = first + envelope.at.timestamp
    if (!into.present(timestamp)) into.put(timestamp, entry.seconds, entry.nanos)
    if (!into.present(first + envelope.at.id)) {
      const at = into.room(ID_BYTES)
      const key = data.subarray(header + 8, header + 16)
      putRecordId(into.arena, at, into.a[timestamp], into.b[timestamp], key, view.getUint32(header + 16, true))
      into.put(first + envelope.at.id, -at - 1, ID_BYTES)
    }
    text(into, first + envelope.at.kind, kind)
    text(into, first + envelope.at.dataset, dataset)
    text(into, first + envelope.at.observer, observer)
    const tag = tags[view.getUint16(header + 6, true)]
    if (tag && !into.present(base + fluentd.at.tag)) into.put(base + fluentd.at.tag, into.keep(tag), tag.length)
    if (entry.metadata >= 0 && !into.present(base + fluentd.at.metadata)) {
      const end = skipPacked(data, entry.metadata)
      into.set('fluentd.metadata', jsonText(Buffer.from(data.subarray(entry.metadata, end)), 0))
    }
    if (rest === '') return
    // From another relay, which did not know something either.
    const before = record.get(into)
    record.set(into, before === undefined ? `{${rest}}` : `{${rest},"fluentd":{"record":${JSON.stringify(before)}}}`)
  }

  return {
    decode({ data, context }, records) {
      if (Buffer.compare(context, known) !== 0) {
        known = Uint8Array.from(context)
        tags = decodeTags(known).map((tag) => utf8.encode(tag))
      }
      const view = new DataView(data.buffer, data.byteOffset, data.length)
      for (let at = 0; at < data.length; ) {
        const length = at + HEADER_BYTES <= data.length ? view.getUint32(at, true) : 0
        if (length < HEADER_BYTES || at + length > data.length) {
          if (records.open(at, data.length - at)) records.reject('a record is cut')
          return
        }
        const into = records.open(at, length)
        if (into) {
          try {
            if (view.getUint16(at + 4, true) === REFUSED) throw new Error(reasonOf(Buffer.from(data.subarray(at + HEADER_BYTES, at + length)), 0))
            if (view.getUint16(at + 4, true) !== ENTRY) throw new Error('a record of no kind')
            fill(into, data, view, at, length)
            records.emit()
          } catch (error) {
            records.reject((error as Error).message)
          }
        }
        at += length
      }
    },
  }
}

interface Entry {
  readonly seconds: number
  readonly nanos: number
  /** Place of the record's map. */
  readonly record: number
  /** Place of the map of metadata, when there is one that is not empty; else -1. */
  readonly metadata: number
}

/** @throws Error when it is no entry */
function readEntry(data: Uint8Array, view: DataView, at: number, end: number): Entry {
  const entry = arrayAt(data, at)
  if (!entry || entry.items < 2 || entry.items > 3) throw new PackedError('an entry is an array of a time and a record')
  const pair = arrayAt(data, entry.at)
  if (pair && pair.items !== 2) throw new PackedError('the head of an entry is an array of a time and its metadata')
  const time = readTime(view, pair?.at ?? entry.at)
  const record = skipPacked(data, entry.at, end)
  const after = skipPacked(data, record, end)
  if (record < 0 || after < 0 || !mapAt(data, record)) throw new PackedError('the record of an entry is no map')
  if (entry.items === 3 && skipPacked(data, after, end) < 0) throw new PackedError('an entry is cut')
  const metadata = pair ? skipPacked(data, pair.at, end) : entry.items === 3 ? after : -1
  const isMeant = metadata >= 0 && (mapAt(data, metadata)?.items ?? 0) > 0
  return { ...time, record, metadata: isMeant ? metadata : -1 }
}

/** EventTime in either form, or whole seconds. @throws Error for any other, floats among them */
function readTime(view: DataView, at: number): { seconds: number; nanos: number } {
  const head = view.getUint8(at)
  const body = head === 0xd7 ? at + 2 : head === 0xc7 && view.getUint8(at + 1) === 8 ? at + 3 : -1
  if (body >= 0) {
    if (view.getInt8(body - 1) !== 0) throw new PackedError('the time of an entry is an extension that is no EventTime')
    // Nanoseconds beyond a second are somebody's mistake; the time is kept.
    const nanos = view.getUint32(body + 4)
    return { seconds: view.getUint32(body) + Math.floor(nanos / 1e9), nanos: nanos % 1e9 }
  }
  if (head === 0xca || head === 0xcb) throw new PackedError('the time of an entry is a float, which the protocol does not have')
  const seconds = numberAt(view, at)
  if (Number.isNaN(seconds)) throw new PackedError('the time of an entry is neither an EventTime nor an integer')
  if (seconds > MOST_SECONDS) throw new PackedError(`the time of an entry is ${seconds}, beyond the year 9999: are these milliseconds?`)
  if (seconds < -62_135_596_800) throw new PackedError(`the time of an entry is ${seconds}, before the year 1`)
  return { seconds, nanos: 0 }
}
