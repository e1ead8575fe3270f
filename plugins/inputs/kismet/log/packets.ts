/** Packets of a log as batches of a classic capture, so that the filter for frames sees them as those of a file. */
import { encodeContext } from '../../../../core/formats/capture.ts'
import { captureIdentity } from '../../../../core/formats/capture-identity.ts'
import { pcapHeader, pcapRecord } from '../../../../core/formats/pcap-write.ts'
import type { SqliteRow } from '../../../../core/formats/sqlite.ts'
import { BATCH_RECORDS, type Batch } from '../../../../core/plugin.ts'

const BATCH_BYTES = 256 * 1024

interface Place {
  rowid: number
  /** Bytes of records so far, and how many. */
  offset: number
  frames: number
}

export class PacketBatches {
  readonly #stream: string
  readonly #identity: string
  readonly #place: Place
  #link = -1
  #parts: Uint8Array[] = []
  #bytes = 0

  /** @param first the first packet of the log: which capture it is */
  constructor(stream: string, first: SqliteRow, place: Place) {
    this.#stream = stream
    this.#identity = captureIdentity(Buffer.concat([pcapHeader(linkOf(first)), recordOf(first)]))
    this.#place = { ...place }
  }

  /** Adds a packet; returns the batch that had to end before it. A batch has one kind of packets. */
  add(row: SqliteRow): Batch | undefined {
    const link = linkOf(row)
    const record = recordOf(row)
    const full = link !== this.#link || this.#parts.length >= BATCH_RECORDS || this.#bytes + record.length > BATCH_BYTES
    const batch = full ? this.end() : undefined
    this.#link = link
    this.#parts.push(record)
    this.#bytes += record.length
    this.#place.rowid = row.rowid
    return batch
  }

  end(): Batch | undefined {
    const records = this.#parts.length
    if (records === 0) return undefined
    const place = this.#place
    const data = Buffer.concat(this.#parts)
    const context = encodeContext({ frames: place.frames, blocks: pcapHeader(this.#link) })
    const { offset } = place
    place.offset += data.length
    place.frames += records
    this.#parts = []
    this.#bytes = 0
    return { stream: this.#stream, identity: this.#identity, data, offset, records, context, next: { ...place } }
  }
}

function linkOf({ values }: SqliteRow): number {
  return typeof values.dlt === 'number' ? values.dlt : 0
}

function recordOf({ values }: SqliteRow): Uint8Array {
  const { packet, ts_sec, ts_usec, packet_full_len } = values
  const bytes = packet instanceof Uint8Array ? packet : new Uint8Array(0)
  const number = (value: unknown) => (typeof value === 'number' && value > 0 ? Math.floor(value) : 0)
  return pcapRecord(bytes, number(ts_sec), number(ts_usec) * 1000, { original: Math.max(bytes.length, number(packet_full_len)) })
}
