/** `keep: first`: the first copy of a frame goes on at once, those after it end here. */
import type { Event, Filter } from '../../../core/plugin.ts'
import type { Copy } from './index.ts'

export interface FirstOptions {
  readonly window_s: number
  readonly max_frames: number
  /** Undefined for events that are not looked at. */
  readonly copyOf: (event: Event) => Copy | undefined
}

interface Seen {
  readonly at: number
  readonly sensors: number[]
}

export function keepFirst({ window_s, max_frames, copyOf }: FirstOptions): Filter & { shed(): number } {
  /** The last frame of each key, in the order of their first copies. */
  const seen = new Map<number, Seen>()
  let forgotten = 0
  return {
    shed: () => forgotten,
    apply(event) {
      const copy = copyOf(event)
      if (!copy) return
      const { key, at, sensor } = copy
      const known = seen.get(key)
      if (known && Math.abs(at - known.at) <= window_s && !known.sensors.includes(sensor)) {
        if (!Number.isNaN(sensor)) known.sensors.push(sensor)
        return false
      }
      if (known) seen.delete(key)
      else if (seen.size === max_frames) {
        const [oldest, { at: since }] = seen.entries().next().value!
        seen.delete(oldest)
        if (Math.abs(at - since) <= window_s) forgotten++
      }
      seen.set(key, { at, sensors: Number.isNaN(sensor) ? [] : [sensor] })
    },
  }
}
