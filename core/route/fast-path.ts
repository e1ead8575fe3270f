/**
 * The fast path: records that repeat go from capture to text in the machine, one after the other, without JavaScript.
 *
 * As in a switch, a record takes the slow path first, the pipeline; when that finds that all of such records follows from a run (core/event/repeats.ts) and has
 * templates for all outputs, a flow is kept, under the run's place. The machine goes on from record to record as long as each is of a flow, its FCS is right and its
 * values are in the templates' holes; the first other one takes the slow path. So both ways must give the same bytes, and tests compare them.
 *
 * Only pipelines whose filters have nothing to do for such records have one: see `Filter.closed`.
 */
import { envelope, frame } from '../event/envelope.ts'
import type { Event } from '../event/event.ts'
import { type Machine, machine } from '../event/machine/machine.ts'
import {
  FLOW_BLOCKS,
  FLOW_CRC,
  FLOW_FCS,
  FLOW_LENGTH,
  FLOW_LINK,
  FLOW_MAC,
  FLOW_RUN,
  FLOW_STATUS,
  FLOW_TEMPLATES,
  FLOW_VALUE,
  FLOW_VERSION,
  FLOW_WHOLE,
  JOB_AT,
  JOB_BASE,
  JOB_BUDGET,
  JOB_BYTES,
  JOB_CAP_LEN,
  JOB_END,
  JOB_EVENT,
  JOB_FLOWS,
  JOB_FRAMES,
  JOB_ID,
  JOB_LEN,
  JOB_LINK,
  JOB_MOST,
  JOB_NUMBER,
  JOB_OFFSET,
  JOB_RECORD,
  JOB_STRIDE,
  JOB_TARGETS,
  JOB_TIMESTAMP,
  JOB_UNIT,
  JOB_WORDS,
  PLACES,
  TARGET_BYTES,
} from '../event/machine/numbers.ts'
import type { Closed, Encoder, RecordWalk } from '../plugin.ts'
import { FramedTarget } from './framed-target.ts'
import type { Parts } from './parts.ts'

/** Room that bodies have at least before the machine writes to them: a body that is full is made larger by the slow path. */
const LEAST_ROOM = 16 * 1024
/** Records that are done at once. */
const MOST_RECORDS = 4096

export interface FastTarget {
  readonly output: number
  readonly encoder: Encoder
  readonly leaf: number
}

/** Of the run under way: stream offset of the batch's first byte, its first record not done yet, how many records and bytes at most. */
export interface Stretch {
  readonly offset: number
  readonly record: number
  readonly most: number
  readonly budget: number
}

export class FastPath {
  readonly #machine: Machine
  readonly #event: Event
  readonly #targets: readonly FramedTarget[]
  /** Place of the job, with the targets behind it. */
  readonly #job: number
  readonly #base: number
  readonly #flows: number
  readonly #stride: number
  readonly #timestamp: number
  /** Records that were done here. */
  taken = 0
  /** Whether any is kept. */
  #any = false
  #cleared = 0

  /** A pipeline's, or undefined where it can have none: an encoder writes in ways of its own, there is no WebAssembly or no memory. */
  static of(event: Event, targets: readonly FastTarget[]): FastPath | undefined {
    const framed = targets.map(({ encoder: { framing } }) => framing)
    if (machine().code === undefined || targets.length === 0 || framed.includes(undefined)) return undefined
    const path = new FastPath(machine(), event, targets)
    return path.#flows === 0 ? undefined : path
  }

  private constructor(machine: Machine, event: Event, targets: readonly FastTarget[]) {
    const { fields } = event
    this.#machine = machine
    this.#event = event
    const own = fields.base(envelope)
    this.#timestamp = own + envelope.at.timestamp
    this.#stride = FLOW_TEMPLATES + targets.length * 4
    this.#job = machine.take(JOB_BYTES + targets.length * TARGET_BYTES)
    this.#base = machine.take(fields.words * 4)
    this.#flows = this.#job === 0 || this.#base === 0 ? 0 : machine.take(PLACES * this.#stride)
    this.#targets = this.#flows === 0 ? [] : targets.map((target, i) => new FramedTarget(machine, this.#job + JOB_BYTES + i * TARGET_BYTES, target))
    if (this.#flows === 0) return
    this.#forget()
    const numbers = fields.base(frame)
    this.#set(JOB_WORDS, fields.words)
    this.#set(JOB_BASE, this.#base)
    this.#set(JOB_FLOWS, this.#flows)
    this.#set(JOB_STRIDE, this.#stride)
    this.#set(JOB_TARGETS, targets.length)
    this.#set(JOB_TIMESTAMP, this.#timestamp)
    this.#set(JOB_ID, own + envelope.at.id)
    this.#set(JOB_NUMBER, numbers + frame.at.number)
    this.#set(JOB_LEN, numbers + frame.at.len)
    this.#set(JOB_CAP_LEN, numbers + frame.at.capLen)
  }

  /** Whether it is worth to be asked. */
  get ready(): boolean {
    if (this.#cleared !== this.#machine.cleared) this.#forget()
    return this.#any
  }

  #forget(): void {
    this.#machine.u8.fill(0, this.#flows, this.#flows + PLACES * this.#stride)
    this.#cleared = this.#machine.cleared
    this.#any = false
  }

  #set(place: number, value: number): void {
    this.#machine.i32[(this.#job + place) >> 2] = value
  }

  /**
   * Goes on from where `walk` is, and moves it.
   * @param parts where bodies are
   * @returns records that were done
   */
  ahead(walk: RecordWalk, { offset, record, most, budget }: Stretch, parts: Parts): number {
    const event = this.#event
    const { f64, i32, u8, code } = this.#machine
    walk.begin(event)
    if (event.place === 0) return 0
    const records = Math.min(most, MOST_RECORDS)
    for (const target of this.#targets) if (!target.begin(event, event.a[this.#timestamp], parts, records, LEAST_ROOM)) return 0
    u8.set(new Uint8Array(event.has.buffer, event.has.byteOffset, event.has.byteLength), this.#base)
    const batch = event.bytes.byteOffset
    this.#set(JOB_EVENT, event.place)
    this.#set(JOB_AT, batch + walk.at)
    this.#set(JOB_END, batch + event.bytes.length)
    this.#set(JOB_MOST, records)
    this.#set(JOB_RECORD, record)
    this.#set(JOB_BUDGET, budget)
    this.#set(JOB_UNIT, walk.unit)
    this.#set(JOB_LINK, walk.link)
    f64[(this.#job + JOB_FRAMES) >> 3] = walk.frames
    f64[(this.#job + JOB_OFFSET) >> 3] = offset - batch
    const done = code!.ahead(this.#job)
    if (done === 0) return 0
    walk.at = i32[(this.#job + JOB_AT) >> 2] - batch
    walk.frames += done
    this.taken += done
    for (const target of this.#targets) target.end(parts, done)
    return done
  }

  /** Keeps the flow of a record that the slow path has just written, where it repeats as a whole. */
  learn({ repeat }: Event, { run, link, mac, fcs, whole, crc, value, status }: Closed): void {
    if (repeat !== run || run.known === 0 || this.#targets.some(({ templates }) => templates.last === 0)) return
    if (this.#cleared !== this.#machine.cleared) this.#forget()
    const { i32 } = this.#machine
    const flow = this.#flows + run.place * this.#stride
    const set = (place: number, number: number) => {
      i32[(flow + place) >> 2] = number
    }
    set(FLOW_VERSION, run.version)
    set(FLOW_RUN, run.known)
    set(FLOW_BLOCKS, run.blocks)
    set(FLOW_LENGTH, run.length)
    set(FLOW_LINK, link)
    set(FLOW_MAC, mac)
    set(FLOW_FCS, fcs)
    set(FLOW_CRC, crc)
    set(FLOW_WHOLE, whole ? 1 : 0)
    set(FLOW_VALUE, value)
    set(FLOW_STATUS, status)
    this.#targets.forEach(({ templates }, i) => {
      set(FLOW_TEMPLATES + i * 4, templates.last)
    })
    this.#any = true
  }
}
