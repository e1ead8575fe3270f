/**
 * A Kismet log (`*.kismet`, an SQLite database) as a finite backfill: devices and alerts as the records that a running Kismet gives, packets as a capture.
 *
 * Rows are read in the order of their rowids. What Kismet replaces gets a new one, so going on behind the last one read finds what has changed since.
 */
import { captureIdentity } from '../../../../core/formats/capture-identity.ts'
import { PCAP_HEADER_BYTES } from '../../../../core/formats/pcap.ts'
import { SqliteReader, type SqliteRow } from '../../../../core/formats/sqlite.ts'
import type { Batch, Input, InputContext, Position } from '../../../../core/plugin.ts'
import { encodeSource, KIND, RecordHeader, type Source } from '../records.ts'
import { Segment } from '../segment.ts'
import { OpenLog } from './open.ts'
import { PacketBatches } from './packets.ts'

export interface LogOptions {
  readonly path: string
  /** Whether devices and alerts are read. */
  readonly records: boolean
  readonly packets: boolean
}

/** Tables with a JSON record in each row. */
const TABLES = [
  { table: 'devices', column: 'device', time: 'last_time', kind: KIND.device },
  { table: 'alerts', column: 'json', time: 'ts_sec', kind: KIND.alert },
] as const

export class LogInput implements Input {
  readonly #options: LogOptions
  readonly #context: InputContext

  constructor(options: LogOptions, context: InputContext) {
    this.#options = options
    this.#context = context
  }

  async *read(): AsyncGenerator<Batch, void, void> {
    const { once, log } = this.#context
    try {
      yield* this.#batches()
    } catch (error) {
      // A log that is still being written is tried again later; with `once` there is no later.
      if (!once) throw error
      log.error((error as Error).message)
    }
  }

  *#batches(): Generator<Batch> {
    const { path, records, packets } = this.#options
    let file: OpenLog | undefined
    try {
      const open = new OpenLog(path)
      file = open
      const reader = new SqliteReader((offset, length) => open.read(offset, length))
      const { start, id } = identify(reader)
      const parts = [...(records ? [this.#records(reader, start, id)] : []), ...(packets ? [this.#packets(reader, id)] : [])]
      for (const part of parts) {
        for (const batch of part) {
          open.check()
          yield batch
        }
      }
    } catch (error) {
      throw new Error(`${path}: ${(error as Error).message}`, { cause: error })
    } finally {
      file?.close()
    }
  }

  *#records(reader: SqliteReader, start: number, id: string): Generator<Batch> {
    const source: Source = { address: this.#options.path, generation: 'modern', start, sentences: {} }
    const context = encodeSource(source)
    const header = new RecordHeader()
    for (const { table, column, time, kind } of TABLES) {
      const stream = `${table} ${id}`
      let { rowid, offset } = this.#place(stream)
      let segment = new Segment()
      const batch = (): Batch => {
        const data = segment.written
        const made = { stream, data, offset, records: segment.records, context, next: { rowid, offset: offset + data.length } }
        offset += data.length
        segment = new Segment()
        return made
      }
      for (const row of this.#rows(reader, table, stream, rowid)) {
        const sent = bytesOf(row.values[column])
        if (!sent) this.#context.skipped(stream, offset, 0, `row ${row.rowid} of ${table} has no record`)
        else {
          if (!segment.fits(sent.length)) yield batch()
          header.kind = kind
          header.at = numberOf(row.values[time])
          segment.add(header, sent, 0, sent.length)
        }
        rowid = row.rowid
        if (this.#context.signal.aborted) break
      }
      if (segment.records > 0) yield batch()
    }
  }

  *#packets(reader: SqliteReader, id: string): Generator<Batch> {
    const stream = `packets ${id}`
    // Behind the header that a capture file of these packets has.
    const { rowid, offset, frames } = this.#place(stream, PCAP_HEADER_BYTES)
    const table = reader.tables().get('packets')
    const [first] = table ? reader.rows(table, this.#context.max_record_bytes) : []
    if (!first) return
    const batches = new PacketBatches(stream, first, { rowid, offset, frames })
    for (const row of this.#rows(reader, 'packets', stream, rowid)) {
      const full = batches.add(row)
      if (full) yield full
      if (this.#context.signal.aborted) break
    }
    const last = batches.end()
    if (last) yield last
  }

  *#rows(reader: SqliteReader, table: string, stream: string, after: number): Iterable<SqliteRow> {
    const found = reader.tables().get(table)
    if (!found) return
    const { max_record_bytes, skipped } = this.#context
    yield* reader.rows(found, max_record_bytes, after, (rowid, bytes) =>
      skipped(stream, 0, bytes, `row ${rowid} of ${table} is longer than max_record_bytes`),
    )
  }

  #place(stream: string, first = 0): { rowid: number; offset: number; frames: number } {
    const position: Position = this.#context.position(stream) ?? {}
    const of = (name: string, none: number) => (Number.isSafeInteger(position[name]) ? (position[name] as number) : none)
    return { rowid: of('rowid', Number.NEGATIVE_INFINITY), offset: of('offset', first), frames: of('frames', 0) }
  }
}

/** Which run of which Kismet it is, by what is in it: a copy is the same log. */
function identify(reader: SqliteReader): { start: number; id: string } {
  const tables = reader.tables()
  if (!tables.has('kismet') || !tables.has('devices')) throw new Error('an SQLite database, but not the log of a Kismet')
  const rows = function* (name: string): Iterable<SqliteRow> {
    const table = tables.get(name)
    if (table) yield* reader.rows(table, 1 << 20)
  }
  let start = 0
  for (const { values } of rows('snapshots')) {
    if (values.snaptype !== 'SYSTEM') continue
    const text = bytesOf(values.json)?.toString('utf8') ?? ''
    start = Number(/"kismet[._]system[._]timestamp[._]start_sec"\s*:\s*(\d{1,12})\b/.exec(text)?.[1] ?? 0)
    break
  }
  let server = ''
  for (const { values } of rows('devices')) {
    // The first half of each key is the server's.
    server = String(values.devkey ?? '').split('_')[0]
    if (start === 0) start = numberOf(values.first_time)
    break
  }
  return { start, id: captureIdentity(Buffer.from(`${server} ${start}`)) }
}

function bytesOf(value: SqliteRow['values'][string] | undefined): Buffer | undefined {
  if (typeof value === 'string') return Buffer.from(value)
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length) : undefined
}

function numberOf(value: SqliteRow['values'][string] | undefined): number {
  return typeof value === 'number' && value > 0 ? Math.floor(value) : 0
}
