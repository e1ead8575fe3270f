/** Bytes of one client, cut into MessagePack values. What is not whole yet is looked at once, however many pieces it comes in. */
import { Skipper } from '../../../core/formats/msgpack-skip.ts'

const FIRST_BYTES = 64 * 1024
/** Larger memory is let go once it is empty. */
const KEPT_BYTES = 1024 * 1024

export class Inbox {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #start = 0
  #end = 0
  readonly #skipper = new Skipper()

  constructor() {
    this.#skipper.begin(0)
  }

  /** Bytes that are not part of a whole value. */
  get waiting(): number {
    return this.#end - this.#start
  }

  add(piece: Uint8Array): void {
    if (this.#end + piece.length > this.#bytes.length) this.#move(piece.length)
    this.#bytes.set(piece, this.#end)
    this.#end += piece.length
  }

  /**
   * The next whole value, valid until `add`; undefined when there is none.
   * @throws PackedError when there never will be one
   */
  next(): Uint8Array | undefined {
    if (this.#start === this.#end || !this.#skipper.skip(this.#bytes, this.#end)) return undefined
    const value = this.#bytes.subarray(this.#start, this.#skipper.at)
    this.#start = this.#skipper.at
    this.#skipper.begin(this.#start)
    return value
  }

  /** The first byte that is not part of a whole value. */
  get first(): number | undefined {
    return this.#start < this.#end ? this.#bytes[this.#start] : undefined
  }

  /** What waits comes to the beginning of a memory that has room for more. */
  #move(more: number): void {
    const { waiting } = this
    let room = this.#bytes.length
    while (room < waiting + more) room *= 2
    if (waiting + more <= FIRST_BYTES && room > KEPT_BYTES) room = FIRST_BYTES
    const target = room === this.#bytes.length ? this.#bytes : Buffer.allocUnsafeSlow(room)
    target.set(this.#bytes.subarray(this.#start, this.#end))
    this.#bytes = target
    this.#skipper.at -= this.#start
    this.#start = 0
    this.#end = waiting
  }
}
