/** What comes back from a run of a batch through the routes: lengths, counts, and what became of bad records. */
import type { FeedBytes } from '../feed/memory.ts'

import type { ClockQuality } from '../time/quality.ts'
import type { ClockShift } from '../time/rebase.ts'

/** Encoded events of one output and key, in shared memory of the slot. */
export interface Part {
  readonly output: number
  readonly key?: string
  /** See `Encoder.mixes`. */
  readonly mixes: boolean
  readonly count: number
  /** Where the body is in the slot's memory, and its bytes. */
  readonly body: number
  readonly length: number
  /** Where the index is there: `count` times three 32-bit numbers: end of the event in the body, number of its record, number of its leaf. */
  readonly index: number
}

/** Numbers for each event in a part's index. */
export const INDEX_WIDTH = 3

/** A record that did not make it to (all of) its outputs. */
export interface BadRecord {
  /** Number of the record in the batch, and its bytes there. */
  readonly record: number
  readonly at: number
  readonly length: number
  readonly reason: string
  /** Rejected by the decoder, as opposed to failed in a filter or encoder. */
  readonly undecoded: boolean
}

export interface NodeCounts {
  /** Events the filter dropped, or absorbed where it withholds. */
  dropped: number
  /** Events it made. */
  created: number
  /** Events it threw on. */
  failed: number
  /** What it forgot or let go early for want of memory. */
  shed: number
}

export interface LeafCounts {
  /** By place of the output in the leaf: events that conditions of the route, or of the output itself, leave out. */
  not_matched: number[]
  /** Likewise: events its encoder threw on. */
  failed: number[]
}

export interface RunResult {
  /** Records up to here (counted from the start of the batch) are done; call again from here if that is not all. */
  consumed: number
  decoded: number
  bad: BadRecord[]
  nodes: NodeCounts[]
  leaves: LeafCounts[]
  parts: Part[]
  /** Where filters withhold: all records before this one have been let go by a flush in this run. */
  released?: number
  /** The slot's memory for parts, where it had to be another one. */
  memory?: ArrayBufferLike
}

/** What to run: a batch in a slot, or a flush at the end of its records. */
export interface RunRequest {
  readonly input: number
  readonly stream: string
  readonly key: Uint8Array
  readonly data: Uint8Array
  readonly context: Uint8Array
  readonly offset: number
  /** What its events say of the sensor's clock, if they are to. */
  readonly clock?: ClockQuality
  /** What recorded times lack. */
  readonly shift?: ClockShift
  /** Records to run: from (inclusive) to (exclusive). */
  readonly from: number
  readonly to: number
  /** Let go of all that is withheld, behind the last record. */
  readonly flush: boolean
  /** The slot's memory for parts, once it has some. */
  readonly memory: ArrayBufferLike | undefined
  /** The record being worked on, its place in `data` and its length, for whoever finds this thread dead. */
  readonly progress: Int32Array
  /** Bytes that main halves of filters have published, by section. */
  readonly feeds?: Readonly<Record<string, FeedBytes>>
}
