/**
 * `node process.js OPTIONS`: a forward server in a process of its own, which can be killed. It writes the chunk id and the event ids of each message to a file, then
 * acknowledges. Told so, it forgets acks or is slow.
 */
import { appendFileSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../../core/config/root.ts'
import { ForwardPeer } from './server.ts'

export interface ProcessOptions {
  readonly port: number
  readonly out: string
  readonly key: string
  readonly users: Readonly<Record<string, string>>
}

/** What it can be told: for so many messages. */
export type Order = { readonly forget: number } | { readonly slow: number }

const pem = (name: string) => readFileSync(fileURLToPath(new URL(`test/tls/${name}`, packageRoot())))
const { port, out, key, users } = JSON.parse(process.argv[2]) as ProcessOptions
let forgetting = 0
let slow = 0
process.on('message', (order: Order) => {
  if ('forget' in order) forgetting = order.forget
  else slow = order.slow
})
process.on('disconnect', () => process.exit())
// What a killed one left of a line ends here.
appendFileSync(out, '\n')
const server = new ForwardPeer({
  tls: { cert: pem('server.pem'), key: pem('server.key') },
  security: { key, users },
  listen: { port, host: '127.0.0.1' },
  judge: async () => {
    if (slow-- > 0) await delay(20)
    return forgetting-- > 0 ? 'silent' : 'ack'
  },
  store: (events) => {
    const ids = events.map(({ record }) => (record.event as { id: string }).id)
    appendFileSync(out, `${events[0]?.chunk} ${ids.join(' ')}\n`)
  },
})
await server.listen()
process.send?.('ready')
