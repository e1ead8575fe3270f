/**
 * Where a run puts encoded events: one body and one index for each output and key. They grow where the machine writes them, and are copied at the end to memory
 * that the main thread sees.
 */
import { machine, machineMemory } from '../event/machine/machine.ts'
import { ByteWriter } from '../event/writer.ts'
import type { Encoder, Event } from '../plugin.ts'
import { INDEX_WIDTH, type Part } from './result.ts'

/** Bytes that a batch hardly outgrows when it is encoded. Memory of the machine costs nothing until it is touched, but what was outgrown stays. */
const AMPLE = 8 * 1024 * 1024
/** Parts of a run that begin with as much room, if the machine has it. Others begin with little, since keys may be many. */
const AMPLE_PARTS = 2
const FIRST_BODY = 64 * 1024
const FIRST_INDEX = 64 * 1024
/** Memory in the slot is a multiple of this, and by so much larger than what was too small, so that not everything that is a little larger needs another one. */
const STEP = 256 * 1024
const GROWTH = 1.5

export interface OpenPart {
  readonly output: number
  /** Undefined also when its events have several. */
  key: string | undefined
  readonly mixes: boolean
  readonly body: ByteWriter
  readonly index: ByteWriter
  count: number
}

export class Parts {
  readonly #allocate: (bytes: number) => ArrayBufferLike
  /** By output, then by key, but where keys mix; the last one used is found first. */
  readonly #open: Map<string | undefined, OpenPart>[] = []
  #last: OpenPart | undefined
  /** Parts of the run. */
  #made = 0
  /** Bytes of all bodies. */
  size = 0

  constructor(outputs: number, allocate: (bytes: number) => ArrayBufferLike) {
    this.#allocate = allocate
    for (let i = 0; i < outputs; i++) this.#open.push(new Map())
  }

  /** Begins a run. */
  begin(): void {
    this.#made = 0
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
    const part = this.open(output, encoder, encoder.key?.(event))
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

  /** Body and index for events of an output that have this key. */
  open(output: number, { mixes = false }: Encoder, key: string | undefined): OpenPart {
    let part = this.#last
    if (part === undefined || part.output !== output || part.key !== key) {
      part = this.#open[output].get(mixes ? undefined : key) ?? this.#create(output, mixes, key)
      if (part.key !== key) part.key = undefined
      this.#last = part
    }
    return part
  }

  /** Ends the run: what was written, and the slot's memory if it is another one than `known`. */
  end(known: ArrayBufferLike | undefined): { parts: Part[]; memory?: ArrayBufferLike } {
    const all = this.#open.flatMap((keys) => [...keys.values()])
    const bytes = all.reduce((sum, { body, index }) => sum + aligned(body.pos) + index.pos, 0)
    const fits = known !== undefined && known.byteLength >= bytes
    const memory = fits ? known : this.#allocate(Math.ceil(Math.max(bytes, (known?.byteLength ?? 0) * GROWTH) / STEP) * STEP)
    let end = 0
    const handOver = (writer: ByteWriter): number => {
      const start = end
      end += aligned(writer.pos)
      // `set` into shared memory goes byte by byte, many times as slow as this.
      if (writer.pos > 0) Buffer.from(memory, start, writer.pos).fill(writer.written())
      machineMemory.free(writer.buf)
      return start
    }
    const parts: Part[] = []
    for (const { output, key, mixes, body, index, count } of all) {
      const part = { output, key, mixes, count, body: handOver(body), length: body.pos, index: handOver(index) }
      if (count > 0) parts.push(part)
    }
    for (const keys of this.#open) keys.clear()
    return fits ? { parts } : { parts, memory }
  }

  #create(output: number, mixes: boolean, key: string | undefined): OpenPart {
    const ample = this.#made++ < AMPLE_PARTS && machine().has(AMPLE)
    const body = new ByteWriter(machineMemory, ample ? AMPLE : FIRST_BODY)
    const index = new ByteWriter(machineMemory, FIRST_INDEX)
    const part = { output, key, mixes, body, index, count: 0 }
    this.#open[output].set(mixes ? undefined : key, part)
    return part
  }
}

/** Indexes are read as 32-bit numbers. */
function aligned(bytes: number): number {
  return (bytes + 3) & ~3
}
