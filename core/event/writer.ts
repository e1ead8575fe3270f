/** A growing piece of memory that encoders append to. */
const FIRST = 64 * 1024
/** Untouched memory costs nothing, but what was outgrown stays until a collection: doubling from the start would leave twice as much behind. */
const GROWTH = 4
/** From here on it doubles. */
const LARGE = 4 * 1024 * 1024

export class ByteWriter {
  buf: Uint8Array
  view: DataView
  /** Where the next byte goes. */
  pos = 0
  readonly #allocate: (bytes: number) => ArrayBufferLike

  /** @param allocate makes the memory; workers take shared memory, which the main thread then sees */
  constructor(allocate: (bytes: number) => ArrayBufferLike = (bytes) => new ArrayBuffer(bytes), first = FIRST) {
    this.#allocate = allocate
    const memory = allocate(first)
    this.buf = new Uint8Array(memory)
    this.view = new DataView(memory)
  }

  /** Makes sure that `bytes` more fit. Call it before storing into `buf` or `view` at `pos`; both may be other objects afterwards. */
  reserve(bytes: number): void {
    if (this.pos + bytes <= this.buf.length) return
    const memory = this.#allocate(Math.max(this.buf.length * (this.buf.length < LARGE ? GROWTH : 2), this.pos + bytes))
    const larger = new Uint8Array(memory)
    larger.set(this.buf.subarray(0, this.pos))
    this.buf = larger
    this.view = new DataView(memory)
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
