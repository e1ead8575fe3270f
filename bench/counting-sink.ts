/** A TCP server whose connections `wc -c` reads: as light a reader as there is, since what it takes of the processors is missing from what is measured. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'

export class CountingSink {
  readonly port: number
  readonly #server: Server
  readonly #counts: Promise<number>[]

  private constructor(server: Server, counts: Promise<number>[]) {
    this.port = (server.address() as AddressInfo).port
    this.#server = server
    this.#counts = counts
  }

  static async start(): Promise<CountingSink> {
    const counts: Promise<number>[] = []
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      counts.push(counted(spawn('wc', ['-c'], { stdio: [socket, 'pipe', 'inherit'] })))
      // The child has the connection now.
      socket.destroy()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new CountingSink(server, counts)
  }

  /** Bytes of the connections since the last call. Resolves when all of them have ended. */
  async taken(): Promise<number> {
    const counts = await Promise.all(this.#counts.splice(0))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  async stop(): Promise<void> {
    this.#server.close()
    await once(this.#server, 'close')
  }
}

async function counted(child: ChildProcess): Promise<number> {
  let text = ''
  child.stdout!.on('data', (data) => (text += data))
  await once(child, 'close')
  return Number(text)
}
