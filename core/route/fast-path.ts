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
import * as layout from '../event/machine/numbers.ts'
import type { Encoder, Filter, RecordWalk } from '../plugin.ts'
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
  readonly #filter: Filter
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

  /** A pipeline's, or undefined where it can have none: the filter looks at every record, an encoder writes in ways of its own, there is no WebAssembly or no memory. */
  static of(event: Event, filter: Filter, targets: readonly FastTarget[]): FastPath | undefined {
    const framed = targets.map(({ encoder: { framing } }) => framing)
    if (machine().code === undefined || filter.closed === undefined || targets.length === 0 || framed.includes(undefined)) return undefined
    const path = new FastPath(machine(), event, filter, targets)
    return path.#flows === 0 ? undefined : path
  }

  private constructor(machine: Machine, event: Event, filter: Filter, targets: readonly FastTarget[]) {
    const { fields } = event
    this.#machine = machine
    this.#event = event
    this.#filter = filter
    const own = fields.base(envelope)
    this.#timestamp = own + envelope.at.timestamp
    this.#stride = layout.FLOW_TEMPLATES + targets.length * 4
    this.#job = machine.take(layout.JOB_BYTES + targets.length * layout.TARGET_BYTES)
    this.#base = machine.take(fields.words * 4)
    this.#flows = this.#job === 0 || this.#base === 0 ? 0 : machine.take(layout.PLACES * this.#stride)
    this.#targets =
      this.#flows === 0 ? [] : targets.map((target, i) => new FramedTarget(machine, this.#job + layout.JOB_BYTES + i * layout.TARGET_BYTES, target))
    if (this.#flows === 0) return
    this.#forget()
    const numbers = fields.base(frame)
    this.#set(layout.JOB_WORDS, fields.words)
    this.#set(layout.JOB_BASE, this.#base)
    this.#set(layout.JOB_FLOWS, this.#flows)
    this.#set(layout.JOB_STRIDE, this.#stride)
    this.#set(layout.JOB_TARGETS, targets.length)
    this.#set(layout.JOB_TIMESTAMP, this.#timestamp)
    this.#set(layout.JOB_ID, own + envelope.at.id)
    this.#set(layout.JOB_NUMBER, numbers + frame.at.number)
    this.#set(layout.JOB_LEN, numbers + frame.at.len)
    this.#set(layout.JOB_CAP_LEN, numbers + frame.at.capLen)
  }

  /** Whether it is worth to be asked. */
  get ready(): boolean {
    if (this.#cleared !== this.#machine.cleared) this.#forget()
    return this.#any
  }

  #forget(): void {
    this.#machine.u8.fill(0, this.#flows, this.#flows + layout.PLACES * this.#stride)
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
    // An event that has a place is all in the machine's memory.
    u8.copyWithin(this.#base, event.has.byteOffset, event.has.byteOffset + event.has.byteLength)
    const batch = event.bytes.byteOffset
    this.#set(layout.JOB_EVENT, event.place)
    this.#set(layout.JOB_AT, batch + walk.at)
    this.#set(layout.JOB_END, batch + event.bytes.length)
    this.#set(layout.JOB_MOST, records)
    this.#set(layout.JOB_RECORD, record)
    this.#set(layout.JOB_BUDGET, budget)
    this.#set(layout.JOB_UNIT, walk.unit)
    this.#set(layout.JOB_LINK, walk.link)
    f64[(this.#job + layout.JOB_FRAMES) >> 3] = walk.frames
    f64[(this.#job + layout.JOB_OFFSET) >> 3] = offset - batch
    const done = code!.ahead(this.#job)
    if (done === 0) return 0
    walk.at = i32[(this.#job + layout.JOB_AT) >> 2] - batch
    walk.frames += done
    this.taken += done
    for (const target of this.#targets) target.end(parts, done)
    return done
  }

  /** Keeps the flow of a record that the slow path has just written, where it repeats as a whole. */
  learn(event: Event): void {
    const closed = event.repeat && this.#filter.closed!(event)
    if (!closed) return
    const { run, link, mac, fcs, whole, crc, value, status } = closed
    if (event.repeat !== run || run.known === 0 || this.#targets.some(({ templates }) => templates.last === 0)) return
    if (this.#cleared !== this.#machine.cleared) this.#forget()
    const { i32 } = this.#machine
    const flow = this.#flows + run.place * this.#stride
    const set = (place: number, number: number) => {
      i32[(flow + place) >> 2] = number
    }
    set(layout.FLOW_VERSION, run.version)
    set(layout.FLOW_RUN, run.known)
    set(layout.FLOW_BLOCKS, run.blocks)
    set(layout.FLOW_LENGTH, run.length)
    set(layout.FLOW_LINK, link)
    set(layout.FLOW_MAC, mac)
    set(layout.FLOW_FCS, fcs)
    set(layout.FLOW_CRC, crc)
    set(layout.FLOW_WHOLE, whole ? 1 : 0)
    set(layout.FLOW_VALUE, value)
    set(layout.FLOW_STATUS, status)
    set(layout.FLOW_KIND, run.kind)
    this.#targets.forEach(({ templates }, i) => {
      set(layout.FLOW_TEMPLATES + i * 4, templates.last)
    })
    this.#any = true
  }
}
