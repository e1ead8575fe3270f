/** A checked condition in words: what is compared with what, in which type, and for how many of the values. */

import type { KnownField } from '../event/fields.ts'
import { idText } from '../event/id.ts'
import { ipText, macText, timeText } from '../event/values.ts'
import type { Range } from './ast.ts'
import type { Constant, Relation, Typed, TypedTest } from './typed.ts'

const RELATIONS: Readonly<Record<Relation, string>> = {
  eq: 'equals',
  ne: 'differs from',
  lt: 'is less than',
  le: 'is at most',
  gt: 'is greater than',
  ge: 'is at least',
}
const JOINED = { and: 'all of these hold:', or: 'any of these holds:', xor: 'an odd number of these hold:' } as const

/** One line for each part of the condition, parts of parts indented. */
export function describeTest(test: TypedTest, depth = 0): string[] {
  const line = (text: string) => [`${'  '.repeat(depth)}${text}`]
  switch (test.kind) {
    case 'and':
    case 'or':
    case 'xor':
      return [...line(JOINED[test.kind]), ...test.of.flatMap((part) => describeTest(part, depth + 1))]
    case 'not':
      return [...line('this does not hold:'), ...describeTest(test.of, depth + 1)]
    case 'exists':
      return line(test.fields.length === 1 ? `${test.fields[0].path} is there` : `any of ${named(test.fields)} is there`)
    case 'nonzero':
      return line(
        `${test.value.kind === 'slice' ? `${valueText(test.value)} is there` : `${valueText(test.value)} is not 0`}${some(test.value, false)}`,
      )
    case 'compare': {
      const both = listOf(test.left) ?? listOf(test.right)
      return line(`${valueText(test.left)} ${RELATIONS[test.relation]} ${valueText(test.right)}${some(both, test.all)}`)
    }
    case 'contains':
      return line(`${valueText(test.left)} contains ${valueText(test.right)}${some(test.left, test.all)}`)
    case 'matches':
      return line(`${valueText(test.value)} matches the regular expression${some(test.value, test.all)}`)
    case 'in': {
      const set = test.set.map(({ from, to }) => (to ? `${valueText(from)} to ${valueText(to)}` : valueText(from)))
      return line(`${valueText(test.value)} is one of ${set.join(', ')}${some(test.value, test.all)}`)
    }
  }
}

/** The fields that a condition reads, each once. */
export function fieldsOf(test: TypedTest): KnownField[] {
  const found = new Set<KnownField>()
  const value = (of: Typed): void => {
    if (of.kind === 'field') found.add(of.field)
    else if (of.kind === 'slice' || of.kind === 'as') value(of.of)
    else if (of.kind === 'call') of.args.forEach(value)
    else if (of.kind === 'arithmetic') [of.left, of.right].forEach(value)
  }
  const visit = (of: TypedTest): void => {
    if (of.kind === 'and' || of.kind === 'or' || of.kind === 'xor') of.of.forEach(visit)
    else if (of.kind === 'not') visit(of.of)
    else if (of.kind === 'exists') for (const field of of.fields) found.add(field)
    else if (of.kind === 'compare' || of.kind === 'contains') {
      value(of.left)
      value(of.right)
    } else if (of.kind === 'nonzero' || of.kind === 'matches' || of.kind === 'in') {
      value(of.value)
      if (of.kind === 'in') for (const { from, to } of of.set) [from, ...(to ? [to] : [])].forEach(value)
    }
  }
  visit(test)
  return [...found]
}

function named(fields: readonly KnownField[]): string {
  const names = fields.slice(0, 3).map(({ path }) => path)
  return fields.length > 3 ? `${names.join(', ')} and ${fields.length - 3} more` : names.join(', ')
}

/** Which of several values count; nothing where there is only one. */
function some(value: Typed | undefined, all: boolean): string {
  const list = value && listOf(value)
  return list ? (all ? ', for all of its values' : ', for any of its values') : ''
}

/** The value itself where it can be several. */
function listOf(value: Typed): Typed | undefined {
  switch (value.kind) {
    case 'field':
      return value.field.list ? value : undefined
    case 'slice':
    case 'as':
      return listOf(value.of)
    case 'arithmetic':
      return listOf(value.left) ?? listOf(value.right)
    case 'call':
      return ['count', 'max', 'min'].includes(value.name) ? undefined : listOf(value.args[0])
    default:
      return undefined
  }
}

function valueText(value: Typed): string {
  switch (value.kind) {
    case 'constant':
      return constantText(value)
    case 'field':
      return value.field.path
    case 'slice':
      return `bytes ${value.ranges.map(rangeText).join(' and ')} of ${valueText(value.of)}`
    case 'as':
      return value.type === 'text' ? `the name of ${valueText(value.of)}` : valueText(value.of)
    case 'call':
      return `${value.name}(${value.args.map(valueText).join(', ')})`
    case 'arithmetic':
      return `(${valueText(value.left)} ${value.op} ${valueText(value.right)})`
  }
}

function rangeText({ from, length, to }: Range): string {
  if (length === 1) return String(from)
  if (length !== undefined) return `${from} to ${from + length - 1}`
  return to === undefined ? `from ${from} on` : `${from} to ${to}`
}

function constantText({ type, a, b, bytes, bits }: Constant): string {
  switch (type) {
    case 'bool':
      return a ? 'true' : 'false'
    case 'mac':
      return macText(a)
    case 'u64':
      return String((BigInt(a) << 32n) | BigInt(b))
    case 'time':
      return timeText(a, b)
    case 'ip':
      return bits === undefined ? ipText(bytes) : `the network ${ipText(bytes)}/${bits}`
    case 'id':
      return idText(bytes)
    case 'text':
      return JSON.stringify(Buffer.from(bytes).toString())
    case 'bytes':
      return `the bytes ${
        Buffer.from(bytes)
          .toString('hex')
          .replace(/(..)(?=.)/g, '$1:') || 'of nothing'
      }`
    default:
      return String(a)
  }
}
