/**
 * How far Kismet's records have been read: a time by the server's clock, and what was said last.
 *
 * Invariants
 * - All changes before `time` are in records that left the backlog. A record of the snapshot whose own time lies `MARGIN_S` before it is a repeat.
 * - `recent` has the records whose own time is not that old, `lasting` those without an own time; both bounded. What falls out of them costs repeats
 *   under equal ids.
 * - It moves with the batches as they are handed over, so a position never covers a record of a later batch.
 */
import type { Position } from '../../../core/plugin.ts'
import { Memory } from './memory.ts'
import { HEADER_BYTES, KIND, putU48, RecordHeader, u48 } from './records.ts'

/** A change is pushed within a second; the clock of the server is told in seconds; slow machines take longer. */
export const MARGIN_S = 5
const MOST_RECENT = 768
const MOST_LASTING = 512
const PAIR_BYTES = 12

/** What a position says. */
export interface Place {
  /** Which run of the server: when it started, seconds since 1970. */
  readonly start: number
  /** Seconds by the server's clock; 0 when not everything up to any time has been read yet. */
  readonly time: number
  /** Times of the youngest alert and message. */
  readonly alert: number
  readonly message: number
  /** What was asked for: sentences of the legacy generation, else the topics. */
  readonly asked: string
  /** Bytes of records so far, from which places in the stream are counted. */
  readonly offset: number
  /** Prints by key: of records without an own time, and of those with a late one. */
  readonly lasting: ReadonlyMap<number, number>
  readonly recent: ReadonlyMap<number, number>
}

export class Cursor {
  #start: number
  #time: number
  #alert: number
  #message: number
  #asked: string
  #offset: number
  /** The total of each is its own time. */
  readonly #recent = new Memory(MOST_RECENT)
  readonly #lasting = new Memory(MOST_LASTING)
  readonly #header = new RecordHeader()

  constructor(from: Place | undefined) {
    this.#start = from?.start ?? 0
    this.#time = from?.time ?? 0
    this.#alert = from?.alert ?? 0
    this.#message = from?.message ?? 0
    this.#asked = from?.asked ?? ''
    this.#offset = from?.offset ?? 0
    for (const [key, print] of from?.lasting ?? []) this.#lasting.note(key, print)
    for (const [key, print] of from?.recent ?? []) this.#keep(key, print, this.#time)
  }

  get offset(): number {
    return this.#offset
  }

  /** Moves over a batch of records of one run of the server. */
  pass(data: Uint8Array, start: number, asked: string): void {
    // Events of this input about a server that was never reached have no start.
    if (start !== this.#start && start !== 0) {
      this.#start = start
      this.#time = this.#alert = this.#message = 0
      this.#recent.clear()
      this.#lasting.clear()
    }
    this.#asked = asked
    const view = new DataView(data.buffer, data.byteOffset, data.length)
    const header = this.#header
    for (let at = 0; at + HEADER_BYTES <= data.length; at += view.getUint32(at, true)) {
      header.read(view, at)
      const { kind, own, safe, key, print } = header
      if (safe > this.#time) this.#time = safe
      if (kind === KIND.own) continue
      if (kind === KIND.alert) this.#alert = Math.max(this.#alert, own)
      else if (kind === KIND.message) this.#message = Math.max(this.#message, own)
      else if (own > 0) {
        this.#keep(key, print, own)
        continue
      }
      this.#lasting.note(key, print)
    }
    this.#offset += data.length
  }

  #keep(key: number, print: number, own: number): void {
    this.#recent.note(key, print)
    this.#recent.keepTotal(key, own)
  }

  position(): Position {
    return {
      start: this.#start,
      time: this.#time,
      alert: this.#alert,
      message: this.#message,
      asked: this.#asked,
      offset: this.#offset,
      lasting: encodePairs(this.#lasting, Number.NEGATIVE_INFINITY),
      recent: encodePairs(this.#recent, this.#time - 2 * MARGIN_S),
    }
  }
}

const pairs = Buffer.alloc(PAIR_BYTES * Math.max(MOST_RECENT, MOST_LASTING))
const pairsView = new DataView(pairs.buffer, pairs.byteOffset, pairs.length)

/** What is remembered as text, but for what is older than that. */
function encodePairs(memory: Memory, oldest: number): string {
  let at = 0
  memory.each((key, print, own) => {
    if (own < oldest) return
    putU48(pairsView, at, key)
    putU48(pairsView, at + 6, print)
    at += PAIR_BYTES
  })
  return pairs.toString('base64', 0, at)
}

function decodePairs(text: string): Map<number, number> {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'))
  const view = new DataView(bytes.buffer)
  const pairs = new Map<number, number>()
  for (let at = 0; at + PAIR_BYTES <= bytes.length; at += PAIR_BYTES) pairs.set(u48(view, at), u48(view, at + 6))
  return pairs
}

const NUMBERS = ['start', 'time', 'alert', 'message', 'offset'] as const
const TEXTS = ['asked', 'lasting', 'recent'] as const

/** What a position says; undefined when it is not one of ours, which then counts as none. */
export function readPlace(position: Position | undefined): Place | undefined {
  const good = position && NUMBERS.every((key) => Number.isFinite(position[key])) && TEXTS.every((key) => typeof position[key] === 'string')
  if (!good) return undefined
  const [start, time, alert, message, offset] = NUMBERS.map((key) => position[key] as number)
  const [asked, lasting, recent] = TEXTS.map((key) => position[key] as string)
  return { start, time, alert, message, offset, asked, lasting: decodePairs(lasting), recent: decodePairs(recent) }
}
