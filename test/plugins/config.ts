/** Configs for tests of the core, without going through YAML. */
import type { OutputSection, QueueOptions, Route, Section, ShipperConfig, ShipperOptions } from '../../core/config/types.ts'
import type { Log } from '../../core/plugin.ts'

const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))

/** A section that uses a plugin of this folder. */
export function section(name: string, plugin: string, config: object = {}): Section {
  return { name, plugin, url: new URL(`./${plugin}${extension}`, import.meta.url).href, config: config as Section['config'] }
}

/** The counting input, named `count`. */
export function numbers(options: { count: number; batch?: number; streams?: number; leased?: boolean }): Section {
  return section('count', 'numbers', { batch: 100, streams: 1, leased: true, ...options })
}

export function output(
  name: string,
  config: object = {},
  { queue, ...options }: Partial<Omit<OutputSection, 'queue'>> & { queue?: Partial<QueueOptions> } = {},
): OutputSection {
  const max_bytes = queue?.max_bytes ?? 1024 * 1024
  return {
    ...section(name, 'lines', { keyed: false, format: 'lines/1', ...config }),
    queue: { kind: 'memory', max_bytes, memory_bytes: max_bytes, on_full: 'wait', fsync: 'interval', fsync_ms: 20, ...queue },
    batch: { max_events: 500, max_bytes: 64 * 1024 },
    linger_ms: 5,
    retry: { initial_ms: 1, max_ms: 5 },
    ...options,
  }
}

export function config(parts: {
  data_dir: string
  inputs: Section[]
  filters?: Section[]
  outputs: OutputSection[]
  routes: (Omit<Route, 'priority'> & Partial<Pick<Route, 'priority'>>)[]
  shipper?: Partial<ShipperOptions>
}): ShipperConfig {
  const { data_dir, inputs, filters = [], outputs, routes, shipper } = parts
  return {
    shipper: {
      name: 'test',
      data_dir,
      threads: 0,
      hang_ms: 10_000,
      max_record_bytes: 2 ** 20,
      shutdown_ms: 1000,
      worker_max_bytes: 64 * 2 ** 20,
      mark_clock: 'never',
      ...shipper,
    },
    inputs,
    filters,
    outputs,
    routes: routes.map((route) => ({ priority: 'normal', ...route })),
    tests: [],
  }
}

/** Keeps what is logged. */
export function memoryLog(): Log & { readonly lines: string[] } {
  const lines: string[] = []
  const add = (level: string) => (message: string) => void lines.push(`${level} ${message}`)
  return { lines, error: add('error'), warn: add('warn'), info: add('info'), debug: add('debug') }
}
