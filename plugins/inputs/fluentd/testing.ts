/** For the tests: the input with a core that settles what it is told to settle. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { Config, InputContext, Log } from '../../../core/plugin.ts'
import { checkedConfig } from '../../../test/kit/config.ts'
import { Problems } from '../../../test/kit/property.ts'
import { Decoding, type Kept, KitContext } from '../../../test/kit/reading.ts'
import plugin from './index.ts'

export type FluentdInputConfig = Config<typeof plugin.config>

/** A port that was free just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export interface Rig {
  readonly port: number
  /** What each record became: JSON of the event, or `rejected: …`. */
  readonly records: string[]
  readonly words: string[]
  /** Bytes of records that are no part of a batch. */
  readonly skipped: number[]
  /** Settles all batches that have come, and those to come. */
  settle(): void
  /** Waits for so many records. */
  count(records: number): Promise<void>
  stop(): Promise<void>
}

/** Runs the input until `stop`. */
export async function rig(given: Partial<FluentdInputConfig>, { settles = true, max_record_bytes = 1024 * 1024 } = {}): Promise<Rig> {
  const port = await freePort()
  const config = checkedConfig(plugin, { listen: [`127.0.0.1:${port}`], ...given }) as FluentdInputConfig
  const controller = new AbortController()
  const [records, words, skipped]: [string[], string[], number[]] = [[], [], []]
  const say = (text: string) => void words.push(text)
  const log: Log = { error: say, warn: say, info: say, debug: () => undefined }
  const kit = new KitContext({ once: false, signal: controller.signal })
  const context: InputContext = {
    name: 'relay',
    position: (stream) => kit.position(stream),
    streams: () => kit.streams(),
    lease: (bytes) => kit.lease(bytes),
    signal: controller.signal,
    once: false,
    max_record_bytes,
    skipped: (_stream, _offset, length) => void skipped.push(length),
    log,
    clock: kit.clock,
  }
  const input = await plugin.create(config, context)
  const decoding = new Decoding(plugin, config)
  const problems = new Problems()
  let last: { stream: string; next: Kept['next'] } | undefined
  const settle = () => last && input.settled?.(last.stream, last.next)
  const reading = (async () => {
    for await (const batch of input.read()) {
      records.push(...decoding.decode({ ...batch, context: batch.context ?? new Uint8Array(0) }, problems))
      last = batch
      if (settles) settle()
    }
  })()
  return {
    port,
    records,
    words,
    skipped,
    settle: () => {
      settles = true
      settle()
    },
    async count(wanted) {
      while (records.length < wanted) await new Promise((resolve) => setImmediate(resolve))
    },
    async stop() {
      controller.abort(new Error('stopped'))
      await reading
      for (const problem of problems.list) throw new Error(problem)
    },
  }
}
