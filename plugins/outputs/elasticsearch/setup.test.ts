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
import { dialectOf } from './dialect.ts'
import plugin from './index.ts'
import { lifecycleOf } from './lifecycle.ts'
import { differences, mappingOf, refusal } from './mapping.ts'
import { indexPattern, templateName, templates } from './template.ts'

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
  assert.deepEqual(dialectOf('what?'), { distribution: 'elasticsearch', version: [8, 0], unsigned_long: true })
})

test('a template catches the indexes of the pattern, and never those of others', () => {
  assert.deepEqual(['wherry-%Y.%m.%d', 'air'].map(indexPattern), ['wherry-*', 'air'])
  assert.deepEqual(['wherry-%Y.%m.%d', 'air'].map(templateName), ['wherry', 'air'])
  assert.throws(() => indexPattern('%Y'), /no fixed beginning/)
})

test('differences of a live mapping: other types, missing fields, values where objects should be', () => {
  const { properties } = mappingOf(fields, opensearch)
  assert.deepEqual(differences(properties, structuredClone(properties)), { wrong: [], missing: [] })
  const live = { ...properties, wlan: { properties: { ta: { type: 'text' } } }, wlan_radio: { type: 'keyword' } }
  assert.deepEqual(differences(properties, live), {
    wrong: ['wlan.ta is text, not keyword', 'wlan_radio is keyword, not an object'],
    missing: ['wlan.tsf'],
  })
})

test('types that take the same values and find them again are as good', () => {
  const { properties } = mappingOf(fields, opensearch)
  const live = { ...properties, '@timestamp': { type: 'date' }, wlan: { properties: { ta: { type: 'wildcard' }, tsf: { type: 'keyword' } } } }
  assert.deepEqual(differences(properties, live), { wrong: [], missing: [] })
})

test('an index is refused for other types, and for fields that would be guessed, not for fields that are merely not indexed', () => {
  const { properties } = mappingOf(fields, opensearch)
  const { wlan: _, ...older } = properties
  assert.equal(refusal(properties, { dynamic: 'false', properties }), undefined)
  assert.equal(refusal(properties, { dynamic: 'false', properties: older }), undefined)
  assert.match(refusal(properties, { properties: older }) ?? '', /the types of 2 fields, such as wlan\.ta, would be guessed/)
  assert.match(refusal(properties, { dynamic: 'strict', properties: older }) ?? '', /guessed/)
  assert.match(refusal(properties, {}) ?? '', /5 fields/)
  assert.match(refusal(properties, { dynamic: 'false', properties: { ...properties, wlan: { type: 'text' } } }) ?? '', /wlan is text, not an object/)
})

test('a lifecycle is said as each server wants to hear it', () => {
  const of = (server: object, more: { data_stream?: boolean; retention_days?: number }) =>
    lifecycleOf({ index: 'air', data_stream: false, retention_days: undefined, dialect: dialectOf({ version: server }), ...more })
  const [es7, es8, es9, serverless, os] = [
    { number: '7.17.28' },
    { number: '8.14.0' },
    { number: '9.1.0' },
    { number: '8.11.0', build_flavor: 'serverless' },
    { number: '3.1.0', distribution: 'opensearch' },
  ]
  for (const server of [es7, es8, es9, serverless, os]) assert.equal(of(server, {}), undefined)
  for (const server of [es8, es9, serverless]) {
    assert.deepEqual(of(server, { data_stream: true, retention_days: 30 })?.template, { lifecycle: { data_retention: '30d' } })
    assert.deepEqual(of(server, { data_stream: true })?.template, { lifecycle: {} })
  }
  const ilm = (more: object) => of(es7, more)?.policy?.body as { policy: { phases: object } }
  assert.equal(of(es9, { retention_days: 30 })?.policy?.path, '/_ilm/policy/air')
  assert.deepEqual(of(es9, { retention_days: 30 })?.settings, { 'index.lifecycle.name': 'air' })
  assert.deepEqual(ilm({ retention_days: 30 }).policy.phases, { hot: { actions: {} }, delete: { min_age: '30d', actions: { delete: {} } } })
  assert.deepEqual(ilm({ data_stream: true }).policy.phases, { hot: { actions: { rollover: { max_age: '1d' } } } })
  assert.throws(() => of(serverless, { retention_days: 30 }), /data streams only/)
  const ism = of(os, { data_stream: true, retention_days: 7 })?.policy
  assert.equal(ism?.path, '/_plugins/_ism/policies/air')
  const { policy } = (ism as { body: object }).body as { policy: { states: { actions: object[]; transitions: object[] }[]; ism_template: object[] } }
  assert.deepEqual(policy.states[0].actions, [{ rollover: { min_index_age: '1d' } }])
  assert.deepEqual(policy.states[0].transitions, [{ state_name: 'gone', conditions: { min_index_age: '7d' } }])
  assert.deepEqual(policy.ism_template, [{ index_patterns: ['air'], priority: 200 }])
})

test('the template of a data stream says so, and its time is not to be left out', () => {
  const dialect = dialectOf({ version: { number: '9.0.0' } })
  const lifecycle = lifecycleOf({ index: 'logs-wifi-x', data_stream: true, retention_days: 3, dialect })
  const { component, template } = templates({ index: 'logs-wifi-x', data_stream: true, fields, dialect, lifecycle })
  assert.deepEqual(template, {
    index_patterns: ['logs-wifi-x'],
    priority: 200,
    composed_of: ['logs-wifi-x'],
    data_stream: {},
    template: { lifecycle: { data_retention: '3d' } },
  })
  const { mappings } = (component as { template: { mappings: { properties: Record<string, object> } } }).template
  assert.deepEqual(mappings.properties['@timestamp'], { type: 'date_nanos' })
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

function setUp(port: number, more: object = {}): Promise<readonly string[]> {
  const config = {
    hosts: ['http://127.0.0.1:1', `http://127.0.0.1:${port}/es/`],
    index: 'air-%Y',
    data_stream: false,
    timeout_ms: 1000,
    connections: 1,
    api_key: 'a:b',
    ...more,
  }
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
  const lines = await served(engine(asked, {}), (port) => setUp(port))
  assert.deepEqual(asked, ['GET /es/', 'PUT /es/_component_template/air', 'PUT /es/_index_template/air', 'GET /es/air-*/_mapping'])
  assert.match(lines.join('\n'), /opensearch 2\.15\ntemplate air for air-\*, 5 fields/)
})

test('setup says which index was made otherwise', async () => {
  const live = { 'air-2026': { mappings: { properties: { wlan: { properties: { ta: { type: 'text' } } } } } } }
  await assert.rejects(
    served(engine([], live), (port) => setUp(port)),
    /index air-2026 was made otherwise, and is not written into: wlan.ta is text, not keyword/,
  )
})

test('setup gives older indexes the fields that they lack, and only tells of an older one that was made otherwise', async () => {
  const { properties } = mappingOf(fields, opensearch)
  const { wlan: _, ...older } = properties
  const live = {
    'air-2024': { mappings: { properties: { wlan: { type: 'text' } } } },
    'air-2025': { mappings: { dynamic: 'false', properties: older } },
    'air-2026': { mappings: { dynamic: 'false', properties } },
  }
  const asked: string[] = []
  const lines = await served(engine(asked, live), (port) => setUp(port))
  assert.deepEqual(asked.slice(-2), ['PUT /es/air-2025/_settings', 'PUT /es/air-2025/_mapping'])
  assert.deepEqual(lines.slice(-2), [
    '1 older indexes have new fields now',
    'index air-2024 was made otherwise, and is not written into: wlan is text, not an object',
  ])
})

test('setup makes the lifecycle before the templates that name it; a known policy is replaced in its edition', async () => {
  const asked: string[] = []
  const lines = await served(
    async (request, response) => {
      for await (const _ of request);
      asked.push(`${request.method} ${request.url}`)
      if (request.url === '/es/') response.end('{"version":{"distribution":"opensearch","number":"2.15.0"}}')
      else response.end(request.method === 'GET' && request.url?.includes('_ism') ? '{"_seq_no":4,"_primary_term":2}' : '{}')
    },
    (port) => setUp(port, { index: 'air-%Y', retention_days: 9 }),
  )
  assert.deepEqual(asked.slice(0, 4), [
    'GET /es/',
    'GET /es/_plugins/_ism/policies/air',
    'PUT /es/_plugins/_ism/policies/air?if_seq_no=4&if_primary_term=2',
    'PUT /es/_component_template/air',
  ])
  assert.ok(lines.includes('ISM policy air, kept 9 days'))
})

test('a server that was built without unsigned_long gets keywords', async () => {
  const sent: string[] = []
  const lines = await served(
    async (request, response) => {
      const pieces: Buffer[] = []
      for await (const piece of request) pieces.push(piece)
      const body = Buffer.concat(pieces).toString()
      if (request.method === 'PUT') sent.push(body)
      if (!body.includes('unsigned_long')) return void response.end('{}')
      response
        .writeHead(400)
        .end('{"error":{"type":"mapper_parsing_exception","reason":"No handler for type [unsigned_long] declared on field [tsf]"}}')
    },
    (port) => setUp(port),
  )
  assert.equal(sent.length, 3)
  assert.match(sent[1], /"tsf":\{"type":"keyword"\}/)
  assert.equal(lines.length, 2)
})

test('setup says what the server refuses', async () => {
  const refuse: RequestListener = (request, response) => {
    if (request.method === 'GET') response.end('{}')
    else response.writeHead(403).end('{"error":"no permissions"}')
  }
  await assert.rejects(
    served(refuse, (port) => setUp(port)),
    /answers 403 to PUT .*no permissions/,
  )
})

test('opening wants an answer and credentials that are not refused; a certificate must be of the authority', async () => {
  const open = async (url: string, tls?: object) => {
    const options = { hosts: [url], index: 'air', data_stream: false, timeout_ms: 1000, gzip_level: 0, connections: 1, tls }
    const output = await (plugin as OutputPlugin).create(options as never, {
      name: 'search',
      data_dir: '.',
      fields,
      log: silentLog,
      clock: systemClock,
    })
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
