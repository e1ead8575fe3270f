/** Memory for one batch on its way through a worker: the record bytes going in, bodies and indexes coming out. Shared, so that nothing is copied between threads. */
import { LEASE_BYTES } from '../plugin.ts'
import { INDEX_WIDTH, type Part } from '../route/result.ts'

/** Numbers in `progress`: record, its place and its length; see RunRequest. */
const PROGRESS = 3

export class Slot {
  data: Uint8Array
  readonly progress: Int32Array
  /** Memory of parts, once there were any. */
  memory: ArrayBufferLike | undefined
  readonly #allocate: (bytes: number) => ArrayBufferLike

  constructor(shared: boolean) {
    this.#allocate = (bytes) => (shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes))
    this.data = new Uint8Array(this.#allocate(LEASE_BYTES))
    this.progress = new Int32Array(this.#allocate(PROGRESS * 4))
  }

  /** The batch's bytes in this slot: where they were leased, or copied. */
  take(data: Uint8Array): Uint8Array {
    if (data.buffer === this.data.buffer && data.byteOffset === 0) return data
    if (data.length > this.data.length) this.data = new Uint8Array(this.#allocate(data.length))
    this.data.set(data)
    return this.data.subarray(0, data.length)
  }

  /** The bytes of a part, and its index taken apart. Valid until the slot is used again. */
  read({ body, length, index, count }: Part): { body: Uint8Array; ends: Uint32Array; records: Uint32Array; leaves: Uint32Array } {
    const memory = this.memory!
    const numbers = new Uint32Array(memory, index, count * INDEX_WIDTH)
    const [ends, records, leaves] = [new Uint32Array(count), new Uint32Array(count), new Uint32Array(count)]
    for (let i = 0, at = 0; i < count; i++, at += INDEX_WIDTH) {
      ends[i] = numbers[at]
      records[i] = numbers[at + 1]
      leaves[i] = numbers[at + 2]
    }
    return { body: new Uint8Array(memory, body, length), ends, records, leaves }
  }
}
