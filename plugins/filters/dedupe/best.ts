/**
 * `keep: best`: copies are held until no other can come, then the one with the strongest signal goes on, in the order of the first copies.
 *
 * All that is held is let go together (see docs/decisions/0004-flush-together.md): when nothing was heard for a window, so that no frame is torn apart; on a
 * channel that is never silent for so long, after `MOST_WINDOWS` of them, and then copies on both sides of that moment are two frames.
 */
import type { Emit, Event, FieldRef, Filter, HeldEvent } from '../../../core/plugin.ts'
import type { FirstOptions } from './first.ts'

const MOST_WINDOWS = 50
/** By the wall clock, for channels that fall silent. */
const HOLD_MS = 1000

export interface BestOptions extends FirstOptions {
  readonly timeOf: (event: Event) => number
  readonly signal: FieldRef
  /** Number of the field for how many copies there were. */
  readonly copies: number
}

interface Group {
  readonly key: number
  readonly at: number
  readonly sensors: number[]
  copies: number
  best: HeldEvent
  signal: number
}

export function keepBest({ window_s, max_frames, copyOf, timeOf, signal, copies }: BestOptions): Filter & { shed(): number } {
  /** In the order of their first copies. */
  const groups = new Set<Group>()
  const byKey = new Map<number, Group[]>()
  let first = 0
  let last = 0
  let shed = 0

  function letGo(group: Group, emit: Emit): void {
    emit((event) => {
      event.restore(group.best)
      event.put(copies, group.copies)
    })
  }

  function start(group: Group, emit: Emit): void {
    if (groups.size === max_frames) {
      const [oldest] = groups
      groups.delete(oldest)
      const rest = byKey.get(oldest.key)!.filter((other) => other !== oldest)
      if (rest.length > 0) byKey.set(oldest.key, rest)
      else byKey.delete(oldest.key)
      letGo(oldest, emit)
      shed++
    }
    groups.add(group)
    const same = byKey.get(group.key)
    if (same) same.push(group)
    else byKey.set(group.key, [group])
  }

  return {
    hold_ms: HOLD_MS,
    shed: () => shed,
    due(event) {
      if (groups.size === 0) return false
      const at = timeOf(event)
      return at - last > window_s || at - first > window_s * MOST_WINDOWS
    },
    apply(event, emit) {
      const copy = copyOf(event)
      if (!copy) return
      const { key, at, sensor } = copy
      first = groups.size === 0 ? at : Math.min(first, at)
      last = groups.size === 0 ? at : Math.max(last, at)
      const strength = signal.number(event)
      const group = byKey.get(key)?.find((one) => Math.abs(at - one.at) <= window_s && !one.sensors.includes(sensor))
      if (!group) {
        start({ key, at, sensors: Number.isNaN(sensor) ? [] : [sensor], copies: 1, best: event.hold(), signal: strength }, emit)
        return false
      }
      group.copies++
      if (!Number.isNaN(sensor)) group.sensors.push(sensor)
      if (strength > group.signal || (Number.isNaN(group.signal) && !Number.isNaN(strength))) {
        group.best = event.hold()
        group.signal = strength
      }
      return false
    },
    flush(emit) {
      for (const group of groups) letGo(group, emit)
      groups.clear()
      byKey.clear()
    },
  }
}
