/**
 * Where a run puts encoded events: one body and one index for each output and key. They grow where the machine writes them, and are copied at the end to memory
 * that the main thread sees.
 */
import { machineMemory } from '../event/machine/machine.ts'
import { ByteWriter } from '../event/writer.ts'
import type { Encoder, Event } from '../plugin.ts'
import { INDEX_WIDTH, type Part } from './result.ts'

const FIRST_BODY = 64 * 1024
const FIRST_INDEX = 8 * 1024
/** Memory in the slot is a multiple of this, so that not everything that is a little larger needs another one. */
const BODY_STEP = 256 * 1024
const INDEX_STEP = 8 * 1024

export interface OpenPart {
  readonly output: number
  readonly key: string | undefined
  readonly body: ByteWriter
  readonly bodyAt: number
  readonly index: ByteWriter
  readonly indexAt: number
  count: number
}

export class Parts {
  readonly #allocate: (bytes: number) => ArrayBufferLike
  /** By output, then by key; the last one used is found first. */
  readonly #open: Map<string | undefined, OpenPart>[] = []
  #last: OpenPart | undefined
  #used = 0
  /** What was taken last time, by its place in the slot: the next ones begin with as much. */
  readonly #sizes: number[] = []
  /** Bytes of all bodies. */
  size = 0

  constructor(outputs: number, allocate: (bytes: number) => ArrayBufferLike) {
    this.#allocate = allocate
    for (let i = 0; i < outputs; i++) this.#open.push(new Map())
  }

  /** Begins a run. */
  begin(): void {
    this.#used = 0
    this.size = 0
    this.#last = undefined
    // What a run that failed has left.
    for (const keys of this.#open) {
      for (const { body, index } of keys.values()) for (const { buf } of [body, index]) machineMemory.free(buf)
      keys.clear()
    }
  }

  /**
   * Encodes an event. When the encoder throws, nothing of the event stays.
   * @returns false when the output does not want it
   */
  write(output: number, encoder: Encoder, event: Event, record: number, leaf: number): boolean {
    const part = this.open(output, encoder.key?.(event))
    const { body, index } = part
    const before = body.pos
    try {
      if (encoder.write(event, body) === false) return false
    } catch (error) {
      body.pos = before
      throw error
    }
    this.size += body.pos - before
    index.reserve(INDEX_WIDTH * 4)
    const { view, pos } = index
    view.setUint32(pos, body.pos, true)
    view.setUint32(pos + 4, record, true)
    view.setUint32(pos + 8, leaf, true)
    index.pos = pos + INDEX_WIDTH * 4
    part.count++
    return true
  }

  /** Body and index of an output and key. */
  open(output: number, key: string | undefined): OpenPart {
    let part = this.#last
    if (part === undefined || part.output !== output || part.key !== key) {
      part = this.#open[output].get(key) ?? this.#create(output, key)
      this.#last = part
    }
    return part
  }

  /** Ends the run: what was written, and which memory the slot does not know yet. */
  end(known: readonly ArrayBufferLike[]): { parts: Part[]; grown: [number, ArrayBufferLike][] } {
    const parts: Part[] = []
    const grown: [number, ArrayBufferLike][] = []
    const handOver = (at: number, writer: ByteWriter, step: number) => {
      const { pos, buf } = writer
      if (pos > 0) {
        const fits = known[at]?.byteLength >= pos
        const room = fits ? known[at] : this.#allocate(Math.ceil(pos / step) * step)
        if (!fits) grown.push([at, room])
        // `set` into shared memory goes byte by byte, many times as slow as this.
        Buffer.from(room, 0, pos).fill(writer.written())
      }
      this.#sizes[at] = buf.length
      machineMemory.free(buf)
    }
    for (const keys of this.#open) {
      for (const { output, key, body, bodyAt, index, indexAt, count } of keys.values()) {
        if (count > 0) parts.push({ output, key, count, body: bodyAt, length: body.pos, index: indexAt })
        handOver(bodyAt, body, BODY_STEP)
        handOver(indexAt, index, INDEX_STEP)
      }
      keys.clear()
    }
    return { parts, grown }
  }

  #create(output: number, key: string | undefined): OpenPart {
    const bodyAt = this.#used++
    const indexAt = this.#used++
    const body = new ByteWriter(machineMemory, this.#sizes[bodyAt] ?? FIRST_BODY)
    const index = new ByteWriter(machineMemory, this.#sizes[indexAt] ?? FIRST_INDEX)
    const part = { output, key, body, bodyAt, index, indexAt, count: 0 }
    this.#open[output].set(key, part)
    return part
  }
}
