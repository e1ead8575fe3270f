/** Events of one part that came by routes of several priorities go separate ways from here. */
import type { Priority, Route } from '../config/types.ts'
import { type Select, selectByEnds } from './parcel.ts'
import type { Encoded } from './sealer.ts'

/** Priorities of the routes that lead to an output, highest first. */
export function prioritiesOf(output: string, routes: readonly Route[], order: readonly Priority[]): Priority[] {
  const used = new Set(routes.filter(({ to }) => to.includes(output)).map(({ priority }) => priority))
  return order.filter((priority) => used.has(priority))
}

/** @param select for bodies without `ends` */
export function* byPriority(encoded: Omit<Encoded, 'priority'>, routes: readonly Route[], select: Select | undefined): Iterable<Encoded> {
  const groups = new Map<Priority, number[]>()
  for (let event = 0; event < encoded.count; event++) {
    const { priority } = routes[encoded.routes[event]]
    const group = groups.get(priority)
    if (group) group.push(event)
    else groups.set(priority, [event])
  }
  for (const [priority, events] of groups) {
    if (events.length === encoded.count) yield { ...encoded, priority }
    else yield { ...encoded, ...selectColumns(encoded, events, select), priority }
  }
}

function selectColumns({ body, ends, records, routes }: Omit<Encoded, 'priority'>, events: readonly number[], select: Select | undefined) {
  if (ends.length === 0 && !select) throw new Error('an output with columnar bodies and no select cannot have routes of several priorities')
  return {
    ...(ends.length > 0 ? selectByEnds(body, ends, events) : { body: select!(body, events), ends }),
    records: Uint32Array.from(events, (event) => records[event]),
    routes: Uint16Array.from(events, (event) => routes[event]),
    count: events.length,
  }
}
