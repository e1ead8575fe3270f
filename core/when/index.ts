/** Conditions in Wireshark's display-filter syntax. */
import type { Event } from '../event/event.ts'
import type { Fields } from '../event/fields.ts'
import { checkWhen } from './check.ts'
import { compileTest } from './compile.ts'
import { parseWhen } from './parse.ts'

export type { Node } from './ast.ts'
export { WhenError } from './errors.ts'
export { parseWhen } from './parse.ts'
export { printWhen } from './print.ts'

/**
 * Compiles an expression to a closure over field numbers.
 * @throws WhenError with the position of what is wrong
 */
export function compileWhen(expression: string, fields: Fields): (event: Event) => boolean {
  return compileTest(checkWhen(parseWhen(expression), fields))
}
