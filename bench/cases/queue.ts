/** pcap → NDJSON into a discard socket through each kind of queue; and a start with a gigabyte on disk. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemFiles } from '../../core/files/files.ts'
import { SegmentStore } from '../../core/queue/store.ts'
import type { BenchOptions, BenchResult, Metric } from '../case.ts'
import { writeConfig } from '../config.ts'
import { resident, start, stop } from '../following.ts'
import { generated, head } from '../load.ts'
import { measure, spread } from '../process.ts'
import { Sink } from '../sink.ts'

const MIN_BYTES = 96 * 1024 * 1024
const BACKLOG_BYTES = 1024 * 1024 * 1024
const KINDS = { memory: { kind: 'memory' }, spill: { kind: 'spill' }, disk: { kind: 'disk' }, 'disk, fsync always': { kind: 'disk', fsync: 'always' } }
type Kind = keyof typeof KINDS

export async function queue({ rounds, program, say }: BenchOptions): Promise<BenchResult> {
  const load = generated(MIN_BYTES)
  const sink = await Sink.start()
  const folder = mkdtempSync(join(tmpdir(), 'wherry-bench-'))
  const kinds = Object.keys(KINDS) as Kind[]
  const wall = Object.fromEntries(kinds.map((kind) => [kind, [] as number[]])) as Record<Kind, number[]>
  const memory = Object.fromEntries(kinds.map((kind) => [kind, [] as number[]])) as Record<Kind, number[]>
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const kind of kinds) {
        say(`round ${round} of ${rounds}, ${kind}`)
        const config = writeConfig({ folder, file: load.file, port: sink.port, output: 'discard', queue: KINDS[kind] })
        const { wall_s, rss_mb } = await measure([process.execPath, program, 'run', '--once', '-c', config, '--log-level', 'error'])
        wall[kind].push(wall_s)
        memory[kind].push(rss_mb)
        rmSync(dirname(config), { recursive: true })
      }
    }
    say('a gigabyte of backlog')
    const backlog = await drain(folder, head(load, 1), program, sink)
    const metrics: Record<string, Metric> = { frames: load.frames }
    for (const kind of kinds) {
      metrics[`${kind} wall_s`] = spread(wall[kind])
      metrics[`${kind} peak_rss_mb`] = spread(memory[kind]).median
    }
    const ratio = (kind: Kind) => spread(wall.memory.map((time, i) => time / wall[kind][i])).median
    return {
      case: 'queue',
      metrics: { ...metrics, ...backlog },
      ratios: { 'spill, output up, to memory': ratio('spill'), 'disk, fsync interval, to memory': ratio('disk'), 'disk, fsync always, to memory': ratio('disk, fsync always') },
      notes: [],
    }
  } finally {
    await sink.stop()
    rmSync(folder, { recursive: true })
  }
}

/** Starts on a data_dir with a gigabyte in its queue: when the first of it goes out, and what memory that takes. */
async function drain(folder: string, file: string, program: string, sink: Sink): Promise<Record<string, number>> {
  const config = writeConfig({ folder, file, port: sink.port, output: 'discard', queue: { kind: 'disk', max_bytes: 4 * BACKLOG_BYTES } })
  const plugin = new URL(`../plugins/discard${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url).pathname
  const words = { error: console.error, warn: console.error, info: () => undefined, debug: () => undefined }
  const store = await SegmentStore.open({
    files: systemFiles,
    folder: join(dirname(config), 'queue', 'sink', 'normal'),
    owner: { output: 'sink', plugin, format: 'ndjson/1' },
    accepts: () => false,
    segment_bytes: 16 * 1024 * 1024,
    routeOf: (route) => route,
    log: words,
  })
  const events = 512
  const body = Buffer.alloc(events * 1024, 'x')
  const payload = {
    body,
    count: events,
    ends: Uint32Array.from({ length: events }, (_, i) => (i + 1) * 1024),
    records: new Uint32Array(events),
    routes: new Uint16Array(events),
    sealed_at: 0,
  }
  for (let bytes = 0; bytes < BACKLOG_BYTES; bytes += body.length) await store.append([{ ...payload, id: String(bytes) }])
  await store.finish()
  await store.close()
  await sink.taken()
  const began = performance.now()
  const child = start(program, config)
  let first: number | undefined
  let taken = 0
  let peak = 0
  try {
    while (taken < BACKLOG_BYTES && performance.now() - began < 120_000) {
      await sleep(20)
      taken += await sink.taken()
      if (taken > 0) first ??= (performance.now() - began) / 1000
      peak = Math.max(peak, resident(child.pid!).now)
    }
    const all = (performance.now() - began) / 1000
    return { 'backlog bytes': taken, 'backlog first out_s': first ?? Number.NaN, 'backlog all out_s': all, 'backlog peak_rss_mb': peak }
  } finally {
    await stop(child)
  }
}
