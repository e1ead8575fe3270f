/**
 * One input's way from bytes to bytes: decoder, prefix tree of filters, encoders. The same code runs in a worker and, with `threads: 0`, inline.
 *
 * Each record is decoded once. Behind a branching every branch starts from the same event; a drop ends its branch only. A run stops early when
 * the bodies reach `FULL`, and is called again from there.
 */
import type { ShipperConfig } from '../config/types.ts'
import { envelope } from '../event/envelope.ts'
import { Event } from '../event/event.ts'
import type { Fields } from '../event/fields.ts'
import { FeedReader } from '../feed/memory.ts'
import type { Decoder, Emit, Encoder, Filter, FilterPlugin, InputPlugin, OutputPlugin, Plugin, RecordSink, RecordWalk } from '../plugin.ts'
import type { ClockQuality } from '../time/quality.ts'
import type { ClockShift } from '../time/rebase.ts'
import { pureContext, type Sensor } from './context.ts'
import { FastPath } from './fast-path.ts'
import { Parts } from './parts.ts'
import { type Plan, planInput } from './plan.ts'
import type { LeafCounts, NodeCounts, RunRequest, RunResult } from './result.ts'
import { filterState } from './state.ts'

/** Bytes of bodies after which a run ends, so that memory stays bounded. A usual batch stays below, since a second call leaves the thread waiting. */
const FULL = 4 * 1024 * 1024

const CLOCK_STATES = { synced: Buffer.from('synced'), unsynced: Buffer.from('unsynced'), unknown: Buffer.from('unknown') }

interface Node {
  readonly filter: Filter | undefined
  readonly withholds: boolean
  readonly children: Node[]
  readonly leaves: Leaf[]
  counts: NodeCounts
  /** What the filter has shed in the runs before this one. */
  shed: number
  readonly emit: Emit
}

interface Leaf {
  readonly index: number
  readonly matches: ((event: Event) => boolean) | undefined
  readonly targets: readonly { readonly output: number; readonly encoder: Encoder }[]
  counts: LeafCounts
}

export interface PipelineParts {
  readonly config: ShipperConfig
  readonly plugins: ReadonlyMap<string, Plugin>
  readonly fields: Fields
  readonly sensor: Sensor
  /** Rings of the filter sections that have a feed, where their main halves run. */
  readonly feeds?: Readonly<Record<string, SharedArrayBuffer>>
  readonly allocate: (bytes: number) => ArrayBufferLike
}

/** Key of a section in `plugins`. */
export function pluginKey(kind: 'input' | 'filter' | 'output', name: string): string {
  return `${kind} ${name}`
}

export class Pipeline implements RecordSink {
  readonly plan: Plan
  readonly #decoder: Decoder
  readonly #event: Event
  readonly #root: Node
  readonly #nodes: Node[] = []
  readonly #leaves: Leaf[] = []
  /** Filters that withhold, with their nodes. */
  readonly #withholding: { filter: Filter; node: Node }[] = []
  readonly #parts: Parts
  /** By section. */
  readonly #feeds = new Map<string, FeedReader>()
  /** Events that filters make, one for each depth of nesting. */
  readonly #spare: Event[] = []
  readonly #newEvent: () => Event
  readonly #fast: FastPath | undefined
  #spareDepth = 0

  // State of the run under way.
  #request!: RunRequest
  /** The batch, where the event reads it. */
  #data!: Uint8Array
  #result!: RunResult
  #record = -1
  #at = 0
  #length = 0
  #stopped = false

  constructor(parts: PipelineParts, input: string) {
    const { config, plugins, fields, sensor, allocate } = parts
    const section = config.inputs.find(({ name }) => name === input)!
    const plugin = plugins.get(pluginKey('input', input)) as InputPlugin
    this.plan = planInput(config, input)
    this.#event = new Event(fields)
    this.#newEvent = () => new Event(fields, this.#event)
    this.#parts = new Parts(config.outputs.length, allocate)
    const context = (name: string) => pureContext(name, this.#event, sensor)
    this.#decoder = plugin.decoder(section.config as never, context(input))
    const encoders = new Map<number, Encoder>()
    const encoder = (output: number): Encoder => {
      let known = encoders.get(output)
      if (!known) {
        const { name, config: options } = config.outputs[output]
        known = (plugins.get(pluginKey('output', name)) as OutputPlugin).encoder(options as never, context(name))
        encoders.set(output, known)
      }
      return known
    }
    this.plan.nodes.forEach((planned) => {
      const node: Node = {
        filter: undefined,
        withholds: false,
        children: [],
        leaves: [],
        counts: { dropped: 0, created: 0, failed: 0, shed: 0 },
        shed: 0,
        emit: (fill) => this.#create(node, fill),
        ...(planned.filter === undefined ? {} : this.#filter(parts, planned.filter)),
      }
      this.#nodes.push(node)
      if (planned.parent >= 0) this.#nodes[planned.parent].children.push(node)
      if (node.withholds) this.#withholding.push({ filter: node.filter!, node })
    })
    this.plan.leaves.forEach(({ node, when, outputs }, index) => {
      const targets = outputs.map((output) => ({ output, encoder: encoder(output) }))
      const matches = when === undefined ? undefined : context('routes').when(when)
      const leaf: Leaf = { index, matches, targets, counts: leafCounts(outputs) }
      this.#leaves.push(leaf)
      this.#nodes[node].leaves.push(leaf)
    })
    this.#root = this.#nodes[0]
    this.#fast = this.#fastPath()
  }

  /** Where one filter is all there is, and has nothing to do for records that repeat. */
  #fastPath(): FastPath | undefined {
    const [root, node] = this.#nodes
    const [leaf] = this.#leaves
    if (this.#nodes.length !== 2 || this.#leaves.length !== 1 || root.leaves.length > 0) return undefined
    if (node.filter === undefined || node.withholds || leaf.matches !== undefined) return undefined
    return FastPath.of(
      this.#event,
      node.filter,
      leaf.targets.map((target) => ({ ...target, leaf: leaf.index })),
    )
  }

  /** The encoder's format for an output; undefined when no route of this input leads there. */
  formatOf(output: number): string | undefined {
    for (const { targets } of this.#leaves) for (const target of targets) if (target.output === output) return target.encoder.format
    return undefined
  }

  /** Longest time by the wall clock that the filters may hold something, in ms; undefined when none withholds. */
  get holdMs(): number | undefined {
    if (this.#withholding.length === 0) return undefined
    return Math.min(...this.#withholding.map(({ filter }) => filter.hold_ms ?? 60_000))
  }

  /** Records that took the fast path. */
  get taken(): number {
    return this.#fast?.taken ?? 0
  }

  #filter({ config, plugins, sensor, feeds }: PipelineParts, name: string): { filter: Filter; withholds: boolean } {
    const plugin = plugins.get(pluginKey('filter', name)) as FilterPlugin
    const section = config.filters.find((filter) => filter.name === name)!
    const feed = this.#feeds.get(name) ?? new FeedReader(plugin.feed?.width ?? 0, feeds?.[name])
    this.#feeds.set(name, feed)
    const filter = plugin.create(section.config as never, pureContext(name, this.#event, sensor, feed))
    return { filter, withholds: filterState(plugin, section.config) === 'withholds' }
  }

  run(request: RunRequest): RunResult {
    const { stream, offset, context, key } = request
    const data = this.#event.batch(request.data)
    this.#request = request
    this.#data = data
    this.#record = -1
    this.#stopped = false
    for (const node of this.#nodes) {
      node.shed += node.counts.shed
      node.counts = { dropped: 0, created: 0, failed: 0, shed: 0 }
    }
    for (const leaf of this.#leaves) leaf.counts = leafCounts(leaf.targets)
    this.#result = { consumed: request.to, decoded: 0, bad: [], nodes: [], leaves: [], parts: [] }
    for (const name in request.feeds) this.#feeds.get(name)?.adopt(request.feeds[name])
    this.#parts.begin()
    if (request.to > request.from) this.#decoder.decode({ stream, data, offset, context, key }, this)
    if (request.flush && !this.#stopped) this.#flush(request.to)
    const result = this.#result
    Object.assign(result, this.#parts.end(request.memory))
    for (const node of this.#nodes) if (node.filter?.shed) node.counts.shed = node.filter.shed() - node.shed
    result.nodes = this.#nodes.map(({ counts }) => counts)
    result.leaves = this.#leaves.map(({ counts }) => counts)
    return result
  }

  // --- RecordSink: what the decoder calls ---

  open(at: number, length: number): Event | undefined {
    const record = ++this.#record
    const { from, to, progress } = this.#request
    if (record < from || record >= to || this.#stopped) return undefined
    if (this.#parts.size >= FULL) {
      this.#stopped = true
      this.#result.consumed = record
      return undefined
    }
    progress[0] = record
    progress[1] = at
    progress[2] = length
    this.#at = at
    this.#length = length
    this.#event.open(this.#data)
    if (this.#request.clock) this.#markClock(this.#request.clock)
    return this.#event
  }

  #markClock({ state, offset_ns }: ClockQuality): void {
    const base = this.#event.fields.base(envelope)
    const text = CLOCK_STATES[state]
    this.#event.put(base + envelope.at.clockState, this.#event.keep(text), text.length)
    if (offset_ns !== undefined) this.#event.put(base + envelope.at.clockOffset, offset_ns)
  }

  /** Before any filter sees the event; its id keeps the recorded time. */
  #shiftTime({ from_ms, to_ms, offset_ms }: ClockShift): void {
    const base = this.#event.fields.base(envelope)
    const timestamp = base + envelope.at.timestamp
    if (!this.#event.present(timestamp)) return
    const seconds = this.#event.a[timestamp]
    const nanos = this.#event.b[timestamp]
    const recorded_ms = seconds * 1000 + nanos / 1e6
    if (recorded_ms < from_ms || recorded_ms >= to_ms) return
    const shifted = nanos + Math.round((offset_ms % 1000) * 1e6)
    const carry = shifted >= 1e9 ? 1 : 0
    this.#event.put(timestamp, seconds + Math.floor(offset_ms / 1000) + carry, shifted - carry * 1e9)
    this.#event.put(base + envelope.at.clockOffset, Math.round(-offset_ms * 1e6))
  }

  ahead(walk: RecordWalk): void {
    const { from, to, clock, shift, offset } = this.#request
    const record = this.#record + 1
    const budget = FULL - this.#parts.size
    if (this.#fast === undefined || shift !== undefined || record < from || record >= to || this.#stopped || budget <= 0 || !this.#fast.ready) return
    this.#event.open(this.#data)
    if (clock) this.#markClock(clock)
    const done = this.#fast.ahead(walk, { offset, record, most: to - record, budget }, this.#parts)
    this.#record += done
    this.#result.decoded += done
  }

  emit(): void {
    this.#result.decoded++
    if (this.#request.shift) this.#shiftTime(this.#request.shift)
    for (const { filter } of this.#withholding) {
      if (filter.due?.(this.#event)) {
        this.#flush(this.#record)
        break
      }
    }
    this.#visit(this.#root, this.#event)
    this.#fast?.learn(this.#event)
  }

  reject(reason: string): void {
    this.#bad(reason, true)
  }

  // --- the tree ---

  #visit(node: Node, event: Event): void {
    for (const leaf of node.leaves) this.#deliver(leaf, event)
    const { children } = node
    const last = children.length - 1
    if (last < 0) return
    if (last > 0) {
      event.mark()
      for (let i = 0; i < last; i++) {
        this.#apply(children[i], event)
        event.rollback()
      }
      event.unmark()
    }
    this.#apply(children[last], event)
  }

  #apply(node: Node, event: Event): void {
    let kept: boolean | void
    try {
      kept = node.filter!.apply(event, node.emit)
    } catch (error) {
      node.counts.failed++
      this.#bad(messageOf(error), false)
      return
    }
    if (kept === false) node.counts.dropped++
    else this.#visit(node, event)
  }

  #deliver(leaf: Leaf, event: Event): void {
    if (leaf.matches && !leaf.matches(event)) {
      for (let i = 0; i < leaf.targets.length; i++) leaf.counts.not_matched[i]++
      return
    }
    for (let i = 0; i < leaf.targets.length; i++) {
      const { output, encoder } = leaf.targets[i]
      try {
        if (!this.#parts.write(output, encoder, event, Math.max(0, this.#record), leaf.index)) leaf.counts.not_matched[i]++
      } catch (error) {
        leaf.counts.failed[i]++
        this.#bad(messageOf(error), false)
      }
    }
  }

  /** An event made by a filter goes on behind it, in a spare object, since the current one may still be needed. */
  #create(node: Node, fill: (event: Event) => void): void {
    const event = (this.#spare[this.#spareDepth] ??= this.#newEvent())
    event.open(this.#event.bytes)
    fill(event)
    node.counts.created++
    this.#spareDepth++
    try {
      this.#visit(node, event)
    } finally {
      this.#spareDepth--
    }
  }

  #flush(record: number): void {
    for (const { filter, node } of this.#withholding) filter.flush?.(node.emit)
    this.#result.released = record
  }

  #bad(reason: string, undecoded: boolean): void {
    this.#result.bad.push({ record: this.#record, at: this.#at, length: this.#length, reason, undecoded })
  }
}

function leafCounts(outputs: readonly unknown[]): LeafCounts {
  return { not_matched: outputs.map(() => 0), failed: outputs.map(() => 0) }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
