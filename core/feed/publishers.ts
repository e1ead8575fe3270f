/** The main-thread halves of filters: started before the inputs, so that what can be had is there for the first record; stopped last. */
import type { Clock } from '../clock.ts'
import type { ShipperConfig } from '../config/types.ts'
import type { FilterPlugin, Log, Plugin } from '../plugin.ts'
import { pluginKey } from '../route/pipeline.ts'
import { type FeedBytes, FeedWriter, feedMemory } from './memory.ts'

export interface PublisherOptions {
  readonly config: ShipperConfig
  readonly plugins: ReadonlyMap<string, Plugin>
  readonly log: Log
  readonly clock: Clock
}

export class Publishers {
  readonly #options: PublisherOptions
  readonly #stop = new AbortController()
  /** The ring of each filter section that has a feed; shared with all threads. */
  readonly memory: Readonly<Record<string, SharedArrayBuffer>>
  /** The bytes of each such section as they are now. Goes with every request to a thread. */
  bytes: Readonly<Record<string, FeedBytes>> = {}

  constructor(options: PublisherOptions) {
    this.#options = options
    const { config, plugins } = options
    const used = new Set(config.routes.flatMap(({ through }) => through))
    const memory: Record<string, SharedArrayBuffer> = {}
    for (const { name } of config.filters) {
      const { feed } = plugins.get(pluginKey('filter', name)) as FilterPlugin
      if (feed && used.has(name)) memory[name] = feedMemory(feed.width ?? 0)
    }
    this.memory = memory
  }

  /**
   * Resolves when inputs may begin.
   * @throws Error naming the section that cannot start
   */
  async start(): Promise<void> {
    await Promise.all(Object.keys(this.memory).map((name) => this.#start(name)))
  }

  stop(): void {
    this.#stop.abort()
  }

  async #start(name: string): Promise<void> {
    const { config, plugins, log, clock } = this.#options
    const feed = (plugins.get(pluginKey('filter', name)) as FilterPlugin).feed!
    const section = config.filters.find((filter) => filter.name === name)!
    const writer = new FeedWriter(this.memory[name], feed.width ?? 0)
    try {
      await feed.start(section.config as never, {
        name,
        data_dir: config.shipper.data_dir,
        signal: this.#stop.signal,
        log,
        clock,
        publish: (at_ms, values) => writer.publish(at_ms, values),
        replace: (bytes) => this.#replace(name, bytes),
      })
    } catch (error) {
      throw new Error(`filter ${name}: ${(error as Error).message}`, { cause: error })
    }
  }

  #replace(name: string, bytes: Uint8Array): void {
    const memory = new SharedArrayBuffer(bytes.length)
    new Uint8Array(memory).set(bytes)
    this.bytes = { ...this.bytes, [name]: { version: (this.bytes[name]?.version ?? 0) + 1, memory } }
  }
}
