/** One output with all that belongs to it: sealer, queue, sender. */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { OutputSection, Priority, Route } from '../config/types.ts'
import type { Log, Output, OutputPlugin } from '../plugin.ts'
import { OutputQueue } from '../queue/output-queue.ts'
import type { SegmentStore } from '../queue/store.ts'
import type { Counters } from './counters.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { Parcel } from './parcel.ts'
import { byPriority } from './priorities.ts'
import { type Encoded, Sealer } from './sealer.ts'
import { Sender } from './sender.ts'

export interface OutputUnitOptions {
  readonly section: OutputSection
  readonly index: number
  readonly plugin: OutputPlugin
  readonly output: Output
  readonly format: string
  readonly counters: Counters
  readonly dead: DeadLetters
  /** What waits on disk, by priority, highest first. */
  readonly stores: ReadonlyMap<Priority, SegmentStore>
  readonly routes: readonly Route[]
  /** Whether queues may write to disk today. */
  readonly mayWrite: () => boolean
  /** Inputs whose records cannot be read again. */
  readonly perishable: ReadonlySet<number>
  /** Whether none of them leads here. */
  readonly canWait: boolean
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  /** There may be room again. */
  readonly settled: () => void
}

export class OutputUnit {
  readonly name: string
  readonly index: number
  readonly sealer: Sealer
  readonly queue: OutputQueue
  readonly sender: Sender
  readonly #options: OutputUnitOptions
  /** The one priority of all routes, as usual. */
  readonly #only: Priority

  constructor(options: OutputUnitOptions) {
    const { section, index, plugin, output, format, counters, dead, clock, random, log, settled, stores, mayWrite, canWait } = options
    this.#options = options
    this.#only = [...stores.keys()][0]
    this.name = section.name
    this.index = index
    this.queue = new OutputQueue({
      section,
      index,
      stores,
      counters,
      mayWrite,
      canWait,
      clock,
      random,
      log,
      release: (parcel) => this.sealer.recycle(parcel),
      changed: () => {
        this.sender.poke()
        settled()
      },
    })
    const run = randomBytes(9).toString('base64url')
    let payloads = 0
    this.sealer = new Sealer({
      ...section.batch,
      output: index,
      linger_ms: section.linger_ms,
      clock,
      newId: () => `${run}-${++payloads}`,
      sealed: (parcel) => {
        this.queue.push(parcel)
        this.sender.poke()
      },
    })
    this.sender = new Sender({
      name: section.name,
      index,
      output,
      select: plugin.select,
      parallel: typeof plugin.parallel === 'function' ? plugin.parallel(section.config as never) : (plugin.parallel ?? 1),
      retry: section.retry,
      queue: this.queue,
      counters,
      clock,
      random,
      log,
      bury: (parcel, reason) => dead.write(letters(parcel, reason, section.name, format, new Date(clock.now()).toISOString())),
      settled,
      idle: (idle) => this.sealer.idle(idle),
    })
    // What an earlier run left waits already.
    this.sender.poke()
  }

  /** Whether the inputs that feed this output may read on. */
  get hasRoom(): boolean {
    return this.queue.hasRoom(this.sealer.bytes)
  }

  /** Whether nothing waits or is under way. */
  get empty(): boolean {
    return this.sealer.bytes === 0 && this.queue.empty
  }

  /** Takes the encoded events of a run. */
  add(encoded: Omit<Encoded, 'priority'>): void {
    const { stores, routes, plugin } = this.#options
    for (const part of stores.size > 1 ? byPriority(encoded, routes, plugin.select) : [{ priority: this.#only, ...encoded }]) this.sealer.add(part)
  }

  /** Whether bodies of this format can be written as they are. */
  takes(format: string): boolean {
    const { section, plugin } = this.#options
    return format === this.#options.format || (plugin.accepts?.(format, section.config as never) ?? false)
  }

  /** Takes an event of a dead letter again. */
  addLetter(encoded: Omit<Encoded, 'priority'>): void {
    this.#options.counters.count(this.index, encoded.routes, 'restored')
    this.add(encoded)
  }

  /** Ends what is under way; what cannot be read again, and what waits on disk anyway, goes there as a whole. */
  async close(): Promise<void> {
    const { section, perishable } = this.#options
    await this.sender.close()
    await this.queue.close(({ claim }) => section.queue.kind === 'disk' || claim.concerns(perishable))
  }
}

function letters(parcel: Parcel, reason: (event: number) => string, output: string, format: string, at: string) {
  const columnar = parcel.ends.length === 0
  const { key, body, ends, routes } = parcel
  const letter = { kind: 'delivery', at, output, format, key, ends: !columnar } as const
  if (columnar) return [{ ...letter, reason: reason(0), route: routes[0], body: base64(body) }]
  return Array.from({ length: parcel.count }, (_, event) => ({
    ...letter,
    reason: reason(event),
    route: routes[event],
    body: base64(body.subarray(event === 0 ? 0 : ends[event - 1], ends[event])),
  }))
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}
