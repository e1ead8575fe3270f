import { decodeMulti } from '@msgpack/msgpack'
import { type EventObject, exactJson } from '../../../core/event/object.ts'
import type { OutputSample } from '../../../test/kit/sample.ts'
import { ForwardPeer } from '../../../test/peers/fluentd/server.ts'

export default {
  configs: [{ hosts: ['127.0.0.1'] }, { hosts: ['127.0.0.1'], tag: 'air', time_as_integer: true }, { hosts: ['127.0.0.1'], metadata: true }],
  json: (encoded) => exactJson(([...decodeMulti(encoded, { useBigInt64: true })] as [unknown, EventObject][])[0][1]),
  receiver: async () => {
    const server = await new ForwardPeer({ security: { key: 'secret' } }).listen()
    return {
      config: { hosts: [server.address], shared_key: 'secret', mode: 'compressed_packed_forward' },
      received: () => server.events.map(({ record }) => Number((record.frame as { number: number | bigint }).number)),
      close: () => server.close(),
    }
  },
} satisfies OutputSample
