/**
 * The queue of an output: one outbox for each priority that its routes give, the limits over all of them, and what happens when they are reached.
 *
 * What has a higher priority goes first, and is dropped last. Within one priority the order is kept.
 */
import type { Clock } from '../clock.ts'
import type { OutputSection, Priority } from '../config/types.ts'
import { Claim } from '../delivery/claim.ts'
import type { Counters, DropReason } from '../delivery/counters.ts'
import type { Parcel } from '../delivery/parcel.ts'
import type { Log } from '../plugin.ts'
import { type ByRoute, countRoutes, type Stored } from './format.ts'
import { weight } from './line.ts'
import { Outbox } from './outbox.ts'
import type { Queue, QueueState } from './queue.ts'
import type { SegmentStore, Stranded } from './store.ts'

export interface OutputQueueOptions {
  readonly section: OutputSection
  readonly index: number
  /** Highest first. */
  readonly stores: ReadonlyMap<Priority, SegmentStore>
  readonly counters: Counters
  readonly mayWrite: () => boolean
  /** Whether all inputs can be read again. */
  readonly canWait: boolean
  readonly release: (parcel: Parcel) => void
  readonly changed: () => void
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

/** How often progress is saved, without a sync, and ages are looked at. */
const TICK_MS = 250
/** Of what an earlier run stored: nothing is owed. */
const PAID = new Claim([])

interface Lane {
  readonly priority: Priority
  readonly outbox: Outbox
  readonly store: SegmentStore
}

export class OutputQueue implements Queue {
  readonly #options: OutputQueueOptions
  readonly #lanes: readonly Lane[]
  readonly #stop = new AbortController()
  readonly #ticking: Promise<void>
  #trimming = false
  #said = new Set<DropReason>()

  constructor(options: OutputQueueOptions) {
    this.#options = options
    const { section, stores, clock, random, log, mayWrite, canWait, release, changed } = options
    this.#lanes = [...stores].map(([priority, store]) => ({
      priority,
      store,
      outbox: new Outbox({
        queue: section.queue,
        store,
        name: section.name,
        revive: (stored) => this.#revive(stored, priority),
        mayWrite,
        patient: section.queue.on_full === 'wait' && canWait,
        release,
        changed,
        dropped: (events, reason) => this.#dropped(events, reason),
        clock,
        random,
        log,
      }),
    }))
    for (const { store } of this.#lanes) for (const [route, events] of store.backlog.routes) this.#count(route, 'restored', events)
    this.#ticking = this.#tick()
  }

  get bytes(): number {
    return this.#sum(({ outbox }) => outbox.bytes)
  }

  get empty(): boolean {
    return this.#lanes.every(({ outbox }) => outbox.bytes === 0)
  }

  /** Whether inputs may read on, with so many bytes on their way into the queue. */
  hasRoom(coming: number): boolean {
    const { max_bytes, memory_bytes, on_full } = this.#options.section.queue
    if (on_full !== 'wait') return true
    return this.bytes + coming < max_bytes && this.#sum(({ outbox }) => outbox.unsafe) + coming < memory_bytes
  }

  /** Events that wait, by route. */
  waiting(): Map<number, number> {
    const sums = new Map<number, number>()
    const add = (route: number, events: number) => sums.set(route, (sums.get(route) ?? 0) + events)
    for (const { outbox } of this.#lanes) {
      for (const [route, events] of outbox.stored.routes) add(route, events)
      for (const { routes } of outbox.waiting()) for (const [route, events] of countRoutes(routes)) add(route, events)
    }
    return sums
  }

  get state(): QueueState {
    const { name, queue } = this.#options.section
    return {
      output: name,
      kind: queue.kind,
      bytes: this.bytes,
      memory_bytes: this.#sum(({ outbox }) => outbox.memoryBytes),
      disk_bytes: this.#sum(({ store }) => store.usage.bytes),
      segments: this.#sum(({ store }) => store.usage.segments),
      stranded: this.stranded.length,
      written_bytes: this.#sum(({ outbox }) => outbox.written),
    }
  }

  get stranded(): Stranded[] {
    return this.#lanes.flatMap(({ store }) => store.stranded)
  }

  push(parcel: Parcel): void {
    const { on_full } = this.#options.section.queue
    const outbox = this.#laneOf(parcel)
    if (on_full === 'drop_newest' && !this.#makeRoom(weight(parcel), outbox)) {
      parcel.claim.payAll()
      this.#dropped(countRoutes(parcel.routes), 'full')
      return this.#options.release(parcel)
    }
    outbox.push(parcel)
    if (on_full === 'drop_oldest') void this.#trim()
  }

  shift(): Parcel | undefined {
    for (const { outbox } of this.#lanes) {
      const parcel = outbox.shift()
      if (parcel) return parcel
    }
    return undefined
  }

  settled(parcel: Parcel): void {
    this.#laneOf(parcel).settled(parcel)
  }

  down(down: boolean): void {
    for (const { outbox } of this.#lanes) outbox.down(down)
  }

  /** The sender has ended: `keep` says what must not be lost with memory. */
  async close(keep: (parcel: Parcel) => boolean): Promise<void> {
    this.#stop.abort()
    await this.#ticking
    const lost = (await Promise.all(this.#lanes.map(({ outbox }) => outbox.close(keep)))).flat()
    const perishable = lost.filter(keep).reduce((sum, { count }) => sum + count, 0)
    if (perishable > 0) this.#options.log.error(`queue ${this.#options.section.name}: ${perishable} events could not be kept on disk`)
  }

  // --- limits ---

  get #full(): boolean {
    const { max_bytes, memory_bytes } = this.#options.section.queue
    return this.bytes >= max_bytes || this.#sum(({ outbox }) => outbox.unsafe) >= memory_bytes
  }

  /** For `drop_newest`: drops what has lower priority until there is room. */
  #makeRoom(bytes: number, own: Outbox): boolean {
    const { max_bytes, memory_bytes } = this.#options.section.queue
    const lower = this.#lanes.slice(this.#lanes.findIndex(({ outbox }) => outbox === own) + 1).reverse()
    const fits = () => this.bytes + bytes <= max_bytes && this.#sum(({ outbox }) => outbox.unsafe) + bytes <= memory_bytes
    while (!fits()) if (!lower.some(({ outbox }) => outbox.dropNewest())) return false
    return true
  }

  /** For `drop_oldest`: what is oldest and least important goes until it fits. */
  async #trim(): Promise<void> {
    if (this.#trimming) return
    this.#trimming = true
    try {
      while (this.#full && !this.#stop.signal.aborted) if (!(await this.#dropOne())) break
    } finally {
      this.#trimming = false
    }
  }

  async #dropOne(): Promise<boolean> {
    for (const { outbox } of [...this.#lanes].reverse()) if (await outbox.dropOldest('full')) return true
    return false
  }

  async #tick(): Promise<void> {
    const { clock, section } = this.#options
    const { max_age_ms, on_full } = section.queue
    while (!this.#stop.signal.aborted) {
      await clock.sleep(TICK_MS, this.#stop.signal)
      for (const { outbox } of this.#lanes) {
        // Best effort: behind is safe.
        await outbox.tick().catch(() => undefined)
        if (max_age_ms === undefined) continue
        while (!this.#stop.signal.aborted && (outbox.oldestAge ?? 0) > max_age_ms) if (!(await outbox.dropOldest('old'))) break
      }
      if (on_full === 'drop_oldest') await this.#trim()
    }
  }

  // --- books ---

  #revive(stored: Stored, priority: Priority): Parcel {
    return { ...stored, output: this.#options.index, priority, runs: [], claim: PAID }
  }

  #dropped(events: ByRoute, reason: DropReason): void {
    for (const [route, count] of events) this.#count(route, 'dropped', count, reason)
    if (this.#said.has(reason) || reason === 'damaged') return
    this.#said.add(reason)
    const { section, log } = this.#options
    log.warn(`queue ${section.name}: ${reason === 'full' ? 'is full' : 'holds what is too old'}; events are dropped, as its options say`)
  }

  #count(route: number, as: 'restored' | 'dropped', events: number, reason?: DropReason): void {
    const { counters, index } = this.#options
    counters.add(route, index, as, events, reason)
  }

  #laneOf({ priority }: Parcel): Outbox {
    return this.#lanes.find((lane) => lane.priority === priority)!.outbox
  }

  #sum(of: (lane: Lane) => number): number {
    let sum = 0
    for (const lane of this.#lanes) sum += of(lane)
    return sum
  }
}
