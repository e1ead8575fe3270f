/** Clients for the kit of contract tests. */

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import type { Sample } from '../../../test/kit/index.ts'
import { eventTime, ForwardClient, pack } from '../../../test/peers/fluentd/client.ts'

/** A port that was free just now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

const record = (n: number) => ({
  frame: { number: n },
  message: `line ${n}`,
  deep: { list: [n, null, 1.5, 'x'] },
  '@timestamp': '2026-11-23T10:00:00.000000001Z',
})

async function send(port: number): Promise<ForwardClient> {
  const client = await ForwardClient.open({ port })
  const entries = Array.from({ length: 300 }, (_, n) => [eventTime(1_800_000_000 + n, n), record(n)])
  // Without chunk ids: who waits for acks is not hung up on at once.
  client.send(pack(['app.forward', entries]))
  client.send(pack(['app.packed', Buffer.concat(entries.map(pack)), { size: 300 }]))
  client.send(pack(['app.message', 1_800_000_000, record(7)]), pack(['app.refused']), pack(['app.bad', [[1.5, {}]]]))
  client.socket.end()
  client.socket.resume()
  return client
}

export default {
  cases: [
    {
      name: 'one client, three modes',
      replayable: false,
      prepare: async () => {
        const port = await freePort()
        const client = send(port)
        // Where nobody listens any more it gives up.
        client.catch(() => undefined)
        return {
          config: { listen: [`127.0.0.1:${port}`] },
          close: async () => void (await client.then((open) => open.close()).catch(() => undefined)),
        }
      },
    },
  ],
} satisfies Sample
