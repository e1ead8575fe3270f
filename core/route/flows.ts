/** What decoders, filters and encoders tell the fast path (fast-path.ts). */
import type { EventWriter } from '../event/compiled.ts'
import type { Event } from '../event/event.ts'
import type { Run } from '../event/repeats.ts'

/** Where the decoder of a classic capture is in its batch. */
export interface RecordWalk {
  /** The next record's header. */
  at: number
  /** Frames of the capture before it. */
  frames: number
  /** Nanoseconds in a unit of the time's fraction. */
  readonly unit: number
  /** Link type. */
  readonly link: number
  /** Fills an event as for the next record; all but time, number and lengths must be the same for those that follow. */
  begin(event: Event): void
}

/** A record of which all follows from its run, from the run's `reads` and from the record's own head, but for its FCS. Places count from the record's first byte. */
export interface Closed {
  readonly run: Run<unknown>
  readonly link: number
  /** Whether the run ends where the frame ends; else the record may have any bytes behind it. */
  readonly whole: boolean
  /** Where the MAC header begins, which the FCS is of. */
  readonly mac: number
  /** Bytes of the FCS, with which the record ends; 0 when there is none. */
  readonly fcs: number
  /** Place of what the machine knows of the FCS of such frames; 0 when it has to be computed. */
  readonly crc: number
  /** Fields that hold the FCS, and 1 where it is right; no other field of their words depends on it. */
  readonly value: number
  readonly status: number
}

/** What an encoder does to each event. */
export interface Framing {
  readonly write: EventWriter
  /** Seconds for which `key` and `head` stay the same, counted from 1970; undefined when they do for ever. Of the event they depend on nothing else that varies. */
  readonly period?: number
  /** What goes before: text, and fields whose values go into it. */
  head?(event: Event): FramingHead
  /** The byte that goes behind, if any. */
  readonly tail?: number
}

export interface FramingHead {
  readonly text: Uint8Array
  /** Number of a field, how it is written (a kind of machine/numbers.ts), and where in the text. */
  readonly holes: readonly { readonly field: number; readonly kind: number; readonly at: number }[]
}
