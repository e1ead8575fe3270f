/** The packets of a capture with radiotap headers, as records of a classic capture with nanoseconds. */
import { readCapture } from '../cli/captures.ts'
import { envelope, frame } from '../core/event/envelope.ts'
import { Event } from '../core/event/event.ts'
import { Fields } from '../core/event/fields.ts'
import { captureDecoder } from '../core/formats/capture.ts'
import { pcapRecord } from '../core/formats/pcap-write.ts'
import { LINK_TYPE } from '../plugins/inputs/generate/write.ts'

const SILENT = { error() {}, warn() {}, info() {}, debug() {} }

export async function radiotapRecords(file: string): Promise<Uint8Array> {
  const fields = new Fields([envelope, frame])
  const event = new Event(fields)
  const decoder = captureDecoder({ event, observer: 'bench', statistics: false })
  const [time, first] = [fields.base(envelope) + envelope.at.timestamp, fields.base(frame)]
  const records: Uint8Array[] = []
  const options = { log: SILENT, signal: new AbortController().signal, max_record_bytes: 2 ** 20, statistics: false, skipped() {} }
  for await (const { stream, data, offset, context = new Uint8Array(0) } of readCapture(file, options)) {
    decoder.decode(
      { stream, data, offset, context, key: new Uint8Array(8) },
      {
        open: () => {
          event.open(data)
          return event
        },
        emit: () => {
          if (event.a[first + frame.at.link] !== LINK_TYPE || !event.present(time)) return
          const original = event.a[first + frame.at.len]
          records.push(pcapRecord(data.subarray(event.start, event.end), event.a[time], event.b[time], { nanos: true, original }))
        },
        reject() {},
      },
    )
  }
  return Buffer.concat(records)
}
