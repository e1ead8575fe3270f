/**
 * Wherry beside `tcpdump -e -nn` and `tshark -T ek` on the same file: whole processes, start-up included, interleaved rounds. tshark reads the first
 * 20,000 records only; the time of a one-record file is subtracted.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchOptions, Metric } from './case.ts'
import { type BenchConfig, writeConfig } from './config.ts'
import { CountingSink } from './counting-sink.ts'
import { head, type Load } from './load.ts'
import { type Measured, measure, spread } from './process.ts'

const TSHARK_RECORDS = 20_000

/** How wherry is run, by a name for the table. */
export type Contenders<Name extends string> = Readonly<Record<Name, Pick<BenchConfig, 'output' | 'emit' | 'threads' | 'filters' | 'when'>>>

export interface Race<Name extends string> {
  readonly metrics: Record<string, Metric>
  /** Wall time of each round, seconds. */
  readonly wall: Readonly<Record<Name, readonly number[]>>
  /** Median of the rounds' ratios; undefined where tcpdump is not installed. */
  timesTcpdump(name: Name): number | undefined
  /** By frames per second; undefined where tshark is not installed. */
  timesTshark(name: Name): number | undefined
  readonly notes: readonly string[]
}

export async function race<Name extends string>(
  load: Load,
  contenders: Contenders<Name>,
  { rounds, program, say }: BenchOptions,
  { peers = true } = {},
): Promise<Race<Name>> {
  const names = Object.keys(contenders) as Name[]
  const runs = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Measured[]>
  const written = {} as Record<Name, number>
  const tcpdump: number[] = []
  const tshark: number[] = []
  const [hasTcpdump, hasTshark] = [peers && has('tcpdump'), peers && has('tshark')]
  const sink = await CountingSink.start()
  const folder = mkdtempSync(join(tmpdir(), 'wherry-bench-'))
  try {
    const [some, one] = [head(load, TSHARK_RECORDS), head(load, 1)]
    for (let round = 1; round <= rounds; round++) {
      for (const name of names) {
        say(`round ${round} of ${rounds}, ${name}`)
        const config = writeConfig({ folder, file: load.file, port: sink.port, ...contenders[name] })
        runs[name].push(await measure([process.execPath, program, 'run', '--once', '-c', config]))
        written[name] = await sink.taken()
      }
      say(`round ${round} of ${rounds}, others`)
      if (hasTcpdump) tcpdump.push((await measure(['tcpdump', '-e', '-nn', '-r', load.file])).wall_s)
      if (hasTshark) {
        const ek = async (file: string) => (await measure(['tshark', '-n', '-T', 'ek', '-r', file])).wall_s
        tshark.push((await ek(some)) - (await ek(one)))
      }
    }
  } finally {
    await sink.stop()
    rmSync(folder, { recursive: true })
  }
  const wall = Object.fromEntries(names.map((name) => [name, runs[name].map(({ wall_s }) => wall_s)])) as unknown as Record<Name, number[]>
  const records = Math.min(TSHARK_RECORDS, load.frames)
  const metrics: Record<string, Metric> = { frames: load.frames, file_mb: load.bytes / 1e6 }
  for (const name of names) {
    metrics[`${name} wall_s`] = spread(wall[name])
    metrics[`${name} cpu_us_per_frame`] = (spread(runs[name].map(({ cpu_s }) => cpu_s)).median * 1e6) / load.frames
    metrics[`${name} peak_rss_mb`] = spread(runs[name].map(({ rss_mb }) => rss_mb)).median
    metrics[`${name} bytes_per_frame`] = written[name] / load.frames
  }
  if (hasTcpdump) metrics['tcpdump wall_s'] = spread(tcpdump)
  if (hasTshark) metrics['tshark frames_per_s'] = records / spread(tshark).median
  return {
    metrics,
    wall,
    timesTcpdump: (name) => (hasTcpdump ? spread(tcpdump.map((time, i) => time / wall[name][i])).median : undefined),
    timesTshark: (name) => (hasTshark ? load.frames / spread(wall[name]).median / (records / spread(tshark).median) : undefined),
    notes: (peers ? [...(hasTcpdump ? [] : ['tcpdump']), ...(hasTshark ? [] : ['tshark'])] : []).map(
      (tool) => `${tool} is not installed and was left out`,
    ),
  }
}

/** Ratios that are there. */
export function known(ratios: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return Object.fromEntries(Object.entries(ratios).filter((entry): entry is [string, number] => entry[1] !== undefined))
}

function has(tool: string): boolean {
  return spawnSync(tool, ['--version']).error === undefined
}
