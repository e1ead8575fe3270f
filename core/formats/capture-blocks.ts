/** Reads the blocks of a pcapng batch into events. */
import { envelope, frame } from '../event/envelope.ts'
import type { Event } from '../event/event.ts'
import type { Fields } from '../event/fields.ts'
import type { DecoderBatch, RecordSink } from '../plugin.ts'
import { copyOf, u16, u32 } from './bytes.ts'
import type { EventFiller, PacketSource } from './capture-event.ts'
import { captureStatistics } from './capture-fields.ts'
import { CUSTOM_BYTES, gpsReader } from './kismet-gps.ts'
import {
  ENHANCED_PACKET,
  eachOption,
  INTERFACE_DESCRIPTION,
  INTERFACE_STATISTICS,
  type Interface,
  isNumberedBlock,
  OPT_COMMENT,
  PACKET,
  possibleLength,
  readInterface,
  readSection,
  readTime,
  SECTION_HEADER,
  type Section,
  SIMPLE_PACKET,
  sectionOrder,
  type Time,
  u64Halves,
  utf8,
} from './pcapng.ts'

type SourcedInterface = Interface & { readonly source: PacketSource }

/** The section that is being read. */
interface SourcedSection extends Section {
  readonly interfaces: readonly SourcedInterface[]
}

const NO_SECTION: SourcedSection = { bigEndian: false, interfaces: [] }
const NO_BYTES = new Uint8Array(0)

/** Option codes of an interface statistics block, with the keys of the counts. */
const COUNTS = new Map<number, keyof (typeof captureStatistics)['at']>([
  [4, 'received'],
  [5, 'dropped'],
  [6, 'filterAccepted'],
  [7, 'osDropped'],
  [8, 'delivered'],
])
const TIMES = new Map<number, 'start' | 'end'>([
  [2, 'start'],
  [3, 'end'],
])

export class BlockReader {
  readonly #filler: EventFiller
  /** First number of the statistics table, or -1 when statistics are not wanted. */
  readonly #statistics: number
  readonly #timestamp: number
  readonly #comment: number
  readonly #gps: ReturnType<typeof gpsReader>
  readonly #time: Time = { seconds: 0, nanos: 0 }
  #knownBlocks: Uint8Array = NO_BYTES
  #known = NO_SECTION

  constructor(filler: EventFiller, fields: Fields, withStatistics: boolean) {
    this.#filler = filler
    this.#statistics = withStatistics ? fields.base(captureStatistics) : -1
    this.#timestamp = fields.base(envelope) + envelope.at.timestamp
    this.#comment = fields.base(frame) + frame.at.comment
    this.#gps = gpsReader(fields)
  }

  decode(batch: DecoderBatch, before: Uint8Array, frames: number, records: RecordSink): void {
    const { data } = batch
    let section = this.#sectionOf(before)
    let at = 0
    while (at + 12 <= data.length) {
      const type = u32(data, at, section.bigEndian)
      if (type === SECTION_HEADER) section = { bigEndian: sectionOrder(data, at) ?? false, interfaces: [] }
      const length = u32(data, at + 4, section.bigEndian)
      if (!possibleLength(length) || at + length > data.length) return
      if (isNumberedBlock(type)) frames++
      switch (type) {
        case ENHANCED_PACKET:
        case PACKET:
        case SIMPLE_PACKET:
          this.#packet(batch, at, length, type, section, frames, records)
          break
        case INTERFACE_DESCRIPTION:
          section = this.#withInterface(section, data, at, length)
          break
        case INTERFACE_STATISTICS:
          if (this.#statistics >= 0) this.#statisticsOf(batch, at, length, section, records)
      }
      at += length
    }
  }

  /** The section described by the blocks of a context; mostly that of the batch before. */
  #sectionOf(blocks: Uint8Array): SourcedSection {
    if (Buffer.compare(blocks, this.#knownBlocks) !== 0) {
      const { bigEndian, interfaces } = readSection(blocks)
      this.#known = { bigEndian, interfaces: interfaces.map((described, id) => this.#sourced(described, id)) }
      this.#knownBlocks = copyOf(blocks, 0, blocks.length)
    }
    return this.#known
  }

  #withInterface(section: SourcedSection, bytes: Uint8Array, at: number, length: number): SourcedSection {
    if (length < 20) return section
    const described = readInterface(bytes, at, length, section.bigEndian)
    return { bigEndian: section.bigEndian, interfaces: [...section.interfaces, this.#sourced(described, section.interfaces.length)] }
  }

  #sourced(described: Interface, id: number): SourcedInterface {
    return { ...described, source: this.#filler.source(described.linkType, id, described.name) }
  }

  #packet(batch: DecoderBatch, at: number, length: number, type: number, section: SourcedSection, number: number, records: RecordSink): void {
    const event = records.open(at, length)
    if (!event) return
    const { data } = batch
    const { bigEndian } = section
    const simple = type === SIMPLE_PACKET
    if (length < (simple ? 16 : 32)) return records.reject(`a packet block of ${length} bytes is too short`)
    const id = simple ? 0 : type === PACKET ? u16(data, at + 8, bigEndian) : u32(data, at + 8, bigEndian)
    const from = section.interfaces[id]
    if (!from) return records.reject(`the packet is of interface ${id}, which the section does not describe`)
    const original = u32(data, simple ? at + 8 : at + 24, bigEndian)
    const room = length - (simple ? 16 : 32)
    // A simple packet is cut to the interface's limit, and has no length of its own but the block's.
    const captured = simple ? Math.min(original, from.snaplen || original, room) : u32(data, at + 20, bigEndian)
    if (captured > room) return records.reject(`captured length ${captured} is more than its block of ${length} bytes holds`)
    const start = at + (simple ? 12 : 28)
    const good = simple ? this.#noTime(event, batch, at) : this.#timed(event, batch, at, from, bigEndian)
    this.#filler.fill(event, from.source, number, start, captured, original)
    const padded = (captured + 3) & ~3
    if (!simple && padded + 4 <= room) this.#options(event, data, start + padded, at + length - 4, bigEndian)
    if (!good) event.damage('timestamp', 'the capture time lies before 1970 or behind the year 9999')
    records.emit()
  }

  #timed(event: Event, batch: DecoderBatch, at: number, from: Interface, bigEndian: boolean): boolean {
    const time = this.#time
    const good = readTime(u32(batch.data, at + 12, bigEndian), u32(batch.data, at + 16, bigEndian), from, time)
    event.record(time.seconds, time.nanos, batch.key, batch.offset + at)
    return good
  }

  /** The record has an id all the same; `@timestamp` is absent. */
  #noTime(event: Event, batch: DecoderBatch, at: number): boolean {
    event.record(0, 0, batch.key, batch.offset + at)
    event.has[this.#timestamp >>> 5] &= ~(1 << (this.#timestamp & 31))
    return true
  }

  #options(event: Event, data: Uint8Array, at: number, end: number, bigEndian: boolean): void {
    const texts: Uint8Array[] = []
    eachOption(data, at, end, bigEndian, (code, place, length) => {
      if (code === OPT_COMMENT) texts.push(utf8(data, place, length))
      else if (code === CUSTOM_BYTES) this.#gps?.(event, data, place, length, bigEndian)
    })
    if (texts.length === 0) return
    const first = event.listEnd
    for (const text of texts) {
      event.push(event.keep(text))
      event.push(text.length)
    }
    event.put(this.#comment, first, texts.length)
  }

  #statisticsOf(batch: DecoderBatch, at: number, length: number, section: SourcedSection, records: RecordSink): void {
    const event = records.open(at, length)
    if (!event) return
    const { data } = batch
    const { bigEndian } = section
    const from = length >= 24 ? section.interfaces[u32(data, at + 8, bigEndian)] : undefined
    if (!from) return records.reject('interface statistics of no known interface')
    const good = this.#timed(event, batch, at, from, bigEndian)
    event.set('event.kind', 'metric')
    event.set('event.dataset', 'pcap.statistics')
    this.#filler.fillInterface(event, from.source)
    eachOption(data, at + 20, at + length - 4, bigEndian, (code, place, size) => {
      if (size < 8) return
      const [high, low] = u64Halves(data, place, bigEndian)
      const count = COUNTS.get(code)
      // Beyond 2^53 a count is nonsense.
      if (count && high < 0x200000) event.put(this.#statistics + captureStatistics.at[count], high * 4294967296 + low)
      // Times are written high half first, as in packet blocks.
      const moment = TIMES.get(code)
      if (moment && readTime(u32(data, place, bigEndian), u32(data, place + 4, bigEndian), from, this.#time))
        event.put(this.#statistics + captureStatistics.at[moment], this.#time.seconds, this.#time.nanos)
    })
    if (!good) event.damage('timestamp', 'the time of the statistics lies before 1970 or behind the year 9999')
    records.emit()
  }
}
