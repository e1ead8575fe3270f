/** Records of one source, as they are written: the bytes of a batch to be. */
import { BATCH_RECORDS } from '../../../core/plugin.ts'
import { HEADER_BYTES, type RecordHeader } from './records.ts'

const FIRST_BYTES = 16 * 1024
/** Largest batch of more than one record. Events of Kismet are three times as long as its lines; larger batches need memory and save no time. */
export const BATCH_BYTES = 128 * 1024

export class Segment {
  data: Uint8Array
  view: DataView
  end = 0
  records = 0

  constructor(memory: Uint8Array = new Uint8Array(FIRST_BYTES)) {
    this.data = memory
    this.view = new DataView(memory.buffer)
  }

  /** Whether what Kismet sent, so many bytes, can be added. */
  fits(bytes: number): boolean {
    return this.records < BATCH_RECORDS && (this.end === 0 || this.end + HEADER_BYTES + bytes <= BATCH_BYTES)
  }

  /** Adds a record: what Kismet sent is bytes[from … to). */
  add(header: RecordHeader, bytes: Buffer, from: number, to: number): void {
    const length = HEADER_BYTES + to - from
    if (this.end + length > this.data.length) {
      const larger = new Uint8Array(Math.max(Math.min(2 * this.data.length, BATCH_BYTES), this.end + length))
      larger.set(this.data.subarray(0, this.end))
      this.data = larger
      this.view = new DataView(larger.buffer)
    }
    header.write(this.view, this.end, length)
    // `copy` makes no view in JavaScript, and is seven times as fast as a loop.
    bytes.copy(this.data, this.end + HEADER_BYTES, from, to)
    this.end += length
    this.records++
  }

  /** What was added. */
  get written(): Uint8Array {
    return this.data.subarray(0, this.end)
  }
}
