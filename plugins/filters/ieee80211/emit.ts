/** Which fields are written. All stay readable. */
import type { Event } from '../../../core/event/event.ts'
import type { FieldTable } from '../../../core/event/fields.ts'

export type Emit = 'standard' | 'full' | readonly string[]

/** Makes what hides the fields of `tables` that `emit` leaves out: a list names groups and, as `standard`, what each shows by default. */
export function hider(event: Event, tables: readonly FieldTable[], emit: Emit): (event: Event) => void {
  const { all } = event.fields
  return event.hider((number) => {
    const { table, emit: level } = all[number]!
    if (emit === 'full' || !tables.includes(table)) return false
    if (emit === 'standard') return level === 'full'
    return !(emit.includes(table.name) || (level !== 'full' && emit.includes('standard')))
  })
}
