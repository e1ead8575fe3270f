/** A server in a process of its own that speaks `_bulk`: it counts documents, says that each was made, and throws them away. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

const SERVER = `
const ITEM = '{"create":{"status":201}},'
let [documents, bytes] = [0, 0]
const server = require('node:http').createServer((request, response) => {
  if (!request.url.includes('/_bulk')) return request.resume().on('end', () => response.end('{}'))
  let lines = 0
  request.on('data', (piece) => (bytes += piece.length))
  const lined = request.headers['content-encoding'] === 'gzip' ? request.pipe(require('node:zlib').createGunzip()) : request
  lined.on('data', (piece) => {
    for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) lines++
  })
  lined.on('end', () => {
    documents += lines / 2
    response.end('{"errors":false,"items":[' + ITEM.repeat(lines / 2).slice(0, -1) + ']}')
  })
})
process.on('message', () => { process.send({ documents, bytes }); documents = bytes = 0 })
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.on('disconnect', () => process.exit())
`

export class BulkSink {
  readonly port: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
  }

  static async start(): Promise<BulkSink> {
    const child = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const [port] = await once(child, 'message')
    return new BulkSink(child, port as number)
  }

  /** Since the last call; bytes as they came, compressed or not. */
  async taken(): Promise<{ documents: number; bytes: number }> {
    const answer = once(this.#child, 'message')
    this.#child.send('taken')
    return (await answer)[0] as { documents: number; bytes: number }
  }

  async stop(): Promise<void> {
    this.#child.disconnect()
    await once(this.#child, 'exit')
  }
}
