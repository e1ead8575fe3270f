/** Which fields are written: AND masks over the event's `show` words, computed once. All fields stay readable. */
import type { Event } from '../../../core/event/event.ts'
import type { Fields, FieldTable } from '../../../core/event/fields.ts'

export type Emit = 'standard' | 'full' | readonly string[]

/** Makes what hides the fields of `tables` that `emit` leaves out: a list names whole tables and, as `standard`, what each shows by default. */
export function hider(fields: Fields, tables: readonly FieldTable[], emit: Emit): (event: Event) => void {
  const masks = new Map<number, number>()
  for (const table of tables) {
    const base = fields.base(table)
    table.fields.forEach((field, i) => {
      const shown =
        emit === 'full' ||
        (field.emit !== 'full' && (emit === 'standard' || emit.includes('standard'))) ||
        (typeof emit !== 'string' && emit.includes(table.name))
      if (shown) return
      const word = (base + i) >>> 5
      masks.set(word, (masks.get(word) ?? -1) & ~(1 << ((base + i) & 31)))
    })
  }
  const words = Int32Array.from(masks.keys())
  const bits = Int32Array.from(masks.values())
  return (event) => {
    for (let i = 0; i < words.length; i++) event.show[words[i]] &= bits[i]
  }
}
