/** Output of the bench: NDJSON into a TCP connection whose other end throws it away. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { jsonWriter } from '../../core/event/json.ts'
import type { OutputPlugin } from '../../core/plugin.ts'

const config = {
  type: 'object',
  additionalProperties: false,
  required: ['port'],
  properties: { port: { type: 'integer', description: 'Port on 127.0.0.1.' } },
} as const

export default {
  kind: 'output',
  parallel: 4,
  summary: 'Writes NDJSON to a TCP port on this machine.',
  config,
  create: ({ port }) => {
    let socket: Socket
    return {
      async open() {
        // As all outputs do: small writes would wait for acks of those before.
        socket = connect({ port, host: '127.0.0.1', noDelay: true })
        await once(socket, 'connect')
      },
      async write({ body }) {
        await new Promise<void>((resolve, reject) => socket.write(body, (error) => (error ? reject(error) : resolve())))
      },
      async close() {
        socket.end()
        await once(socket, 'close')
      },
    }
  },
  encoder: (_, context) => {
    const write = jsonWriter(context.fields)
    return {
      format: 'ndjson/1',
      framing: { write, tail: 10 },
      write(event, into) {
        write(event, into)
        into.byte(10)
      },
    }
  },
} satisfies OutputPlugin<typeof config>
