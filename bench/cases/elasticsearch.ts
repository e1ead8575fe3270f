/**
 * pcap → `_bulk`, whole processes from start to exit: into a server that throws documents away, and into a real OpenSearch (Java 17 and Maven), beside what people do without
 * us, `tshark -T ek` cut in pieces for curl, on the same file.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SearchServer } from '../../test/peers/search-server.ts'
import { BulkSink } from '../bulk-sink.ts'
import type { BenchOptions, BenchResult, Metric } from '../case.ts'
import { generated, head } from '../load.ts'
import { type Measured, measure, spread } from '../process.ts'
import { known } from '../race.ts'

/** Records that tshark ships; the time for one is subtracted. */
const TSHARK_RECORDS = 20_000
/** Records that it ships to the real server, which guesses the types of its fields, some more with every document. */
const TSHARK_REAL_RECORDS = 4000
/** Records that we ship to the real server, which takes a few thousand a second. */
const REAL_RECORDS = 60_000
/** Documents in each piece for curl. */
const PIECE = 2000

interface Place {
  readonly url: string
  readonly folder: string
}

/** Runs Wherry on a file; each run has a data_dir of its own, so that all is read. */
async function ours({ url, folder }: Place, program: string, file: string, gzip_level: number): Promise<Measured> {
  const own = mkdtempSync(join(folder, 'run-'))
  const config = join(own, 'shipper.yml')
  writeFileSync(
    config,
    `
shipper: { name: bench, data_dir: ${own}, threads: 1 }
inputs: { capture: { plugin: pcap, path: ${file} } }
filters: { decode: { plugin: ieee80211 } }
outputs: { search: { plugin: elasticsearch, hosts: ["${url}"], gzip_level: ${gzip_level} } }
routes: [{ from: capture, through: [decode], to: search }]
`,
  )
  const command = (name: string, ...more: string[]) => [process.execPath, program, name, '-c', config, ...more]
  const { status, stderr } = spawnSync(process.execPath, command('setup').slice(1), { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return measure(command('run', '--once'))
}

/** Servers of today refuse the type that tshark writes into each action. */
async function theirs({ url }: Place, file: string): Promise<number> {
  const curl = `curl -sS -o /dev/null -H "content-type: application/x-ndjson" --data-binary @- ${url}/_bulk`
  const script = `tshark -n -T ek -r '${file}' | sed 's/,"_type":"doc"//' | split -l ${2 * PIECE} --filter '${curl}'`
  return (await measure(['sh', '-c', script])).wall_s
}

function has(...tools: string[]): boolean {
  return tools.every((tool) => spawnSync(tool, ['--version']).error === undefined)
}

export async function elasticsearch({ rounds, program, say }: BenchOptions): Promise<BenchResult> {
  const load = generated()
  const [some, few, one, real] = [TSHARK_RECORDS, TSHARK_REAL_RECORDS, 1, REAL_RECORDS].map((records) => head(load, records))
  const folder = mkdtempSync(join(tmpdir(), 'wherry-bench-'))
  const sink = await BulkSink.start()
  const discard = { url: `http://127.0.0.1:${sink.port}`, folder }
  const compared = has('tshark', 'curl')
  const server = has('java', 'mvn') ? new SearchServer('opensearch', join(folder, 'server')) : undefined
  const runs = { plain: [] as Measured[], gzip: [] as Measured[], real: [] as Measured[] }
  const tshark = { discard: [] as number[], real: [] as number[] }
  let bytes = 0
  try {
    for (let round = 1; round <= rounds; round++) {
      say(`round ${round} of ${rounds}, into a discard server`)
      runs.plain.push(await ours(discard, program, load.file, 0))
      const taken = await sink.taken()
      if (taken.documents !== load.frames) throw new Error(`${taken.documents} documents of ${load.frames} frames arrived`)
      bytes = taken.bytes
      runs.gzip.push(await ours(discard, program, load.file, 1))
      if (compared) tshark.discard.push((await theirs(discard, some)) - (await theirs(discard, one)))
      await sink.taken()
    }
    await server?.start()
    for (let round = 1; server && round <= rounds; round++) {
      say(`round ${round} of ${rounds}, into OpenSearch`)
      const there = { url: server.url, folder }
      runs.real.push(await ours(there, program, real, 0))
      await server.ask('/wherry-*/_refresh', { method: 'POST' })
      const { count } = await server.ask<{ count: number }>('/wherry-*/_count')
      if (count !== REAL_RECORDS) throw new Error(`${count} documents of ${REAL_RECORDS} frames are in the index`)
      if (compared) tshark.real.push((await theirs(there, few)) - (await theirs(there, one)))
      await server.ask('/wherry-*,packets-*', { method: 'DELETE' })
    }
  } finally {
    await server?.kill()
    await sink.stop()
    rmSync(folder, { recursive: true })
  }
  const rate = (frames: number, walls: readonly number[]) => spread(walls.map((wall) => frames / wall))
  const walls = (measured: readonly Measured[]) => measured.map(({ wall_s }) => wall_s)
  const cpu = (measured: readonly Measured[]) => spread(measured.map(({ cpu_s }) => (cpu_s * 1e6) / load.frames))
  const metrics: Record<string, Metric> = {
    frames: load.frames,
    bytes_per_frame: bytes / load.frames,
    'discard frames_per_s': rate(load.frames, walls(runs.plain)),
    'discard cpu_us_per_frame': cpu(runs.plain),
    'discard peak_rss_mb': spread(runs.plain.map(({ rss_mb }) => rss_mb)),
    'discard gzip frames_per_s': rate(load.frames, walls(runs.gzip)),
    'discard gzip cpu_us_per_frame': cpu(runs.gzip),
  }
  if (compared) metrics['tshark discard frames_per_s'] = rate(TSHARK_RECORDS, tshark.discard)
  if (server) metrics['opensearch frames_per_s'] = rate(REAL_RECORDS, walls(runs.real))
  if (compared && server) metrics['tshark opensearch frames_per_s'] = rate(TSHARK_REAL_RECORDS, tshark.real)
  const times = (mine: Metric, other: Metric | undefined) =>
    other === undefined ? undefined : (mine as { median: number }).median / (other as { median: number }).median
  return {
    case: 'elasticsearch',
    metrics,
    ratios: known({
      'times tshark | curl, discard': times(metrics['discard frames_per_s'], metrics['tshark discard frames_per_s']),
      'times tshark | curl, gzip': times(metrics['discard gzip frames_per_s'], metrics['tshark discard frames_per_s']),
      'times tshark | curl, OpenSearch': times(metrics['opensearch frames_per_s'], metrics['tshark opensearch frames_per_s']),
    }),
    notes: [
      `into OpenSearch: the first ${REAL_RECORDS} frames, start-up included; the server and both shippers share the machine`,
      ...(compared ? [] : ['tshark or curl is not installed and was left out']),
      ...(server ? [] : ['java or mvn is not installed: no real server']),
    ],
  }
}
