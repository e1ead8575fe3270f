/**
 * Where a run puts encoded events: one body and one index for each output and key. Bodies grow where the machine writes them, and are copied at the end to memory
 * that the main thread sees; indexes are there from the start.
 */
import { machineMemory } from '../event/machine/machine.ts'
import { ByteWriter } from '../event/writer.ts'
import type { Encoder, Event } from '../plugin.ts'
import { INDEX_WIDTH, type Part } from './result.ts'

const FIRST_BODY = 64 * 1024
/** Memory of bodies in the slot is a multiple of this, so that not every body that is a little larger needs another one. */
const BODY_STEP = 256 * 1024

const FIRST_INDEX = 8 * 1024

interface Open {
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
  readonly #open: Map<string | undefined, Open>[] = []
  #last: Open | undefined
  #memory: ArrayBufferLike[] = []
  #used = 0
  /** What bodies took last time, by their place in the slot: the next ones begin with as much. */
  readonly #sizes: number[] = []
  /** Bytes of all bodies. */
  size = 0

  constructor(outputs: number, allocate: (bytes: number) => ArrayBufferLike) {
    this.#allocate = allocate
    for (let i = 0; i < outputs; i++) this.#open.push(new Map())
  }

  /** Begins a run over the memory that the slot has. */
  begin(memory: readonly ArrayBufferLike[]): void {
    this.#memory = [...memory]
    this.#used = 0
    this.size = 0
    this.#last = undefined
    // What a run that failed has left.
    for (const keys of this.#open) {
      for (const { body } of keys.values()) machineMemory.free(body.buf)
      keys.clear()
    }
  }

  /**
   * Encodes an event. When the encoder throws, nothing of the event stays.
   * @returns false when the output does not want it
   */
  write(output: number, encoder: Encoder, event: Event, record: number, leaf: number): boolean {
    const key = encoder.key?.(event)
    let part = this.#last
    if (part === undefined || part.output !== output || part.key !== key) {
      part = this.#open[output].get(key) ?? this.#create(output, key)
      this.#last = part
    }
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

  /** Ends the run: what was written, and which memory the slot does not know yet. */
  end(known: readonly ArrayBufferLike[]): { parts: Part[]; grown: [number, ArrayBufferLike][] } {
    const parts: Part[] = []
    const grown: [number, ArrayBufferLike][] = []
    for (const keys of this.#open) {
      for (const { output, key, body, bodyAt, index, indexAt, count } of keys.values()) {
        if (known[indexAt] !== index.buf.buffer) grown.push([indexAt, index.buf.buffer])
        if (count > 0) {
          const room = known[bodyAt]?.byteLength >= body.pos ? known[bodyAt] : this.#allocate(Math.ceil(body.pos / BODY_STEP) * BODY_STEP)
          if (room !== known[bodyAt]) grown.push([bodyAt, room])
          // `set` into shared memory goes byte by byte, many times as slow as this.
          Buffer.from(room, 0, body.pos).fill(body.written())
          parts.push({ output, key, count, body: bodyAt, length: body.pos, index: indexAt })
        }
        this.#sizes[bodyAt] = body.buf.length
        machineMemory.free(body.buf)
      }
      keys.clear()
    }
    return { parts, grown }
  }

  #create(output: number, key: string | undefined): Open {
    const bodyAt = this.#used++
    const indexAt = this.#used++
    const body = new ByteWriter(machineMemory, this.#sizes[bodyAt] ?? FIRST_BODY)
    const part = { output, key, body, bodyAt, index: this.#index(indexAt), indexAt, count: 0 }
    this.#open[output].set(key, part)
    return part
  }

  #index(at: number): ByteWriter {
    const memory = this.#memory[at]
    let taken = false
    const allocate = (bytes: number) => {
      if (!memory || taken) return new Uint8Array(this.#allocate(bytes))
      taken = true
      return new Uint8Array(memory)
    }
    return new ByteWriter({ allocate }, FIRST_INDEX)
  }
}
