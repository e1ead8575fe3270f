/** What is wrong with a condition, and where. */
export class WhenError extends Error {
  override readonly name = 'WhenError'
  /** First character of the wrong part, from 0. */
  readonly offset: number
  /** Characters of the wrong part; 0 at the end of the expression. */
  readonly length: number
  /** What was probably meant. */
  readonly hint: string | undefined

  /** @param span the wrong part, such as a token or a node */
  constructor(message: string, span: { readonly offset: number; readonly length: number }, hint?: string) {
    super(message)
    this.offset = span.offset
    this.length = span.length
    this.hint = hint
  }
}
