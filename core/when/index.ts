/** Conditions in Wireshark's display-filter syntax. */
import type { Event } from '../event/event.ts'
import type { Fields } from '../event/fields.ts'

/**
 * Compiles an expression to a closure over field numbers.
 * @throws WhenError with the position of what is wrong
 */
export function compileWhen(expression: string, fields: Fields): (event: Event) => boolean {
  throw new Error(`not written yet: ${expression} over ${fields.words} words`)
}
