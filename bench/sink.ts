/** A TCP server in a process of its own that throws away what it gets, so that reading costs the measured process nothing. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

const SERVER = `
const server = require('node:net').createServer((socket) => {
  socket.on('data', (data) => { total += data.length })
  socket.on('error', () => {})
})
let total = 0
process.on('message', () => { process.send(total); total = 0 })
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.on('disconnect', () => process.exit())
`

export class Sink {
  readonly port: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
  }

  static async start(): Promise<Sink> {
    const child = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const [port] = await once(child, 'message')
    return new Sink(child, port as number)
  }

  /** Bytes since the last call. */
  async taken(): Promise<number> {
    const answer = once(this.#child, 'message')
    this.#child.send('taken')
    return (await answer)[0] as number
  }

  async stop(): Promise<void> {
    this.#child.disconnect()
    await once(this.#child, 'exit')
  }
}
