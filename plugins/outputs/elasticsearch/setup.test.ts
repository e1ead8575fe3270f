import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { test } from 'node:test'
import { systemClock } from '../../../core/clock.ts'
import { packageRoot } from '../../../core/config/root.ts'
import { Fields, fieldTable, type OutputPlugin } from '../../../core/plugin.ts'
import { silentLog } from '../../../test/kit/log.ts'
import plugin from './index.ts'
import { dialectOf, differences, indexPattern, mappingOf, templateName } from './template.ts'

const table = fieldTable('t', {
  ta: { path: 'wlan.ta', type: 'mac', description: '' },
  signal: { path: 'wlan_radio.signal_dbm', type: 'int', unit: 'dBm', list: true, description: '' },
  tsf: { path: 'wlan.tsf', type: 'u64', description: '' },
  place: { path: 'observer.geo.location', type: 'point', description: '' },
  time: { path: '@timestamp', type: 'time', description: '' },
})
const fields = new Fields([table])
const opensearch = dialectOf({ version: { distribution: 'opensearch', number: '2.15.0' } })

test('the mapping has every field of the tables in its type, and nothing is guessed', () => {
  assert.deepEqual(mappingOf(fields, opensearch), {
    dynamic: false,
    properties: {
      wlan: { properties: { ta: { type: 'keyword' }, tsf: { type: 'unsigned_long' } } },
      wlan_radio: { properties: { signal_dbm: { type: 'short' } } },
      observer: { properties: { geo: { properties: { location: { type: 'geo_point', ignore_malformed: true } } } } },
      '@timestamp': { type: 'date_nanos', ignore_malformed: true },
    },
  })
})

test('servers that lack unsigned_long keep such numbers as keywords', () => {
  const typeAt = (distribution: string | undefined, number: string) => {
    const { wlan } = mappingOf(fields, dialectOf({ version: { distribution, number } })).properties
    return (wlan as { properties: { tsf: { type: string } } }).properties.tsf.type
  }
  assert.deepEqual(
    [
      typeAt('opensearch', '2.7.0'),
      typeAt('opensearch', '3.0.0'),
      typeAt(undefined, '7.9.3'),
      typeAt(undefined, '7.10.0'),
      typeAt(undefined, '9.1.0'),
    ],
    ['keyword', 'unsigned_long', 'keyword', 'unsigned_long', 'unsigned_long'],
  )
  assert.deepEqual(dialectOf('what?'), { distribution: 'elasticsearch', version: [8, 0] })
})

test('a template catches the indexes of the pattern, and never those of others', () => {
  assert.deepEqual(['wherry-%Y.%m.%d', 'air'].map(indexPattern), ['wherry-*', 'air'])
  assert.deepEqual(['wherry-%Y.%m.%d', 'air'].map(templateName), ['wherry', 'air'])
  assert.throws(() => indexPattern('%Y'), /no fixed beginning/)
})

test('differences of a live mapping: other types, missing fields, values where objects should be', () => {
  const { properties } = mappingOf(fields, opensearch)
  assert.deepEqual(differences(properties, structuredClone(properties)), [])
  const live = { ...properties, wlan: { properties: { ta: { type: 'text' } } }, wlan_radio: { type: 'keyword' } }
  assert.deepEqual(differences(properties, live), [
    'wlan.ta is text, not keyword',
    'wlan.tsf is missing, not unsigned_long',
    'wlan_radio is keyword, not an object',
  ])
})

const pem = (name: string) => readFileSync(new URL(`test/tls/${name}`, packageRoot()))
const { setup } = plugin as OutputPlugin

async function served<T>(listener: RequestListener, use: (port: number) => Promise<T>, secure = false): Promise<T> {
  const server = secure ? createTlsServer({ key: pem('server.key'), cert: pem('server.pem') }, listener) : createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await use((server.address() as { port: number }).port)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

function setUp(port: number): Promise<readonly string[]> {
  const config = { hosts: ['http://127.0.0.1:1', `http://127.0.0.1:${port}/es/`], index: 'air-%Y', timeout_ms: 1000, connections: 1, api_key: 'a:b' }
  return setup?.(config as never, { fields, signal: new AbortController().signal }) as Promise<readonly string[]>
}

/** OpenSearch as far as setup asks: no product header, and an index with the mapping given. */
const engine =
  (asked: string[], live: object): RequestListener =>
  async (request, response) => {
    for await (const _ of request);
    asked.push(`${request.method} ${request.url}`)
    if (request.url === '/es/') return void response.end('{"version":{"distribution":"opensearch","number":"2.15.0"}}')
    response.end(JSON.stringify(request.method === 'PUT' ? { acknowledged: true } : live))
  }

test('setup makes both templates at the first host that answers, without a product header', async () => {
  const asked: string[] = []
  const lines = await served(engine(asked, {}), setUp)
  assert.deepEqual(asked, ['GET /es/', 'PUT /es/_component_template/air', 'PUT /es/_index_template/air', 'GET /es/air-*/_mapping'])
  assert.match(lines.join('\n'), /opensearch 2\.15\ntemplate air for air-\*, 5 fields/)
})

test('setup says which index was made otherwise', async () => {
  const live = { 'air-2026': { mappings: { properties: { wlan: { properties: { ta: { type: 'text' } } } } } } }
  await assert.rejects(served(engine([], live), setUp), /index air-2026 was made otherwise: wlan.ta is text, not keyword/)
})

test('setup says what the server refuses', async () => {
  const refuse: RequestListener = (request, response) => {
    if (request.method === 'GET') response.end('{}')
    else response.writeHead(403).end('{"error":"no permissions"}')
  }
  await assert.rejects(served(refuse, setUp), /answers 403 to PUT .*no permissions/)
})

test('opening wants an answer and credentials that are not refused; a certificate must be of the authority', async () => {
  const open = async (url: string, tls?: object) => {
    const options = { hosts: [url], index: 'air', timeout_ms: 1000, gzip_level: 0, connections: 1, tls }
    const output = await (plugin as OutputPlugin).create(options as never, { name: 'search', data_dir: '.', log: silentLog, clock: systemClock })
    try {
      await output.open?.(new AbortController().signal)
    } finally {
      await output.close?.()
    }
  }
  const answer =
    (status: number): RequestListener =>
    (_, response) =>
      void response.writeHead(status).end()
  await served(answer(403), (port) => open(`http://127.0.0.1:${port}`))
  await assert.rejects(
    served(answer(401), (port) => open(`http://127.0.0.1:${port}`)),
    /answers 401/,
  )
  await assert.rejects(open('http://127.0.0.1:1'), /cannot be reached/)
  const ca_file = new URL('test/tls/ca.pem', packageRoot()).pathname
  const tls = { min_version: 'TLSv1.2', insecure: false }
  await served(answer(200), (port) => open(`https://localhost:${port}`, { ...tls, ca_file }), true)
  await assert.rejects(
    served(answer(200), (port) => open(`https://localhost:${port}`, tls), true),
    /cannot be reached/,
  )
  const fingerprint_sha256 = '00'.repeat(32)
  await assert.rejects(
    served(answer(200), (port) => open(`https://localhost:${port}`, { ...tls, fingerprint_sha256 }), true),
    /no certificate with fingerprint/,
  )
})

test('a password in an address is refused without repeating it', () => {
  const refused = () => (plugin as OutputPlugin).encoder({ index: 'air', hosts: ['http://me:hunter2@localhost'] } as never, { fields } as never)
  assert.throws(refused, (error: Error) => /hosts\[0\] holds credentials/.test(error.message) && !error.message.includes('hunter2'))
})
