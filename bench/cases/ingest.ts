/**
 * pcap → decoded NDJSON into a discard socket, beside `tcpdump -e -nn` and `tshark -T ek` on the same file: whole processes, start-up included,
 * interleaved rounds. tshark reads the first 20,000 records only; the time of a one-record file is subtracted.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchOptions, BenchResult } from '../case.ts'
import { generated, head } from '../load.ts'
import { type Measured, measure, spread } from '../process.ts'
import { Sink } from '../sink.ts'

const MIN_BYTES = 320 * 1024 * 1024
const TSHARK_RECORDS = 20_000

export async function ingest({ rounds, program, say }: BenchOptions): Promise<BenchResult> {
  const load = generated(MIN_BYTES)
  const sink = await Sink.start()
  const folder = mkdtempSync(join(tmpdir(), 'wherry-bench-'))
  try {
    const wherry: Measured[] = []
    const tcpdump: Measured[] = []
    const tshark: number[] = []
    const some = head(load, TSHARK_RECORDS)
    const one = head(load, 1)
    const [hasTcpdump, hasTshark] = [has('tcpdump'), has('tshark')]
    let written = 0
    for (let round = 0; round < rounds; round++) {
      say(`round ${round + 1} of ${rounds}`)
      wherry.push(await measure([process.execPath, program, 'run', '--once', '-c', config(folder, round, load.file, sink.port)]))
      written = await sink.taken()
      if (hasTcpdump) tcpdump.push(await measure(['tcpdump', '-e', '-nn', '-r', load.file]))
      if (hasTshark) {
        const ek = async (file: string) => (await measure(['tshark', '-n', '-T', 'ek', '-r', file])).wall_s
        tshark.push((await ek(some)) - (await ek(one)))
      }
    }
    const wall = spread(wherry.map(({ wall_s }) => wall_s))
    const metrics = {
      frames: load.frames,
      file_mb: load.bytes / 1e6,
      wherry_wall_s: wall,
      wherry_cpu_us_per_frame: (spread(wherry.map(({ cpu_s }) => cpu_s)).median * 1e6) / load.frames,
      wherry_frames_per_s: load.frames / wall.median,
      wherry_peak_rss_mb: spread(wherry.map(({ rss_mb }) => rss_mb)).median,
      json_bytes_per_frame: written / load.frames,
      ...(hasTcpdump ? { tcpdump_wall_s: spread(tcpdump.map(({ wall_s }) => wall_s)) } : {}),
      ...(hasTshark ? { tshark_frames_per_s: TSHARK_RECORDS / spread(tshark).median } : {}),
    }
    const ratios = {
      ...(hasTcpdump ? { 'times tcpdump -e -nn (wall)': spread(tcpdump.map(({ wall_s }, i) => wall_s / wherry[i].wall_s)).median } : {}),
      ...(hasTshark ? { 'times tshark -T ek (frames/s)': metrics.wherry_frames_per_s / (TSHARK_RECORDS / spread(tshark).median) } : {}),
    }
    const absent = [...(hasTcpdump ? [] : ['tcpdump']), ...(hasTshark ? [] : ['tshark'])]
    return { case: 'ingest', metrics, ratios, notes: absent.map((tool) => `${tool} is not installed and was left out`) }
  } finally {
    await sink.stop()
    rmSync(folder, { recursive: true })
  }
}

/** A config with state of its own, so that every round reads the whole file. */
function config(folder: string, round: number, file: string, port: number): string {
  const path = join(folder, `${round}.yml`)
  const discard = new URL(`../plugins/discard${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url).pathname
  const text = `
shipper: { name: bench, data_dir: ${join(folder, String(round))} }
inputs: { capture: { plugin: pcap, path: ${file} } }
filters: { decode: { plugin: ieee80211 } }
outputs: { sink: { plugin: ${discard}, port: ${port} } }
routes: [{ from: capture, through: [decode], to: sink }]
`
  writeFileSync(path, text)
  return path
}

function has(tool: string): boolean {
  return spawnSync(tool, ['--version']).error === undefined
}
