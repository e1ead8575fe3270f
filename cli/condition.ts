/** Conditions on the command line. */
import { hintText } from '../core/config/problems.ts'
import { WhenError } from '../core/when/index.ts'
import { ExitError } from './exit.ts'

/**
 * What is made of a condition.
 * @param where it was given, for the message
 * @throws ExitError 2 that shows the wrong place under the condition
 */
export function checked<T>(condition: string, where: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof WhenError)) throw error
    const { offset, length, message, hint } = error
    const mark = condition.includes('\n') ? '' : `\n  ${condition}\n  ${' '.repeat(offset)}${'^'.repeat(Math.max(1, length))}`
    throw new ExitError(2, `${where}: ${message}${hintText(hint)}${mark}`)
  }
}
