/** How two values of the same shape compare. */
import type { Event } from '../event/event.ts'
import { numbersOf, octetsOf, pairsOf } from './build.ts'
import type { Octets, Pairs, Source } from './sources.ts'
import { type Relation, shapeOf, type Typed } from './typed.ts'

/** Below 0, 0 or above 0 as the left value comes before, is or comes after the right one; NaN where there is no order. */
export type Order = (event: Event, i: number, j: number) => number

export function ordering(left: Typed, right: Typed): { lefts: Source; rights: Source; order: Order } {
  switch (shapeOf(left.type)) {
    case 'number': {
      const [lefts, rights] = [numbersOf(left), numbersOf(right)]
      return { lefts, rights, order: (event, i, j) => lefts.at(event, i) - rights.at(event, j) }
    }
    case 'bytes': {
      const [lefts, rights] = [octetsOf(left), octetsOf(right)]
      const bits = bitsOf(left) ?? bitsOf(right)
      const compare = left.type === 'ip' ? compareAddresses : isText(left) && isText(right) ? compareText : compareOctets
      return {
        lefts,
        rights,
        order: (event, i, j) => {
          lefts.load(event, i)
          rights.load(event, j)
          return compare(lefts, rights, bits)
        },
      }
    }
    default: {
      const [lefts, rights] = [pairsOf(left), pairsOf(right)]
      return {
        lefts,
        rights,
        order: (event, i, j) => {
          lefts.load(event, i)
          rights.load(event, j)
          return comparePairs(lefts, rights)
        },
      }
    }
  }
}

export function byOrder(relation: Relation, order: Order): (event: Event, i: number, j: number) => boolean {
  switch (relation) {
    case 'eq':
      return (event, i, j) => order(event, i, j) === 0
    case 'ne':
      return (event, i, j) => order(event, i, j) !== 0
    case 'lt':
      return (event, i, j) => order(event, i, j) < 0
    case 'le':
      return (event, i, j) => order(event, i, j) <= 0
    case 'gt':
      return (event, i, j) => order(event, i, j) > 0
    case 'ge':
      return (event, i, j) => order(event, i, j) >= 0
  }
}

function comparePairs(left: Pairs, right: Pairs): number {
  return left.high === right.high ? left.low - right.low : left.high - right.high
}

function isText(value: Typed): boolean {
  return value.type === 'text' && !(value.kind === 'field' && value.raw)
}

/** Text by the first byte that differs, then by length. */
function compareText(left: Octets, right: Octets): number {
  const lefts = left.to - left.from
  const rights = right.to - right.from
  return compareFirst(left, right, Math.min(lefts, rights)) || lefts - rights
}

/** Bytes by length, then by the first that differs, as in Wireshark 4.0. */
function compareOctets(left: Octets, right: Octets): number {
  const size = left.to - left.from
  return size - (right.to - right.from) || compareFirst(left, right, size)
}

function compareFirst(left: Octets, right: Octets, size: number): number {
  for (let i = 0; i < size; i++) {
    const d = left.bytes[left.from + i] - right.bytes[right.from + i]
    if (d !== 0) return d
  }
  return 0
}

/** Whether bytes are the same; most differ in length already. */
export function sameOctets(left: Octets, right: Octets): boolean {
  const size = left.to - left.from
  if (size !== right.to - right.from) return false
  for (let i = 0; i < size; i++) if (left.bytes[left.from + i] !== right.bytes[right.from + i]) return false
  return true
}

/** Addresses by their leading bits; IPv4 and IPv6 have no order. */
function compareAddresses(left: Octets, right: Octets, bits = 128): number {
  const size = left.to - left.from
  if (size !== right.to - right.from) return Number.NaN
  for (let i = 0, rest = bits; i < size && rest > 0; i++, rest -= 8) {
    const mask = rest >= 8 ? 255 : (0xff00 >> rest) & 255
    const d = (left.bytes[left.from + i] & mask) - (right.bytes[right.from + i] & mask)
    if (d !== 0) return d
  }
  return 0
}

function bitsOf(value: Typed): number | undefined {
  return value.kind === 'constant' ? value.bits : undefined
}
