import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { test } from 'node:test'
import { setImmediate as immediate } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { Client } from 'undici'
import { systemClock } from '../../../core/clock.ts'
import { Event } from '../../../core/event/event.ts'
import { Fields } from '../../../core/event/fields.ts'
import { exactJson, toObject } from '../../../core/event/object.ts'
import { ByteWriter } from '../../../core/event/writer.ts'
import { envelope, frame, type Output, type Payload, RejectedError, RetryError } from '../../../core/plugin.ts'
import { silentLog } from '../../../test/kit/log.ts'
import { requestFate } from './answer.ts'
import { bulkEncoder } from './encode.ts'
import { exchange } from './exchange.ts'
import plugin from './index.ts'

const fields = new Fields([envelope, frame])

function encoded(index: string, seconds: readonly (number | undefined)[]): string {
  const event = new Event(fields)
  const { write } = bulkEncoder(index, { fields })
  const out = new ByteWriter(undefined, 16)
  for (const [i, time] of seconds.entries()) {
    event.open(new Uint8Array(0))
    event.record(time ?? 0, 5, new Uint8Array(8).fill(i), i)
    if (time === undefined) event.delete('@timestamp')
    event.set('frame.number', i)
    write(event, out)
  }
  return Buffer.from(out.written()).toString()
}

test('an action line with the index of the capture day and the id of the event, then the document', () => {
  const day = Date.parse('2026-11-23T23:59:59Z') / 1000
  const lines = encoded('air-%Y.%m.%d', [day, day + 1, day, undefined]).split('\n')
  assert.equal(lines.pop(), '')
  const event = new Event(fields)
  const actions = lines.filter((_, i) => i % 2 === 0).map((line) => JSON.parse(line).create)
  assert.deepEqual(
    actions.map(({ _index }) => _index),
    ['air-2026.11.23', 'air-2026.11.24', 'air-2026.11.23', 'air-unknown-time'],
  )
  for (const [i, { _id }] of actions.entries()) assert.equal(JSON.parse(lines[i * 2 + 1]).event.id, _id)
  event.open(new Uint8Array(0))
  event.record(day, 5, new Uint8Array(8), 0)
  event.set('frame.number', 0)
  assert.equal(lines[1], exactJson(toObject(event)))
})

test('an event without an id is refused', () => {
  const event = new Event(fields)
  event.open(new Uint8Array(0))
  assert.throws(() => bulkEncoder('air', { fields }).write(event, new ByteWriter()), /without event.id/)
})

type Handler = (request: IncomingMessage, body: string, response: ServerResponse) => void

const calm = () => ({ signal: new AbortController().signal, attempt: 1 })

function payloadOf(count: number, index = 'air', seconds: readonly number[] = new Array(count).fill(1)): Payload {
  const body = encoded(index, seconds)
  const lines = body.split('\n')
  let end = 0
  return {
    id: 'p',
    body: Buffer.from(body),
    count,
    ends: Uint32Array.from({ length: count }, (_, i) => (end += lines[2 * i].length + lines[2 * i + 1].length + 2)),
    records: new Uint32Array(count),
  }
}

/** Only bulks are handed on; of its indexes the server tells nothing. */
async function serve(handler: Handler) {
  const server = createServer(async (request, response) => {
    if (!request.url?.includes('/_bulk')) return void response.end('{}')
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece)
    const sent = Buffer.concat(pieces)
    handler(request, (request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent).toString(), response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, close }
}

function outputTo(hosts: string[], config: object = {}): Promise<Output> {
  const options = { hosts, index: 'air', data_stream: false, timeout_ms: 1000, gzip_level: 0, connections: 2, ...config }
  return plugin.create(options as never, { name: 'search', data_dir: '.', fields, log: silentLog, clock: systemClock }) as Promise<Output>
}

/** Writes `count` documents to a server that answers as told. */
async function written(handler: Handler, { count = 3, config = {} }: { count?: number; config?: object } = {}) {
  const { url, close } = await serve(handler)
  const output = await outputTo([`${url}/prefix/`], config)
  try {
    return await output.write(payloadOf(count), calm())
  } finally {
    await output.close?.()
    close()
  }
}

const items = (...statuses: number[]) =>
  JSON.stringify({
    errors: statuses.some((status) => status > 299),
    items: statuses.map((status) => ({ create: { status, ...(status > 299 ? { error: { type: `type_${status}`, reason: 'a reason' } } : {}) } })),
  })

test('a body of several days is one request, after a look at the index of each', async () => {
  const asked: string[] = []
  const server = createServer(async (request, response) => {
    for await (const _ of request);
    asked.push(`${request.method} ${request.url?.replace(/\?.*/, '')}`)
    const wrong = request.url === '/air-1970.01.03/_mapping'
    response.end(request.url?.startsWith('/_bulk') ? items(201, 201, 201) : JSON.stringify(wrong ? { air: { mappings: { dynamic: 'true' } } } : {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const output = await outputTo([`http://127.0.0.1:${(server.address() as { port: number }).port}`], { index: 'air-%Y.%m.%d' })
  try {
    await output.write(payloadOf(3, 'air-%Y.%m.%d', [1, 86_401, 1]), calm())
    assert.deepEqual(asked, ['GET /air-1970.01.01/_mapping', 'GET /air-1970.01.02/_mapping', 'POST /_bulk'])
    await assert.rejects(async () => output.write(payloadOf(2, 'air-%Y.%m.%d', [1, 172_801]), calm()), /air-1970\.01\.03 is not written into/)
    assert.deepEqual(asked.slice(3), ['GET /air-1970.01.03/_mapping'])
  } finally {
    await output.close?.()
    server.closeAllConnections()
    server.close()
  }
})

test('one request with all documents, to the path under the prefix', async () => {
  let seen: { url?: string; type?: string; authorization?: string; lines: number } | undefined
  await written((request, body, response) => {
    seen = { url: request.url, type: request.headers['content-type'], authorization: request.headers.authorization, lines: body.split('\n').length }
    response.end(items(201, 201, 201))
  })
  assert.deepEqual(seen, {
    url: '/prefix/_bulk?filter_path=errors,items.*.status,items.*.error,items.*.failure_store',
    type: 'application/x-ndjson',
    authorization: undefined,
    lines: 7,
  })
})

test('credentials: an API key in both forms, bearer, basic', async () => {
  const authorization = async (config: object) => {
    let seen: string | undefined
    await written(
      (request, _, response) => {
        seen = request.headers.authorization
        response.end(items(201, 201, 201))
      },
      { config },
    )
    return seen
  }
  assert.equal(await authorization({ api_key: 'id:key' }), `ApiKey ${Buffer.from('id:key').toString('base64')}`)
  assert.equal(await authorization({ api_key: 'aWQ6a2V5' }), 'ApiKey aWQ6a2V5')
  assert.equal(await authorization({ bearer_token: 'AAEAAWVs' }), 'Bearer AAEAAWVs')
  assert.equal(await authorization({ username: 'me', password: 'p:w' }), `Basic ${Buffer.from('me:p:w').toString('base64')}`)
})

test('what is there already is a duplicate', async () => {
  assert.deepEqual(await written((_, __, response) => response.end(items(201, 409, 409))), { duplicates: 2 })
})

test('only refused documents go again, and what never fits is rejected', async () => {
  const answer = (...statuses: number[]) => written((_, __, response) => response.end(items(...statuses)), { count: statuses.length })
  await assert.rejects(answer(201, 429, 409, 400, 503, 403), (error: RetryError) => {
    assert.ok(error instanceof RetryError)
    assert.deepEqual([error.events, error.duplicates, error.rejected], [[1, 4, 5], 1, [{ event: 3, reason: '400 type_400: a reason' }]])
    return true
  })
  await assert.rejects(answer(201, 400, 404), (error: RejectedError) => {
    assert.ok(error instanceof RejectedError)
    assert.deepEqual(error.events, [
      { event: 1, reason: '400 type_400: a reason' },
      { event: 2, reason: '404 type_404: a reason' },
    ])
    return true
  })
})

test('whole requests: halves, a single one is rejected, waits as told, nothing is lost for want of credentials', async () => {
  const answer = (status: number, { count = 3, headers = {} }: { count?: number; headers?: Record<string, string> } = {}) =>
    written((_, __, response) => response.writeHead(status, headers).end('{"error":{"type":"why"}}'), { count })
  for (const status of [400, 413]) {
    await assert.rejects(answer(status), (error: RetryError) => error instanceof RetryError && error.halve)
    await assert.rejects(answer(status, { count: 1 }), RejectedError)
  }
  await assert.rejects(answer(429, { headers: { 'retry-after': '7' } }), (error: RetryError) => error.after_ms === 7000 && error.events === undefined)
  for (const status of [401, 403, 404])
    await assert.rejects(answer(status), (error: RetryError) => error.after_ms === 30_000 && /why/.test(error.message))
  await assert.rejects(answer(502), (error: RetryError) => error.after_ms === 0)
})

test('cut answers, silence and wrong answers leave the outcome open', async () => {
  await assert.rejects(
    written((_, __, response) => response.end(items(201, 201, 201).slice(0, -4))),
    /cut short/,
  )
  await assert.rejects(
    written((_, __, response) => response.end('{"errors":true,"items":[]}')),
    /not about 3 documents/,
  )
  await assert.rejects(
    written((request) => request.socket.destroy()),
    /cannot be reached/,
  )
  await assert.rejects(
    written(() => {}, { config: { timeout_ms: 20 } }),
    /cannot be reached/,
  )
})

test('a body goes compressed, the same lines', async () => {
  let seen: { encoding?: string; body: string } | undefined
  await written(
    (request, body, response) => {
      seen = { encoding: request.headers['content-encoding'], body }
      response.end(items(201, 201, 201))
    },
    { config: { gzip_level: 1 } },
  )
  assert.deepEqual(seen, { encoding: 'gzip', body: encoded('air', [1, 1, 1]) })
})

test('a host that hangs up is passed over, and rests; one that answers goes on', async () => {
  let hungUp = 0
  let answered = 0
  const dead = await serve((request) => {
    hungUp++
    request.socket.destroy()
  })
  const live = await serve((_, __, response) => {
    answered++
    response.end(items(201, 201, 201))
  })
  const output = await outputTo([dead.url, live.url])
  try {
    for (let i = 0; i < 6; i++) assert.deepEqual(await output.write(payloadOf(3), calm()), { duplicates: 0 })
    // In turn, so the dead one is met within two writes, and then rests for at least half a second.
    assert.ok(hungUp >= 1 && hungUp <= 3, `${hungUp}`)
    assert.equal(answered, 6)
  } finally {
    await output.close?.()
    dead.close()
    live.close()
  }
})

test('a server that refuses the content type is asked in the plain one', async () => {
  const types: (string | undefined)[] = []
  const { url, close } = await serve((request, _, response) => {
    types.push(request.headers['content-type'])
    if (types.length === 1) response.writeHead(406).end()
    else response.end(items(201, 201, 201))
  })
  const output = await outputTo([url])
  try {
    await assert.rejects(output.write(payloadOf(3), calm()), (error: RetryError) => error instanceof RetryError && error.events === undefined)
    await output.write(payloadOf(3), calm())
    assert.deepEqual(types, ['application/x-ndjson', 'application/json'])
  } finally {
    await output.close?.()
    close()
  }
})

test('no status of a whole request is taken for success but 200, and only 400 and 413 can end in a dead letter', () => {
  const fates = Array.from({ length: 500 }, (_, i) => [i + 100, requestFate(i + 100)] as const)
  const of = (fate: string) => fates.filter(([, is]) => is === fate).map(([status]) => status)
  assert.deepEqual([of('items'), of('malformed'), of('large'), of('busy'), of('media')], [[200], [400], [413], [429], [406, 415]])
  for (const status of [301, 307, 401, 403, 404, 405]) assert.equal(requestFate(status), 'operator')
  for (const status of [408, 500, 502, 503, 504]) assert.equal(requestFate(status), 'again')
})

test('a missing index and a block wait for an operator; documents put aside are taken', async () => {
  const body = (item: object) => JSON.stringify({ errors: true, items: [{ create: item }] })
  const answer = (item: object) => written((_, __, response) => response.end(body(item)), { count: 1 })
  for (const item of [
    { status: 404, error: { type: 'index_not_found_exception' } },
    { status: 403, error: { type: 'cluster_block_exception' } },
  ])
    await assert.rejects(answer(item), (error: RetryError) => error.after_ms === 30_000 && error.rejected.length === 0)
  assert.deepEqual(await answer({ status: 201, failure_store: 'used' }), { duplicates: 0 })
})

test('an abort ends what is under way and what waits for a connection, with its reason', async () => {
  let bulks = 0
  const { url, close } = await serve(() => bulks++)
  const output = await outputTo([url], { connections: 1, timeout_ms: 60_000 })
  const stop = new AbortController()
  const writes = [1, 2].map((attempt) => output.write(payloadOf(2), { signal: stop.signal, attempt }))
  while (bulks === 0) await immediate()
  const reason = new Error('the end')
  stop.abort(reason)
  for (const write of writes) await assert.rejects(Promise.resolve(write), reason)
  await assert.rejects(async () => output.write(payloadOf(2), { signal: stop.signal, attempt: 3 }), reason)
  assert.equal(bulks, 1)
  await output.close?.()
  close()
})

test('an exchange that has not had its turn is ended too, and asks nothing', async () => {
  let asked = 0
  const server = createServer(() => asked++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new Client(`http://127.0.0.1:${(server.address() as { port: number }).port}`)
  const stop = new AbortController()
  const exchanges = ['/first', '/second'].map((path) => exchange(client, { method: 'GET', path }, stop.signal))
  while (asked === 0) await immediate()
  stop.abort(new Error('the end'))
  for (const one of exchanges) await assert.rejects(one, /the end/)
  await client.close()
  assert.equal(asked, 1)
  server.closeAllConnections()
  server.close()
})
