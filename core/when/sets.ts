/** `in {…}`. */
import type { Event } from '../event/event.ts'
import { numbersOf, sourceOf } from './build.ts'
import { ordering } from './order.ts'
import { each, type Predicate } from './predicates.ts'
import type { Numbers } from './sources.ts'
import { shapeOf, type Typed, type TypedTest } from './typed.ts'

type Member = Extract<TypedTest, { kind: 'in' }>

/** Whether any or all values are in a set. */
export function membership({ value, set, all }: Member): Predicate {
  if (shapeOf(value.type) === 'number' && set.every(({ from, to }) => from.kind === 'constant' && (!to || to.kind === 'constant')))
    return numberIn(numbersOf(value), set, all)
  const source = sourceOf(value)
  // Every element has a source of the value of its own, so that loading one does not disturb another.
  const elements = set.map(({ from, to }) => element(value, from, to))
  return each(source, all, (event, i) => elements.some((has) => has(event, i)))
}

/** Numbers against constants: single ones by a hash, ranges one by one. */
function numberIn(source: Numbers, set: Member['set'], all: boolean): Predicate {
  const constants = set.map(({ from, to }) => [numberOf(from), numberOf(to ?? from)] as const)
  const single = new Set(constants.filter(([from, to]) => from === to).map(([from]) => from))
  const ranges = constants.filter(([from, to]) => from < to)
  return each(source, all, (event, i) => {
    const n = source.at(event, i)
    if (single.has(n)) return true
    for (const [from, to] of ranges) if (n >= from && n <= to) return true
    return false
  })
}

function numberOf(value: Typed): number {
  return value.kind === 'constant' ? value.a : Number.NaN
}

/** Whether value number i is one of an element's values, or within one of its ranges. */
function element(value: Typed, from: Typed, to: Typed | undefined): (event: Event, i: number) => boolean {
  const low = ordering(value, from)
  const high = to && ordering(value, to)
  return (event, i) => {
    low.lefts.count(event)
    const lows = low.rights.count(event)
    if (!high) {
      for (let j = 0; j < lows; j++) if (low.order(event, i, j) === 0) return true
      return false
    }
    high.lefts.count(event)
    const highs = high.rights.count(event)
    for (let j = 0; j < lows; j++) {
      if (!(low.order(event, i, j) >= 0)) continue
      for (let k = 0; k < highs; k++) if (high.order(event, i, k) <= 0) return true
    }
    return false
  }
}
