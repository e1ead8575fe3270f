/** What a sender and the books see of an output's queue. */
import type { Parcel } from '../delivery/parcel.ts'

export interface Queue {
  /** Takes a sealed payload, also beyond the limit: fullness is asked for before reading on, not here. */
  push(parcel: Parcel): void
  /** The oldest payload, or undefined: there is none, or it is being read, and the sender is poked again. It counts until `settled`. */
  shift(): Parcel | undefined
  /** A payload from `shift` is gone for good. */
  settled(parcel: Parcel): void
  /** The output fails, or takes data again. */
  down(down: boolean): void
}

/** What lies in a queue, for people and for metrics. */
export interface QueueState {
  readonly output: string
  readonly kind: 'memory' | 'disk' | 'spill'
  /** Of all that is not settled. */
  readonly bytes: number
  readonly memory_bytes: number
  readonly disk_bytes: number
  readonly segments: number
  /** Segments that another configuration wrote. */
  readonly stranded: number
  /** Payload bytes that were written to disk by this run. */
  readonly written_bytes: number
}
