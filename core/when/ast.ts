/**
 * What the parser makes of a condition: names and literals are still words, because only their neighbour says what a
 * word such as `10` means (a number, or the byte 0x10). check.ts gives them types.
 */

export interface Span {
  /** In characters, from 0. */
  readonly offset: number
  readonly length: number
}

/** Wireshark 4: `==` is any_eq, `!=` is all_ne; the others hold for any pair of values unless `all` says otherwise. */
export type Comparison = 'any_eq' | 'all_eq' | 'any_ne' | 'all_ne' | 'lt' | 'le' | 'gt' | 'ge' | 'contains' | 'matches'

/** `any` or `all` in front of a comparison. */
export type Match = 'any' | 'all'

export type Arithmetic = '&' | '+' | '-' | '*' | '/' | '%'

/** Bytes `[from … from + length)` or `[from … to]`, or all from `from`; below 0 counts from the end. */
export interface Range {
  readonly from: number
  readonly length?: number
  readonly to?: number
}

export interface SetElement {
  readonly from: ValueNode
  /** Both ends belong to the range. */
  readonly to?: ValueNode
}

export type TestNode = Span &
  (
    | { readonly kind: 'and' | 'or' | 'xor'; readonly of: readonly Node[] }
    | { readonly kind: 'not'; readonly of: Node }
    | { readonly kind: 'compare'; readonly op: Comparison; readonly match?: Match; readonly left: ValueNode; readonly right: ValueNode }
    | { readonly kind: 'in'; readonly match?: Match; readonly value: ValueNode; readonly set: readonly SetElement[] }
  )

export type ValueNode = Span &
  (
    | { readonly kind: 'word'; readonly text: string }
    | { readonly kind: 'text'; readonly bytes: Uint8Array }
    | { readonly kind: 'char'; readonly code: number }
    | { readonly kind: 'slice'; readonly of: ValueNode; readonly ranges: readonly Range[] }
    | { readonly kind: 'call'; readonly name: string; readonly args: readonly ValueNode[] }
    | { readonly kind: 'minus'; readonly of: ValueNode }
    | { readonly kind: 'arithmetic'; readonly op: Arithmetic; readonly left: ValueNode; readonly right: ValueNode }
  )

/** A value where a test is wanted says that it is there, or not zero. */
export type Node = TestNode | ValueNode

export function isTest(node: Node): node is TestNode {
  return node.kind === 'and' || node.kind === 'or' || node.kind === 'xor' || node.kind === 'not' || node.kind === 'compare' || node.kind === 'in'
}
