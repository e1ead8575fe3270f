/**
 * Reads a condition by Wireshark's grammar (epan/dfilter/grammar.lemon). From loose to tight: or, xor, and, not;
 * comparisons, which chain (`1 < x < 5`); &; + and -; * / and %; unary minus; slices.
 *
 * Invariant: no tree is deeper than a few times MAX_DEPTH, whatever the text, so that everything after may recurse.
 */
import { type Arithmetic, type Comparison, isTest, type Match, type Node, type Range, type SetElement, type Span, type ValueNode } from './ast.ts'
import { WhenError } from './errors.ts'
import { type Token, tokens } from './tokens.ts'

const MAX_DEPTH = 100
const MAX_ARITHMETIC = 100

const COMPARISONS = new Map<string, Comparison>([
  ['==', 'any_eq'],
  ['===', 'all_eq'],
  ['!=', 'all_ne'],
  ['!==', 'any_ne'],
  ['<', 'lt'],
  ['<=', 'le'],
  ['>', 'gt'],
  ['>=', 'ge'],
  ['contains', 'contains'],
  ['matches', 'matches'],
])
const JOINS = [
  ['||', 'or'],
  ['^^', 'xor'],
  ['&&', 'and'],
] as const
const ARITHMETIC: readonly (readonly Arithmetic[])[] = [['&'], ['+', '-'], ['*', '/', '%']]

/**
 * The tree of a condition.
 * @throws WhenError with the place of what does not fit
 */
export function parseWhen(expression: string): Node {
  const parser = new Parser(tokens(expression))
  const node = parser.test()
  parser.end()
  return node
}

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0
  #arithmetic = 0

  constructor(all: readonly Token[]) {
    this.#tokens = all
  }

  end(): void {
    const token = this.#tokens[this.#at]
    if (token.kind === 'end') return
    const two = this.#at > 0 && (token.kind === 'word' || token.kind === 'text')
    throw new WhenError(`${token.text} is not expected here`, token, two ? 'an operator such as ==, and, or' : undefined)
  }

  test(level = 0): Node {
    if (level === JOINS.length) return this.#not()
    const [sign, kind] = JOINS[level]
    const first = this.test(level + 1)
    if (!this.#is(sign)) return first
    const of = [first]
    while (this.#take(sign)) of.push(this.test(level + 1))
    return { kind, of, ...across(first, of[of.length - 1]) }
  }

  #not(): Node {
    const token = this.#tokens[this.#at]
    if (!this.#take('!')) return this.#relation()
    const of = this.#nested(token, () => this.#not())
    return { kind: 'not', of, ...across(token, of) }
  }

  #relation(): Node {
    const start = this.#tokens[this.#at]
    const match = this.#take('any') ? 'any' : this.#take('all') ? 'all' : undefined
    let left = this.#value(0)
    const tests: Node[] = []
    for (;;) {
      const token = this.#tokens[this.#at]
      const not = token.text === '!' && this.#tokens[this.#at + 1].text === 'in' && this.#take('!') ? token : undefined
      if (this.#take('in')) {
        tests.push(this.#member(match, start, asValue(left), not))
        break
      }
      const op = token.kind === 'sign' ? COMPARISONS.get(token.text) : undefined
      if (!op) break
      this.#at++
      const right = asValue(this.#value(0))
      tests.push({ kind: 'compare', op, ...(match && { match }), left: asValue(left), right, ...across(tests.length ? left : start, right) })
      left = right
    }
    if (tests.length === 0) {
      if (match) throw new WhenError(`${match} wants a comparison behind it`, across(start, left))
      return left
    }
    return tests.length === 1 ? tests[0] : { kind: 'and', of: tests, ...across(start, tests[tests.length - 1]) }
  }

  #member(match: Match | undefined, start: Span, value: ValueNode, not: Token | undefined): Node {
    this.#want('{', 'in wants a set: {1, 3, 6..8}')
    const set: SetElement[] = []
    do {
      const from = asValue(this.#value(0))
      set.push(this.#take('..') ? { from, to: asValue(this.#value(0)) } : { from })
    } while (this.#take(','))
    const close = this.#want('}', 'a set ends with } and has commas between its values')
    const span = across(start, close)
    const test: Node = { kind: 'in', ...(match && { match }), value, set, ...span }
    return not ? { kind: 'not', of: test, ...span } : test
  }

  /** A value, or a test in parentheses. */
  #value(level: number): Node {
    if (level === ARITHMETIC.length) return this.#unary()
    let left = this.#value(level + 1)
    for (;;) {
      const token = this.#tokens[this.#at]
      const op = ARITHMETIC[level].find((sign) => this.#take(sign))
      if (!op) return left
      if (++this.#arithmetic > MAX_ARITHMETIC) throw new WhenError('too much arithmetic for one condition', token)
      const right = asValue(this.#value(level + 1))
      left = { kind: 'arithmetic', op, left: asValue(left), right, ...across(left, right) }
    }
  }

  #unary(): Node {
    const token = this.#tokens[this.#at]
    if (this.#take('+')) return this.#nested(token, () => asValue(this.#unary()))
    if (!this.#take('-')) return this.#sliced()
    const of = this.#nested(token, () => asValue(this.#unary()))
    return { kind: 'minus', of, ...across(token, of) }
  }

  #sliced(): Node {
    let node = this.#primary()
    for (let slices = 0; this.#take('['); slices++) {
      const ranges: Range[] = []
      let close: Token
      do {
        ranges.push(readRange(this.#tokens[this.#at++]))
        close = this.#tokens[this.#at++]
      } while (close.text === ',')
      if (slices === MAX_DEPTH) throw new WhenError('too many slices', close)
      node = { kind: 'slice', of: asValue(node), ranges, ...across(node, close) }
    }
    return node
  }

  #primary(): Node {
    const token = this.#tokens[this.#at++]
    switch (token.kind) {
      case 'text':
        return { kind: 'text', bytes: token.bytes, ...spanOf(token) }
      case 'char':
        if (token.bytes.length !== 1) throw new WhenError('a character constant is one byte', token, 'text goes in double quotes')
        return { kind: 'char', code: token.bytes[0], ...spanOf(token) }
      case 'word':
        return this.#take('(') ? this.#nested(token, () => this.#call(token)) : { kind: 'word', text: token.text, ...spanOf(token) }
      case 'end':
        throw new WhenError(this.#at === 1 ? 'the condition is empty' : 'the condition ends too early', token)
    }
    if (token.text === '(' || token.text === '{') {
      const node = this.#nested(token, () => (token.text === '(' ? this.test() : asValue(this.#value(0))))
      const close = token.text === '(' ? this.#want(')', 'this bracket is never closed', token) : this.#want('}', 'this brace is never closed', token)
      return { ...node, ...across(token, close) }
    }
    this.#at--
    throw new WhenError(`${token.text} is not expected here`, token, 'a field or a value')
  }

  #call(name: Token): ValueNode {
    const args: ValueNode[] = []
    if (!this.#is(')')) {
      do args.push(asValue(this.#value(0)))
      while (this.#take(','))
    }
    const close = this.#want(')', 'this function is never closed', name)
    return { kind: 'call', name: name.text, args, ...across(name, close) }
  }

  #nested<T>(at: Span, read: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new WhenError('the condition is nested too deeply', at)
    const result = read()
    this.#depth--
    return result
  }

  #is(sign: string): boolean {
    const token = this.#tokens[this.#at]
    return token.kind === 'sign' && token.text === sign
  }

  #take(sign: string): boolean {
    if (!this.#is(sign)) return false
    this.#at++
    return true
  }

  /** @param opened what to point at when the text ends before the bracket is closed */
  #want(sign: string, message: string, opened?: Token): Token {
    const token = this.#tokens[this.#at]
    if (this.#take(sign)) return token
    if (token.kind === 'end') throw new WhenError(message, opened ?? token)
    throw new WhenError(opened ? `${token.text} is not expected here` : message, token, opened && `an operator or ${sign}`)
  }
}

const NUMBER = '-?(?:0x[0-9a-f]+|\\d+)'
const RANGE = new RegExp(`^\\s*(?:(${NUMBER})|(${NUMBER})?\\s*(?::\\s*(${NUMBER})?|-\\s*(${NUMBER})))\\s*$`, 'i')

function readRange(token: Token): Range {
  const parts = RANGE.exec(token.text)
  const [only, from, length, to] = (parts ?? [])
    .slice(1)
    .map((text) => (text === undefined ? undefined : Number(text.replace('-', '')) * sign(text) + 0))
  const wrong = (message: string) => new WhenError(message, token, '[first:count], [first-last], [first], [:count], [first:]')
  if (!parts || (only ?? from ?? length) === undefined || [only, from, length, to].some((n) => Math.abs(n ?? 0) > 0x7fffffff))
    throw wrong(`[${token.text}] is no slice`)
  if (only !== undefined) return { from: only, length: 1 }
  if (length !== undefined && length <= 0) throw wrong('the length of a slice is at least 1')
  if (to !== undefined) {
    if (from === undefined) throw wrong(`[${token.text}] is no slice`)
    if (from < 0 === to < 0 && to < from) throw wrong('this slice ends before it begins')
    return { from, to }
  }
  return length === undefined ? { from: from ?? 0 } : { from: from ?? 0, length }
}

function sign(text: string): 1 | -1 {
  return text.startsWith('-') ? -1 : 1
}

function asValue(node: Node): ValueNode {
  if (isTest(node)) throw new WhenError('a test is no value', node)
  return node
}

function spanOf({ offset, length }: Span): Span {
  return { offset, length }
}

function across(first: Span, last: Span): Span {
  return { offset: first.offset, length: last.offset + last.length - first.offset }
}
