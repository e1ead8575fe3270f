/** Where a run puts encoded events: one body and one index for each output and key, in memory that the main thread sees. */

import { ByteWriter } from '../event/writer.ts'
import type { Encoder, Event } from '../plugin.ts'
import { INDEX_WIDTH, type Part } from './result.ts'

const FIRST_BODY = 64 * 1024
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
    for (const keys of this.#open) keys.clear()
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
        for (const [at, writer] of [
          [bodyAt, body],
          [indexAt, index],
        ] as const)
          if (known[at] !== writer.buf.buffer) grown.push([at, writer.buf.buffer])
        if (count > 0) parts.push({ output, key, count, body: bodyAt, length: body.pos, index: indexAt })
      }
    }
    return { parts, grown }
  }

  #create(output: number, key: string | undefined): Open {
    const bodyAt = this.#used++
    const indexAt = this.#used++
    const part = { output, key, body: this.#writer(bodyAt, FIRST_BODY), bodyAt, index: this.#writer(indexAt, FIRST_INDEX), indexAt, count: 0 }
    this.#open[output].set(key, part)
    return part
  }

  #writer(at: number, first: number): ByteWriter {
    const memory = this.#memory[at]
    let taken = false
    return new ByteWriter((bytes) => {
      if (memory && !taken) {
        taken = true
        return memory
      }
      return this.#allocate(bytes)
    }, first)
  }
}
