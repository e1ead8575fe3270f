/** A checked configuration: what is left when every problem is gone. Plain data, so that it can go to workers. */

export interface ShipperConfig {
  readonly shipper: ShipperOptions
  readonly inputs: readonly InputSection[]
  readonly filters: readonly Section[]
  readonly outputs: readonly OutputSection[]
  readonly routes: readonly Route[]
  readonly tests: readonly ConfigTest[]
}

export interface ShipperOptions {
  readonly name: string
  /** Absolute. */
  readonly data_dir: string
  readonly threads: 'auto' | number
  readonly hang_ms: number
  readonly max_record_bytes: number
  readonly shutdown_ms: number
  readonly mark_clock: 'unsynced' | 'always' | 'never'
  /** Most bytes that queues write to disk in a day. */
  readonly max_daily_write_bytes?: number
  /** Memory limit of a worker's heap. */
  readonly worker_max_bytes: number
}

/** One named entry of `inputs:`, `filters:` or `outputs:`. */
export interface Section {
  readonly name: string
  /** As written: a built-in's name, `./path` or a package. */
  readonly plugin: string
  /** URL of the plugin's module. */
  readonly url: string
  /** The plugin's own options, defaults filled in, secrets resolved. */
  readonly config: { readonly [option: string]: unknown }
}

export interface InputSection extends Section {
  /** How long after the boot reading waits for the clock; see core/time/rebase.ts. Default 0. */
  readonly clock_wait_ms?: number
}

export interface OutputSection extends Section {
  readonly queue: QueueOptions
  readonly batch: { readonly max_events: number; readonly max_bytes: number }
  readonly linger_ms: number
  readonly retry: { readonly initial_ms: number; readonly max_ms: number }
}

export interface QueueOptions {
  readonly kind: 'memory' | 'disk' | 'spill'
  readonly max_bytes: number
  /** Of `max_bytes`, what may be in memory only. */
  readonly memory_bytes: number
  readonly max_age_ms?: number
  readonly on_full: 'wait' | 'drop_oldest' | 'drop_newest'
  readonly fsync: 'always' | 'interval' | 'never'
  readonly fsync_ms: number
}

/** Highest first. */
export const PRIORITIES = ['high', 'normal', 'low'] as const
export type Priority = (typeof PRIORITIES)[number]

export interface Route {
  readonly from: readonly string[]
  readonly through: readonly string[]
  readonly when?: string
  readonly to: readonly string[]
  readonly priority: Priority
}

export interface ConfigTest {
  readonly name: string
  readonly input: string
  /** Absolute path of a capture. */
  readonly capture: string
  /** For each output how many events must reach it. */
  readonly expect: { readonly [output: string]: number }
}
