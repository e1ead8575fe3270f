/** An output of a fast path, as the machine sees it: where its body is, and what stands around each record's text. */
import { WIDEST } from '../event/ascii.ts'
import type { Event } from '../event/event.ts'
import type { Machine } from '../event/machine/machine.ts'
import * as layout from '../event/machine/numbers.ts'
import { READ } from '../event/reads.ts'
import { Template, type TemplateParts } from '../event/template.ts'
import type { Templates } from '../event/templates.ts'
import type { Framing, FramingHead } from '../plugin.ts'
import type { FastTarget } from './fast-path.ts'
import type { OpenPart, Parts } from './parts.ts'
import { INDEX_WIDTH } from './result.ts'

/** Frames that are kept, since captures of many days may come in turns. */
const MOST_FRAMES = 64

/** What stands around the texts of records of the same time. */
interface Frame {
  readonly key: string | undefined
  /** Of the head's template in the machine's memory, and its bytes. */
  readonly place: number
  readonly bytes: number
}

const NO_HEAD: FramingHead = { text: new Uint8Array(0), holes: [] }

export class FramedTarget {
  readonly templates: Templates
  readonly #machine: Machine
  /** Of the target, in the job. */
  readonly #place: number
  readonly #target: FastTarget
  readonly #framing: Framing
  /** By the first second for which each is right. */
  readonly #frames = new Map<number, Frame>()
  /** Seconds for which key and head are right. */
  #from = Number.NaN
  #to = Number.NaN
  #key: string | undefined
  #part!: OpenPart

  constructor(machine: Machine, place: number, target: FastTarget) {
    this.#machine = machine
    this.#place = place
    this.#target = target
    this.#framing = target.encoder.framing!
    this.templates = this.#framing.write.templates
    this.#set(layout.TARGET_TAIL, this.#framing.tail ?? -1)
    this.#set(layout.TARGET_PACK, this.templates.packs ? 1 : 0)
    this.#set(layout.TARGET_LEAF, target.leaf)
  }

  #set(place: number, value: number): void {
    this.#machine.i32[(this.#place + place) >> 2] = value
  }

  /** Makes the body ready for events of the given one's time; false when the machine cannot write there. */
  begin(event: Event, seconds: number, parts: Parts, records: number, room: number): boolean {
    if (!(seconds >= this.#from && seconds < this.#to) && !this.#frame(event, seconds)) return false
    const part = parts.open(this.#target.output, this.#target.encoder, this.#key)
    const { body, index } = part
    this.#part = part
    body.reserve(room)
    index.reserve(records * INDEX_WIDTH * 4)
    if (body.buf.buffer !== this.#machine.buffer || index.buf.buffer !== this.#machine.buffer) return false
    this.#set(layout.TARGET_BODY, body.buf.byteOffset)
    this.#set(layout.TARGET_OUT, body.buf.byteOffset + body.pos)
    this.#set(layout.TARGET_LIMIT, body.buf.byteOffset + body.buf.length)
    this.#set(layout.TARGET_INDEX, index.buf.byteOffset + index.pos)
    return true
  }

  #frame(event: Event, seconds: number): boolean {
    const { period } = this.#framing
    const from = period === undefined ? Number.NEGATIVE_INFINITY : Math.floor(seconds / period) * period
    const frame = this.#frames.get(from) ?? this.#makeFrame(event, from)
    if (frame === undefined) return false
    this.#from = from
    this.#to = period === undefined ? Number.POSITIVE_INFINITY : from + period
    this.#key = frame.key
    const { f64 } = this.#machine
    f64[(this.#place + layout.TARGET_FROM) >> 3] = this.#from
    f64[(this.#place + layout.TARGET_TO) >> 3] = this.#to
    this.#set(layout.TARGET_HEAD, frame.place)
    return true
  }

  /** Undefined when there is no memory left. */
  #makeFrame(event: Event, from: number): Frame | undefined {
    if (this.#frames.size === MOST_FRAMES) {
      for (const { place, bytes } of this.#frames.values()) this.#machine.giveBack(place, bytes)
      this.#frames.clear()
      this.#to = Number.NaN
    }
    const { text, holes } = this.#framing.head?.(event) ?? NO_HEAD
    const parts: TemplateParts = {
      words: [],
      fixed: [],
      holes: holes.map(({ field, kind, at }) => ({ read: { field, how: READ.column, at: 0, extra: 0 }, kind, to: at })),
      text,
      most: text.length + (holes.length + 1) * WIDEST,
    }
    const bytes = Template.bytes(parts)
    const place = this.#machine.take(bytes)
    if (place === 0) return undefined
    new Template(new Set()).become(place, parts, this.#machine)
    const frame = { key: this.#target.encoder.key?.(event), place, bytes }
    this.#frames.set(from, frame)
    return frame
  }

  /** Takes over what the machine wrote. */
  end(parts: Parts, records: number): void {
    const { i32 } = this.#machine
    const { body, index } = this.#part
    const pos = i32[(this.#place + layout.TARGET_OUT) >> 2] - body.buf.byteOffset
    parts.size += pos - body.pos
    body.pos = pos
    index.pos += records * INDEX_WIDTH * 4
    this.#part.count += records
  }
}
