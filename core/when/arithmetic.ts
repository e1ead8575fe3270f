/** Types of arithmetic, and its results where both sides are constants. */
import type { FieldType } from '../event/fields.ts'
import type { Arithmetic, Span, ValueNode } from './ast.ts'
import { WhenError } from './errors.ts'
import { constant, typeWords } from './literals.ts'
import { shapeOf, type Typed } from './typed.ts'

/** The type of a result from those of its sides; a literal side (undefined) takes the other's. */
export function resultType(left: FieldType | undefined, right: FieldType | undefined): FieldType | undefined {
  if (left === undefined && right === undefined) return undefined
  const types = [left ?? right, right ?? left].map((type) => (type === 'name' || type === 'bool' ? 'int' : type))
  for (const type of ['u64', 'float', 'ip', 'bytes', 'text'] as const) if (types.includes(type)) return type === 'text' ? 'bytes' : type
  return types[0]
}

/** @throws WhenError when the operator is not for these types */
export function checkArithmetic(node: Extract<ValueNode, { kind: 'arithmetic' }>, left: Typed, right: Typed): Typed {
  const { op } = node
  const type = resultType(left.type, right.type) as FieldType
  for (const [side, at] of [
    [left, node.left],
    [right, node.right],
  ] as const)
    if (!fits(op, type, side.type)) throw new WhenError(`${op} is not for ${typeWords(side.type)} here`, at)
  if (right.kind === 'constant' && (op === '/' || op === '%') && right.a === 0 && right.b === 0) throw new WhenError('division by zero', node.right)
  if (type === 'u64') return { kind: 'arithmetic', type, op, left: wide(left), right: wide(right) }
  const integer = type !== 'float'
  if (left.kind === 'constant' && right.kind === 'constant' && shapeOf(type) === 'number')
    return constant(type, calculate(op, left.a, right.a, integer))
  return { kind: 'arithmetic', type, op, left, right }
}

function fits(op: Arithmetic, result: FieldType, side: FieldType): boolean {
  switch (result) {
    case 'int':
      return side === 'int' || side === 'name' || side === 'bool'
    case 'float':
      return op !== '&' && (side === 'int' || side === 'float' || side === 'name')
    case 'u64':
      return side === 'u64' || side === 'int' || side === 'name'
    case 'mac':
      return op === '&' && side === 'mac'
    case 'ip':
      return op === '&' && side === 'ip'
    case 'bytes':
      return op === '&' && (side === 'bytes' || side === 'text')
    default:
      return false
  }
}

/** `-value`. */
export function checkNegative(value: Typed, at: Span): Typed {
  const { type } = value
  if (type !== 'int' && type !== 'float' && type !== 'name') throw new WhenError(`- is not for ${typeWords(type)}`, at)
  if (value.kind === 'constant') return constant(type, -value.a + 0)
  return { kind: 'arithmetic', type: type === 'name' ? 'int' : type, op: '-', left: constant('int', 0), right: value }
}

/** An integer as u64. */
export function wide(value: Typed): Typed {
  if (value.type === 'u64') return value
  return value.kind === 'constant' ? constant('u64', Math.floor(value.a / 4294967296), value.a >>> 0) : { kind: 'as', type: 'u64', of: value }
}

/** Integers divide as in C, towards zero; a division by zero gives NaN, to which nothing is equal. */
export function calculate(op: Arithmetic, a: number, b: number, integer: boolean): number {
  switch (op) {
    case '&':
      return maskNumbers(a, b)
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return b === 0 ? Number.NaN : integer ? Math.trunc(a / b) : a / b
    case '%':
      return a % b
  }
}

/** Bitwise and of integers up to 2^53, negative ones in two's complement. */
function maskNumbers(a: number, b: number): number {
  if ((a | 0) === a && (b | 0) === b) return a & b
  return (Math.floor(a / 4294967296) & Math.floor(b / 4294967296)) * 4294967296 + ((a & b) >>> 0)
}
