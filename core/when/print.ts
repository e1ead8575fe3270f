/** Conditions as text again, with every grouping spelled out; parsing it gives the same tree. */
import { type Comparison, isTest, type Node, type Range, type ValueNode } from './ast.ts'

const SIGNS: Readonly<Record<Comparison, string>> = {
  any_eq: '==',
  all_eq: '===',
  any_ne: '!==',
  all_ne: '!=',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
  contains: 'contains',
  matches: 'matches',
}

/** How a condition was read. */
export function printWhen(node: Node): string {
  switch (node.kind) {
    case 'and':
    case 'or':
    case 'xor':
      return node.of.map(inner).join(` ${node.kind} `)
    case 'not':
      return `not ${isTest(node.of) || node.of.kind === 'arithmetic' ? `(${printWhen(node.of)})` : printWhen(node.of)}`
    case 'compare':
      return `${match(node.match)}${operand(node.left)} ${SIGNS[node.op]} ${operand(node.right)}`
    case 'in':
      return `${match(node.match)}${operand(node.value)} in {${node.set.map(({ from, to }) => operand(from) + (to ? `..${operand(to)}` : '')).join(', ')}}`
    default:
      return printValue(node)
  }
}

function inner(node: Node): string {
  return node.kind === 'and' || node.kind === 'or' || node.kind === 'xor' ? `(${printWhen(node)})` : printWhen(node)
}

function match(match: string | undefined): string {
  return match ? `${match} ` : ''
}

/** Arithmetic inside anything else goes into braces, which is how Wireshark groups values. */
function operand(node: ValueNode): string {
  return node.kind === 'arithmetic' ? `{${printValue(node)}}` : printValue(node)
}

function printValue(node: ValueNode): string {
  switch (node.kind) {
    case 'word':
      return node.text
    case 'text':
      return quoted(node.bytes, '"')
    case 'char':
      return quoted(Uint8Array.of(node.code), "'")
    case 'slice':
      return `${operand(node.of)}[${node.ranges.map(printRange).join(',')}]`
    case 'call':
      return `${node.name}(${node.args.map(printValue).join(', ')})`
    case 'minus':
      return `-${operand(node.of)}`
    case 'arithmetic':
      return `${operand(node.left)} ${node.op} ${operand(node.right)}`
  }
}

function printRange({ from, length, to }: Range): string {
  if (length !== undefined) return length === 1 ? String(from) : `${from}:${length}`
  return to === undefined ? `${from}:` : `${from}-${to}`
}

function quoted(bytes: Uint8Array, quote: string): string {
  let text = quote
  for (const byte of bytes) {
    const char = String.fromCharCode(byte)
    if (char === quote || char === '\\') text += `\\${char}`
    else text += byte >= 0x20 && byte < 0x7f ? char : `\\x${byte.toString(16).padStart(2, '0')}`
  }
  return text + quote
}
