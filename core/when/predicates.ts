/** Tests put together: of several tests, of several values. */
import type { Event } from '../event/event.ts'
import type { Source } from './sources.ts'

export type Predicate = (event: Event) => boolean

export function conjunction(of: readonly Predicate[]): Predicate {
  if (of.length === 1) return of[0]
  if (of.length === 2) {
    const [first, second] = of
    return (event) => first(event) && second(event)
  }
  return (event) => {
    for (let i = 0; i < of.length; i++) if (!of[i](event)) return false
    return true
  }
}

export function disjunction(of: readonly Predicate[]): Predicate {
  if (of.length === 1) return of[0]
  if (of.length === 2) {
    const [first, second] = of
    return (event) => first(event) || second(event)
  }
  return (event) => {
    for (let i = 0; i < of.length; i++) if (of[i](event)) return true
    return false
  }
}

/** Whether any or all values pass; false without values. */
export function each(source: Source, all: boolean, test: (event: Event, i: number) => boolean): Predicate {
  return (event) => {
    const count = source.count(event)
    for (let i = 0; i < count; i++) if (test(event, i) !== all) return !all
    return all && count > 0
  }
}

/** Whether any or all pairs of values pass; false where a side has none. */
export function pairwise(left: Source, right: Source, all: boolean, test: (event: Event, i: number, j: number) => boolean): Predicate {
  return (event) => {
    const lefts = left.count(event)
    if (lefts === 0) return false
    const rights = right.count(event)
    if (rights === 0) return false
    for (let i = 0; i < lefts; i++) for (let j = 0; j < rights; j++) if (test(event, i, j) !== all) return !all
    return all
  }
}
