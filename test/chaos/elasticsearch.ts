/**
 * `node dist/test/chaos/elasticsearch.js [--long] [--frames N]`: ships frames to a real OpenSearch of little memory for bulks, which answers 429, and is killed and restarted
 * meanwhile. At the end each frame is in the index once. 1,000,000 frames with `--long`, 60,000 without.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { SearchServer } from '../peers/search-server.ts'
import { program } from '../program.ts'

const { values } = parseArgs({ options: { long: { type: 'boolean' }, frames: { type: 'string' } } })
const frames = Number(values.frames ?? (values.long ? 1_000_000 : 60_000))
const kills = values.long ? 10 : 2
const folder = mkdtempSync(join(tmpdir(), 'wherry-opensearch-'))
const server = new SearchServer('opensearch', join(folder, 'server'), ['indexing_pressure.memory.limit=600kb'])
const config = join(folder, 'shipper.yml')
const children = new Set<ChildProcess>()

function wherry(...args: string[]): Promise<{ code: number | null; words: string }> {
  const child = spawn(process.execPath, [program, ...args, '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  children.add(child)
  let words = ''
  child.stderr.on('data', (data) => (words = (words + data).slice(-3000)))
  return new Promise((resolve) => child.on('exit', (code) => resolve({ code, words })))
}

/** Documents that the server has taken since it started. */
async function taken(): Promise<number> {
  const stats = await server
    .ask<{ _all?: { primaries?: { indexing?: { index_total: number } } } }>('/wherry-*/_stats/indexing')
    .catch(() => undefined)
  return stats?._all?.primaries?.indexing?.index_total ?? 0
}

interface Search {
  readonly hits: { readonly total: { readonly value: number } }
  readonly aggregations: { readonly n: { readonly count: number; readonly min: number; readonly max: number; readonly sum: number } }
}

try {
  await server.start()
  writeFileSync(
    config,
    `
shipper: { name: chaos, data_dir: ${join(folder, 'data')} }
inputs: { sample: { plugin: generate, frames: ${frames}, rate: 0 } }
filters: { decode: { plugin: ieee80211 } }
outputs:
  search: { plugin: elasticsearch, hosts: ["${server.url}"], connections: 4, batch: { max_events: 400, max_bytes: 300KiB }, retry: { initial_ms: 100, max_ms: 1000 } }
routes: [{ from: sample, through: decode, to: search }]
`,
  )
  const setup = await wherry('setup')
  if (setup.code !== 0) throw new Error(setup.words)
  let over = false
  const shipped = wherry('run', '--once').finally(() => (over = true))
  let killed = 0
  for (; killed < kills && !over; killed++) {
    // However slow the machine: not before it has taken some, so that there is something under way.
    const some = Math.random() * (frames / (2 * kills))
    while (!over && (await taken()) < some) await sleep(200)
    if (over) break
    // In turn: killed in the midst of requests, and restarted in good order.
    await server.kill(killed % 2 === 0 ? 'SIGKILL' : 'SIGTERM')
    await server.start()
  }
  const { code, words } = await shipped
  if (code !== 0) throw new Error(words)
  if (words.includes('dead_lettered')) throw new Error(`documents were refused for good: ${words}`)
  await server.ask('/wherry-*/_refresh', { method: 'POST' })
  const body = {
    size: 0,
    track_total_hits: true,
    query: { range: { '@timestamp': { gte: '1970-01-01' } } },
    aggs: { n: { stats: { field: 'frame.number' } } },
  }
  const { hits, aggregations } = await server.ask<Search>('/wherry-*/_search', { method: 'POST', body })
  const { count, min, max, sum } = aggregations.n
  const pressure = JSON.stringify(await server.ask('/_nodes/stats/indexing_pressure')).match(/"coordinating_rejections":(\d+)/)?.[1]
  console.log(
    `elasticsearch: ${hits.total.value} documents of ${frames} frames, ${killed} kills and restarts, ${pressure} bulks refused with 429 since the last one`,
  )
  console.log(words.trim().split('\n').slice(-2).join('\n'))
  if (hits.total.value !== frames || count !== frames || min !== 1 || max !== frames || sum !== (frames * (frames + 1)) / 2)
    throw new Error(`not each frame once: ${JSON.stringify(aggregations)}\n${words}`)
  if (killed === 0) throw new Error('all was shipped before the server could be killed')
  console.log('1 passed, 0 failed')
  rmSync(folder, { recursive: true })
} catch (error) {
  console.log(`elasticsearch: ${(error as Error).message}\nfiles are in ${folder}\n0 passed, 1 failed`)
  process.exitCode = 1
} finally {
  for (const child of children) child.kill('SIGKILL')
  await server.kill()
}
process.exit()
