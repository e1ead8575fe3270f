/** Rows of samples, for tests. */
import { Event } from '../../../core/event/event.ts'
import { fieldTable } from '../../../core/event/fields.ts'
import { ByteWriter } from '../../../core/event/writer.ts'
import type { OutputPlugin, Payload } from '../../../core/plugin.ts'
import { pureContext } from '../../../core/route/context.ts'
import { pipelineFields } from '../../../core/route/fields.ts'
import { checkedConfig } from '../../../test/kit/config.ts'
import wso2 from './index.ts'
import type { StreamConfig } from './streams.ts'

const client = fieldTable('client', {
  bssid: { path: 't.bssid', type: 'text', description: 'Text.' },
  type: { path: 't.type', type: 'int', description: 'Int.' },
  count: { path: 't.count', type: 'u64', description: 'U64.' },
  lat: { path: 't.lat', type: 'float', description: 'Float.' },
  locked: { path: 't.locked', type: 'bool', description: 'Bool.' },
  mac: { path: 't.mac', type: 'mac', description: 'Mac.' },
})
export const STREAM: StreamConfig = {
  name: 'wifi.client',
  meta: [{ name: 'bssid', type: 'STRING', from: 't.bssid' }],
  payload: [
    { name: 'type', type: 'INT', from: 't.type', default: 7 },
    { name: 'count', type: 'LONG', from: 't.count' },
    { name: 'lat', type: 'DOUBLE', from: 't.lat' },
    { name: 'locked', type: 'BOOL', from: 't.locked' },
    { name: 'mac', type: 'STRING', from: 't.mac' },
  ],
  arbitrary: { ssid: 't.bssid' },
}
const filter = { kind: 'filter' as const, summary: '', config: {}, fields: [client], create: () => ({ apply: () => true }) }
const fields = pipelineFields([{ name: 'client', plugin: filter, config: {} }])
const LOGIN = { receivers: 'tcp://h:7611', username: 'admin', password: 'admin' }

export interface Sample {
  readonly bssid?: string
  readonly type?: number
  readonly count?: bigint
  readonly lat?: number
  readonly locked?: boolean
  readonly mac?: string
}

let payloads = 0
export function rows(samples: readonly Sample[], streams: readonly StreamConfig[] = [STREAM]): Payload {
  const event = new Event(fields)
  const encoder = wso2.encoder(checkedConfig(wso2 as OutputPlugin, { ...LOGIN, streams }) as never, pureContext('bam', event, { name: 's', id: 's' }))
  const into = new ByteWriter()
  const ends = samples.flatMap((sample, i) => {
    event.open(new Uint8Array(0))
    event.record(1_700_000_000, i * 1_000_000, new Uint8Array(8), i)
    for (const [key, value] of Object.entries(sample)) if (value !== undefined) event.set(`t.${key}`, value)
    return encoder.write(event, into) === false ? [] : [into.pos]
  })
  return {
    id: `p${++payloads}`,
    body: into.written(),
    count: ends.length,
    ends: Uint32Array.from(ends),
    records: Uint32Array.from(ends, (_, i) => i),
  }
}
