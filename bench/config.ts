/** Configs of the bench: a capture through `ieee80211` into a discard socket, with state of their own, so that every run reads the whole file. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface BenchConfig {
  /** Folder that the config and its state go into. */
  readonly folder: string
  readonly file: string
  /** Port of the sink. */
  readonly port: number
  /** What is written: one of `bench/plugins`, or the real one, over HTTP. */
  readonly output: 'discard' | 'discard-bulk' | 'elasticsearch'
  readonly emit?: 'standard' | 'full'
  readonly threads?: number
  readonly linger_ms?: number
  /** Filters behind `ieee80211`, by name. */
  readonly filters?: Readonly<Record<string, object>>
  /** Condition of the route. */
  readonly when?: string
  /** Options of the output's queue. */
  readonly queue?: object
}

/** Writes the config and answers its path. */
export function writeConfig({
  folder,
  file,
  port,
  output,
  emit = 'standard',
  threads = 1,
  linger_ms = 200,
  filters = {},
  when,
  queue = {},
}: BenchConfig): string {
  const own = mkdtempSync(join(folder, 'run-'))
  const path = join(own, 'shipper.yml')
  const ours = new URL(`plugins/${output}${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url).pathname
  const sink = output === 'elasticsearch' ? { plugin: output, hosts: [`http://127.0.0.1:${port}`] } : { plugin: ours, port }
  writeFileSync(
    path,
    `
shipper: { name: bench, data_dir: ${own}, threads: ${threads} }
inputs: { capture: { plugin: pcap, path: ${file} } }
filters: ${JSON.stringify({ decode: { plugin: 'ieee80211', emit }, ...filters })}
outputs: ${JSON.stringify({ sink: { ...sink, linger_ms, queue } })}
routes: ${JSON.stringify([{ from: 'capture', through: ['decode', ...Object.keys(filters)], when, to: 'sink' }])}
`,
  )
  return path
}
