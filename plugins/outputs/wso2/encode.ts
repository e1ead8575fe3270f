/** Events as rows: values of one event in Thrift's binary form, in the order of the stream's definition (rows.ts). */
import { createHash } from 'node:crypto'
import type { Encoder, PureContext } from '../../../core/plugin.ts'
import { type RowWriter, rowWriter } from './rows.ts'
import { type StreamConfig, streamsOf } from './streams.ts'

/** @throws Error when an attribute names an unknown field, or one that cannot become its type */
export function rowEncoder(configs: readonly StreamConfig[], context: PureContext): Encoder {
  const streams = streamsOf(configs)
  const rows = streams.map((stream, i) => ({
    matches: stream.when === undefined ? undefined : context.when(stream.when),
    write: rowWriter(stream, i, context),
  }))
  const hash = createHash('sha256').update(JSON.stringify(streams)).digest('base64url').slice(0, 12)
  return { format: `wso2-rows/2 ${hash}`, write: chooser(rows) }
}

/** The first stream whose condition holds has the event; where none does, the config leaves it out. */
function chooser(rows: readonly { matches: ReturnType<PureContext['when']> | undefined; write: RowWriter }[]): Encoder['write'] {
  if (!rows[0].matches) return rows[0].write
  return (event, into) => {
    for (let i = 0; i < rows.length; i++) {
      const { matches, write } = rows[i]
      if (!matches || matches(event)) {
        write(event, into)
        return true
      }
    }
    return false
  }
}
