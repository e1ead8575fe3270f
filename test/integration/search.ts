/**
 * `node dist/test/integration/search.js [KIND…]`: the output `elasticsearch` against real servers, which Maven fetches: OpenSearch 2 and 1, Elasticsearch 7 and 8. Everything that
 * was sent is found again as it was sent, once; the searches of the docs answer; wrong indexes are not written into.
 *
 * `JAVA_HOME` chooses another Java.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { packageRoot } from '../../core/config/root.ts'
import { capture } from '../../plugins/inputs/generate/write.ts'
import { KIND_NAMES, type Kind, SearchServer } from '../peers/search-server.ts'
import { START, STEP } from '../plugins/place.ts'
import { program } from '../program.ts'

const FRAMES = 4000
/** Only a limit: a machine may be busy. */
const SAY_MS = 240_000
const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const place = new URL(`../plugins/place${extension}`, import.meta.url).pathname

interface Hits {
  readonly hits: {
    readonly total: { readonly value: number }
    readonly hits: readonly { readonly _id: string; readonly _source: Sent; readonly sort?: unknown[] }[]
  }
  readonly aggregations?: Record<string, unknown>
  readonly error?: unknown
}

interface Sent {
  readonly '@timestamp': string
  readonly event: { readonly id: string }
  readonly frame: { readonly number: number }
  readonly observer: { readonly geo?: { readonly location: { readonly lat: number } } }
}

interface Place {
  readonly server: SearchServer
  readonly folder: string
  /** What was sent, as the file output wrote it. */
  readonly sent: readonly Sent[]
}

interface Run {
  /** Of the output `search`. */
  readonly options?: string
  /** For a run that reads all again. */
  readonly data?: string
}

/** Ended when a check fails on the way. */
const children = new Set<ChildProcess>()

/** Runs a command of Wherry with frames from a capture into the server and a file. */
function wherry({ server, folder }: Omit<Place, 'sent'>, args: readonly string[], { options = '', data = 'data' }: Run = {}) {
  const config = join(folder, 'shipper.yml')
  writeFileSync(
    config,
    `
shipper: { name: test, data_dir: ${join(folder, data)}, threads: 0 }
inputs: { air: { plugin: pcap, path: ${join(folder, 'air.pcap')} } }
filters: { decode: { plugin: ieee80211 }, place: { plugin: ${place} } }
outputs:
  search: { plugin: elasticsearch, hosts: ["${server.url}"]${options}, retry: { initial_ms: 100, max_ms: 1000 } }
  file: { plugin: file, path: ${join(folder, data)}.ndjson }
routes: [{ from: air, through: [decode, place], to: [search, file] }]
`,
  )
  // The same sensor, which the ids of events tell, but nothing read so far.
  mkdirSync(join(folder, data), { recursive: true })
  if (data !== 'data') copyFileSync(join(folder, 'data', 'sensor'), join(folder, data, 'sensor'))
  const child = spawn(process.execPath, [program, ...args, '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  children.add(child)
  let words = ''
  child.stderr.on('data', (text) => (words += text))
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
  /** Waits until it has said so. */
  const says = async (what: RegExp) => {
    for (let i = 0; i < SAY_MS / 100 && !what.test(words); i++) await sleep(100)
    assert.match(words, what)
  }
  return { says, ended: ended.then((code) => ({ code, words })) }
}

async function fine(running: ReturnType<typeof wherry>): Promise<string> {
  const { code, words } = await running.ended
  assert.equal(code, 0, words)
  return words
}

const search = ({ server }: Place, body: object, index = 'wherry-*') =>
  server.ask<Hits>(`/${index}/_search`, { method: 'POST', body: { track_total_hits: true, ...body } })

async function count(server: SearchServer, index: string): Promise<number> {
  await server.ask(`/${index}/_refresh`, { method: 'POST' })
  return (await server.ask<{ count: number }>(`/${index}/_count`)).count
}

type Check = (at: Place) => Promise<void>

const CHECKS: Readonly<Record<string, Check>> = {
  'every document is there once, as it was sent': async (at) => {
    assert.equal(await count(at.server, 'wherry-*'), FRAMES)
    const { hits } = await search(at, { size: FRAMES, query: { match_all: {} } })
    const byId = new Map(hits.hits.map(({ _id, _source }) => [_id, _source]))
    for (const sent of at.sent) assert.ok(isDeepStrictEqual(byId.get(sent.event.id), sent), sent.event.id)
  },

  'what is read and sent again is a duplicate': async (at) => {
    const words = await fine(wherry(at, ['run', '--once'], { data: 'again' }))
    assert.match(words, /duplicate/)
    assert.equal(await count(at.server, 'wherry-*'), FRAMES)
  },

  'a range of time, to the nanosecond': async (at) => {
    const times = at.sent.map((sent) => sent['@timestamp']).sort()
    const [from, to] = [times[1000], times[3000]]
    const { hits } = await search(at, { query: { range: { '@timestamp': { gte: from, lt: to } } } })
    assert.equal(hits.total.value, times.filter((time) => time >= from && time < to).length)
    const sorted = await search(at, { size: FRAMES, sort: [{ '@timestamp': 'asc' }, { 'event.id': 'asc' }], query: { match_all: {} } })
    const ids = sorted.hits.hits.map(({ _id }) => _id)
    assert.deepEqual(
      ids,
      [...ids].sort((a, b) => (a < b ? -1 : 1)),
    )
  },

  'a distance from a place': async (at) => {
    const query = { geo_distance: { distance: '500m', 'observer.geo.location': START } }
    const { hits } = await search(at, { query })
    // 111,195 m a degree; two metres are left to the ways to measure.
    const within = (metres: number) => at.sent.filter(({ frame }) => frame.number % 2 === 0 && frame.number * STEP * 111_195 <= metres).length
    assert.ok(hits.total.value >= within(498) && hits.total.value <= within(502), `${hits.total.value} of ${within(500)}`)
  },

  'the searches of the docs': async (at) => {
    const text = readFileSync(new URL('plugins/outputs/elasticsearch/searches.md', packageRoot()), 'utf8')
    const examples = [...text.matchAll(/^## (.+)$[\s\S]+?```json\n([\s\S]+?)```/gm)]
    assert.ok(examples.length >= 8)
    for (const [, name, body] of examples) {
      const answer = await search(at, JSON.parse(body) as object)
      assert.equal(answer.error, undefined, `${name}: ${JSON.stringify(answer.error)}`)
      assert.ok(answer.hits.total.value > 0, `${name} finds nothing`)
      for (const [of, found] of Object.entries(answer.aggregations ?? {})) assert.ok(somethingIn(found), `${name}: ${of} is empty`)
    }
  },

  'setup again gives an index of before the fields that it lacks, and those can be searched for': async (at) => {
    const mappings = { dynamic: false, properties: { '@timestamp': { type: 'date_nanos' } } }
    // Made as by an older version: without our template.
    await at.server.ask('/wherry-2001.01.01', { method: 'PUT', body: { mappings } })
    await at.server.ask('/wherry-2001.01.01/_mapping', { method: 'PUT', body: { properties: { frame: { properties: { len: { type: 'long' } } } } } })
    const words = await fine(wherry(at, ['setup', 'search']))
    assert.doesNotMatch(words, /otherwise/)
    const live = await at.server.ask<Record<string, { mappings: { properties: Record<string, unknown> } }>>('/wherry-2001.01.01/_mapping')
    assert.ok('wlan' in live['wherry-2001.01.01'].mappings.properties)
    await at.server.ask('/wherry-2001.01.01', { method: 'DELETE' })
  },

  'an index of other types is not written into, and its data waits': async (at) => {
    await at.server.ask('/other', { method: 'PUT', body: { mappings: { properties: { '@timestamp': { type: 'text' } } } } })
    const running = wherry(at, ['run', '--once'], { options: ', index: other', data: 'other' })
    await running.says(/other is not written into: @timestamp is text, not date_nanos/)
    assert.equal(await count(at.server, 'other'), 0)
  },

  'an index without a template is not made by guesses': async (at) => {
    const running = wherry(at, ['run', '--once'], { options: ', index: bare', data: 'bare' })
    await running.says(/bare is not written into: the types of \d+ fields, such as @timestamp, would be guessed; see wherry setup/)
    assert.ok('error' in (await at.server.ask<object>('/bare')))
  },

  'a cluster that has as many shards as it may have keeps the data waiting': async (at) => {
    await fine(wherry(at, ['setup', 'search'], { options: ', index: full' }))
    const limit = (most: number | null) =>
      at.server.ask('/_cluster/settings', { method: 'PUT', body: { transient: { 'cluster.max_shards_per_node': most } } })
    await limit(1)
    const running = wherry(at, ['run', '--once'], { options: ', index: full', data: 'full' })
    await running.says(/refused for now: 400 validation_exception/)
    await limit(null)
    const { code, words } = await running.ended
    assert.equal(code, 0, words)
    assert.equal(await count(at.server, 'full'), FRAMES)
    assert.doesNotMatch(words, /dead letter/)
  },

  'a data stream, with its trade-off: a repeat is known until the rollover, and is a second document after it': async (at) => {
    const { error } = await at.server.ask<{ error?: unknown }>('/_data_stream')
    if (error !== undefined) return console.log(`  (${at.server.kind} from these jars has no data streams)`)
    const options = ', index: logs-wifi.frame-test, data_stream: true'
    const words = await fine(wherry(at, ['setup', 'search'], { options }))
    assert.match(words, /data stream logs-wifi\.frame-test/)
    await fine(wherry(at, ['run', '--once'], { options, data: 'stream1' }))
    assert.equal(await count(at.server, 'logs-wifi.frame-test'), FRAMES)
    await fine(wherry(at, ['run', '--once'], { options, data: 'stream2' }))
    assert.equal(await count(at.server, 'logs-wifi.frame-test'), FRAMES)
    await at.server.ask('/logs-wifi.frame-test/_rollover', { method: 'POST' })
    await fine(wherry(at, ['run', '--once'], { options, data: 'stream3' }))
    assert.equal(await count(at.server, 'logs-wifi.frame-test'), 2 * FRAMES)
  },

  'a lifecycle that this server does not know is a mistake that is said': async (at) => {
    const { code, words } = await wherry(at, ['setup', 'search'], { options: ', retention_days: 30' }).ended
    assert.equal(code, 1)
    assert.match(words, /(ISM|ILM) policy wherry, kept 30 days cannot be made: .*(no handler found|invalid_index_name)/s)
  },

  'the example, in two commands': async (at) => {
    const before = await count(at.server, 'wherry-*')
    const config = join(at.folder, 'example.yml')
    copyFileSync(new URL('examples/pcap-to-elasticsearch.yml', packageRoot()), config)
    const env = { ...process.env, CAPTURES: join(at.folder, 'air.pcap'), ES_HOST: at.server.url }
    for (const command of [['setup'], ['run', '--once']]) {
      const child = spawn(process.execPath, [program, ...command, '-c', config], { stdio: 'ignore', env, cwd: at.folder })
      children.add(child)
      assert.equal(await new Promise((resolve) => child.on('exit', resolve)), 0, command[0])
    }
    // Another sensor, by its data_dir: its frames are others.
    assert.equal(await count(at.server, 'wherry-*'), before + FRAMES)
  },
}

/** Whether an aggregation has found anything. */
function somethingIn(found: unknown): boolean {
  const { buckets, value, doc_count } = found as { buckets?: unknown[]; value?: number; doc_count?: number }
  return (buckets?.length ?? doc_count ?? value ?? 0) > 0
}

async function check(kind: Kind): Promise<[passed: number, failed: number]> {
  const folder = mkdtempSync(join(tmpdir(), `wherry-${kind}-`))
  const server = new SearchServer(kind, join(folder, 'server'))
  let [passed, failed] = [0, 0]
  try {
    await server.start()
    console.log(`${kind} at ${server.url}`)
    const air = join(folder, 'air.pcap')
    for (const { bytes } of capture({ seed: 1, networks: 40, clients: 120, rate: 0, frames: FRAMES, start_ms: Date.now() - 60_000 }))
      appendFileSync(air, bytes)
    console.log(`  ${(await fine(wherry({ server, folder }, ['setup', 'search']))).trim().replaceAll('\n', '\n  ')}`)
    await fine(wherry({ server, folder }, ['run', '--once']))
    const sent = readFileSync(join(folder, 'data.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Sent)
    assert.equal(sent.length, FRAMES)
    for (const [name, check] of Object.entries(CHECKS)) {
      const start = performance.now()
      try {
        await check({ server, folder, sent })
        passed++
        console.log(`  ok: ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
      } catch (error) {
        failed++
        console.log(`  FAILED: ${name}: ${(error as Error).message}`)
      } finally {
        for (const child of children) child.kill('SIGKILL')
        children.clear()
      }
    }
  } catch (error) {
    failed++
    console.log(`  FAILED: ${(error as Error).message}`)
  } finally {
    await server.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  return [passed, failed]
}

const kinds = process.argv.length > 2 ? (process.argv.slice(2) as Kind[]) : KIND_NAMES
let [passed, failed] = [0, 0]
for (const kind of kinds) {
  const [good, bad] = await check(kind)
  passed += good
  failed += bad
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)
