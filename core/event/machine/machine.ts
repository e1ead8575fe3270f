/**
 * Memory that both JavaScript and WebAssembly see, and the WebAssembly itself (assembly/): one for each thread.
 *
 * All of the memory is reserved at once, since growing it would take every view away; the system gives it as it is touched. Where there is no WebAssembly with
 * vectors, the memory is JavaScript's and so is all the work.
 */
import { ID_PAIRS } from '../id.ts'
import { CODE } from './code.ts'

/** What is used of it; its types come with those of browsers only. */
declare const WebAssembly:
  | {
      validate(bytes: Uint8Array): boolean
      Memory: new (pages: { initial: number; maximum: number }) => { buffer: ArrayBuffer }
      Module: new (bytes: Uint8Array) => object
      Instance: new (module: object, imports: object) => { exports: object }
    }
  | undefined

/** Address space. Who gets none of it works in memory of its own, and slower. */
const BYTES = 64 * 1024 * 1024
const PAGE = 65536
/** Pieces are powers of two from here on. */
const SMALLEST = 64
/** Behind each piece that batches and texts are in: vectors are read and written beyond the end. */
export const SLACK = 64

export type Fill = (template: number, event: number, start: number, out: number, limit: number) => number

/** What assembly/index.ts exports. */
export interface Code {
  matches(run: number, at: number, blocks: number): number
  fillJson: Fill
  fillPack: Fill
  crc(at: number, to: number): number
  crcOfKnown(known: number, at: number): number
  ahead(job: number): number
  layoutPlace(word: number, length: number): number
}

interface Exports extends Code {
  pairs(): number
  begin(): void
}

export class Machine {
  /** Undefined where there is none. */
  readonly code: Code | undefined
  /** How often what lies on a shelf was forgotten: who knows places there has to forget them too. */
  cleared = 0
  readonly buffer: ArrayBuffer
  readonly u8: Uint8Array
  readonly i32: Int32Array
  readonly f64: Float64Array
  readonly view: DataView
  /** Where untouched memory begins. 0 is no place. */
  #next = PAGE
  /** Pieces given back, by the power of their size. */
  readonly #free: number[][] = []

  constructor() {
    const started = start()
    this.code = started?.code
    this.buffer = started?.memory ?? new ArrayBuffer(BYTES)
    this.u8 = new Uint8Array(this.buffer)
    this.i32 = new Int32Array(this.buffer)
    this.f64 = new Float64Array(this.buffer)
    this.view = new DataView(this.buffer)
  }

  /** The place of so many bytes, a multiple of 64; 0 when there are none left. What they hold is anything. */
  take(bytes: number): number {
    const known = this.#free[powerOf(bytes)]?.pop()
    if (known !== undefined) return known
    const size = sizeOf(bytes)
    if (this.#next + size > BYTES) return 0
    this.#next += size
    return this.#next - size
  }

  /** Whether `take` has so many bytes. */
  has(bytes: number): boolean {
    return (this.#free[powerOf(bytes)]?.length ?? 0) > 0 || this.#next + sizeOf(bytes) <= BYTES
  }

  /** @param bytes as they were taken */
  giveBack(place: number, bytes: number): void {
    ;(this.#free[powerOf(bytes)] ??= []).push(place)
  }
}

/** Bytes that are taken for so many. */
export function sizeOf(bytes: number): number {
  return 2 ** powerOf(bytes)
}

function powerOf(bytes: number): number {
  return 32 - Math.clz32(Math.max(bytes, SMALLEST) - 1)
}

function start(): { code: Exports; memory: ArrayBuffer } | undefined {
  const bytes = Buffer.from(CODE, 'base64')
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(bytes)) return undefined
  let memory: { readonly buffer: ArrayBuffer }
  try {
    memory = new WebAssembly.Memory({ initial: BYTES / PAGE, maximum: BYTES / PAGE })
  } catch {
    // V8 reserves gigabytes of address space for it, which a limit of the system may forbid.
    return undefined
  }
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } })
  const code = exports as Exports
  code.begin()
  new Uint16Array(memory.buffer, code.pairs(), ID_PAIRS.length).set(ID_PAIRS)
  return { code, memory: memory.buffer }
}

let own: Machine | undefined

/** That of this thread. */
export function machine(): Machine {
  return (own ??= new Machine())
}

/** Memory of the machine for writers, or of the heap when there is none left. */
export const machineMemory = {
  allocate(bytes: number): Uint8Array {
    const size = sizeOf(bytes)
    const place = machine().take(size)
    return place === 0 ? new Uint8Array(size) : machine().u8.subarray(place, place + size)
  },

  free({ buffer, byteOffset, length }: Uint8Array): void {
    if (buffer === machine().buffer) machine().giveBack(byteOffset, length)
  },
}
