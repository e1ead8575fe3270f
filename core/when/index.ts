/** Conditions in Wireshark's display-filter syntax. */
import type { Event } from '../event/event.ts'
import type { Fields, KnownField } from '../event/fields.ts'
import { checkWhen } from './check.ts'
import { compileTest } from './compile.ts'
import { describeTest, fieldsOf } from './describe.ts'
import { parseWhen } from './parse.ts'
import { printWhen } from './print.ts'

export type { Node } from './ast.ts'
export { WhenError } from './errors.ts'
export { parseWhen } from './parse.ts'
export { printWhen } from './print.ts'

/** How a condition was read. */
export interface Reading {
  /** The condition with every grouping spelled out. */
  readonly text: string
  /** It in words, a line for each part. */
  readonly words: readonly string[]
  readonly fields: readonly KnownField[]
}

/**
 * Says how an expression is read.
 * @throws WhenError with the position of what is wrong
 */
export function explainWhen(expression: string, fields: Fields): Reading {
  const node = parseWhen(expression)
  const test = checkWhen(node, fields)
  return { text: printWhen(node), words: describeTest(test), fields: fieldsOf(test) }
}

/**
 * Compiles an expression to a closure over field numbers.
 * @throws WhenError with the position of what is wrong
 */
export function compileWhen(expression: string, fields: Fields): (event: Event) => boolean {
  return compileTest(checkWhen(parseWhen(expression), fields))
}
