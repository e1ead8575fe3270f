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

const NO_HEAD: FramingHead = { text: new Uint8Array(0), holes: [] }

export class FramedTarget {
  readonly templates: Templates
  readonly #machine: Machine
  /** Of the target, in the job. */
  readonly #place: number
  readonly #target: FastTarget
  readonly #framing: Framing
  readonly #head = new Template(new Set())
  /** Memory of the head, and how many bytes were taken. */
  #memory = { place: 0, bytes: 0 }
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
    this.#from = period === undefined ? Number.NEGATIVE_INFINITY : Math.floor(seconds / period) * period
    this.#to = period === undefined ? Number.POSITIVE_INFINITY : this.#from + period
    this.#key = this.#target.encoder.key?.(event)
    const { f64, i32 } = this.#machine
    f64[(this.#place + layout.TARGET_FROM) >> 3] = this.#from
    f64[(this.#place + layout.TARGET_TO) >> 3] = this.#to
    const { text, holes } = this.#framing.head?.(event) ?? NO_HEAD
    const parts: TemplateParts = {
      words: [],
      fixed: [],
      holes: holes.map(({ field, kind, at }) => ({ read: { field, how: READ.column, at: 0, extra: 0 }, kind, to: at })),
      text,
      most: text.length + (holes.length + 1) * WIDEST,
    }
    const bytes = Template.bytes(parts)
    if (this.#memory.place !== 0) this.#machine.giveBack(this.#memory.place, this.#memory.bytes)
    this.#memory = { place: this.#machine.take(bytes), bytes }
    if (this.#memory.place === 0) {
      this.#to = Number.NaN
      return false
    }
    this.#head.become(this.#memory.place, parts, this.#machine)
    i32[(this.#place + layout.TARGET_HEAD) >> 2] = this.#head.place
    return true
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
