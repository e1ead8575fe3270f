/**
 * Where values come from while a condition runs. A source is asked how many values there are, then for single ones, so
 * that nothing is collected. Pairs and bytes are left in the source's own properties, because returning them would
 * allocate; every source therefore has one place in one condition.
 */
import type { Event } from '../event/event.ts'
import type { KnownField } from '../event/fields.ts'
import { listWidth } from '../event/values.ts'
import type { Constant } from './typed.ts'

/** What all sources do first. */
export interface Source {
  /** Number of values, 0 when absent. Comes before `at` and `load` for every event. */
  count(event: Event): number
}

export interface Numbers extends Source {
  at(event: Event, i: number): number
}

/** u64 as two halves, times as seconds and nanoseconds: both in the order of their pairs. */
export interface Pairs extends Source {
  high: number
  low: number
  load(event: Event, i: number): void
}

/** Bytes [from … to) of `bytes`. */
export interface Octets extends Source {
  bytes: Uint8Array
  from: number
  to: number
  load(event: Event, i: number): void
}

export const NO_BYTES = new Uint8Array(0)

// --- numbers ---

export function fieldNumbers({ number, list }: KnownField): Numbers {
  if (!list) return { count: (event) => (event.present(number) ? 1 : 0), at: (event) => event.a[number] }
  return { count: (event) => (event.present(number) ? event.b[number] : 0), at: (event, i) => event.list[event.a[number] + i] }
}

export function constantNumber({ a }: Constant): Numbers {
  return { count: () => 1, at: () => a }
}

/** One number made of each value of a source. */
export function mapped(of: Numbers, calculate: (n: number) => number): Numbers {
  return { count: (event) => of.count(event), at: (event, i) => calculate(of.at(event, i)) }
}

/** One number made of each pair of values. */
export function combined(left: Numbers, right: Numbers, calculate: (a: number, b: number) => number): Numbers {
  let rights = 0
  return {
    count: (event) => left.count(event) * (rights = right.count(event)),
    at: (event, i) => calculate(left.at(event, Math.floor(i / rights)), right.at(event, i % rights)),
  }
}

/** The one number that `next` leaves of all values of all sources. Sources without a value do not count, as in Wireshark. */
export function folded(sources: readonly Numbers[], next: (best: number, n: number) => number): Numbers {
  return {
    count: (event) => (sources.some((source) => source.count(event) > 0) ? 1 : 0),
    at: (event) => {
      let best = Number.NaN
      for (const source of sources) {
        const count = source.count(event)
        for (let i = 0; i < count; i++) best = Number.isNaN(best) ? source.at(event, i) : next(best, source.at(event, i))
      }
      return best
    },
  }
}

/** The largest or smallest of all pairs of all sources. */
export function foldedPairs(sources: readonly Pairs[], largest: boolean): Pairs {
  const pairs: Pairs = {
    high: 0,
    low: 0,
    count: (event) => (sources.some((source) => source.count(event) > 0) ? 1 : 0),
    load: (event) => {
      let first = true
      for (const source of sources) {
        const count = source.count(event)
        for (let i = 0; i < count; i++) {
          source.load(event, i)
          const later = source.high === pairs.high ? source.low > pairs.low : source.high > pairs.high
          if (!first && later !== largest) continue
          pairs.high = source.high
          pairs.low = source.low
          first = false
        }
      }
    },
  }
  return pairs
}

/** How many values a source has. Nothing where it has none: `count(x) == 0` never holds, as in Wireshark. */
export function counted(of: Source): Numbers {
  let count = 0
  return { count: (event) => ((count = of.count(event)) > 0 ? 1 : 0), at: () => count }
}

export function lengths(of: Octets): Numbers {
  return {
    count: (event) => of.count(event),
    at: (event, i) => {
      of.load(event, i)
      return of.to - of.from
    },
  }
}

// --- pairs ---

export function fieldPairs({ number, list }: KnownField): Pairs {
  const pairs: Pairs = {
    high: 0,
    low: 0,
    count: (event) => (event.present(number) ? (list ? event.b[number] : 1) : 0),
    load: (event, i) => {
      const at = event.a[number] + 2 * i
      pairs.high = list ? event.list[at] : event.a[number]
      pairs.low = list ? event.list[at + 1] : event.b[number]
    },
  }
  return pairs
}

export function constantPair({ a, b }: Constant): Pairs {
  return { high: a, low: b, count: () => 1, load: () => {} }
}

/** Integers as u64; negative ones come before all of them. */
export function widened(of: Numbers): Pairs {
  const pairs: Pairs = {
    high: 0,
    low: 0,
    count: (event) => of.count(event),
    load: (event, i) => {
      const n = of.at(event, i)
      pairs.high = Math.floor(n / 4294967296)
      pairs.low = n >>> 0
    },
  }
  return pairs
}

/** Arithmetic on u64, exact. The result is as large as it gets, or below 0: it is only compared. */
export function combinedPairs(left: Pairs, right: Pairs, calculate: (a: bigint, b: bigint) => bigint | undefined): Pairs {
  let rights = 0
  const pairs: Pairs = {
    high: 0,
    low: 0,
    count: (event) => left.count(event) * (rights = right.count(event)),
    load: (event, i) => {
      left.load(event, Math.floor(i / rights))
      right.load(event, i % rights)
      const result = calculate(bigintOf(left), bigintOf(right))
      pairs.high = result === undefined ? Number.NaN : Number(result >> 32n)
      pairs.low = result === undefined ? Number.NaN : Number(result & 0xffffffffn)
    },
  }
  return pairs
}

function bigintOf({ high, low }: Pairs): bigint {
  return (BigInt(high) << 32n) + BigInt(low)
}

// --- bytes ---

export function fieldOctets(field: KnownField): Octets {
  const { number, list } = field
  const width = listWidth(field.type)
  const octets: Octets = {
    bytes: NO_BYTES,
    from: 0,
    to: 0,
    count: (event) => (event.present(number) ? (list ? event.b[number] : 1) : 0),
    load: (event, i) => {
      const at = event.a[number] + width * i
      const place = list ? event.list[at] : event.a[number]
      octets.bytes = place < 0 ? event.arena : event.bytes
      octets.from = place < 0 ? -place - 1 : place
      octets.to = octets.from + (list ? event.list[at + 1] : event.b[number])
    },
  }
  return octets
}

/** The values of the first source, or of the second one where the first has none. */
export function eitherOctets(first: Octets, second: Octets): Octets {
  let of = first
  const octets: Octets = {
    bytes: NO_BYTES,
    from: 0,
    to: 0,
    count: (event) => {
      const count = first.count(event)
      of = count > 0 ? first : second
      return count > 0 ? count : second.count(event)
    },
    load: (event, i) => {
      of.load(event, i)
      octets.bytes = of.bytes
      octets.from = of.from
      octets.to = of.to
    },
  }
  return octets
}

export function constantOctets({ bytes }: Constant): Octets {
  return { bytes, from: 0, to: bytes.length, count: () => 1, load: () => {} }
}
