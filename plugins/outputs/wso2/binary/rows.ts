/**
 * Events as they are in a message of the binary protocol: all values in the order of the definition, then arbitrary pairs up to the end of the event.
 * Text of length 0 is a null.
 */
import type { PureContext } from '../../../../core/plugin.ts'
import { type Stream, streamId } from '../streams.ts'
import { type RowWriter, Values, WIDTH } from '../values.ts'

const [SIZE, TIME] = [4, 8]

/** @throws Error when an attribute names an unknown field, or one that cannot become its type */
export function rowWriter(stream: Stream, context: PureContext): RowWriter {
  const values = new Values()
  const parts = [values.time(context.field('@timestamp').field, 'o'), `o += ${TIME}`, values.constant(streamId(stream))]
  values.room += SIZE + TIME
  for (const attribute of stream.attributes) {
    const { type, from } = attribute
    if (type === 'STRING') parts.push(values.each(() => values.text(attribute, context.field(from), '')))
    else {
      const width = type === 'FLOAT' ? 4 : WIDTH[type]
      parts.push(
        values.each(() => values.fixed(attribute, context.field(from), 'o', true)),
        `o += ${width}`,
      )
      values.room += width
    }
  }
  for (const [key, from] of stream.arbitrary) {
    parts.push(
      values.each(() => {
        const ref = context.field(from)
        return `if (${values.present(ref.field)}) { ${values.constant(key)}; ${values.presentText(ref)} }`
      }),
    )
  }
  return values.make(
    `let o = row + ${SIZE}
${parts.join('\n')}
view.setUint32(row, o - row - ${SIZE})
out.pos = o`,
  )
}
