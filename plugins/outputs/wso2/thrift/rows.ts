/**
 * Rows: one event each, its values as they are on the wire, grouped by type (docs/decisions/0011-wso2-rows.md).
 *
 *   u16 number of the stream, u16 arbitrary pairs, u32 bytes of the texts
 *   the texts, each with its length; the pairs, two texts each
 *   the values of fixed size: i32s, i64s, doubles, bools of one byte
 *
 * How many values there are, and the text that names the stream, follow from the stream's config, which both ends have.
 */
import type { PureContext } from '../../../../core/plugin.ts'
import type { AttributeType, Stream } from '../streams.ts'
import { type RowWriter, Values, WIDTH } from '../values.ts'

export const ROW_HEAD = 8
/** Column of each type; texts are the last. */
const COLUMNS: Readonly<Record<AttributeType, number>> = { INT: 0, LONG: 1, FLOAT: 2, DOUBLE: 2, BOOL: 3, STRING: 4 }
export const TEXTS = COLUMNS.STRING
/** Width of the columns of fixed size. */
export const WIDTHS = [WIDTH.INT, WIDTH.LONG, WIDTH.DOUBLE, WIDTH.BOOL] as const

/** How many values of each column an event of the stream has: with the stream's id among the texts and the time among the longs. */
export function columnCounts({ attributes }: Stream): number[] {
  const counts = [0, 1, 0, 0, 1]
  for (const { type } of attributes) counts[COLUMNS[type]]++
  return counts
}

/** Bytes of the values of fixed size in a row; eight at least, for the time. */
export function fixedSize(counts: readonly number[]): number {
  return WIDTHS.reduce<number>((size, width, column) => size + width * counts[column], 0)
}

/** @throws Error when an attribute names an unknown field, or one that cannot become its type */
export function rowWriter(stream: Stream, number: number, context: PureContext): RowWriter {
  const values = new Values()
  const counts = columnCounts(stream)
  const places = WIDTHS.map((_, column) => fixedSize(counts.map((count, other) => (other < column ? count : 0))))
  const next = (type: Exclude<AttributeType, 'STRING'>) => {
    const column = COLUMNS[type]
    places[column] += WIDTHS[column]
    return `o + ${places[column] - WIDTHS[column]}`
  }
  const fixed = [values.time(context.field('@timestamp').field, next('LONG'))]
  const texts: string[] = []
  for (const attribute of stream.attributes) {
    const { type, from } = attribute
    if (type === 'STRING') texts.push(values.each(() => values.text(attribute, context.field(from))))
    else fixed.push(values.each(() => values.fixed(attribute, context.field(from), next(type))))
  }
  const pairs = stream.arbitrary.map(([key, from]) =>
    values.each(() => {
      const ref = context.field(from)
      return `if (${values.present(ref.field)}) { pairs++; ${values.constant(key)}; ${values.presentText(ref)} }`
    }),
  )
  const size = fixedSize(counts)
  values.room += ROW_HEAD + size
  return values.make(
    `let o = row + ${ROW_HEAD}
${texts.join('\n')}
const texts = o - row - ${ROW_HEAD}
let pairs = 0
${pairs.join('\n')}
${fixed.join('\n')}
view.setUint32(row, ${number * 65536} | pairs)
view.setUint32(row + 4, texts)
out.pos = o + ${size}`,
  )
}
