/** Events as rows of a transport: values of one event as they are on the wire, by the stream that the event belongs to. */
import { createHash } from 'node:crypto'
import type { Encoder, Event, PureContext } from '../../../core/plugin.ts'
import { rowWriter as binaryRow } from './binary/rows.ts'
import { type StreamConfig, streamsOf } from './streams.ts'
import { rowWriter as thriftRow } from './thrift/rows.ts'
import type { RowWriter } from './values.ts'

export type Transport = 'thrift' | 'binary'

/** @throws Error when an attribute names an unknown field, or one that cannot become its type */
export function rowEncoder(configs: readonly StreamConfig[], transport: Transport, context: PureContext): Encoder {
  const streams = streamsOf(configs)
  const rows = streams.map((stream, i) => ({
    matches: stream.when === undefined ? undefined : context.when(stream.when),
    write: transport === 'thrift' ? thriftRow(stream, i, context) : binaryRow(stream, context),
  }))
  const hash = createHash('sha256').update(JSON.stringify(streams)).digest('base64url').slice(0, 12)
  return { format: `wso2-${transport}/2 ${hash}`, write: chooser(rows) }
}

/** The first stream whose condition holds has the event; where none does, the config leaves it out. */
function chooser(rows: readonly { matches: ((event: Event) => boolean) | undefined; write: RowWriter }[]): Encoder['write'] {
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
