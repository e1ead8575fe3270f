/**
 * Makes closures of a checked condition. Comparisons of a number, MAC, bool or name with a constant read the event's
 * columns directly; all else goes through sources (see sources.ts). Nothing is allocated for numbers, pairs and bytes.
 */
import type { KnownField } from '../event/fields.ts'
import { numbersOf, octetsOf, pairsOf } from './build.ts'
import { byOrder, ordering, sameOctets } from './order.ts'
import { conjunction, disjunction, each, type Predicate, pairwise } from './predicates.ts'
import { membership } from './sets.ts'
import type { Octets } from './sources.ts'
import { type Relation, shapeOf, type Typed, type TypedTest } from './typed.ts'

export function compileTest(test: TypedTest): Predicate {
  switch (test.kind) {
    case 'and':
      return conjunction(test.of.map(compileTest))
    case 'or':
      return disjunction(test.of.map(compileTest))
    case 'xor': {
      const of = test.of.map(compileTest)
      return (event) => of.reduce((odd, part) => odd !== part(event), false)
    }
    case 'not': {
      const of = compileTest(test.of)
      return (event) => !of(event)
    }
    case 'exists':
      return disjunction(test.fields.map(presence))
    case 'nonzero':
      return nonzero(test.value)
    case 'compare':
      return comparison(test)
    case 'contains': {
      const [left, right] = [octetsOf(test.left), octetsOf(test.right)]
      return pairwise(left, right, test.all, (event, i, j) => {
        left.load(event, i)
        right.load(event, j)
        return contains(left, right)
      })
    }
    case 'matches': {
      const value = octetsOf(test.value)
      const { matcher } = test
      return each(value, test.all, (event, i) => {
        value.load(event, i)
        return matcher(value.bytes, value.from, value.to)
      })
    }
    case 'in':
      return membership(test)
  }
}

/** A list without a value is no more there than an absent one. */
function presence({ number, list }: KnownField): Predicate {
  return list ? (event) => event.present(number) && event.b[number] > 0 : (event) => event.present(number)
}

function nonzero(value: Typed): Predicate {
  switch (shapeOf(value.type)) {
    case 'number': {
      const source = numbersOf(value)
      return each(source, false, (event, i) => {
        const n = source.at(event, i)
        return n !== 0 && !Number.isNaN(n)
      })
    }
    case 'bytes': {
      const source = octetsOf(value)
      // A slice is there or not; only a bit test asks for bits.
      const bits = value.kind === 'arithmetic'
      return each(source, false, (event, i) => {
        source.load(event, i)
        if (!bits) return source.to > source.from
        for (let at = source.from; at < source.to; at++) if (source.bytes[at] !== 0) return true
        return false
      })
    }
    default: {
      const source = pairsOf(value)
      return each(source, false, (event, i) => {
        source.load(event, i)
        return (source.high !== 0 || source.low !== 0) && !Number.isNaN(source.high)
      })
    }
  }
}

function comparison({ relation, all, left, right }: Extract<TypedTest, { kind: 'compare' }>): Predicate {
  if (left.kind === 'constant' && right.kind !== 'constant')
    return comparison({ kind: 'compare', relation: MIRRORED[relation], all, left: right, right: left })
  if (shapeOf(left.type) === 'number' && left.kind === 'field' && right.kind === 'constant') {
    const { number, list } = left.field
    return list ? numbersAre(relation, number, right.a, all) : numberIs(relation, number, right.a)
  }
  if ((relation === 'eq' || relation === 'ne') && shapeOf(left.type) === 'bytes' && left.type !== 'ip') {
    const [lefts, rights] = [octetsOf(left), octetsOf(right)]
    const same = relation === 'eq'
    return pairwise(lefts, rights, all, (event, i, j) => {
      lefts.load(event, i)
      rights.load(event, j)
      return sameOctets(lefts, rights) === same
    })
  }
  const { lefts, rights, order } = ordering(left, right)
  return pairwise(lefts, rights, all, byOrder(relation, order))
}

const MIRRORED: Readonly<Record<Relation, Relation>> = { eq: 'eq', ne: 'ne', lt: 'gt', le: 'ge', gt: 'lt', ge: 'le' }

/** One number against a constant: the most frequent test of all. */
function numberIs(relation: Relation, number: number, value: number): Predicate {
  switch (relation) {
    case 'eq':
      return (event) => event.numberOf(number) === value
    case 'ne':
      return (event) => {
        const found = event.numberOf(number)
        return found !== value && !Number.isNaN(found)
      }
    case 'lt':
      return (event) => event.numberOf(number) < value
    case 'le':
      return (event) => event.numberOf(number) <= value
    case 'gt':
      return (event) => event.numberOf(number) > value
    case 'ge':
      return (event) => event.numberOf(number) >= value
  }
}

/** Numbers of a list against a constant. */
function numbersAre(relation: Relation, number: number, value: number, all: boolean): Predicate {
  const test = byNumber(relation, value)
  return (event) => {
    if (!event.present(number)) return false
    const first = event.a[number]
    const count = event.b[number]
    for (let at = first; at < first + count; at++) if (test(event.list[at]) !== all) return !all
    return all && count > 0
  }
}

function byNumber(relation: Relation, value: number): (n: number) => boolean {
  switch (relation) {
    case 'eq':
      return (n) => n === value
    case 'ne':
      return (n) => n !== value
    case 'lt':
      return (n) => n < value
    case 'le':
      return (n) => n <= value
    case 'gt':
      return (n) => n > value
    case 'ge':
      return (n) => n >= value
  }
}

function contains(text: Octets, part: Octets): boolean {
  const size = part.to - part.from
  for (let at = text.from; at + size <= text.to; at++) {
    let i = 0
    while (i < size && text.bytes[at + i] === part.bytes[part.from + i]) i++
    if (i === size) return true
  }
  return false
}
