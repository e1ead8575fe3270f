/**
 * The books: for every input and for every route and output, what came in and how it ended. They balance at any time:
 *
 *   read = decoded + rejected
 *   restored + decoded + created = not_matched + filtered + absorbed + delivered + duplicate + dead_lettered + dropped + held + queued + in_flight
 */
import type { ShipperConfig } from '../config/types.ts'
import type { WriteBudget } from '../files/budget.ts'
import type { QueueState } from '../queue/queue.ts'
import { pathTo } from '../route/plan.ts'
import type { Counters, DropReason } from './counters.ts'
import type { Feed } from './feed.ts'
import type { OutputUnit } from './output-unit.ts'

export interface InputBalance {
  readonly input: string
  readonly read: number
  readonly decoded: number
  readonly rejected: number
  readonly thread_deaths: number
  readonly early_flushes: number
}

export interface RouteBalance {
  /** Index in `routes:`. */
  readonly route: number
  readonly from: readonly string[]
  readonly output: string
  readonly decoded: number
  readonly created: number
  /** Found on disk at the start, or in dead letters that are sent again. */
  readonly restored: number
  readonly not_matched: number
  /** Dropped by filters, by their names. */
  readonly filtered: { readonly [filter: string]: number }
  /** Taken in by filters that withhold. */
  readonly absorbed: number
  readonly delivered: number
  readonly duplicate: number
  readonly dead_lettered: number
  readonly dropped: number
  readonly dropped_by: Readonly<Partial<Record<DropReason, number>>>
  /** In payloads not sealed yet. */
  readonly held: number
  readonly queued: number
  readonly in_flight: number
}

export interface Balance {
  readonly inputs: readonly InputBalance[]
  readonly routes: readonly RouteBalance[]
  /** What filters forgot or let go early for want of memory, by filter; those that did not are left out. */
  readonly shed: { readonly [filter: string]: number }
  /** Events given to the same output again after a failure, by output; on top of the sums above. */
  readonly redelivered: { readonly [output: string]: number }
  readonly queues: readonly QueueState[]
  /** Bytes that queues and state were written with in the day under way. */
  readonly written_today: number
}

export interface BooksParts {
  readonly config: ShipperConfig
  readonly feeds: readonly Feed[]
  readonly units: readonly OutputUnit[]
  readonly counters: Counters
  readonly budget: WriteBudget
  /** Names of the filter sections that withhold. */
  readonly withholding: ReadonlySet<string>
}

export function balance(parts: BooksParts): Balance {
  const { config, feeds, units, counters } = parts
  return {
    inputs: feeds.map(({ options, counts }) => ({
      input: options.name,
      read: counts.read,
      decoded: counts.decoded,
      rejected: counts.rejected,
      thread_deaths: counts.thread_deaths,
      early_flushes: counts.early_flushes,
    })),
    routes: config.routes.flatMap(({ to }, route) =>
      [...new Set(to)].map((name) => routeBalance(parts, route, units.find((unit) => unit.name === name)!)),
    ),
    shed: shedBy(feeds),
    redelivered: Object.fromEntries(units.map(({ name, index }) => [name, counters.redelivered[index]])),
    queues: units.map(({ queue }) => queue.state),
    written_today: parts.budget.today,
  }
}

function shedBy(feeds: readonly Feed[]): Record<string, number> {
  const shed: Record<string, number> = {}
  for (const { options, counts } of feeds)
    counts.nodes.forEach((node, i) => {
      const { filter } = options.plan.nodes[i]
      if (filter !== undefined && node.shed > 0) shed[filter] = (shed[filter] ?? 0) + node.shed
    })
  return shed
}

function routeBalance({ config, feeds, counters, withholding }: BooksParts, route: number, unit: OutputUnit): RouteBalance {
  const sums = { decoded: 0, created: 0, not_matched: 0, absorbed: 0, failed: 0 }
  const filtered: Record<string, number> = {}
  for (const { options, counts } of feeds) {
    const { plan } = options
    plan.leaves.forEach((leaf, i) => {
      const place = leaf.outputs.indexOf(unit.index)
      if (leaf.route !== route || place < 0) return
      sums.decoded += counts.decoded
      sums.not_matched += counts.leaves[i].not_matched[place]
      sums.failed += counts.leaves[i].failed[place]
      for (const node of pathTo(plan, leaf.node)) {
        const { dropped, created, failed } = counts.nodes[node]
        const filter = plan.nodes[node].filter!
        sums.created += created
        sums.failed += failed
        if (withholding.has(filter)) sums.absorbed += dropped
        else if (dropped > 0) filtered[filter] = (filtered[filter] ?? 0) + dropped
      }
    })
  }
  const { failed, ...known } = sums
  const ends = counters.cell(route, unit.index)
  return {
    route,
    from: config.routes[route].from,
    output: unit.name,
    ...known,
    restored: ends.restored,
    filtered,
    delivered: ends.delivered,
    duplicate: ends.duplicate,
    dead_lettered: ends.dead_lettered + failed,
    dropped: ends.dropped,
    dropped_by: counters.reasons(route, unit.index),
    held: eventsOf(route, unit.sealer.open()),
    queued: unit.queue.waiting().get(route) ?? 0,
    in_flight: eventsOf(route, unit.sender.inFlight),
  }
}

function eventsOf(route: number, payloads: Iterable<{ readonly routes: ArrayLike<number> }>): number {
  let events = 0
  for (const { routes } of payloads) for (let i = 0; i < routes.length; i++) if (routes[i] === route) events++
  return events
}

/** What does not add up, in words; empty when the books balance. */
export function imbalances({ inputs, routes }: Balance): string[] {
  const wrong: string[] = []
  for (const { input, read, decoded, rejected } of inputs) {
    if (read !== decoded + rejected) wrong.push(`input ${input}: read ${read}, but decoded ${decoded} and rejected ${rejected}`)
  }
  for (const book of routes) {
    const into = book.restored + book.decoded + book.created
    const filtered = Object.values(book.filtered).reduce((sum, count) => sum + count, 0)
    const ends = [book.not_matched, filtered, book.absorbed, book.delivered, book.duplicate, book.dead_lettered, book.dropped]
    const out = [...ends, book.held, book.queued, book.in_flight].reduce((sum, count) => sum + count, 0)
    if (into !== out) wrong.push(`route ${book.route + 1} to ${book.output}: ${into} events in, ${out} accounted for`)
  }
  return wrong
}
