/** Reads an input as the core would, and decodes what comes. */
import { isDeepStrictEqual } from 'node:util'
import { systemClock } from '../../core/clock.ts'
import { Event } from '../../core/event/event.ts'
import { streamKey } from '../../core/event/id.ts'
import type { Batch, Decoder, InputContext, InputPlugin, Position } from '../../core/plugin.ts'
import { BATCH_RECORDS, LEASE_BYTES } from '../../core/plugin.ts'
import { pureContext } from '../../core/route/context.ts'
import { pipelineFields } from '../../core/route/fields.ts'
import { eventText, poison } from './events.ts'
import { silentLog } from './log.ts'
import { type Problems, words } from './property.ts'

const NO_BYTES = new Uint8Array(0)
/** Wall clock of every reading, so that each can be compared with the next. */
const NOW = Date.UTC(2026, 10, 23, 10)

export interface ReadOptions {
  readonly positions?: ReadonlyMap<string, Position>
  /** Most bytes of a lease. */
  readonly lease?: number
  readonly once?: boolean
  readonly signal?: AbortSignal
}

/** A context as the core gives it. Leases become garbage when they end. */
export class KitContext implements InputContext {
  readonly name = 'kit'
  readonly once: boolean
  readonly signal: AbortSignal
  readonly max_record_bytes = 1024 * 1024
  readonly log = silentLog
  readonly clock = { ...systemClock, now: () => NOW }
  leased: Uint8Array | undefined
  readonly #positions: ReadonlyMap<string, Position>
  readonly #most: number

  constructor({ positions = new Map(), lease = LEASE_BYTES, once = true, signal = new AbortController().signal }: ReadOptions) {
    this.#positions = positions
    this.#most = lease
    this.once = once
    this.signal = signal
  }

  position(stream: string): Position | undefined {
    return this.#positions.get(stream)
  }

  streams(): Iterable<readonly [string, Position]> {
    return this.#positions
  }

  lease(bytes: number): Uint8Array {
    this.endLease()
    const length = Math.min(bytes, this.#most)
    // As in a slot, the lease is the beginning of something larger.
    return (this.leased = new Uint8Array(new SharedArrayBuffer(length + 64)).fill(0xa5).subarray(0, length))
  }

  endLease(): void {
    this.leased?.fill(0xa5)
    this.leased = undefined
  }

  skipped(): void {}
}

/** A batch with bytes of its own. */
export interface Kept extends Batch {
  readonly context: Uint8Array
}

/** Reads to the end. Breaches of the contract by batches go to `problems`. */
export async function readAll(plugin: InputPlugin, config: object, options: ReadOptions, problems: Problems): Promise<Kept[]> {
  const context = new KitContext(options)
  const input = await plugin.create(config as never, context)
  const batches: Kept[] = []
  for await (const batch of input.read()) {
    inspect(batch, context.leased, problems)
    const { stream, identity, offset, records } = batch
    const next = JSON.parse(JSON.stringify(batch.next))
    batches.push({ stream, identity, offset, records, next, data: batch.data.slice(), context: batch.context?.slice() ?? NO_BYTES })
    context.endLease()
  }
  return batches
}

function inspect({ stream, data, offset, records, next }: Batch, leased: Uint8Array | undefined, problems: Problems): void {
  if (stream === '') problems.add('a batch has no name of its stream')
  if (data.length === 0) problems.add('a batch is empty')
  if (!Number.isSafeInteger(offset) || offset < 0) problems.add(`a batch lies at ${offset}`)
  if (!Number.isInteger(records) || records < 1 || records > BATCH_RECORDS) problems.add(`a batch says it holds ${records} records`)
  if (!isDeepStrictEqual(JSON.parse(JSON.stringify(next)), next)) problems.add('a position is not plain JSON')
  if (leased && data.buffer === leased.buffer) {
    if (data.byteOffset !== leased.byteOffset) problems.add('leased data does not begin where the lease begins')
    if (data.length > leased.length) problems.add('data reaches beyond its lease')
  } else if (data.buffer instanceof SharedArrayBuffer) problems.add('data lies in a lease that has ended')
}

/** The worker's half of an input. */
export class Decoding {
  readonly #decoder: Decoder
  readonly #event: Event

  constructor(plugin: InputPlugin, config: object) {
    this.#event = new Event(pipelineFields([{ name: 'kit', plugin: plugin as InputPlugin, config }]))
    this.#decoder = plugin.decoder(config as never, pureContext('kit', this.#event, { name: 'kit', id: 'kit' }))
  }

  /** What each record became: the event's text or why it was rejected. Breaches of the contract go to `problems`. */
  decode(batch: Kept, problems: Problems, { texts = true }: { texts?: boolean } = {}): string[] {
    const event = this.#event
    const results: string[] = []
    let open = false
    const close = (text: () => string) => {
      if (!open) problems.add('a record ends that was not opened')
      open = false
      results.push(text())
    }
    const key = streamKey('kit', batch.identity ?? batch.stream)
    try {
      this.#decoder.decode(
        { ...batch, key },
        {
          open: (at, length) => {
            if (open) problems.add('a record is opened before the last one is emitted or rejected')
            if (!(at >= 0 && length >= 0 && at + length <= batch.data.length))
              problems.add(`a record at ${at} of ${length} bytes in a batch of ${batch.data.length}`)
            open = true
            event.open(batch.data)
            poison(event)
            return event
          },
          emit: () =>
            close(() => {
              event.force(event.pending)
              return texts ? eventText(event) : ''
            }),
          reject: (reason) => close(() => `rejected: ${reason}`),
        },
      )
    } catch (error) {
      problems.add(`decode throws ${words(error)}`)
      return results
    }
    if (open) problems.add('a record is neither emitted nor rejected')
    return results
  }
}
