/**
 * What a plugin gives the kit to be checked with: the default export of `kit.ts` in its folder. Without it only the plugin's shape is checked,
 * and what works with its default config.
 */
import type { FieldTable } from '../../core/event/fields.ts'
import type { Event } from '../../core/plugin.ts'

/** An event to be filtered or encoded. */
export interface SampleEvent {
  /** The batch it lies in. */
  readonly bytes?: Uint8Array
  /** Fills the opened event; time and id are set already. */
  fill(event: Event): void
}

export interface InputSample {
  readonly cases: readonly InputCase[]
}

export interface InputCase {
  readonly name: string
  /** Makes something to read, that a reading with `once` reads to an end: files in the empty folder, a server on loopback … Called once for each property. */
  prepare(folder: string): Promise<Prepared> | Prepared
  /** False for what can be read only once. Default true. */
  readonly replayable?: boolean
}

export interface Prepared {
  readonly config: object
  close?(): Promise<void>
}

export interface FilterSample {
  /** Configs to check it with. */
  readonly configs: readonly object[]
  /** Tables of other plugins that the events or configs need. */
  readonly tables?: readonly FieldTable[]
  /** Default: events with random values in all fields of `tables`. */
  readonly events?: readonly SampleEvent[]
  /** What the filter's main half has published: values as time in ms and numbers, bytes. Default nothing. */
  readonly feed?: { readonly values?: readonly (readonly number[])[]; readonly bytes?: Uint8Array }
}

export interface OutputSample {
  /** Configs to check the encoder with. Default: one without options. */
  readonly configs?: readonly object[]
  /** Where an encoded event holds the event's JSON object, gives that text. Default for formats that begin with `ndjson`: the line. */
  json?(encoded: Uint8Array): string
  /** Something to send to; without it only the encoder is checked. Called once for each property. */
  receiver?(folder: string): Promise<Receiver> | Receiver
}

export interface Receiver {
  readonly config: object
  /** `frame.number` of every event that has arrived so far, as often as it did; throws when something damaged arrived. */
  received(): Promise<readonly number[]> | readonly number[]
  close?(): Promise<void>
}

export type Sample = Partial<InputSample & FilterSample & OutputSample>
