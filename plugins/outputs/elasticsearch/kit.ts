import { once } from 'node:events'
import { createServer } from 'node:http'
import { gunzipSync } from 'node:zlib'
import type { OutputSample } from '../../../test/kit/sample.ts'

/** A server that takes everything, under each id once. */
async function server() {
  const documents = new Map<string, number[]>()
  const http = createServer(async (request, response) => {
    if (request.method === 'GET') return void response.end('{}')
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece)
    const lines = gunzipSync(Buffer.concat(pieces)).toString().split('\n').slice(0, -1)
    const items = []
    for (let i = 0; i < lines.length; i += 2) {
      const { _id } = JSON.parse(lines[i]).create as { _id: string }
      const known = documents.has(_id)
      if (!known) documents.set(_id, [JSON.parse(lines[i + 1]).frame.number])
      items.push({ create: { status: known ? 409 : 201 } })
    }
    response.end(JSON.stringify({ errors: items.some(({ create }) => create.status !== 201), items }))
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return { http, documents, port: (http.address() as { port: number }).port }
}

export default {
  configs: [{ hosts: ['http://127.0.0.1:1'] }, { hosts: ['http://127.0.0.1:1'], index: 'air' }],
  json: (encoded) => Buffer.from(encoded).toString().split('\n')[1],
  receiver: async () => {
    const { http, documents, port } = await server()
    return {
      config: { hosts: [`http://127.0.0.1:${port}`] },
      received: () => [...documents.values()].flat(),
      close: async () => {
        http.closeAllConnections()
        http.close()
        await once(http, 'close')
      },
    }
  },
} satisfies OutputSample
