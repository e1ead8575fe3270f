/** Ships counted events by the output `elasticsearch` to a scripted server, as `wherry run --once` would. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { systemClock } from '../../core/clock.ts'
import type { OutputSection } from '../../core/config/types.ts'
import { imbalances } from '../../core/delivery/books.ts'
import { DeadLetters, type Letter } from '../../core/delivery/dead-letters.ts'
import type { Clock } from '../../core/plugin.ts'
import { Shipper } from '../../core/shipper.ts'
import plugin from '../../plugins/outputs/elasticsearch/index.ts'
import { checkedConfig } from '../kit/config.ts'
import { BulkServer, type BulkServerOptions } from '../peers/bulk/server.ts'
import { config, memoryLog, numbers } from '../plugins/config.ts'

const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const url = new URL(`../../plugins/outputs/elasticsearch/index${extension}`, import.meta.url).href

/** Goes on at once, as far as it is asked to wait, and remembers the waits. */
export class HastyClock implements Clock {
  readonly waits: number[] = []
  #skipped = 0
  now = () => systemClock.now() + this.#skipped
  monotonic = () => systemClock.monotonic() + this.#skipped
  sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    this.waits.push(ms)
    this.#skipped += ms
    return systemClock.sleep(Math.min(ms, 1), signal)
  }
}

export interface Shipped {
  /** Numbers of the documents, by the order of their ids. */
  readonly documents: readonly number[]
  readonly delivered: number
  readonly duplicates: number
  readonly dead: readonly Letter[]
  /** Waits of the output that were asked for, ms. */
  readonly waits: readonly number[]
  readonly log: readonly string[]
}

/** A server that stops with the test. */
export async function serve(t: TestContext, options?: BulkServerOptions): Promise<BulkServer> {
  const server = await BulkServer.start(options)
  t.after(() => server.stop())
  return server
}

export interface ShipOptions {
  readonly count?: number
  /** Of the output. */
  readonly options?: object
  readonly batch?: OutputSection['batch']
  readonly signal?: AbortSignal
}

/** Ships the numbers 0 … count-1, all in one bulk unless `batch` says otherwise. */
export async function ship(t: TestContext, servers: readonly BulkServer[], { count = 10, options = {}, batch }: ShipOptions = {}): Promise<Shipped> {
  const data_dir = await mkdtemp(join(tmpdir(), 'wherry-bulk-'))
  t.after(() => rm(data_dir, { recursive: true, force: true }))
  const output: OutputSection = {
    name: 'search',
    plugin: 'elasticsearch',
    url,
    config: checkedConfig(plugin, { hosts: servers.map((server) => server.url), gzip_level: 0, ...options }) as OutputSection['config'],
    queue: { kind: 'memory', max_bytes: 64 * 1024 * 1024 },
    batch: batch ?? { max_events: 2048, max_bytes: 1024 * 1024 },
    linger_ms: 1000,
    retry: { initial_ms: 1, max_ms: 5 },
  }
  const [clock, log] = [new HastyClock(), memoryLog()]
  const shipper = config({
    data_dir,
    inputs: [numbers({ count, batch: 2048 })],
    outputs: [output],
    routes: [{ from: ['count'], through: [], to: ['search'] }],
  })
  const balance = await new Shipper({ config: shipper, log, once: true, clock }).run(new AbortController().signal)
  const wrong = imbalances(balance)
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
  const dead = (await Promise.all((await DeadLetters.list(data_dir)).map(({ path }) => DeadLetters.read(path)))).flatMap(({ letters }) => letters)
  const documents = servers.flatMap((server) => [...server.documents].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text))
  const [route] = balance.routes
  return {
    documents: documents.map((text) => (JSON.parse(text) as { number: { n: number } }).number.n),
    delivered: route.delivered,
    duplicates: route.duplicate,
    dead,
    waits: clock.waits,
    log: log.lines,
  }
}
