/** Makes the source of a checked value. */
import { idText } from '../event/id.ts'
import { ipText, macText, timeText } from '../event/values.ts'
import { calculate } from './arithmetic.ts'
import type { Arithmetic } from './ast.ts'
import { CaseOctets, MacOctets, MaskedOctets, NameOctets, Slices, TextOctets } from './octets.ts'
import {
  combined,
  combinedPairs,
  constantNumber,
  constantOctets,
  constantPair,
  counted,
  eitherOctets,
  fieldNumbers,
  fieldOctets,
  fieldPairs,
  folded,
  foldedPairs,
  lengths,
  mapped,
  type Numbers,
  type Octets,
  type Pairs,
  type Source,
  widened,
} from './sources.ts'
import { shapeOf, type Typed } from './typed.ts'

type Call = Extract<Typed, { kind: 'call' }>

export function sourceOf(value: Typed): Source {
  switch (shapeOf(value.type)) {
    case 'number':
      return numbersOf(value)
    case 'bytes':
      return octetsOf(value)
    default:
      return pairsOf(value)
  }
}

/** The source of a value whose shape is `number`. */
export function numbersOf(value: Typed): Numbers {
  switch (value.kind) {
    case 'constant':
      return constantNumber(value)
    case 'field':
      return fieldNumbers(value.field)
    case 'arithmetic': {
      const { op } = value
      const integer = value.type !== 'float'
      const left = numbersOf(value.left)
      if (value.right.kind !== 'constant') return combined(left, numbersOf(value.right), (a, b) => calculate(op, a, b, integer))
      const { a: right } = value.right
      return mapped(left, (n) => calculate(op, n, right, integer))
    }
    case 'call':
      return calledNumbers(value)
    default:
      throw new TypeError(`${value.kind} gives no numbers`)
  }
}

function calledNumbers({ name, args }: Call): Numbers {
  switch (name) {
    case 'count':
      return counted(sourceOf(args[0]))
    case 'len':
      return lengths(octetsOf(args[0]))
    case 'abs':
      return mapped(numbersOf(args[0]), Math.abs)
    case 'max':
      return folded(args.map(numbersOf), Math.max)
    case 'min':
      return folded(args.map(numbersOf), Math.min)
    default:
      throw new TypeError(`${name}() gives no numbers`)
  }
}

/** The source of a value whose shape is `pair`, or of a point that is only counted. */
export function pairsOf(value: Typed): Pairs {
  switch (value.kind) {
    case 'constant':
      return constantPair(value)
    case 'field':
      return fieldPairs(value.field)
    case 'as':
      return widened(numbersOf(value.of))
    case 'arithmetic': {
      const { op } = value
      return combinedPairs(pairsOf(value.left), pairsOf(value.right), (a, b) => calculateWide(op, a, b))
    }
    case 'call':
      // A u64 is its own absolute value.
      return value.name === 'abs' ? pairsOf(value.args[0]) : foldedPairs(value.args.map(pairsOf), value.name === 'max')
    default:
      throw new TypeError(`${value.kind} gives no pairs`)
  }
}

function calculateWide(op: Arithmetic, a: bigint, b: bigint): bigint | undefined {
  switch (op) {
    case '&':
      return a & b
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return b === 0n ? undefined : a / b
    case '%':
      return b === 0n ? undefined : a % b
  }
}

/** The source of a value whose shape is `bytes`. */
export function octetsOf(value: Typed): Octets {
  switch (value.kind) {
    case 'constant':
      return constantOctets(value)
    case 'field':
      return value.raw ? eitherOctets(fieldOctets(value.field), fieldOctets(value.raw)) : fieldOctets(value.field)
    case 'slice':
      return new Slices(octetsOf(value.of), value.ranges)
    case 'arithmetic':
      return new MaskedOctets(octetsOf(value.left), octetsOf(value.right))
    case 'as':
      return value.of.type === 'mac' ? new MacOctets(numbersOf(value.of)) : textOf(value.of)
    case 'call':
      return value.name === 'string' ? textOf(value.args[0]) : new CaseOctets(octetsOf(value.args[0]), value.name === 'upper')
  }
}

function textOf(value: Typed): Octets {
  switch (value.type) {
    case 'name':
      if (value.kind === 'field') return new NameOctets(numbersOf(value), value.field)
      break
    case 'mac':
      return new TextOctets(numbersOf(value), (of, event, i) => macText(of.at(event, i)))
    case 'bool':
      return new TextOctets(numbersOf(value), (of, event, i) => String(of.at(event, i) !== 0))
    case 'time':
      return new TextOctets(pairsOf(value), (of, event, i) => {
        of.load(event, i)
        return timeText(of.high, of.low)
      })
    case 'u64':
      return new TextOctets(pairsOf(value), (of, event, i) => {
        of.load(event, i)
        return Number.isNaN(of.high) ? 'NaN' : String((BigInt(of.high) << 32n) + BigInt(of.low))
      })
    case 'ip':
      return new TextOctets(octetsOf(value), (of, event, i) => {
        of.load(event, i)
        return ipText(of.bytes.subarray(of.from, of.to))
      })
    case 'id':
      return new TextOctets(octetsOf(value), (of, event, i) => {
        of.load(event, i)
        return idText(of.bytes, of.from)
      })
    default:
      break
  }
  return new TextOctets(numbersOf(value), (of, event, i) => String(of.at(event, i)))
}
