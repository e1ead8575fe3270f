/** What a pure half is given when it is made. */
import type { Event } from '../event/event.ts'
import type { Fields } from '../event/fields.ts'
import { readValue } from '../event/values.ts'
import { FeedReader } from '../feed/memory.ts'
import type { FeedView, FieldRef, PureContext } from '../plugin.ts'
import { compileWhen } from '../when/index.ts'

export interface Sensor {
  readonly name: string
  readonly id: string
}

/** @param name of the section in the config */
export function pureContext(name: string, event: Event, sensor: Sensor, feed: FeedView = new FeedReader(0)): PureContext {
  const { fields } = event
  return { name, fields, event, sensor, feed, field: (path) => fieldRef(fields, path), when: (expression) => compileWhen(expression, fields) }
}

function fieldRef(fields: Fields, path: string): FieldRef {
  const field = fields.find(path)
  if (!field) throw new TypeError(`no plugin declares the field ${path}`)
  return {
    field,
    get: (event) => (event.present(field.number) ? readValue(event, field) : undefined),
    set: (event, value) => event.setField(field, value),
    number: field.list ? (event) => (event.present(field.number) ? event.a[field.number] : Number.NaN) : (event) => event.numberOf(field.number),
  }
}
