/**
 * The contract between Wherry and its plugins: three kinds, one plain object each.
 *
 *   bytes → event → bytes
 *
 * Inputs and outputs do I/O on the main thread. Decoders, filters and encoders are pure (same input, same result; no I/O,
 * no clock) and run in worker threads over whole batches. Only encoded bytes come back, so events never cross a thread.
 *
 * A plugin is the default export of a module: `export default { kind: 'filter', … } satisfies FilterPlugin<typeof config>`.
 * Both threads load that module, so anything heavy is imported inside `create` of an input or output.
 */
import type { FromSchema, JSONSchema } from 'json-schema-to-ts'
import type { Clock } from './clock.ts'
import type { Event, Value } from './event/event.ts'
import type { Field, Fields, FieldTable, KnownField } from './event/fields.ts'
import type { ByteWriter } from './event/writer.ts'
import type { Closed, Framing, RecordWalk } from './route/flows.ts'

export type { JSONSchema } from 'json-schema-to-ts'
export type { Clock } from './clock.ts'
export { Alarm } from './clock.ts'
export { digest } from './event/digest.ts'
export { envelope, frame, SAME_OF_FRAMES } from './event/envelope.ts'
export type { Event, HeldEvent, LazyTable, Value } from './event/event.ts'
export { type Field, type FieldClass, Fields, type FieldTable, type FieldType, fieldTable, type KnownField } from './event/fields.ts'
export { createdId, ID_BYTES, idText, putCreatedId } from './event/id.ts'
export type { Lens } from './event/lens.ts'
export { timeText } from './event/values.ts'
export type { ByteWriter } from './event/writer.ts'
export type { Closed, Framing, FramingHead, RecordWalk } from './route/flows.ts'

/** The TypeScript type of a plugin's config, from its JSON Schema. Properties with a default are always there. */
export type Config<S> = S extends JSONSchema ? FromSchema<S> : never

// --- inputs ---

/** A place in a stream from which reading can go on: plain JSON, kept in the checkpoint. */
export type Position = { readonly [key: string]: string | number | boolean | null | Position | readonly (string | number)[] }

/** Whole records, and all a decoder must know to read them: any worker may get any batch. */
export interface Batch {
  /** Name of the stream in the checkpoint. */
  readonly stream: string
  /** What event ids are made of, where it is not the stream's name: a copy of a stream has another name but the same identity. */
  readonly identity?: string
  /** Whole records. From `lease` (then it must begin where the lease begins), or the input's own bytes (then it is copied once). */
  readonly data: Uint8Array
  /** Place of data[0] in its stream, in bytes. */
  readonly offset: number
  /** How many records `data` holds: 2048 at most. */
  readonly records: number
  /** All a decoder must know from before data[0], in the plugin's own form: file header, interface blocks, count of records so far. */
  readonly context?: Uint8Array
  /** Resume here once this batch and all before it are settled; enough to rebuild the context. */
  readonly next: Position
}

export interface InputContext {
  /** Name of the section in `inputs:`. */
  readonly name: string
  /** The checkpoint of a stream, or undefined when it was never read. */
  position(stream: string): Position | undefined
  /** Every stream the checkpoint knows of this input, with its position. */
  streams(): Iterable<readonly [stream: string, position: Position]>
  /**
   * Shared memory of at most `bytes` (and at most `LEASE_BYTES`) to read into; valid until the next `yield` or `lease`.
   * A batch of leased bytes reaches its worker without a copy.
   */
  lease(bytes: number): Uint8Array
  /** Aborted on stop: end the generator soon, with nothing lost. */
  readonly signal: AbortSignal
  /** Read to the end as found at open, then end; set by `--once`. */
  readonly once: boolean
  /** Records longer than this are skipped in the stream and reported by `skipped`, never buffered. */
  readonly max_record_bytes: number
  /** Counts records that cannot become part of a batch (too long, unreadable): read, and rejected with this reason. */
  skipped(stream: string, offset: number, length: number, reason: string): void
  /** A stream has come to its end and all of it was yielded: once that is settled, the checkpoint forgets it. For streams that cannot be read again. */
  ended?(stream: string): void
  readonly log: Log
  readonly clock: Clock
}

/** Largest lease, and largest batch that makes sense. */
export const LEASE_BYTES = 512 * 1024
/** Most records in a batch. */
export const BATCH_RECORDS = 2048

export interface Input {
  /**
   * Called once. Asking for the next batch is the backpressure: yield what there is when there is anything, up to
   * `LEASE_BYTES` and `BATCH_RECORDS`; `finally` is the cleanup. Throwing means "start me again from the checkpoint".
   */
  read(): AsyncIterable<Batch>
  /** Called when the checkpoint has moved over a batch: everything up to `position` is settled for good. */
  settled?(stream: string, position: Position): void
}

/** Where a decoder puts its records, in order, one `open` for each record of the batch. */
export interface RecordSink {
  /**
   * Begins the record at data[at … at + length). Returns the event to fill, empty but for `bytes` = the batch's data; or undefined when the
   * record is not wanted: go on to the next one.
   */
  open(at: number, length: number): Event | undefined
  /** The opened record is a good event. */
  emit(): void
  /** The opened record cannot become an event; it goes to the dead letters with this reason. */
  reject(reason: string): void
  /** Where there is a fast path: may take records from where `walk` is, and moves it behind them. For records whose header is that of a little-endian pcap. */
  ahead?(walk: RecordWalk): void
}

export interface Decoder {
  /** Splits the batch into records. Never throws for bad bytes: one bad record is a `reject`, not a failed batch. */
  decode(batch: DecoderBatch, records: RecordSink): void
}

/** What a decoder sees of a batch. */
export interface DecoderBatch {
  readonly stream: string
  readonly data: Uint8Array
  readonly offset: number
  readonly context: Uint8Array
  /** The 8 bytes of the stream for `event.record`. */
  readonly key: Uint8Array
}

export interface InputPlugin<S = unknown> extends PluginBase<S> {
  readonly kind: 'input'
  /** Whether the stream can be read again after a crash: false for stdin, FIFOs and sockets. */
  readonly replayable: boolean | ((config: Config<S>) => boolean)
  /** Whether reading never ends even with `--once`, which is then refused. Default false. */
  readonly endless?: boolean | ((config: Config<S>) => boolean)
  /**
   * Whether its records are events that others made, with any fields: those of all built-in plugins are then declared beside those of the config's plugins.
   * Default false.
   */
  readonly carries?: boolean
  /** Main thread. Import what does I/O in here. */
  create(config: Config<S>, context: InputContext): Input | Promise<Input>
  /** Worker thread. */
  decoder(config: Config<S>, context: PureContext): Decoder
}

// --- filters ---

/**
 * What a filter remembers between events.
 * - `none`: nothing; events may go through any worker in any order of batches.
 * - `annotates`: events pass at once; what is remembered is best effort over restarts.
 * - `withholds`: events are kept back until `flush`; their batches stay unsettled until then.
 */
export type FilterState = 'none' | 'annotates' | 'withholds'

/** Makes another event, which goes on behind this filter: `emit((event) => { event.set(…) })`. Give it an id with `createdId`. */
export type Emit = (fill: (event: Event) => void) => void

export interface Filter {
  /**
   * Called for every event. Returning false drops it (for `withholds`: absorbs it). The event is reused: keep nothing of it but `event.hold()`.
   * A thrown error rejects this record.
   */
  apply(event: Event, emit: Emit): boolean | void
  /**
   * `withholds` only: true when all that is held must be flushed before this record, its window being over by capture time. Called before a record enters the
   * routes, with the event as the input decoded it. All withholding filters of an input are then flushed together.
   */
  due?(event: Event): boolean
  /** `withholds` only: emit all that is held and forget it. Called when a filter of the input is due, on limits, and at the end. */
  flush?(emit: Emit): void
  /** `withholds` only: longest time by the wall clock that something is held, for streams that fall silent. Default 60000. */
  readonly hold_ms?: number
  /** How much was forgotten, or let go early, so that memory stays bounded, since the filter was made. Counted for operators. */
  shed?(): number
  /** For a filter that does nothing to records of some runs but what the run tells, for the fast path (core/route/fast-path.ts): says so of the event it was applied to last. */
  closed?(event: Event): Closed | undefined
}

export interface FilterPlugin<S = unknown> extends PluginBase<S> {
  readonly kind: 'filter'
  /** Default `none`. Any other pins the input to one worker, in read order. */
  readonly state?: FilterState | ((config: Config<S>) => FilterState)
  /**
   * Whether it hides what records hold: of inputs with such a filter in a route nothing is kept as it came. Record letters have place, length and reason only,
   * and reasons no values.
   */
  readonly conceals?: boolean
  /** For a filter that needs values from outside: its half on the main thread. */
  readonly feed?: FilterFeed<S>
  /** Worker thread. */
  create(config: Config<S>, context: PureContext): Filter
}

/**
 * The half of a filter that does I/O, on the main thread: it publishes timed values (a GPS fix), or bytes that are replaced as a whole (a table, a database),
 * and the pure half reads them through `PureContext.feed`. Running a batch again may find another value; so no id may depend on one.
 */
export interface FilterFeed<S = unknown> {
  /** Numbers of a timed value. Default 0: it only replaces bytes. */
  readonly width?: number
  /**
   * Called once, before inputs open. Resolve when they may begin, and go on until the signal: what fails later is said, tried again, and what was published
   * last stays. Throwing fails the start. Import what does I/O in here.
   */
  start(config: Config<S>, context: FeedContext): Promise<void>
}

export interface FeedContext {
  /** Name of the section in `filters:`. */
  readonly name: string
  /** Folder for state of Wherry. */
  readonly data_dir: string
  /** Aborted at the end, after the last record. */
  readonly signal: AbortSignal
  readonly log: Log
  readonly clock: Clock
  /** Publishes what was so at a time in ms since 1970, by the clock that events are timed with. The last 4096 values are kept. */
  publish(at_ms: number, values: readonly number[]): void
  /** Publishes bytes in place of those before; they are copied. Pure halves see them from their next batch on. */
  replace(bytes: Uint8Array): void
}

/** What the pure half of a filter sees of its feed. */
export interface FeedView {
  /** Finds the value whose time is nearest and puts it into `values`. Answers how many ms lie between, or NaN when that is more than `max_age_ms`. */
  nearest(at_ms: number, max_age_ms: number): number
  readonly values: Float64Array
  /** What was given to `replace` last: another array whenever it was replaced. Undefined before the first time, and where no main half runs. */
  readonly bytes: Uint8Array | undefined
}

// --- outputs ---

export interface Encoder {
  /** Events of one key share payloads: a path, an index, a tag. Called just before `write`. */
  key?(event: Event): string
  /** Whether events share a payload whatever their keys; where these differ it has none. For keys that are many at once, such as the days of an archive. */
  readonly mixes?: boolean
  /** Appends one event. The bytes hold nothing of send time. Returning false: conditions of the output's own config leave the event out, and it counts as not matched. */
  write(event: Event, into: ByteWriter): boolean | void
  /** Version and a hash of the options that shape the bytes: stored payloads of another format are not ours. */
  readonly format: string
  /** For the fast path: what `write` does, where it puts bytes around what a writer of the field tables writes. */
  readonly framing?: Framing
}

/** What an output sends at once. Never changes but by splitting. */
export interface Payload {
  /** The same for every attempt, within one run of Wherry. */
  readonly id: string
  /** The core's memory, which is used again once `write` has resolved; when it has thrown, never, since a socket may still hold what a server refused. */
  readonly body: Uint8Array
  /** Events in the body. */
  readonly count: number
  /** End of each event in the body; empty where bodies are columnar (see `select`). */
  readonly ends: Uint32Array
  /** For each event the number of its record within its batch. */
  readonly records: Uint32Array
  readonly key?: string
}

export interface WriteContext {
  readonly signal: AbortSignal
  /** 1 for the first try. */
  readonly attempt: number
}

/** What a receiver said beyond "taken". */
export interface Receipt {
  /** Events the receiver had already. */
  readonly duplicates?: number
}

export interface Output {
  /** Called before the first write and after a failed open, with back-off. */
  open?(signal: AbortSignal): Promise<void>
  /**
   * Resolving is the ack. `RejectedError`: never send (these events) again. `RetryError`: not before its time.
   * Anything else thrown is retried for ever with back-off, under the same payload id.
   */
  write(payload: Payload, context: WriteContext): Promise<Receipt | void>
  close?(): Promise<void>
}

export interface OutputContext {
  /** Name of the section in `outputs:`. */
  readonly name: string
  /** Folder for the output's own state. */
  readonly data_dir: string
  /** Every field of the pipeline. */
  readonly fields: Fields
  readonly log: Log
  readonly clock: Clock
}

export interface SetupContext {
  /** Every field of the pipeline. */
  readonly fields: Fields
  readonly signal: AbortSignal
}

export interface OutputPlugin<S = unknown> extends PluginBase<S> {
  readonly kind: 'output'
  /** Writes under way at once. Default 1. */
  readonly parallel?: number | ((config: Config<S>) => number)
  /** Main thread. Import what does I/O in here. */
  create(config: Config<S>, context: OutputContext): Output | Promise<Output>
  /**
   * Main thread, for `wherry setup`: prepares the receiver for the fields, and may be done again at any time. Import what does I/O in here.
   * @returns what was done, a line each
   * @throws Error with what is wrong
   */
  setup?(config: Config<S>, context: SetupContext): Promise<readonly string[]>
  /** Worker thread. */
  encoder(config: Config<S>, context: PureContext): Encoder
  /** Whether bodies of another `format`, stored before the config or the plugin changed, can be written as they are. Without it: never. */
  accepts?(format: string, config: Config<S>): boolean
  /** For bodies without `ends`: the body that holds only these events, by ascending index. */
  select?(body: Uint8Array, events: readonly number[]): Uint8Array
}

// --- all kinds ---

interface PluginBase<S> {
  /** One sentence for `wherry plugins` and the docs. */
  readonly summary: string
  /** JSON Schema of the section, without `plugin`: the only declaration of options, defaults and types. */
  readonly config: S
  /**
   * Tables of the fields it sets. Where they depend on the config, `find` gives the fields that all plugins with fixed tables declare;
   * what it finds need not be declared again.
   */
  readonly fields?: readonly FieldTable[] | ((config: Config<S>, find: (name: string) => Field | undefined) => readonly FieldTable[])
}

/** What pure halves are given when they are made, once for each place in the routes. */
export interface PureContext {
  /** Name of the section. */
  readonly name: string
  /** Every field of the pipeline. */
  readonly fields: Fields
  /** The event that will be passed in; the same object every time, so lazy tables are registered with it here. */
  readonly event: Event
  /** A field by path or alias. Throws on an unknown name. */
  field(name: string): FieldRef
  /** Compiles a condition. Strings whose schema says `format: 'when'` have been checked before. */
  when(expression: string): (event: Event) => boolean
  /** What the main half of this filter publishes. Empty where none runs, as in `wherry check` and `wherry test`. */
  readonly feed: FeedView
  /** `shipper.name` and the id made in `data_dir`. */
  readonly sensor: { readonly name: string; readonly id: string }
}

/** Fast access to one field. */
export interface FieldRef {
  readonly field: KnownField
  get(event: Event): Value | undefined
  set(event: Event, value: Value): void
  /** The number kept for it (see fields.ts), or NaN when absent. */
  number(event: Event): number
}

export type Plugin = InputPlugin | FilterPlugin | OutputPlugin

/** Only for what an operator should know; steady operation is silent. Secrets and record bytes never go here. */
export interface Log {
  error(message: string, details?: object): void
  warn(message: string, details?: object): void
  info(message: string, details?: object): void
  debug(message: string, details?: object): void
}

/** Never send these events again: they go to the dead letters. Without `events`: the whole payload. */
export class RejectedError extends Error {
  override readonly name = 'RejectedError'
  readonly events: readonly Rejection[] | undefined
  constructor(message: string, options: { events?: readonly Rejection[]; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.events = options.events
  }
}

export interface Rejection {
  /** Index in the payload. */
  readonly event: number
  readonly reason: string
}

/** Send these events again, not before `after_ms`. Without `events`: the whole payload. All others but `rejected` are delivered. */
export class RetryError extends Error {
  override readonly name = 'RetryError'
  readonly events: readonly number[] | undefined
  readonly rejected: readonly Rejection[]
  readonly after_ms: number
  /** Of the delivered events, those the receiver had already. */
  readonly duplicates: number
  /** Send in halves from now on: the receiver finds the payload too large. */
  readonly halve: boolean
  constructor(
    message: string,
    options: {
      events?: readonly number[]
      rejected?: readonly Rejection[]
      after_ms?: number
      duplicates?: number
      halve?: boolean
      cause?: unknown
    } = {},
  ) {
    super(message, { cause: options.cause })
    this.events = options.events
    this.rejected = options.rejected ?? []
    this.after_ms = options.after_ms ?? 0
    this.duplicates = options.duplicates ?? 0
    this.halve = options.halve ?? false
  }
}
