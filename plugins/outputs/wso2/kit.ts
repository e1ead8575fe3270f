import type { OutputSample } from '../../../test/kit/sample.ts'
import { TestReceiver } from './thrift/testing.ts'

const LOGIN = { receivers: 'tcp://127.0.0.1:1', username: 'kit', password: 'kit' }
const everything = (names: readonly string[], type: string) =>
  names.map((name) => ({ name: `${name.replace(/\W/g, '_')}_${type}`, type, from: `kit.${name}` }))

/** Every type of field as every type of attribute that it can become. */
export const STREAMS = [
  {
    name: 'kit',
    meta: everything(['int', 'bool', 'mac', 'time', 'name'], 'LONG'),
    correlation: [...everything(['bool'], 'BOOL'), ...everything(['float', 'int'], 'DOUBLE')],
    payload: everything(
      ['bool', 'int', 'float', 'u64', 'mac', 'text', 'bytes', 'ip', 'time', 'name', 'point', 'list.ints', 'list.u64s', 'list.texts', 'list.ips'],
      'STRING',
    ),
    arbitrary: { id: 'event.id', text: 'kit.text' },
  },
]

export default {
  configs: [
    { ...LOGIN, streams: STREAMS },
    { ...LOGIN, transport: 'binary', streams: STREAMS },
    { ...LOGIN, streams: [{ name: 'kit', payload: [{ name: 'n', type: 'LONG', from: 'kit.int' }] }] },
  ],
  receiver: async () => {
    const server = await new TestReceiver().listen()
    return {
      config: { ...server.config, streams: [{ name: 'kit', payload: [{ name: 'number', type: 'INT', from: 'frame.number' }] }] },
      // Receivers have no ids: what is sent twice arrives twice under one key, which is time here.
      received: () => [...new Map(server.events.map(({ time, values }) => [time, values.number as number])).values()],
      close: () => server.close(),
    }
  },
} satisfies OutputSample
