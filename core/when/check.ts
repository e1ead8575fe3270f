/** Gives a condition its names and types. Everything that could be wrong with it is found here, before the first event. */

import { nearest } from '../config/nearest.ts'
import type { Fields, FieldType, KnownField } from '../event/fields.ts'
import { checkArithmetic, checkNegative, resultType, wide } from './arithmetic.ts'
import type { Comparison, Node, SetElement, Span, ValueNode } from './ast.ts'
import { WhenError } from './errors.ts'
import { literal, looksLiteral, typeWords, type Wanted } from './literals.ts'
import { compilePattern, PatternError } from './regex.ts'
import type { FunctionName, Relation, Typed, TypedTest } from './typed.ts'

const RELATIONS: Readonly<Record<Exclude<Comparison, 'contains' | 'matches'>, Relation>> = {
  any_eq: 'eq',
  all_eq: 'eq',
  any_ne: 'ne',
  all_ne: 'ne',
  lt: 'lt',
  le: 'le',
  gt: 'gt',
  ge: 'ge',
}

/** What each function takes, and what it gives where that is not the type of its argument. */
const FUNCTIONS: Readonly<Record<FunctionName, { takes: (type: FieldType) => boolean; of: string; gives?: FieldType }>> = {
  len: { takes: (type) => isOctets(type) || type === 'mac' || type === 'ip', of: 'text, bytes or addresses', gives: 'int' },
  count: { takes: () => true, of: 'fields', gives: 'int' },
  lower: { takes: isOctets, of: 'text', gives: 'text' },
  upper: { takes: isOctets, of: 'text', gives: 'text' },
  string: { takes: (type) => !isOctets(type) && type !== 'point', of: 'what is not text yet', gives: 'text' },
  abs: { takes: (type) => isNumber(type) || type === 'u64', of: 'numbers' },
  max: { takes: isOrdered, of: 'numbers and times' },
  min: { takes: isOrdered, of: 'numbers and times' },
}

/** @throws WhenError at the first name or type that is wrong */
export function checkWhen(node: Node, fields: Fields): TypedTest {
  return new Checker(fields).test(node)
}

class Checker {
  readonly #fields: Fields

  constructor(fields: Fields) {
    this.#fields = fields
  }

  test(node: Node): TypedTest {
    switch (node.kind) {
      case 'and':
      case 'or':
      case 'xor':
        return { kind: node.kind, of: node.of.map((part) => this.test(part)) }
      case 'not':
        return { kind: 'not', of: this.test(node.of) }
      case 'compare':
        return this.#compare(node)
      case 'in': {
        const { value, set } = node
        const type = this.#typeOf(value)
        if (type === undefined) throw new WhenError('only a field can be in a set', value)
        const left = this.#value(value, { type, what: '' })
        return { kind: 'in', all: node.match === 'all', value: left, set: set.map((element) => this.#element(value, left, element)) }
      }
      default:
        return this.#presence(node)
    }
  }

  #presence(node: ValueNode): TypedTest {
    switch (node.kind) {
      case 'word': {
        const field = this.#fields.find(node.text)
        const raw = field && this.#raw(field)
        const fields = raw ? [field, raw] : field ? [field] : this.#group(node.text)
        if (fields.length > 0) return { kind: 'exists', fields }
        throw /^[\d:]/.test(node.text) ? new WhenError('a constant is no condition', node) : this.#unknown(node.text, node)
      }
      case 'slice':
      case 'minus':
      case 'arithmetic': {
        const type = this.#typeOf(node)
        if (type === undefined) throw new WhenError('a constant is no condition', node)
        return { kind: 'nonzero', value: this.#value(node, { type, what: '' }) }
      }
      case 'call':
        throw new WhenError(`${node.name}() alone is no condition`, node, `compare it: ${node.name}(…) > 0`)
      default:
        throw new WhenError('a constant is no condition', node)
    }
  }

  /** Text that need not be UTF-8 has its bytes in a field beside it: a name in another code is a name all the same. */
  #raw(field: KnownField): KnownField | undefined {
    const raw = field.type === 'text' && !field.list ? this.#fields.find(`${field.path}_hex`) : undefined
    return raw?.type === 'bytes' && !raw.list ? raw : undefined
  }

  /** A protocol as Wireshark has it: there when any of its fields is. */
  #group(name: string): KnownField[] {
    return this.#fields.all.filter((field) => field?.path.startsWith(`${name}.`)) as KnownField[]
  }

  #compare(node: Extract<Node, { kind: 'compare' }>): TypedTest {
    const { op, match } = node
    if (op === 'contains' || op === 'matches') return this.#search(node, op)
    const all = match ? match === 'all' : op === 'all_eq' || op === 'all_ne'
    const [left, right] = this.#pair(node.left, node.right, node)
    return { kind: 'compare', relation: RELATIONS[op], all, left, right }
  }

  #search(node: Extract<Node, { kind: 'compare' }>, op: 'contains' | 'matches'): TypedTest {
    const all = node.match === 'all'
    const type = this.#typeOf(node.left)
    if (type === undefined) throw new WhenError(`${op} wants a field on its left`, node.left)
    const value = asOctets(this.#value(node.left, { type, what: '' }))
    if (!value)
      throw new WhenError(
        `${this.#shown(node.left)} is ${typeWords(type)}, which ${op} cannot search`,
        node.left,
        `string(${this.#shown(node.left)})`,
      )
    if (op === 'matches') {
      if (node.right.kind !== 'text') throw new WhenError('matches wants a regular expression in double quotes', node.right)
      try {
        return { kind: 'matches', all, value, matcher: compilePattern(node.right.bytes) }
      } catch (error) {
        if (!(error instanceof PatternError)) throw error
        throw new WhenError(`${error.message} (byte ${error.at + 1} of the regular expression)`, node.right)
      }
    }
    const right = asOctets(this.#value(node.right, { type: value.type, what: this.#shown(node.left) }))
    if (!right) throw new WhenError(`${this.#shown(node.right)} is neither text nor bytes`, node.right)
    return { kind: 'contains', all, left: value, right }
  }

  #element(value: ValueNode, left: Typed, { from, to }: SetElement): { from: Typed; to?: Typed } {
    const typed = (node: ValueNode): Typed => {
      const right = this.#value(node, this.#wanted(value, left.type))
      const joined = join(left, right)
      if (!joined || joined[0] !== left) throw this.#unlike(value, node, node)
      return joined[1]
    }
    const first = typed(from)
    if (!to) return { from: first }
    const last = typed(to)
    for (const end of [first, last])
      if (end.kind === 'constant' && end.bits !== undefined) throw new WhenError('a network cannot be the end of a range', end === first ? from : to)
    return { from: first, to: last }
  }

  #pair(left: ValueNode, right: ValueNode, at: Span): [Typed, Typed] {
    const types = [this.#typeOf(left), this.#typeOf(right)]
    const [ofLeft, ofRight] = [types[0] ?? types[1], types[1] ?? types[0]]
    if (ofLeft === undefined || ofRight === undefined) throw new WhenError('both sides are constants', at, 'one of them should be a field')
    const joined = join(this.#value(left, this.#wanted(right, ofLeft)), this.#value(right, this.#wanted(left, ofRight)))
    if (!joined) throw this.#unlike(left, right, at)
    return joined
  }

  #unlike(left: ValueNode, right: ValueNode, at: Span): WhenError {
    const [a, b] = [left, right].map((node) => `${this.#shown(node)} is ${typeWords(this.#typeOf(node) ?? 'text')}`)
    return new WhenError(`${a} and ${b}: they cannot be compared`, at)
  }

  #wanted(node: ValueNode, type: FieldType): Wanted {
    const field = node.kind === 'word' ? this.#fields.find(node.text) : undefined
    return { type, what: this.#shown(node), ...(field?.names && { names: field.names }) }
  }

  #shown(node: ValueNode): string {
    switch (node.kind) {
      case 'word':
        return node.text
      case 'slice':
        return `${this.#shown(node.of)}[…]`
      case 'call':
        return `${node.name}(…)`
      default:
        return 'this'
    }
  }

  /** The type of a value; undefined for literals, which take the type of what they meet. */
  #typeOf(node: ValueNode): FieldType | undefined {
    switch (node.kind) {
      case 'word': {
        const field = this.#fields.find(node.text)
        if (field) return field.type
        if (looksLiteral(node.text)) return undefined
        throw this.#unknown(node.text, node)
      }
      case 'slice':
        return 'bytes'
      case 'call': {
        const { gives } = this.#function(node)
        return gives ?? this.#typeOfAny(node.args)
      }
      case 'minus':
        return this.#typeOf(node.of)
      case 'arithmetic':
        return resultType(this.#typeOf(node.left), this.#typeOf(node.right))
      default:
        return undefined
    }
  }

  #typeOfAny(nodes: readonly ValueNode[]): FieldType | undefined {
    for (const node of nodes) {
      const type = this.#typeOf(node)
      if (type !== undefined) return type
    }
    return undefined
  }

  #value(node: ValueNode, wanted: Wanted): Typed {
    switch (node.kind) {
      case 'word': {
        const field = this.#fields.find(node.text)
        const raw = field && this.#raw(field)
        return field ? { kind: 'field', type: field.type, field, ...(raw && { raw }) } : literal(node, wanted)
      }
      case 'text':
      case 'char':
        return literal(node, wanted)
      case 'slice': {
        const type = this.#typeOf(node.of)
        if (type === undefined) throw new WhenError('a constant has no slices', node.of)
        const of = this.#value(node.of, { type, what: '' })
        const bytes = type === 'name' ? undefined : type === 'ip' ? of : asOctets(of)
        if (!bytes) throw new WhenError(`${this.#shown(node.of)} is ${typeWords(type)}, which has no slices`, node.of)
        return { kind: 'slice', type: 'bytes', of: bytes, ranges: node.ranges }
      }
      case 'call':
        return this.#call(node)
      case 'minus':
        return checkNegative(this.#value(node.of, wanted), node)
      case 'arithmetic': {
        const types = [this.#typeOf(node.left), this.#typeOf(node.right)]
        const left = this.#value(node.left, types[0] || !types[1] ? wanted : this.#wanted(node.right, types[1]))
        const right = this.#value(node.right, types[1] || !types[0] ? wanted : this.#wanted(node.left, types[0]))
        return checkArithmetic(node, left, right)
      }
    }
  }

  #call(node: Extract<ValueNode, { kind: 'call' }>): Typed {
    const { takes, of, gives } = this.#function(node)
    const name = node.name as FunctionName
    const many = name === 'max' || name === 'min'
    if (node.args.length === 0 || (node.args.length > 1 && !many))
      throw new WhenError(`${name}() takes ${many ? 'one argument or more' : 'one argument'}, here are ${node.args.length}`, node)
    const type = this.#typeOfAny(node.args)
    if (type === undefined) throw new WhenError(`${name}() of a constant`, node, `${name}() takes fields`)
    const args = node.args.map((arg) => {
      const value = this.#value(arg, { type, what: this.#shown(node) })
      if (!takes(value.type)) throw new WhenError(`${this.#shown(arg)} is ${typeWords(value.type)}, but ${name}() is for ${of}`, arg)
      return name === 'len' && value.type === 'mac' ? ({ kind: 'as', type: 'bytes', of: value } as const) : value
    })
    if (gives) return { kind: 'call', type: gives, name, args }
    const common = commonType(args.map((arg) => arg.type))
    if (!common) throw new WhenError(`${name}() of values that cannot be compared`, node)
    return { kind: 'call', type: common, name, args: args.map((arg) => (common === 'u64' ? wide(arg) : arg)) }
  }

  #function(node: Extract<ValueNode, { kind: 'call' }>): (typeof FUNCTIONS)[FunctionName] {
    if (Object.hasOwn(FUNCTIONS, node.name)) return FUNCTIONS[node.name as FunctionName]
    const names = Object.keys(FUNCTIONS)
    throw new WhenError(
      `there is no function ${node.name}`,
      { offset: node.offset, length: node.name.length },
      nearest(node.name, names) ?? names.join(', '),
    )
  }

  #unknown(word: string, at: Span): WhenError {
    const dash = word.indexOf('-')
    if (dash > 0 && this.#fields.find(word.slice(0, dash)))
      return new WhenError(`there is no field ${word}`, at, `${word.slice(0, dash)} - ${word.slice(dash + 1)}, with spaces`)
    return new WhenError(
      `there is no field ${word}`,
      at,
      nearest(word, this.#fields.names()) ?? (word.includes('.') ? undefined : `"${word}" if it is text`),
    )
  }
}

/** Both sides as one type; undefined when they have none in common. */
function join(left: Typed, right: Typed): [Typed, Typed] | undefined {
  const [a, b] = [kindOf(left.type), kindOf(right.type)]
  if (a === 'point' || b === 'point') return undefined
  if (a === b) return [left, right]
  if (a === 'number' && b === 'u64' && left.type !== 'float') return [{ kind: 'as', type: 'u64', of: left }, right]
  if (a === 'u64' && b === 'number' && right.type !== 'float') return [left, { kind: 'as', type: 'u64', of: right }]
  if (a === 'mac' && b === 'octets') return [{ kind: 'as', type: 'bytes', of: left }, right]
  if (a === 'octets' && b === 'mac') return [left, { kind: 'as', type: 'bytes', of: right }]
  return undefined
}

function kindOf(type: FieldType): FieldType | 'number' | 'octets' {
  if (isNumber(type)) return 'number'
  return isOctets(type) ? 'octets' : type
}

function isNumber(type: FieldType): boolean {
  return type === 'int' || type === 'float' || type === 'name'
}

function isOrdered(type: FieldType): boolean {
  return isNumber(type) || type === 'u64' || type === 'time'
}

/** The type of one of several values; undefined where they have none in common. */
function commonType(types: readonly FieldType[]): FieldType | undefined {
  if (types.every((type) => type === 'time')) return 'time'
  if (types.includes('time')) return undefined
  if (types.includes('u64')) return types.includes('float') ? undefined : 'u64'
  return types.includes('float') ? 'float' : 'int'
}

function isOctets(type: FieldType): boolean {
  return type === 'text' || type === 'bytes'
}

/** A value that can be searched: text and bytes, the bytes of a mac, the text of a name. */
function asOctets(value: Typed): Typed | undefined {
  if (isOctets(value.type)) return value
  if (value.type === 'mac') return { kind: 'as', type: 'bytes', of: value }
  return value.type === 'name' && value.kind === 'field' ? { kind: 'as', type: 'text', of: value } : undefined
}
