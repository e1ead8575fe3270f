/** A checked condition: every name is a field, every literal has the type that its neighbour asked for. */
import type { FieldType, KnownField } from '../event/fields.ts'
import type { Arithmetic, Range } from './ast.ts'
import type { Matcher } from './regex.ts'

/** How values are compared: one number, two numbers (u64: halves; time: seconds and nanoseconds), bytes, or not at all. */
export type Shape = 'number' | 'pair' | 'bytes' | 'point'

export interface Constant {
  readonly kind: 'constant'
  readonly type: FieldType
  /** As in the columns of an event. */
  readonly a: number
  readonly b: number
  readonly bytes: Uint8Array
  /** Only so many leading bits count: a network such as 10.0.0.0/8. */
  readonly bits?: number
}

export type FunctionName = 'len' | 'count' | 'lower' | 'upper' | 'string' | 'abs' | 'max' | 'min'

export type Typed =
  | Constant
  /** `raw`: its bytes, which are there also when they are no valid UTF-8. */
  | { readonly kind: 'field'; readonly type: FieldType; readonly field: KnownField; readonly raw?: KnownField }
  | { readonly kind: 'slice'; readonly type: 'bytes'; readonly of: Typed; readonly ranges: readonly Range[] }
  | { readonly kind: 'call'; readonly type: FieldType; readonly name: FunctionName; readonly args: readonly Typed[] }
  | { readonly kind: 'arithmetic'; readonly type: FieldType; readonly op: Arithmetic; readonly left: Typed; readonly right: Typed }
  /** A mac as its six bytes, an integer as u64, a name as text. */
  | { readonly kind: 'as'; readonly type: 'bytes' | 'u64' | 'text'; readonly of: Typed }

export type Relation = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'

/** `all` wants every pair of values, else one is enough. Where a side has no value nothing holds. */
export type TypedTest =
  | { readonly kind: 'and' | 'or' | 'xor'; readonly of: readonly TypedTest[] }
  | { readonly kind: 'not'; readonly of: TypedTest }
  | { readonly kind: 'exists'; readonly fields: readonly KnownField[] }
  /** Some value is not zero; of bytes: not empty. */
  | { readonly kind: 'nonzero'; readonly value: Typed }
  | { readonly kind: 'compare'; readonly relation: Relation; readonly all: boolean; readonly left: Typed; readonly right: Typed }
  | { readonly kind: 'contains'; readonly all: boolean; readonly left: Typed; readonly right: Typed }
  | { readonly kind: 'matches'; readonly all: boolean; readonly value: Typed; readonly matcher: Matcher }
  | { readonly kind: 'in'; readonly all: boolean; readonly value: Typed; readonly set: readonly { readonly from: Typed; readonly to?: Typed }[] }

export function shapeOf(type: FieldType): Shape {
  switch (type) {
    case 'bool':
    case 'int':
    case 'float':
    case 'name':
    case 'mac':
      return 'number'
    case 'u64':
    case 'time':
      return 'pair'
    case 'point':
      return 'point'
    default:
      return 'bytes'
  }
}
