/** Events as rows: values of one event in Thrift's binary form, in the order of the stream's definition (bundle.ts). */
import { createHash } from 'node:crypto'
import { type Encoder, type Event, envelope, type PureContext } from '../../../core/plugin.ts'
import { ROW_HEAD, WIDTHS } from './bundle.ts'
import { type AttributeType, type Stream, type StreamConfig, streamsOf } from './streams.ts'
import { constantText, type Fixed, fixedValue, milliseconds, presentText, putLong, type Text, textValue } from './values.ts'

/** Column of each type; the last is text. */
const COLUMNS: Readonly<Record<AttributeType, number>> = { INT: 0, LONG: 1, FLOAT: 2, DOUBLE: 2, BOOL: 3, STRING: 4 }

type Row = (event: Event, into: Parameters<Encoder['write']>[1]) => void

/** @throws Error when an attribute names an unknown field, or one that cannot become its type */
export function rowEncoder(configs: readonly StreamConfig[], context: PureContext): Encoder {
  const streams = streamsOf(configs)
  const rows = streams.map((stream) => ({
    matches: stream.when === undefined ? undefined : context.when(stream.when),
    write: rowWriter(stream, context),
  }))
  const hash = createHash('sha256').update(JSON.stringify(streams)).digest('base64url').slice(0, 12)
  return {
    format: `wso2-rows/1 ${hash}`,
    write(event, into) {
      for (const { matches, write } of rows) if (!matches || matches(event)) return write(event, into)
      throw new Error(`no stream of output ${context.name} takes this event`)
    },
  }
}

function rowWriter({ name, version, attributes, arbitrary }: Stream, context: PureContext): Row {
  const columns: { width: number; values: Fixed[] }[] = WIDTHS.map((width) => ({ width, values: [] }))
  const texts: Text[] = []
  const time = context.fields.base(envelope) + envelope.at.timestamp
  columns[COLUMNS.LONG].values.push((event, view, at) => {
    if (!event.present(time)) throw new TypeError('an event without @timestamp has no place in a stream')
    putLong(view, at, milliseconds(event, time))
  })
  for (const attribute of attributes) {
    const ref = context.field(attribute.from)
    const column = columns[COLUMNS[attribute.type]]
    if (column) column.values.push(fixedValue(attribute, ref))
    else texts.push(textValue(attribute, ref))
  }
  let size = ROW_HEAD
  const fixed = columns.flatMap(({ width, values }) =>
    values.map((write) => {
      size += width
      return { write, at: size - width }
    }),
  )
  const stream = constantText(`${name}:${version}`)
  const counts = [...columns.map(({ values }) => values.length), texts.length + 1]
  const pairs = arbitrary.map(([key, from]) => {
    const ref = context.field(from)
    return { number: ref.field.number, key: constantText(key), value: presentText(ref) }
  })
  return (event, into) => {
    into.reserve(size)
    const row = into.pos
    for (let i = 0; i < counts.length; i++) into.view.setUint16(row + 2 * i, counts[i])
    for (let i = 0; i < fixed.length; i++) fixed[i].write(event, into.view, row + fixed[i].at)
    into.pos = row + size
    stream(into)
    for (let i = 0; i < texts.length; i++) texts[i](event, into)
    const behind = into.pos
    let present = 0
    for (let i = 0; i < pairs.length; i++) {
      const { number, key, value } = pairs[i]
      if (!event.present(number)) continue
      present++
      key(into)
      value(event, into)
    }
    into.view.setUint16(row + 10, present)
    into.view.setUint32(row + 12, behind - row - size)
    into.view.setUint32(row + 16, into.pos - behind)
  }
}
