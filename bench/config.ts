/** Configs of the bench: a capture through `ieee80211` into a discard socket, with state of their own, so that every run reads the whole file. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface BenchConfig {
  /** Folder that the config and its state go into. */
  readonly folder: string
  readonly file: string
  /** Port of the sink. */
  readonly port: number
  /** Of `bench/plugins`: what is written. */
  readonly output: 'discard' | 'discard-bulk'
  readonly emit?: 'standard' | 'full'
  readonly threads?: number
  readonly linger_ms?: number
  /** Filters behind `ieee80211`, by name. */
  readonly filters?: Readonly<Record<string, object>>
  /** Condition of the route. */
  readonly when?: string
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
}: BenchConfig): string {
  const own = mkdtempSync(join(folder, 'run-'))
  const path = join(own, 'shipper.yml')
  const plugin = new URL(`plugins/${output}${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url).pathname
  writeFileSync(
    path,
    `
shipper: { name: bench, data_dir: ${own}, threads: ${threads} }
inputs: { capture: { plugin: pcap, path: ${file} } }
filters: ${JSON.stringify({ decode: { plugin: 'ieee80211', emit }, ...filters })}
outputs: { sink: { plugin: ${plugin}, port: ${port}, linger_ms: ${linger_ms} } }
routes: ${JSON.stringify([{ from: 'capture', through: ['decode', ...Object.keys(filters)], when, to: 'sink' }])}
`,
  )
  return path
}
