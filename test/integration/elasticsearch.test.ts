/** The output `elasticsearch` against a scripted server: what every answer leads to, in documents, requests and dead letters. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once as event } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request as httpRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { packageRoot } from '../../core/config/root.ts'
import type { BulkServer, Step } from '../peers/bulk/server.ts'
import { serve, ship } from './bulk.ts'

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)
const all = upTo(10)
const file = (name: string) => new URL(`test/tls/${name}`, packageRoot()).pathname
const pair = (name: string) => ({ cert: readFileSync(file(`${name}.pem`)), key: readFileSync(file(`${name}.key`)) })
const sizes = ({ bulks }: BulkServer) => bulks.map(({ ids }) => ids.length)

/** Does something when a condition holds for the first time. */
function once(t: TestContext, holds: () => boolean, act: () => void): void {
  const timer = setInterval(() => {
    if (!holds()) return
    clearInterval(timer)
    act()
  }, 2)
  t.after(() => clearInterval(timer))
}

/** Ships ten documents to a server that answers as told. */
async function scripted(t: TestContext, ...script: Step[]) {
  const server = await serve(t)
  server.script.push(...script)
  return { server, ...(await ship(t, [server])) }
}

test('429 on items 3 and 7 of 10, then success: exactly 10 documents, 2 requests, the second with 2 items in order', async (t) => {
  const busy = { status: 429, type: 'es_rejected_execution_exception' }
  const { server, documents, delivered } = await scripted(t, { items: { 3: busy, 7: busy } })
  assert.deepEqual(documents, all)
  assert.equal(delivered, 10)
  const [first, second] = server.bulks
  assert.equal(server.bulks.length, 2)
  assert.deepEqual(second.ids, [first.ids[3], first.ids[7]])
})

test('reset after the server stored all: the retry yields 409s, which are success, counted as duplicates', async (t) => {
  const { server, documents, delivered, duplicates, dead } = await scripted(t, 'reset')
  assert.deepEqual([documents, delivered, duplicates, dead, sizes(server)], [all, 0, 10, [], [10, 10]])
})

test('413: halves', async (t) => {
  const { server, documents, dead } = await scripted(t, { status: 413 })
  assert.deepEqual([documents, dead, sizes(server)], [all, [], [10, 5, 5]])
})

test('413 on a single document: a dead letter, and all others arrive', async (t) => {
  const server = await serve(t)
  server.script.push({ status: 413 }, { status: 413 }, { status: 413 }, { status: 413 })
  const { documents, dead } = await ship(t, [server])
  // 10, 5, 2, 1: the first document alone is too large.
  assert.deepEqual(documents, all.slice(1))
  assert.deepEqual([dead.length, dead[0].reason], [1, 'the server answers 413'])
})

test('400 item: a dead letter with type and reason of the server', async (t) => {
  const { server, documents, delivered, dead } = await scripted(t, {
    items: { 4: { status: 400, type: 'document_parsing_exception', reason: 'failed to parse field [wlan.ta]' } },
  })
  assert.deepEqual([documents, delivered, sizes(server)], [all.filter((n) => n !== 4), 9, [10]])
  assert.deepEqual(
    dead.map(({ reason }) => reason),
    ['400 document_parsing_exception: failed to parse field [wlan.ta]'],
  )
})

test('400 of a whole request: bisected down to the one that it is, which alone is a dead letter', async (t) => {
  const server = await serve(t)
  const malformed = { status: 400, type: 'illegal_argument_exception' }
  // Refuses every request that holds the seventh document.
  server.script.push(malformed, 'take', malformed, malformed, 'take', malformed, 'take')
  const { documents, dead } = await ship(t, [server])
  assert.deepEqual([documents.length, dead.length, dead[0].reason], [9, 1, 'the server answers 400, illegal_argument_exception'])
})

test('400 of something before the server, which has read no document: nothing is given up', async (t) => {
  const { documents, dead, waits } = await scripted(t, { status: 400 }, { status: 400 }, { status: 400 })
  assert.deepEqual([documents, dead], [all, []])
  assert.equal(waits.filter((ms) => ms >= 30_000).length, 3)
})

test('401 for a minute: nothing lost, a long back-off, an alarm said once', async (t) => {
  const server = await serve(t)
  server.script.push({ status: 401, type: 'security_exception' }, { status: 401, type: 'security_exception' })
  const { documents, dead, waits, log } = await ship(t, [server])
  assert.deepEqual([documents, dead], [all, []])
  assert.equal(waits.filter((ms) => ms >= 30_000).length, 2)
  assert.equal(log.filter((line) => /keeps its data: the server answers 401, security_exception/.test(line)).length, 1)
})

for (const status of [403, 404]) {
  test(`${status} of a whole request: nothing lost, a long back-off`, async (t) => {
    const { documents, dead, waits } = await scripted(t, { status, type: 'x' })
    assert.deepEqual([documents, dead], [all, []])
    assert.ok(waits.some((ms) => ms >= 30_000))
  })
}

test('items refused for what an operator can mend: only they again, after a long wait', async (t) => {
  const { server, documents, dead, waits } = await scripted(t, {
    items: {
      0: { status: 403, type: 'cluster_block_exception' },
      2: { status: 404, type: 'index_not_found_exception' },
      4: { status: 400, type: 'index_closed_exception' },
      // A cluster that has as many shards as it may have makes no index for a new day.
      6: { status: 400, type: 'validation_exception' },
    },
  })
  assert.deepEqual([documents, dead, sizes(server)], [all, [], [10, 4]])
  assert.ok(waits.some((ms) => ms >= 30_000))
})

test('items that fail with 5xx go again, those of the same bulk that never fit do not', async (t) => {
  const { server, documents, dead } = await scripted(t, {
    items: { 1: { status: 503, type: 'unavailable_shards_exception' }, 2: { status: 400, type: 'strict_dynamic_mapping_exception' } },
  })
  assert.deepEqual([documents, dead.length, sizes(server)], [all.filter((n) => n !== 2), 1, [10, 1]])
})

test('a truncated answer: the outcome is unknown, all go again', async (t) => {
  const { server, documents, duplicates } = await scripted(t, 'cut')
  assert.deepEqual([documents, duplicates, sizes(server)], [all, 10, [10, 10]])
})

test('429 and 503 of a whole request: all again, not before Retry-After says', async (t) => {
  const date = new Date(Date.now() + 3600_000).toUTCString()
  const { documents, waits, server } = await scripted(
    t,
    { status: 429, type: 'circuit_breaking_exception', headers: { 'retry-after': '17' } },
    { status: 503, headers: { 'retry-after': date } },
  )
  assert.deepEqual([documents, sizes(server)], [all, [10, 10, 10]])
  assert.ok(waits.includes(17_000))
  assert.ok(
    waits.some((ms) => ms > 3_000_000 && ms <= 3_600_000),
    `${waits}`,
  )
})

test('errors:true with failure_store used: taken, and told', async (t) => {
  const { documents, delivered, dead, log } = await scripted(t, { aside: [2, 5] })
  assert.deepEqual([documents, delivered, dead], [all, 10, []])
  assert.ok(log.some((line) => line.startsWith('warn 2 documents were put aside by the server')))
})

test('gzip: the same documents in fewer bytes', async (t) => {
  const server = await serve(t)
  const { documents } = await ship(t, [server], { count: 500, options: { gzip_level: 6 } })
  assert.deepEqual(documents, upTo(500))
  const [{ headers, bytes }] = server.bulks
  assert.equal(headers['content-encoding'], 'gzip')
  assert.ok(Number(headers['content-length']) < bytes / 3)
})

test('the limit of the server holds for inflated bytes: what is too large goes in halves until it fits', async (t) => {
  const server = await serve(t, { limit: 20_000 })
  const { documents, dead } = await ship(t, [server], { count: 500, options: { gzip_level: 1 } })
  assert.deepEqual([documents, dead], [upTo(500), []])
  const taken = server.bulks.filter(({ ids }) => ids.length > 0)
  assert.ok(server.bulks.length > taken.length && taken.every(({ bytes }) => bytes <= 20_000))
})

test('batch.max_bytes counts inflated bytes too, so that a limit that is known is never met', async (t) => {
  const server = await serve(t, { limit: 20_000 })
  const batch = { max_events: 2048, max_bytes: 20_000 }
  const { documents } = await ship(t, [server], { count: 500, batch, options: { gzip_level: 1 } })
  assert.deepEqual(documents, upTo(500))
  assert.ok(server.bulks.length > 1 && server.bulks.every(({ ids }) => ids.length > 0))
})

test('api_key in both forms, basic and bearer are the header that the server wants; a wrong one waits with its data', async (t) => {
  const server = await serve(t)
  for (const [authorization, options] of [
    ['ApiKey aWQ6a2V5', { api_key: 'id:key' }],
    ['ApiKey aWQ6a2V5', { api_key: 'aWQ6a2V5' }],
    ['Basic bWU6cHc=', { username: 'me', password: 'pw' }],
    ['Bearer AAEAAWVs', { bearer_token: 'AAEAAWVs' }],
  ] as const) {
    server.documents.clear()
    server.authorization = authorization
    assert.deepEqual((await ship(t, [server], { options })).documents, all)
  }
})

test('a credential in a file that is renewed while the old one is refused: no restart, nothing lost', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wherry-key-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const api_key_file = join(folder, 'key')
  writeFileSync(api_key_file, 'id:old\n')
  const server = await serve(t)
  server.authorization = `ApiKey ${Buffer.from('id:new').toString('base64')}`
  const shipped = ship(t, [server], { options: { api_key_file } })
  once(
    t,
    () => server.refused > 0,
    () => writeFileSync(api_key_file, 'id:new\n'),
  )
  const { documents, dead, log } = await shipped
  assert.deepEqual([documents, dead], [all, []])
  assert.ok(log.some((line) => /answers 401/.test(line)))
  assert.ok(!log.some((line) => /id:|aWQ6/.test(line)))
})

test('a certificate file that is renewed: the next connection has it, no restart', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wherry-tls-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const ca_file = join(folder, 'ca.pem')
  // Of another authority than the server's, so far.
  copyFileSync(file('stock.pem'), ca_file)
  const server = await serve(t, { tls: pair('server') })
  once(
    t,
    () => server.refused > 0,
    () => copyFileSync(file('ca.pem'), ca_file),
  )
  const { documents, log } = await ship(t, [server], { options: { tls: { ca_file } } })
  assert.deepEqual(documents, all)
  assert.ok(log.some((line) => /certificate/.test(line)))
})

test('fingerprint of the CA, as Elasticsearch prints it: good', async (t) => {
  const fingerprint = new X509Certificate(readFileSync(file('ca.pem'))).fingerprint256.replaceAll(':', '').toLowerCase()
  const server = await serve(t, { tls: pair('server'), product: true })
  assert.deepEqual((await ship(t, [server], { options: { tls: { fingerprint_sha256: fingerprint } } })).documents, all)
})

test('fingerprint bad: nothing is sent, the data is kept and goes elsewhere', async (t) => {
  const bad = await serve(t, { tls: pair('server') })
  const good = await serve(t)
  const { documents } = await ship(t, [bad, good], { options: { tls: { fingerprint_sha256: 'ab'.repeat(32) } } })
  assert.deepEqual([documents, bad.bulks.length, bad.asked.length], [all, 0, 0])
})

test('a server that wants our certificate', async (t) => {
  const server = await serve(t, { tls: { ...pair('server'), requestCert: true, rejectUnauthorized: true, ca: readFileSync(file('ca.pem')) } })
  const tls = { ca_file: file('ca.pem'), cert_file: file('client.pem'), key_file: file('client.key') }
  assert.deepEqual((await ship(t, [server], { options: { tls } })).documents, all)
})

test('OpenSearch without the product header, Elasticsearch 7, 8 and 9, serverless, and a server that says nothing: none is refused', async (t) => {
  for (const version of [
    { distribution: 'opensearch', number: '1.3.20' },
    { distribution: 'opensearch', number: '3.1.0' },
    { number: '7.17.28' },
    { number: '8.19.0' },
    { number: '9.1.0' },
    { number: '8.11.0', build_flavor: 'serverless' },
    {},
  ]) {
    const server = await serve(t, { version })
    assert.deepEqual((await ship(t, [server])).documents, all)
  }
})

test('an index of other types is not written into: the data waits until it is mended', async (t) => {
  const server = await serve(t)
  server.mappings.set('wherry-2023.11.14', { dynamic: 'false', properties: { number: { properties: { n: { type: 'text' } } } } })
  once(
    t,
    () => server.asked.includes('GET /wherry-2023.11.14/_mapping'),
    () => server.mappings.clear(),
  )
  const { documents, log } = await ship(t, [server])
  assert.deepEqual(documents, all)
  assert.ok(log.some((line) => /wherry-2023\.11\.14 is not written into: number\.n is text, not long; see wherry setup/.test(line)))
})

test('an index for which there is no template is not made by guesses', async (t) => {
  const server = await serve(t)
  server.template = undefined
  once(
    t,
    () => server.asked.some((line) => line.includes('_simulate_index')),
    () => {
      assert.equal(server.bulks.length, 0)
      server.template = { dynamic: 'false' }
    },
  )
  const { documents, log } = await ship(t, [server])
  assert.deepEqual(documents, all)
  assert.ok(log.some((line) => /would be guessed; see wherry setup/.test(line)))
})

test('documents of two clusters: several hosts take turns, and one that hangs up is passed over', async (t) => {
  const servers = [await serve(t), await serve(t)]
  servers[0].script.push('reset', 'reset')
  const { documents } = await ship(t, servers, { count: 400, batch: { max_events: 20, max_bytes: 1024 * 1024 } })
  assert.deepEqual(new Set(documents), new Set(upTo(400)))
  assert.ok(servers.every(({ bulks }) => bulks.length > 0))
})

/** An HTTP proxy that wants a password; remembers what it was asked. */
async function proxied(t: TestContext): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = []
  const wanted = `Basic ${Buffer.from('me:pw').toString('base64')}`
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (request.headers['proxy-authorization'] !== wanted) return void response.writeHead(407).end()
    const { 'proxy-authorization': _, ...headers } = request.headers
    request.pipe(
      httpRequest(new URL(request.url ?? ''), { method: request.method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      }),
    )
  })
  server.on('connect', ({ url = '', headers }, socket) => {
    asked.push(`CONNECT ${url}`)
    if (headers['proxy-authorization'] !== wanted) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    const { hostname, port } = new URL(`http://${url}`)
    const there = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      there.pipe(socket).pipe(there)
    })
    there.on('error', () => socket.destroy())
    socket.on('error', () => there.destroy())
  })
  server.listen(0, '127.0.0.1')
  await event(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

test('through a proxy: plain servers by address, those with TLS in a tunnel, also to learn a fingerprint', async (t) => {
  const { url, asked } = await proxied(t)
  const proxy = { url, username: 'me', password: 'pw' }
  const plain = await serve(t)
  assert.deepEqual((await ship(t, [plain], { options: { proxy } })).documents, all)
  assert.ok(asked.length > 1 && asked.every((line) => line.includes(` ${plain.url}/`)))
  asked.length = 0
  const secure = await serve(t, { tls: pair('server') })
  const fingerprint_sha256 = new X509Certificate(readFileSync(file('ca.pem'))).fingerprint256
  assert.deepEqual((await ship(t, [secure], { options: { proxy, tls: { fingerprint_sha256 } } })).documents, all)
  assert.deepEqual(new Set(asked), new Set([`CONNECT ${new URL(secure.url).host}`]))
  assert.ok(asked.length >= 2)
})

test('a data stream: one name, no index by the day', async (t) => {
  const server = await serve(t)
  const { documents } = await ship(t, [server], { options: { index: 'logs-wifi.frame-default', data_stream: true } })
  assert.deepEqual(documents, all)
  assert.ok([...server.documents.keys()].every((key) => key.startsWith('logs-wifi.frame-default/')))
})
