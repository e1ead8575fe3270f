/**
 * Reads one input, runs its batches through a lane and hands the results to the outputs, in read order.
 *
 * A batch is asked for only when there is a slot for it and room in every output that the input feeds. Its ticket is settled when everything it led to
 * is; what happens to it in between (a dead thread, a poison record, a full output) never loses it.
 */
import type { Checkpoint } from '../checkpoint/store.ts'
import type { Clock } from '../clock.ts'
import type { ShipperOptions } from '../config/types.ts'
import { streamKey } from '../event/id.ts'
import { backoffMs } from '../net/backoff.ts'
import { type Batch, type Input, type InputContext, LEASE_BYTES, type Log, type Position } from '../plugin.ts'
import type { Plan } from '../route/plan.ts'
import type { BadRecord, RunResult } from '../route/result.ts'
import type { ClockQuality } from '../time/quality.ts'
import type { ClockShift } from '../time/rebase.ts'
import { type Lane, ThreadDied } from '../worker/lane.ts'
import type { DeadLetters } from './dead-letters.ts'
import { FeedCounts } from './feed-counts.ts'
import { type Job, noteDeath } from './job.ts'
import type { OutputUnit } from './output-unit.ts'
import { RecordLetters } from './record-letters.ts'
import { Slot } from './slot.ts'
import { type Cut, type Ticket, Tracker } from './tracker.ts'
import { Withheld } from './withheld.ts'

export interface FeedOptions {
  readonly name: string
  readonly index: number
  readonly plan: Plan
  readonly sensorId: string
  readonly shipper: ShipperOptions
  readonly replayable: boolean
  /** A filter hides what records hold: record letters have no bytes, and reasons no values. */
  readonly conceals: boolean
  /** Filters with memory: one batch at a time, always on the first of `lanes`. */
  readonly ordered: boolean
  /** Some of them withhold, for at most so long by the wall clock. */
  readonly hold_ms: number | undefined
  readonly lanes: readonly Lane[]
  readonly outputs: readonly OutputUnit[]
  readonly checkpoint: Checkpoint
  readonly dead: DeadLetters
  readonly once: boolean
  readonly signal: AbortSignal
  readonly clock: Clock
  /** What events read now say of the sensor's clock. */
  readonly clockMark: () => ClockQuality | undefined
  /** Resolves when the clock can be believed, or need not be waited for any longer. */
  readonly clockReady: () => Promise<void>
  /** What recorded times of a stream lack. */
  readonly clockShift: (stream: string) => ClockShift | undefined
  readonly random: () => number
  readonly log: Log
  /** Whether lanes are other threads, which see shared memory only. */
  readonly shared: boolean
}

const RESTART = { initial_ms: 100, max_ms: 30_000 }

export class Feed {
  readonly options: FeedOptions
  readonly counts: FeedCounts
  readonly tracker: Tracker
  /** Where each stream goes on as far as it has been taken in; ahead of the checkpoint. */
  readonly #taken = new Map<string, Cut>()
  readonly #free: Slot[] = []
  /** Waits for a slot, or for room in an output. */
  #wake: (() => void) | undefined
  /** The last job in read order; the next one's results come after it. */
  #last: Promise<void> = Promise.resolve()
  readonly #withheld: Withheld | undefined
  readonly #letters: RecordLetters
  #lane = 0
  /** After a stop: what filters withheld stays unsettled and is read again, so that a restart does not tear a window. */
  abandoned = false
  #input: Input | undefined

  /** @param counts those of another feed of the same input, which these then count for too */
  constructor(options: FeedOptions, counts?: FeedCounts) {
    this.options = options
    const { plan, lanes, shared, ordered, hold_ms } = options
    this.counts = counts ?? new FeedCounts(plan)
    this.#letters = new RecordLetters(options)
    this.tracker = new Tracker((ticket) => this.#moved(ticket))
    const slots = ordered || !shared ? 2 : 1 + lanes.length
    for (let i = 0; i < slots; i++) this.#free.push(new Slot(shared))
    if (hold_ms !== undefined) this.#withheld = new Withheld(hold_ms, options.clock, () => this.#enqueue(() => this.#flush(true)))
  }

  /** What the input is made with. */
  context(): InputContext {
    const { name, checkpoint, signal, once, shipper, clock, log } = this.options
    return {
      name,
      position: (stream) => (this.#taken.get(stream) ?? checkpoint.get(name, stream))?.position,
      streams: () => this.#positions(),
      lease: (bytes) => this.#free[0].data.subarray(0, Math.min(bytes, LEASE_BYTES)),
      signal,
      once,
      max_record_bytes: shipper.max_record_bytes,
      skipped: (stream, offset, length, reason) => this.#skipped(stream, offset, length, reason),
      ended: (stream) => this.#ended(stream),
      clock,
      log,
    }
  }

  *#positions(): Iterable<readonly [string, Position]> {
    const streams = new Map<string, Cut>([...this.options.checkpoint.streams(this.options.name), ...this.#taken])
    for (const [stream, { position }] of streams) if (position !== undefined) yield [stream, position]
  }

  /** There is room in an output again. */
  wake(): void {
    this.#wake?.()
    this.#wake = undefined
  }

  /** Reads until the input ends or is stopped. Resolves when all its results have been handed to the outputs. */
  async run(input: Input): Promise<void> {
    const { signal, clock, random, log, name, replayable } = this.options
    this.#input = input
    signal.addEventListener('abort', () => this.wake(), { once: true })
    await this.options.clockReady()
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        await this.#read(input)
        break
      } catch (error) {
        if (signal.aborted) break
        log.error(`input ${name} failed and starts again: ${(error as Error).message}`)
        await clock.sleep(backoffMs(RESTART, failures, random()), signal)
      }
    }
    this.abandoned = signal.aborted && replayable && this.#withheld !== undefined
    if (this.#withheld && !this.abandoned) this.#enqueue(() => this.#flush(false))
    await this.#last
    this.#withheld?.close()
  }

  async #read(input: Input): Promise<void> {
    const { signal } = this.options
    const batches = input.read()[Symbol.asyncIterator]()
    try {
      while (await this.#ready()) {
        const { done, value } = await batches.next()
        if (done) return
        this.#take(value)
        if (signal.aborted) return
      }
    } finally {
      await batches.return?.()
    }
  }

  /** Resolves with true when a batch may be asked for, with false when reading is to stop. */
  async #ready(): Promise<boolean> {
    const { signal, outputs } = this.options
    while (!signal.aborted && (this.#free.length === 0 || outputs.some(({ hasRoom }) => !hasRoom))) {
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    return !signal.aborted
  }

  /** Takes a batch in: its bytes into a slot, its ticket after those before it. */
  #take(batch: Batch): void {
    const { name, index, checkpoint, sensorId } = this.options
    const { stream, records, next } = batch
    const before = this.#taken.get(stream) ?? checkpoint.get(name, stream)
    const skip = Math.min(before?.skip ?? 0, records)
    const cut = { position: next, skip: (before?.skip ?? 0) - skip }
    this.#taken.set(stream, cut)
    const slot = this.#free.shift()!
    const job: Job = {
      slot,
      ranges: [{ from: skip, to: records, deaths: 0 }],
      request: {
        input: index,
        stream,
        key: streamKey(sensorId, batch.identity ?? stream),
        data: slot.take(batch.data),
        context: batch.context ?? new Uint8Array(0),
        offset: batch.offset,
        clock: this.options.clockMark(),
        shift: this.options.clockShift(stream),
      },
    }
    const start = { position: before?.position, skip }
    const ticket = this.#withheld ? undefined : this.tracker.open(stream, cut, true)
    const previous = this.#last
    const identity = batch.identity ?? stream
    this.#last = this.#process({ job, ticket, start, cut, identity }, previous).then(() => {
      ticket?.done(1)
      this.#free.push(slot)
      this.wake()
    })
  }

  #enqueue(work: () => Promise<void>): void {
    this.#last = this.#last.then(work)
  }

  async #process(taken: Taken, previous: Promise<void>): Promise<void> {
    const { ordered, lanes } = this.options
    const { job, ticket } = taken
    const { ranges, slot } = job
    if (ordered) await previous
    const lane = lanes[ordered ? 0 : this.#lane++ % lanes.length]
    while (ranges.length > 0) {
      const range = ranges[0]
      // What is spread stands last, here as wherever batches pass: what follows a spread makes V8 (Node 20) invent hidden classes each time, which only a full collection frees.
      const request = {
        from: range.from,
        to: range.to,
        flush: this.#withheld?.full ?? false,
        memory: slot.memory,
        progress: slot.progress,
        ...job.request,
      }
      slot.progress[0] = -1
      let result: RunResult
      try {
        result = await lane.run(request)
      } catch (error) {
        await this.#died(taken, error as Error, lane)
        continue
      }
      await previous
      slot.memory = result.memory ?? slot.memory
      if (ticket) this.#accept(taken, range, result, ticket)
      else this.#acceptHeld(taken, range, result)
      if (result.consumed < range.to) range.from = result.consumed
      else ranges.shift()
    }
  }

  /**
   * Where filters withhold, tickets follow the flushes: one for the records that the run let go, one for those it holds. All events of a run count for the
   * oldest ticket that is held, so that nothing settles before them.
   */
  #acceptHeld(taken: Taken, range: { from: number; to: number }, result: RunResult): void {
    const { job, start, cut } = taken
    const held = this.#withheld!
    const last = job.ranges.at(-1)!.to
    const open = (to: number) => {
      const whole = to === last
      return this.tracker.open(job.request.stream, whole ? cut : { position: start.position, skip: start.skip + to }, whole)
    }
    const released = result.released ?? 0
    const free = released > range.from ? open(released) : undefined
    const kept = released < result.consumed ? open(result.consumed) : undefined
    this.#accept(taken, range, result, held.oldest ?? free ?? kept!)
    if (result.released !== undefined) held.release()
    free?.done(1)
    if (kept) held.keep(kept, job, Math.max(released, range.from), result.consumed)
  }

  /** Lets go of all that filters withhold; `early` when it is because of a limit and not of the end. */
  async #flush(early: boolean): Promise<void> {
    const held = this.#withheld!
    const ticket = held.oldest
    if (!ticket) return
    const { index, lanes, shared } = this.options
    const slot = new Slot(shared)
    const none = new Uint8Array(0)
    const request = {
      input: index,
      stream: '',
      key: none,
      data: none,
      context: none,
      offset: 0,
      from: 0,
      to: 0,
      flush: true,
      memory: undefined,
      progress: slot.progress,
    }
    for (;;) {
      try {
        const result = await lanes[0].run(request)
        slot.memory = result.memory ?? slot.memory
        if (early) this.counts.early_flushes++
        this.#deliver(result, slot, ticket)
        return held.release()
      } catch (error) {
        await this.#restore(error as Error, lanes[0])
      }
    }
  }

  /** A thread died: said, counted, and what its filters had withheld is fed to the new one. */
  async #restore(error: Error, lane: Lane): Promise<void> {
    for (;;) {
      this.counts.thread_deaths++
      this.options.log.warn(`input ${this.options.name}: a worker thread ended: ${error.message}`)
      try {
        return await this.#withheld?.rerun(lane)
      } catch (again) {
        error = again as Error
      }
    }
  }

  /** A thread died under a job: run it again, cut it, or bury the record that no thread survives. */
  async #died(taken: Taken, error: Error, lane: Lane): Promise<void> {
    const { job, ticket, identity, start } = taken
    const { ranges, slot } = job
    const [suspect, at, length] = slot.progress
    await this.#restore(error, lane)
    if (error instanceof ThreadDied && !error.running) return
    if (!noteDeath(ranges, suspect)) return
    const { from } = ranges.shift()!
    const bad: BadRecord = { record: from, at, length, reason: `no thread survives this record: ${error.message}`, undecoded: true }
    this.counts.lost()
    const own = ticket ?? this.tracker.open(job.request.stream, { position: start.position, skip: start.skip + from + 1 }, false)
    this.#letters.bury([bad], job, identity, own)
    if (!ticket) own.done(1)
  }

  #accept({ job, identity }: Taken, range: { from: number }, result: RunResult, ticket: Ticket): void {
    this.counts.ran(result.consumed - range.from, result)
    this.#deliver(result, job.slot, ticket)
    if (result.bad.length > 0) this.#letters.bury(result.bad, job, identity, ticket)
  }

  /** Counts what happened in the tree and hands the parts to the outputs. */
  #deliver(result: RunResult, slot: Slot, ticket: Ticket): void {
    const { plan, outputs, index, log } = this.options
    for (const node of this.counts.tree(result))
      log.warn(`filter ${plan.nodes[node].filter}: more is heard than it may remember, so it forgets or lets go early; see its options`)
    for (const part of result.parts) {
      const { leaves, ...encoded } = slot.read(part)
      const routes = new Uint16Array(part.count)
      for (let i = 0; i < part.count; i++) routes[i] = plan.leaves[leaves[i]].route
      const output = outputs.find((unit) => unit.index === part.output)!
      output.add({ routes, key: part.key, mixes: part.mixes, count: part.count, ticket, input: index, ...encoded })
    }
  }

  #skipped(stream: string, offset: number, length: number, reason: string): void {
    const { name, log } = this.options
    this.counts.lost()
    log.warn(`input ${name}: ${length} bytes at ${offset} of stream ${stream.slice(0, 16)} skipped: ${reason}`)
  }

  /** Behind everything of the stream comes a place that is none. */
  #ended(stream: string): void {
    const nowhere = { position: undefined, skip: 0 }
    this.#taken.set(stream, nowhere)
    this.#enqueue(async () => this.tracker.open(stream, nowhere, true).done(1))
  }

  #moved(ticket: Ticket): void {
    const { name, checkpoint } = this.options
    checkpoint.move(name, ticket.stream, ticket.cut)
    if (ticket.whole && ticket.cut.position !== undefined) this.#input?.settled?.(ticket.stream, ticket.cut.position)
  }
}

interface Taken {
  readonly job: Job
  /** The batch's ticket; where filters withhold, tickets follow the flushes instead. */
  readonly ticket: Ticket | undefined
  /** Where the batch begins and ends. */
  readonly start: Cut
  readonly cut: Cut
  readonly identity: string
}
