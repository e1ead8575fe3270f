/** The worker's half: records of the backlog, and frames of a capture stream, as events. */
import { CAPTURE, captureDecoder } from '../../../core/formats/capture.ts'
import type { Decoder, PureContext, RecordSink } from '../../../core/plugin.ts'
import { Filler } from './fill.ts'
import { LineDecoder } from './legacy/decode.ts'
import { LINE_TEXTS } from './legacy/plan.ts'
import { ObjectDecoder } from './modern/decode.ts'
import { fillOwn } from './own.ts'
import { decodeSource, HEADER_BYTES, KIND, KISMET, RecordHeader, type Source } from './records.ts'

export function kismetDecoder({ event, sensor }: PureContext): Decoder {
  const captures = captureDecoder({ event, observer: sensor.name, statistics: false })
  const filler = new Filler(event, sensor.name, LINE_TEXTS)
  const lines = new LineDecoder(filler)
  const objects = new ObjectDecoder(filler)
  const header = new RecordHeader()
  let known = new Uint8Array(0)
  let source: Source | undefined

  const one = (data: Buffer, from: Source, view: DataView, at: number, length: number, records: RecordSink) => {
    if (!records.open(at, length)) return
    header.read(view, at)
    const start = at + HEADER_BYTES
    const end = at + length
    try {
      if (header.kind === KIND.line) return lines.decode(data, start, end, header, from, records)
      if (header.kind === KIND.own) fillOwn(filler, event, data.toString('utf8', start, end))
      else objects.fill(header, data.toString('utf8', start, end), from)
    } catch (error) {
      return records.reject(`not as this input writes it: ${(error as Error).name}`)
    }
    records.emit()
  }

  return {
    decode(batch, records) {
      const { context, data } = batch
      if (context[0] === CAPTURE) return captures.decode(batch, records)
      if (context[0] !== KISMET) return
      if (!source || Buffer.compare(context, known) !== 0) {
        known = Uint8Array.from(context)
        source = decodeSource(known)
      }
      const view = new DataView(data.buffer, data.byteOffset, data.length)
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.length)
      for (let at = 0; at < data.length; ) {
        const length = at + HEADER_BYTES <= data.length ? view.getUint32(at, true) : 0
        if (length < HEADER_BYTES || at + length > data.length) {
          if (records.open(at, data.length - at)) records.reject('a record is cut')
          return
        }
        one(bytes, source, view, at, length, records)
        at += length
      }
    },
  }
}
