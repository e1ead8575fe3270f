/** A growing piece of memory that encoders append to. */
const FIRST = 64 * 1024
/** Untouched memory costs nothing, but what was outgrown stays until a collection: doubling from the start would leave twice as much behind. */
const GROWTH = 4
/** From here on it doubles. */
const LARGE = 4 * 1024 * 1024

/** Where writers have their memory from. */
export interface Memory {
  allocate(bytes: number): Uint8Array
  /** What was outgrown. */
  free?(memory: Uint8Array): void
}

const HEAP: Memory = { allocate: (bytes) => new Uint8Array(bytes) }

export class ByteWriter {
  buf: Uint8Array
  view: DataView
  /** Where the next byte goes. */
  pos = 0
  readonly #memory: Memory

  constructor(memory: Memory = HEAP, first = FIRST) {
    this.#memory = memory
    this.buf = memory.allocate(first)
    this.view = viewOf(this.buf)
  }

  /** Makes sure that `bytes` more fit. Call it before storing into `buf` or `view` at `pos`; both may be other objects afterwards. */
  reserve(bytes: number): void {
    if (this.pos + bytes <= this.buf.length) return
    const larger = this.#memory.allocate(Math.max(this.buf.length * (this.buf.length < LARGE ? GROWTH : 2), this.pos + bytes))
    larger.set(this.buf.subarray(0, this.pos))
    this.#memory.free?.(this.buf)
    this.buf = larger
    this.view = viewOf(larger)
  }

  byte(value: number): void {
    this.reserve(1)
    this.buf[this.pos++] = value
  }

  bytes(source: Uint8Array): void {
    this.reserve(source.length)
    this.buf.set(source, this.pos)
    this.pos += source.length
  }

  /** Appends text as UTF-8. */
  text(text: string): void {
    this.reserve(text.length * 3)
    // TextEncoder.encodeInto refuses shared memory; Buffer does not.
    this.pos += Buffer.from(this.buf.buffer, this.buf.byteOffset, this.buf.length).write(text, this.pos, 'utf8')
  }

  /** What has been written. */
  written(): Uint8Array {
    return this.buf.subarray(0, this.pos)
  }
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length)
}
