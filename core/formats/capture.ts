/**
 * Captures as events: turns a batch of pcap or pcapng records into events with the envelope and the frame table filled.
 *
 * A batch is what `CaptureCutter` cut, with `encodeContext` of the cutter's state before it; a whole capture with an empty context
 * is one as well. Knows nothing of files.
 */
import type { Event } from '../event/event.ts'
import type { Decoder, DecoderBatch, RecordSink, RecordWalk } from '../plugin.ts'
import { u32 } from './bytes.ts'
import { BlockReader } from './capture-blocks.ts'
import { decodeContext } from './capture-context.ts'
import { EventFiller } from './capture-event.ts'
import { emptyRecord, PCAP_HEADER_BYTES, type PcapHeader, readPcapHeader } from './pcap.ts'

export { CAPTURE, type CaptureState, decodeContext, encodeContext } from './capture-context.ts'
export { captureStatistics } from './capture-fields.ts'
export { CaptureCutter, type CutOptions, type Stop } from './cut.ts'

/** Bytes of a record's header but for the modified form. */
const PLAIN_HEADER = 16

export interface CaptureDecoderOptions {
  /** The pipeline's; its fields hold `captureStatistics` unless `statistics` is false. */
  readonly event: Event
  /** `observer.name` of every event; the sensor's name. */
  readonly observer: string
  /** Whether interface statistics of pcapng become events; as for the cutter. Default true. */
  readonly statistics?: boolean
}

/** A decoder of capture batches. Events have an id, a time (but for pcapng's simple packets, which have none) and `start`, `end` of the packet. */
export function captureDecoder({ event, observer, statistics = true }: CaptureDecoderOptions): Decoder {
  const filler = new EventFiller(event, observer)
  const blocks = new BlockReader(filler, event.fields, statistics)
  return {
    decode(batch, records) {
      const { frames, blocks: before } = decodeContext(batch.context)
      const state = before.length > 0 ? before : batch.data
      const header = readPcapHeader(state, 0, state.length)
      if (!header) blocks.decode(batch, before, frames, records)
      else decodeRecords(batch, before.length > 0 ? 0 : PCAP_HEADER_BYTES, header, frames, filler, records)
    },
  }
}

function decodeRecords(batch: DecoderBatch, from: number, first: PcapHeader, frames: number, filler: EventFiller, records: RecordSink): void {
  const { data } = batch
  let header = first
  let source = filler.source(header.linkType)
  const fill = (event: Event, at: number, number: number) => {
    const { bigEndian, unit, recordHeader } = header
    let seconds = u32(data, at, bigEndian)
    let nanos = u32(data, at + 4, bigEndian) * unit
    if (nanos >= 1e9) {
      // Some writers let the fraction run over.
      seconds += Math.floor(nanos / 1e9)
      nanos %= 1e9
    }
    event.record(seconds, nanos, batch.key, batch.offset + at)
    filler.fill(event, source, number, at + recordHeader, u32(data, at + 8, bigEndian), u32(data, at + 12, bigEndian))
  }
  const walk: RecordWalk = {
    at: from,
    frames,
    unit: header.unit,
    link: header.linkType,
    begin: (event) => fill(event, walk.at, walk.frames + 1),
  }
  const isPlain = !header.bigEndian && header.recordHeader === PLAIN_HEADER
  while (walk.at + header.recordHeader <= data.length) {
    if (isPlain && header === first) records.ahead?.(walk)
    const { at } = walk
    if (at + header.recordHeader > data.length) return
    const captured = u32(data, at + 8, header.bigEndian)
    const end = at + header.recordHeader + captured
    if (end > data.length) return
    if (captured === 0 && emptyRecord(data, at, data.length) === 'header') {
      const next = readPcapHeader(data, at, data.length)
      if (!next) return
      header = next
      source = filler.source(header.linkType)
      walk.at += PCAP_HEADER_BYTES
      continue
    }
    walk.frames++
    const event = records.open(at, end - at)
    if (event) {
      fill(event, at, walk.frames)
      records.emit()
    }
    walk.at = end
  }
}
