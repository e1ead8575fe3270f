/** Random conditions: printing and parsing are inverse, and compiled conditions agree with a plain interpreter. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { envelope, frame } from '../event/envelope.ts'
import { Event, type Value } from '../event/event.ts'
import { Fields, fieldTable } from '../event/fields.ts'
import type { Comparison, Node, Range, ValueNode } from './ast.ts'
import { compileWhen, parseWhen, printWhen, WhenError } from './index.ts'

const table = fieldTable('t', {
  int: { path: 'int', type: 'int', description: '' },
  ints: { path: 'ints', type: 'int', list: true, description: '' },
  wide: { path: 'wide', type: 'u64', description: '' },
  wides: { path: 'wides', type: 'u64', list: true, description: '' },
  code: { path: 'code', type: 'name', names: {}, description: '' },
  mac: { path: 'mac', type: 'mac', description: '' },
  macs: { path: 'macs', type: 'mac', list: true, description: '' },
  text: { path: 'text', type: 'text', description: '' },
  texts: { path: 'texts', type: 'text', list: true, description: '' },
  bytes: { path: 'bytes', type: 'bytes', description: '' },
})
const fields = new Fields([envelope, frame, table])

// --- conditions ---

/** Offsets are the parser's business; equality is about the rest. */
const NOWHERE = { offset: 0, length: 0 }
const word = (text: string): ValueNode => ({ kind: 'word', text, ...NOWHERE })
const text = fc
  .array(fc.constantFrom(0x61, 0x41, 0x62, 0x22, 0x5c, 0, 0xff), { maxLength: 3 })
  .map((bytes): ValueNode => ({ kind: 'text', bytes: Uint8Array.from(bytes), ...NOWHERE }))
const MACS = ['00:00:00:00:00:00', '00:61:62:00:00:01', '00:61:62:00:00:02', 'ff:ff:ff:ff:ff:ff']
const NUMBERS = [0, 1, 2, 3, 7, 2 ** 32, 2 ** 40 + 1]
const PLAIN = { noNullPrototype: true }
const range = fc.oneof(
  fc.record({ from: fc.integer({ min: -7, max: 7 }), length: fc.integer({ min: 1, max: 4 }) }, PLAIN),
  fc.record({ from: fc.integer({ min: 0, max: 3 }), to: fc.integer({ min: 3, max: 7 }) }, PLAIN),
  fc.record({ from: fc.integer({ min: -7, max: 7 }) }, PLAIN),
) as fc.Arbitrary<Range>

const number = fc.constantFrom(...NUMBERS).map((n) => word(String(n)))
const numeric = fc.letrec<{ value: ValueNode; field: ValueNode }>((tie) => ({
  field: fc.constantFrom('int', 'ints', 'code', 'wide', 'wides').map(word),
  value: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    tie('field'),
    tie('field'),
    fc
      .tuple(fc.constantFrom('&', '+', '*', '%', '/'), tie('value'), fc.constantFrom('1', '2', '7').map(word))
      .map(([op, left, right]): ValueNode => ({ kind: 'arithmetic', op: op as '&', left, right, ...NOWHERE })),
    fc
      .tuple(fc.constantFrom('count', 'len'), fc.constantFrom('texts', 'text'))
      .map(([name, arg]): ValueNode => ({ kind: 'call', name, args: [word(arg)], ...NOWHERE })),
  ),
})).value
const octets = fc.letrec<{ value: ValueNode }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    fc.constantFrom('text', 'texts', 'bytes').map(word),
    fc
      .tuple(fc.oneof(tie('value'), fc.constantFrom('mac', 'macs').map(word)), fc.array(range, { minLength: 1, maxLength: 2 }))
      .map(([of, ranges]): ValueNode => ({ kind: 'slice', of, ranges, ...NOWHERE })),
    fc.tuple(fc.constantFrom('lower', 'upper'), tie('value')).map(([name, arg]): ValueNode => ({ kind: 'call', name, args: [arg], ...NOWHERE })),
  ),
})).value
const mac = fc.constantFrom('mac', 'macs').map(word)
const macConstant = fc.constantFrom(...MACS).map(word)

const match = fc.constantFrom(undefined, 'any' as const, 'all' as const)
const RELATIONS: Comparison[] = ['any_eq', 'all_eq', 'any_ne', 'all_ne', 'lt', 'le', 'gt', 'ge']
function compared(left: fc.Arbitrary<ValueNode>, right: fc.Arbitrary<ValueNode>, ops: Comparison[]): fc.Arbitrary<Node> {
  return fc
    .tuple(match, fc.constantFrom(...ops), left, right)
    .map(([match, op, left, right]): Node => ({ kind: 'compare', op, ...(match && { match }), left, right, ...NOWHERE }))
}
function member(value: fc.Arbitrary<ValueNode>, end: fc.Arbitrary<ValueNode>): fc.Arbitrary<Node> {
  const element = fc.tuple(end, fc.option(end, { nil: undefined })).map(([from, to]) => (to ? { from, to } : { from }))
  return fc
    .tuple(match, value, fc.array(element, { minLength: 1, maxLength: 3 }))
    .map(([match, value, set]): Node => ({ kind: 'in', ...(match && { match }), value, set, ...NOWHERE }))
}
const condition = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthSize: 'medium' },
    compared(numeric, fc.oneof(number, numeric), RELATIONS),
    compared(octets, fc.oneof(text, octets), [...RELATIONS, 'contains']),
    compared(mac, fc.oneof(mac, macConstant), RELATIONS),
    member(numeric, number),
    member(octets, text),
    member(mac, macConstant),
    fc.constantFrom('int', 'ints', 'texts', 'mac').map(word),
    tie('node').map((of): Node => ({ kind: 'not', of, ...NOWHERE })),
    fc
      .tuple(fc.constantFrom('and' as const, 'or' as const, 'xor' as const), fc.array(tie('node'), { minLength: 2, maxLength: 3 }))
      .map(([kind, of]): Node => ({ kind, of, ...NOWHERE })),
  ),
})).node

// --- events ---

type Values = Partial<Record<string, Value>>
const aNumber = fc.constantFrom(...NUMBERS)
const aWide = fc.oneof(aNumber.map(BigInt), fc.constant(2n ** 64n - 1n))
const aText = fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'ü'), maxLength: 4 })
const aMac = fc.constantFrom(...MACS)
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const values: fc.Arbitrary<Values> = fc.record({
  int: maybe(fc.oneof(aNumber, fc.constant(-3))),
  ints: maybe(fc.array(aNumber, { maxLength: 3 })),
  wide: maybe(aWide),
  wides: maybe(fc.array(aWide, { maxLength: 3 })),
  code: maybe(aNumber),
  mac: maybe(aMac),
  macs: maybe(fc.array(aMac, { maxLength: 3 })),
  text: maybe(aText),
  texts: maybe(fc.array(aText, { maxLength: 3 })),
  bytes: maybe(fc.constantFrom('', '61', '6141', '00ff', '610062')),
})

// --- the interpreter: values are bigints, or one character for each byte ---

type Plain = bigint | string

function valuesOf(node: ValueNode, event: Values): Plain[] {
  switch (node.kind) {
    case 'word': {
      if (!fields.find(node.text)) return [node.text.includes(':') ? bytesOf(node.text) : BigInt(node.text)]
      const value = event[node.text] ?? []
      return (Array.isArray(value) ? value : [value]).map((one) => plain(node.text, one as Value))
    }
    case 'text':
      return [Buffer.from(node.bytes).toString('latin1')]
    case 'slice':
      return valuesOf(node.of, event).map((value) => slice(String(value), node.ranges))
    case 'call': {
      const args = valuesOf(node.args[0], event)
      if (node.name === 'count') return args.length > 0 ? [BigInt(args.length)] : []
      if (node.name === 'len') return args.map((arg) => BigInt(String(arg).length))
      return args.map((arg) => String(arg).replace(/[a-z]/gi, (letter) => (node.name === 'lower' ? letter.toLowerCase() : letter.toUpperCase())))
    }
    case 'arithmetic':
      return valuesOf(node.left, event).flatMap((a) => valuesOf(node.right, event).map((b) => arithmetic(node.op, a as bigint, b as bigint)))
    default:
      return assert.fail(node.kind)
  }
}

function plain(name: string, value: Value): Plain {
  if (name.startsWith('mac')) return bytesOf(String(value))
  if (name.startsWith('text')) return Buffer.from(String(value)).toString('latin1')
  return name === 'bytes' ? Buffer.from(String(value), 'hex').toString('latin1') : BigInt(value as number)
}

function bytesOf(mac: string): string {
  return Buffer.from(mac.replaceAll(':', ''), 'hex').toString('latin1')
}

function slice(text: string, ranges: readonly Range[]): string {
  let made = ''
  for (const range of ranges) {
    const from = range.from < 0 ? range.from + text.length : range.from
    const to = range.length === undefined ? (range.to === undefined ? text.length : range.to + 1) : from + range.length
    if (from < 0 || from > to || to > text.length) break
    made += text.slice(from, to)
  }
  return made
}

function arithmetic(op: string, a: bigint, b: bigint): bigint {
  if (op === '&') return a & b
  if (op === '+') return a + b
  if (op === '*') return a * b
  return op === '/' ? a / b : a % b
}

/** Shorter bytes come first; text is ordered by its first character that differs. */
function ordered(value: Plain, nodes: readonly ValueNode[]): Plain {
  const bytes = nodes.some((node) => node.kind === 'slice' || (node.kind === 'word' && node.text === 'bytes'))
  return bytes && typeof value === 'string' ? String.fromCharCode(value.length) + value : value
}

function relates(op: Comparison, a: Plain, b: Plain): boolean {
  switch (op) {
    case 'any_eq':
    case 'all_eq':
      return a === b
    case 'any_ne':
    case 'all_ne':
      return a !== b
    case 'lt':
      return a < b
    case 'le':
      return a <= b
    case 'gt':
      return a > b
    case 'ge':
      return a >= b
    default:
      return String(a).includes(String(b))
  }
}

function holds(node: Node, event: Values): boolean {
  switch (node.kind) {
    case 'and':
      return node.of.every((part) => holds(part, event))
    case 'or':
      return node.of.some((part) => holds(part, event))
    case 'xor':
      return node.of.filter((part) => holds(part, event)).length % 2 === 1
    case 'not':
      return !holds(node.of, event)
    case 'compare': {
      const [left, right] = [node.left, node.right].map((side) =>
        valuesOf(side, event).map((value) => (node.op === 'contains' ? value : ordered(value, [node.left, node.right]))),
      )
      const results = left.flatMap((a) => right.map((b) => relates(node.op, a, b)))
      const all = node.match ? node.match === 'all' : node.op.startsWith('all_')
      return results.length > 0 && (all ? !results.includes(false) : results.includes(true))
    }
    case 'in': {
      const results = valuesOf(node.value, event).map((value) =>
        node.set.some(({ from, to }) => {
          const [low] = valuesOf(from, event)
          const [high] = to ? valuesOf(to, event) : [low]
          const [it, least, most] = [value, low, high].map((one) => ordered(one, [node.value]))
          return it >= least && it <= most
        }),
      )
      return results.length > 0 && (node.match === 'all' ? !results.includes(false) : results.includes(true))
    }
    default:
      return valuesOf(node, event).length > 0
  }
}

// --- the properties ---

test('what is printed is parsed as the same condition', () => {
  fc.assert(
    fc.property(condition, (node) => {
      const printed = printWhen(node)
      assert.deepEqual(placeless(parseWhen(printed)), node, printed)
    }),
    { numRuns: 500 },
  )
})

test('every node of a parsed condition is the text it points at', () => {
  fc.assert(
    fc.property(condition, (node) => {
      const printed = printWhen(node)
      const root = parseWhen(printed)
      assert.equal(printWhen(parseWhen(printed.slice(root.offset, root.offset + root.length))), printed)
      for (const [inner, within] of pairs(root)) {
        assert.ok(inner.offset >= within.offset && inner.offset + inner.length <= within.offset + within.length, printed)
        if (inner.kind === 'word') assert.equal(printed.slice(inner.offset, inner.offset + inner.length).replace(/^[({]+|[)}]+$/g, ''), inner.text)
      }
    }),
    { numRuns: 300 },
  )
})

test('a compiled condition agrees with the interpreter', () => {
  const event = new Event(fields)
  fc.assert(
    fc.property(condition, fc.array(values, { minLength: 4, maxLength: 8 }), (node, events) => {
      const matches = compileWhen(printWhen(node), fields)
      for (const each of events) {
        event.open(new Uint8Array(0))
        for (const [name, value] of Object.entries(each)) if (value !== undefined) event.set(name, value)
        assert.equal(matches(event), holds(node, each))
      }
    }),
    { numRuns: 1500 },
  )
})

test('no text makes anything but a condition or a WhenError', () => {
  const piece = fc.constantFrom(
    ...[
      'int',
      'texts',
      'mac',
      '==',
      '!=',
      'in',
      '{',
      '}',
      '(',
      ')',
      '[0:1]',
      '[',
      '"a"',
      '"',
      "'a'",
      '1',
      '..',
      ',',
      'not',
      '&',
      '-',
      'len(',
      'matches',
      'all',
      'r"',
      '/',
    ],
    ...['00:61', '1.5', 'and', '\\', '#', '~'],
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(' ')),
        fc.string(),
      ),
      (expression) => {
        try {
          compileWhen(expression, fields)
        } catch (error) {
          assert.ok(error instanceof WhenError, String(error))
          assert.ok(error.offset >= 0 && error.length >= 0 && error.offset + error.length <= expression.length, expression)
        }
      },
    ),
    { numRuns: 3000 },
  )
})

function placeless(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(placeless)
  const entries = Object.entries(value).map(([key, inner]) => [key, placeless(inner)])
  return 'kind' in value ? { ...Object.fromEntries(entries), ...NOWHERE } : Object.fromEntries(entries)
}

/** Every node with the one it is part of. */
function* pairs(node: Node): Generator<[Node, Node]> {
  for (const inner of Object.values(node).flat()) {
    for (const child of inner?.kind ? [inner] : [inner?.from, inner?.to]) {
      if (!child?.kind) continue
      yield [child, node]
      yield* pairs(child)
    }
  }
}
