/**
 * One first-in-first-out queue of payloads, in memory and on disk: says when the line (line.ts) is written, read and dropped from.
 *
 * - A claim is paid when its payload is delivered, dropped or synced (under `fsync: never`: written), and only then.
 * - A payload is written only when its kind asks for it: `disk` always; `spill` while the output is down or memory is short; `memory` never but at the end, for
 *   what cannot be read again. What any of them finds on disk is delivered first.
 *
 * The queue's own time counts while Wherry runs, so that ages survive clocks that jump.
 */
import type { Clock } from '../clock.ts'
import type { OutputSection } from '../config/types.ts'
import type { DropReason } from '../delivery/counters.ts'
import type { Parcel } from '../delivery/parcel.ts'
import { backoffMs } from '../net/backoff.ts'
import type { Log } from '../plugin.ts'
import { type ByRoute, type Stored, type Summary, summaryOf } from './format.ts'
import { type Entry, Line } from './line.ts'
import { before, type SegmentStore } from './store.ts'

export interface OutboxOptions {
  readonly queue: OutputSection['queue']
  readonly store: SegmentStore
  /** For words. */
  readonly name: string
  /** A payload that was stored, as one to send. */
  readonly revive: (stored: Stored) => Parcel
  /** Whether more may be written to disk; see budget.ts. */
  readonly mayWrite: () => boolean
  /** Whether inputs can wait while the output is a little slow: nothing is dropped, and all of it can be read again. */
  readonly patient: boolean
  /** Nobody looks at the body any more. */
  readonly release: (parcel: Parcel) => void
  /** There may be a payload to shift, or room. */
  readonly changed: () => void
  readonly dropped: (events: ByRoute, reason: DropReason) => void
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

/** An output that failed this long ago is down, and what waits for it goes to disk. */
const DOWN_MS = 1000
/** An output is slow when memory is short and its oldest payload has waited so long. Faster ones hold their inputs, which costs no writing. */
const SLOW_MS = 5000
/** What is read ahead of the sender. */
const AHEAD_BYTES = 2 * 1024 * 1024
/** What is written at once. */
const WRITE_BYTES = 4 * 1024 * 1024
const RETRY = { initial_ms: 200, max_ms: 30_000 }
/** Reads of one segment that may fail in a row: for some minutes. */
const READ_TRIES = 12

export class Outbox {
  readonly #options: OutboxOptions
  readonly #line: Line
  /** Bytes written and not synced, and since when. */
  #dirty = 0
  #dirtySince = 0
  #downSince: number | undefined
  #lastWrite = Number.NEGATIVE_INFINITY
  #work: Promise<void> | undefined
  #loading: Promise<void> | undefined
  #failing = false
  #nap = new AbortController()
  readonly #stop = new AbortController()
  #closing = false
  readonly #startTime: number
  /** Bytes of payloads written. */
  written = 0

  constructor(options: OutboxOptions) {
    this.#options = options
    const { store, clock } = options
    this.#startTime = store.time - clock.monotonic()
    this.#line = new Line(store.found, store.backlog, options.release)
  }

  /** Of all that is not settled. */
  get bytes(): number {
    return this.#line.memory + this.#line.stored.bytes
  }

  get memoryBytes(): number {
    return this.#line.memory
  }

  /** Bytes that only memory holds. */
  get unsafe(): number {
    return this.#line.unsafe
  }

  /** What waits on disk only. */
  get stored(): Readonly<Summary> {
    return this.#line.stored
  }

  /** Payloads in memory that wait. */
  waiting(): Iterable<Parcel> {
    return this.#line.waiting()
  }

  push(parcel: Parcel): void {
    this.#line.push(parcel, this.#time())
    this.#maybeWrite()
  }

  shift(): Parcel | undefined {
    const { max_age_ms } = this.#options.queue
    for (;;) {
      const entry = this.#line.oldest()
      if (!entry) {
        this.#load()
        return undefined
      }
      this.#line.shift(entry)
      if (max_age_ms !== undefined && this.#time() - entry.sealed_at > max_age_ms) {
        this.#drop(entry, 'old')
        continue
      }
      if (this.#line.range && this.#line.ahead(AHEAD_BYTES) < AHEAD_BYTES) this.#load()
      return entry.parcel
    }
  }

  settled(parcel: Parcel): void {
    this.#end(this.#line.entry(parcel))
  }

  down(down: boolean): void {
    if (!down) this.#downSince = undefined
    else this.#downSince ??= this.#options.clock.monotonic()
    this.#maybeWrite()
  }

  /** Age of the oldest payload that is not being sent. */
  get oldestAge(): number | undefined {
    const entry = this.#line.oldest()
    return entry && this.#time() - entry.sealed_at
  }

  /** Drops the oldest payload that is not being sent. @returns false when there is none */
  async dropOldest(reason: DropReason): Promise<boolean> {
    if (!this.#line.oldest() && this.#line.range) await this.#load()
    const entry = this.#line.oldest()
    if (!entry) return this.#line.range !== undefined && this.#line.stored.payloads > 0 && !this.#closing
    this.#drop(entry, reason)
    return true
  }

  /** Drops the newest payload that only memory holds. @returns false when there is none */
  dropNewest(): boolean {
    const last = this.#line.newest()
    if (!last) return false
    this.#drop(last, 'full')
    return true
  }

  /**
   * The sender has ended. What `keep` asks for goes to disk if it can; what is left is in memory only, and gone with it.
   * @returns payloads that should have been kept and could not
   */
  async close(keep: (parcel: Parcel) => boolean): Promise<Parcel[]> {
    const { store } = this.#options
    this.#closing = true
    this.#stop.abort()
    this.#nap.abort()
    await this.#work
    await this.#loading
    const wanted = this.#line.inMemory().filter(({ synced, parcel }) => !synced && keep(parcel))
    try {
      const fresh = wanted.filter(({ location }) => !location)
      if (fresh.length > 0) await this.#append(fresh)
      if (wanted.length > 0 || this.#dirty > 0) await this.#sync()
      this.#trimDone()
      if (this.#line.delivered) await store.retire()
      else await store.finish()
    } catch (error) {
      this.#options.log.error(`queue ${this.#options.name}: cannot be written at the end: ${(error as Error).message}`)
      await this.#abandon()
    }
    await store.save().catch(() => undefined)
    await store.close()
    return wanted.filter(({ synced }) => !synced).map(({ parcel }) => parcel)
  }

  /** To be called now and then: looks at what only time changes, and saves how far delivery has come. */
  async tick(): Promise<void> {
    this.#maybeWrite()
    await this.#options.store.save()
  }

  /** How long the oldest payload in memory has not been delivered. */
  #waited(): number {
    const oldest = this.#line.first()
    return oldest ? this.#time() - oldest.sealed_at : 0
  }

  // --- ends of payloads ---

  #end(entry: Entry): void {
    if (entry.done) return
    this.#line.end(entry)
    this.#trimDone()
  }

  #drop(entry: Entry, reason: DropReason): void {
    const { parcel, bytes } = entry
    entry.parcel.claim.payAll()
    this.#options.dropped(summaryOf(parcel, bytes).routes, reason)
    this.#end(entry)
    this.#options.changed()
  }

  /** Forgets what is done at the front, and moves `done` over it. */
  #trimDone(): void {
    const { store, queue } = this.#options
    const last = this.#line.trim()
    if (last) store.done({ seq: last.seq, at: last.end }, this.#time())
    // Back to memory by itself; a queue that is always on disk keeps its segment for the next payload.
    if (queue.kind !== 'disk' && !store.empty && !this.#work && this.#line.delivered) void store.retire()
  }

  // --- from disk ---

  #load(): Promise<void> {
    if (!this.#line.range) return Promise.resolve()
    this.#loading ??= this.#read().finally(() => {
      this.#loading = undefined
      this.#options.changed()
    })
    return this.#loading
  }

  /** Reads on in the range until there is something to send, or its end. */
  async #read(): Promise<void> {
    const { store, clock, random, log, name, revive } = this.#options
    const line = this.#line
    for (let failures = 0; line.range && !this.#closing; ) {
      const { from, to } = line.range
      try {
        const { found, next } = await store.read(from, to)
        failures = 0
        for (const { payload, ...location } of found) line.arrived(revive(payload), payload.sealed_at, location)
        // The range may have grown meanwhile, at its end.
        line.range.from = next
        if (!before(next, line.range.to)) this.#exhausted()
        if (found.length > 0) return
      } catch (error) {
        if (++failures < READ_TRIES) {
          await clock.sleep(backoffMs(RETRY, failures, random()), this.#stop.signal)
          continue
        }
        log.error(`queue ${name}: a segment cannot be read and is set aside: ${(error as Error).message}`)
        line.range.from = (await store.setAside(from)) ?? to
        failures = 0
        if (!before(line.range.from, line.range.to)) this.#exhausted()
      }
    }
  }

  /** All of the range is read; what should have been there and was not is lost. */
  #exhausted(): void {
    const { dropped, log, name } = this.#options
    const { events, payloads, routes } = this.#line.exhausted()
    if (events > 0) {
      log.error(`queue ${name}: ${events} events in ${payloads} payloads were damaged on disk, or deleted there, and are lost`)
      dropped(routes, 'damaged')
    }
    this.#trimDone()
  }

  // --- to disk ---

  /** Whether there is reason to write now. */
  #due(): boolean {
    const { queue, clock, mayWrite, patient } = this.#options
    if (this.#closing || this.#line.unsafe === 0 || queue.kind === 'memory' || !mayWrite()) return false
    if (queue.kind === 'disk') return true
    if (this.#line.unsafe >= queue.memory_bytes / 2 && (!patient || this.#waited() >= SLOW_MS)) return true
    const now = clock.monotonic()
    return this.#downSince !== undefined && now - this.#downSince >= DOWN_MS && now - this.#lastWrite >= queue.fsync_ms
  }

  #maybeWrite(): void {
    if (this.#work) {
      // Memory is getting short: the next sync is due.
      if (this.#line.unsafe >= this.#options.queue.memory_bytes / 4) this.#nap.abort()
      return
    }
    if (!this.#due()) return
    this.#work = this.#write().finally(() => {
      this.#work = undefined
      this.#trimDone()
      this.#options.changed()
      this.#maybeWrite()
    })
  }

  async #write(): Promise<void> {
    const { queue, clock, random, log, name } = this.#options
    for (let failures = 0; !this.#closing; ) {
      const entries = this.#due() ? this.#line.unwritten() : []
      try {
        if (entries.length > 0) await this.#append(entries)
        else if (this.#dirty === 0) break
        if (queue.fsync !== 'interval' || this.#dirty >= queue.memory_bytes / 4 || clock.monotonic() - this.#dirtySince >= queue.fsync_ms) {
          await this.#sync()
        } else if (!this.#due() || this.#line.unwritten().length === 0) {
          this.#nap = new AbortController()
          await clock.sleep(Math.max(1, this.#dirtySince + queue.fsync_ms - clock.monotonic()), this.#nap.signal)
        }
        if (this.#failing) log.info(`queue ${name}: is written to disk again`)
        this.#failing = false
        failures = 0
      } catch (error) {
        if (!this.#failing) log.error(`queue ${name}: cannot be written to disk; memory goes on: ${(error as Error).message}`)
        this.#failing = true
        await this.#abandon()
        await clock.sleep(backoffMs(RETRY, ++failures, random()), this.#stop.signal)
      }
    }
  }

  async #append(entries: readonly Entry[]): Promise<void> {
    const { store, clock } = this.#options
    let batch: Entry[] = []
    let size = 0
    for (const [i, entry] of entries.entries()) {
      if (!entry.done) {
        batch.push(entry)
        size += entry.bytes
      }
      if (batch.length === 0 || (size < WRITE_BYTES && i < entries.length - 1)) continue
      for (const writing of batch) writing.writing = true
      if (this.#dirty === 0) this.#dirtySince = clock.monotonic()
      this.#lastWrite = clock.monotonic()
      try {
        const locations = await store.append(batch.map(({ parcel, sealed_at }) => ({ sealed_at, ...parcel })))
        for (const [k, written] of batch.entries()) written.location = locations[k]
        this.#dirty += size
        this.written += size
      } finally {
        for (const written of batch) {
          written.writing = false
          if (written.done) this.#options.release(written.parcel)
        }
      }
      batch = []
      size = 0
    }
  }

  async #sync(): Promise<void> {
    const covered = this.#line.written()
    await this.#options.store.sync(this.#options.queue.fsync !== 'never')
    this.#safe(covered)
  }

  /** These are on disk: the promise is kept by the disk, and memory may let go of them. */
  #safe(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#line.synced(entry)
      if (!entry.done) entry.parcel.claim.payAll()
    }
    this.#dirty = 0
    this.#line.evict(this.#options.queue.memory_bytes / 4, this.#loading !== undefined)
    this.#options.changed()
  }

  /** What was not synced is written again, into another segment. */
  async #abandon(): Promise<void> {
    for (const entry of this.#line.written()) entry.location = undefined
    this.#dirty = 0
    await this.#options.store.abandon()
  }

  #time(): number {
    return this.#startTime + this.#options.clock.monotonic()
  }
}
