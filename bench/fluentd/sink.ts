/** A process that takes forward messages and acknowledges each at once: counts what it costs to send, not to receive. Says its port, and on request how many events came. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { encodeAck } from '../../plugins/inputs/fluentd/answers.ts'
import { Inbox } from '../../plugins/inputs/fluentd/inbox.ts'
import { countEntries, readMessage } from '../../plugins/inputs/fluentd/message.ts'

let events = 0
const server = createServer((socket) => {
  const inbox = new Inbox()
  socket.on('error', () => undefined)
  socket.on('data', (piece) => {
    inbox.add(piece)
    for (let value = inbox.next(); value; value = inbox.next()) {
      const message = readMessage(value)
      events += countEntries(message)
      if (message.chunk) socket.write(encodeAck(message.chunk))
    }
  })
}).listen(0, '127.0.0.1')
await once(server, 'listening')
process.on('message', () => {
  process.send!(events)
  events = 0
})
process.on('disconnect', () => process.exit())
process.send!((server.address() as AddressInfo).port)
