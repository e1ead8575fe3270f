/** For the tests: runs the input as the core would against servers of test/peers, with time that only moves when it is told to. */
import { Event } from '../../../core/event/event.ts'
import { streamKey } from '../../../core/event/id.ts'
import { BATCH_RECORDS, type Batch, type InputContext, type Position } from '../../../core/plugin.ts'
import { pureContext } from '../../../core/route/context.ts'
import { pipelineFields } from '../../../core/route/fields.ts'
import { ManualClock } from '../../../test/kit/clock.ts'
import type { KismetConfig } from './config.ts'
import kismet from './index.ts'

export type Got = Readonly<Record<string, unknown>>

export interface RunOptions {
  readonly once?: boolean
  readonly positions?: ReadonlyMap<string, Position>
  readonly max_record_bytes?: number
  /** Batches after which nothing is asked for any more. */
  readonly batches?: number
}

const WAIT_MS = 20_000
/** What the clock shows at first; servers of the tests show the same. */
export const NOW = 1_800_000_000

export class Run {
  readonly clock = new ManualClock(NOW * 1000)
  readonly got: Got[] = []
  readonly rejected: string[] = []
  readonly skipped: string[] = []
  readonly logs: string[] = []
  readonly positions: Map<string, Position>
  batches = 0
  done = false
  failure: unknown
  readonly #abort = new AbortController()
  readonly #options: RunOptions
  readonly #config: KismetConfig
  #finished: Promise<void> | undefined

  constructor(config: Partial<KismetConfig>, options: RunOptions = {}) {
    this.#config = {
      address: '127.0.0.1:2501',
      generation: 'auto',
      https: false,
      uri_prefix: '',
      records: true,
      frames: 'none',
      silent_s: 60,
      ...config,
    } as KismetConfig
    this.#options = options
    this.positions = new Map(options.positions)
  }

  start(): this {
    this.#finished = this.#read()
      .catch((error) => {
        this.failure = error
      })
      .finally(() => {
        this.done = true
      })
    return this
  }

  async stop(): Promise<this> {
    this.#abort.abort()
    await this.#finished
    if (this.failure) throw this.failure
    return this
  }

  /** Waits until something is so; `ms` of time pass with every look. */
  async until(so: () => boolean, ms = 0): Promise<void> {
    const deadline = performance.now() + WAIT_MS
    while (!so()) {
      if (this.failure) throw this.failure
      if (performance.now() > deadline) throw new Error(`never happened: ${so}; ${this.got.length} events, logs: ${this.logs.join('; ')}`)
      await new Promise<void>((resolve) => setImmediate(resolve))
      if (ms > 0) this.clock.advance(ms)
    }
  }

  /** Events of a kind, in order. */
  of(dataset: string): Got[] {
    return this.got.filter((one) => one['event.dataset'] === dataset)
  }

  async #read(): Promise<void> {
    const { once = false, max_record_bytes = 1024 * 1024, batches = Number.POSITIVE_INFINITY } = this.#options
    const log = (level: string) => (message: string) => void this.logs.push(`${level} ${message}`)
    const context: InputContext = {
      name: 'kismet',
      position: (stream) => this.positions.get(stream),
      streams: () => this.positions,
      lease: (bytes) => new Uint8Array(bytes),
      signal: this.#abort.signal,
      once,
      max_record_bytes,
      skipped: (stream, _offset, length, reason) => void this.skipped.push(`${stream} ${length} ${reason}`),
      log: { error: log('error'), warn: log('warn'), info: log('info'), debug: log('debug') },
      clock: this.clock,
    }
    const event = new Event(pipelineFields([{ name: 'kismet', plugin: kismet, config: this.#config }]))
    const decoder = kismet.decoder(this.#config, pureContext('kismet', event, { name: 'pi', id: 'sensor' }))
    const input = await kismet.create(this.#config, context)
    for await (const batch of input.read()) {
      this.#take(batch, event, decoder)
      if (++this.batches >= batches && !this.#abort.signal.aborted)
        await new Promise<void>((resolve) => this.#abort.signal.addEventListener('abort', () => resolve(), { once: true }))
    }
  }

  #take(batch: Batch, event: Event, decoder: ReturnType<typeof kismet.decoder>): void {
    const { stream, identity = stream, data, offset, records, context = new Uint8Array(0) } = batch
    if (records < 1 || records > BATCH_RECORDS) throw new Error(`a batch of ${records} records`)
    let opened = 0
    decoder.decode(
      { stream, data, offset, context, key: streamKey('sensor', identity) },
      {
        open: () => {
          opened++
          event.open(data)
          return event
        },
        emit: () => void this.got.push(Object.fromEntries(event.hold().values.map(([field, value]) => [field.path, value]))),
        reject: (reason) => void this.rejected.push(reason),
      },
    )
    if (opened !== records) throw new Error(`a batch of ${records} records has ${opened}`)
    this.positions.set(stream, JSON.parse(JSON.stringify(batch.next)) as Position)
  }
}
