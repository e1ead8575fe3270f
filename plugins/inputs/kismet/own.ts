/** Events that this input makes itself: states of the sensor and gaps. Written as JSON on the main thread, read in the worker. */
import type { Event, Value } from '../../../core/plugin.ts'
import type { Filler } from './fill.ts'

export interface OwnEvent {
  readonly dataset: 'sensor.online' | 'sensor.offline' | 'sensor.silent' | 'sensor.heard' | 'source.error' | 'source.ok' | 'wherry.gap'
  /** When, seconds since 1970 with a fraction. */
  readonly time: number
  /** What the event is about, and from where to where: makes its id. */
  readonly key: string
  readonly first: string
  readonly last: string
  /** Values by path. */
  readonly fields: Readonly<Record<string, Value>>
}

/** @throws SyntaxError or TypeError when it is not one of ours */
export function fillOwn(filler: Filler, event: Event, text: string): void {
  const { dataset, time, key, first, last, fields } = JSON.parse(text) as OwnEvent
  const seconds = Math.floor(time)
  const nanos = Math.round((time - seconds) * 1000) * 1_000_000
  const carry = nanos >= 1_000_000_000 ? 1 : 0
  filler.begin('state', dataset, seconds + carry, nanos - carry * 1_000_000_000)
  filler.identify(seconds + carry, nanos - carry * 1_000_000_000, dataset, key, first, last)
  for (const [path, value] of Object.entries(fields)) event.set(path, value)
}
