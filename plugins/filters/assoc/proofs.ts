/** Columns that say which frame proved something: its time, its kind and its id. */
import { type Event, envelope, type Fields } from '../../../core/plugin.ts'

/** Bytes of an event id. */
const ID = 24

export class Proofs {
  readonly seconds: Float64Array
  readonly nanos: Int32Array
  /** One of PROOF. */
  readonly kind: Uint8Array
  readonly #ids: Uint8Array
  readonly #time: number
  readonly #id: number

  constructor(capacity: number, fields: Fields) {
    this.seconds = new Float64Array(capacity)
    this.nanos = new Int32Array(capacity)
    this.kind = new Uint8Array(capacity)
    this.#ids = new Uint8Array(capacity * ID)
    const base = fields.base(envelope)
    this.#time = base + envelope.at.timestamp
    this.#id = base + envelope.at.id
  }

  /** The frame in `event` is the proof. */
  set(slot: number, event: Event, kind: number): void {
    this.seconds[slot] = event.a[this.#time]
    this.nanos[slot] = event.b[this.#time]
    this.kind[slot] = kind
    this.#ids.set(event.view(event.a[this.#id], ID), slot * ID)
  }

  copy(slot: number, from: Proofs, source: number): void {
    this.seconds[slot] = from.seconds[source]
    this.nanos[slot] = from.nanos[source]
    this.kind[slot] = from.kind[source]
    this.#ids.set(from.#ids.subarray(source * ID, (source + 1) * ID), slot * ID)
  }

  /** Puts the id into the event's arena and returns its place. */
  keepId(slot: number, event: Event): number {
    const at = event.room(ID)
    const { arena } = event
    for (let i = 0; i < ID; i++) arena[at + i] = this.#ids[slot * ID + i]
    return -at - 1
  }
}
