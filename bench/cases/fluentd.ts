/**
 * Events to a forward server that acknowledges at once, against the two Node clients that there are. CPU and wall time of the sending process: ours from frames in memory,
 * which it decodes, theirs from objects that are there already.
 */
import { execFile, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { BenchOptions, BenchResult } from '../case.ts'
import { generated, head } from '../load.ts'
import { spread } from '../process.ts'

/** Slow ones send fewer events. */
const EVENTS = { ours: 500_000, 'fluent-org': 30_000, 'fluent-logger': 30_000 } as const
type Kind = keyof typeof EVENTS
const KINDS = Object.keys(EVENTS) as Kind[]
/** Records whose objects the others send in turn; more would only cost them their caches. */
const RECORDS = 1000

const script = (name: string) => new URL(`../fluentd/${name}${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url).pathname

/** Records of a capture as `ieee80211` writes them by default. */
function records(capture: string, program: string, folder: string): string {
  const [config, file] = [join(folder, 'shipper.yml'), join(folder, 'events.ndjson')]
  writeFileSync(
    config,
    `
shipper: { name: bench, data_dir: ${folder} }
inputs: { air: { plugin: pcap, path: ${capture} } }
filters: { decode: { plugin: ieee80211 } }
outputs: { file: { plugin: file, path: ${file} } }
routes: [{ from: air, through: decode, to: file }]
`,
  )
  const { status, stderr } = spawnSync(process.execPath, [program, 'run', '--once', '-c', config], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return file
}

export async function fluentd({ rounds, program, say }: BenchOptions): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'wherry-bench-'))
  const sink = fork(script('sink'))
  const runs: Record<Kind, { wall_s: number; cpu_s: number }[]> = { ours: [], 'fluent-org': [], 'fluent-logger': [] }
  try {
    const [port] = (await once(sink, 'message')) as [number]
    const load = generated()
    const file = records(head(load, RECORDS), program, folder)
    for (let round = 1; round <= rounds; round++) {
      for (const kind of KINDS) {
        say(`round ${round} of ${rounds}, ${kind}`)
        const { stdout } = await promisify(execFile)(process.execPath, [script('sender'), kind, String(port), String(EVENTS[kind]), load.file, file])
        runs[kind].push(JSON.parse(stdout.trim().split('\n').at(-1)!))
        const taken = once(sink, 'message')
        sink.send('taken')
        const [events] = await taken
        if (events < EVENTS[kind]) throw new Error(`${kind}: ${events} of ${EVENTS[kind]} events arrived`)
      }
    }
    const bytes = readFileSync(file).length / RECORDS
    const micros = (kind: Kind) => spread(runs[kind].map(({ cpu_s }) => (cpu_s / EVENTS[kind]) * 1e6))
    const rate = (kind: Kind) => spread(runs[kind].map(({ wall_s }) => EVENTS[kind] / wall_s))
    const cpuRatio = (kind: Kind) => spread(runs[kind].map(({ cpu_s }, i) => cpu_s / EVENTS[kind] / (runs.ours[i].cpu_s / EVENTS.ours))).median
    const rateRatio = (kind: Kind) => spread(runs[kind].map(({ wall_s }, i) => EVENTS.ours / runs.ours[i].wall_s / (EVENTS[kind] / wall_s))).median
    return {
      case: 'fluentd',
      metrics: {
        'JSON bytes an event': bytes,
        ...Object.fromEntries(
          KINDS.flatMap((kind) => [
            [`${kind}, events/s`, rate(kind)],
            [`${kind}, us CPU an event`, micros(kind)],
          ]),
        ),
      },
      ratios: {
        'times @fluent-org/logger, events/s': rateRatio('fluent-org'),
        'times @fluent-org/logger, CPU': cpuRatio('fluent-org'),
        'times fluent-logger, events/s': rateRatio('fluent-logger'),
        'times fluent-logger, CPU': cpuRatio('fluent-logger'),
      },
      notes: ['PackedForward with acks over loopback without TLS, 500 events a message; ours from frames in memory to the ack, theirs from objects'],
    }
  } finally {
    sink.disconnect()
    rmSync(folder, { recursive: true })
  }
}
