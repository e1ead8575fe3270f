/** Tries every input and output of a config, one after the other, without moving anything. */
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '../core/clock.ts'
import { masker } from '../core/config/secrets.ts'
import { type Input, type InputContext, type InputPlugin, LEASE_BYTES, type OutputPlugin } from '../core/plugin.ts'
import { pluginKey } from '../core/route/pipeline.ts'
import type { Opened } from './open-config.ts'

export interface Tried {
  /** `input air` */
  readonly what: string
  /** Why it cannot be reached. */
  readonly problem?: string
}

/** A quiet input is reached when nothing has gone wrong for so long. */
const QUIET_MS = 2000
/** An output that has not opened by then is not reached. */
const OPEN_MS = 10_000

export async function* connect({ config, fields, plugins, log, secrets }: Opened): AsyncIterable<Tried> {
  const mask = masker(secrets)
  const attempt = async (what: string, work: () => Promise<void>): Promise<Tried> => {
    try {
      await work()
      return { what }
    } catch (error) {
      return { what, problem: mask(error instanceof Error ? error.message : String(error)) }
    }
  }
  for (const { name, config: options } of config.inputs) {
    const plugin = plugins.get(pluginKey('input', name)) as InputPlugin
    const context = (signal: AbortSignal): InputContext => ({
      name,
      position: () => undefined,
      streams: () => [],
      lease: (bytes) => new Uint8Array(Math.min(bytes, LEASE_BYTES)),
      signal,
      once: false,
      max_record_bytes: config.shipper.max_record_bytes,
      skipped: () => undefined,
      log,
      clock: systemClock,
    })
    yield await attempt(`input ${name}`, () => tryInput(async (signal) => plugin.create(options as never, context(signal))))
  }
  for (const { name, config: options } of config.outputs) {
    const plugin = plugins.get(pluginKey('output', name)) as OutputPlugin
    const data_dir = join(config.shipper.data_dir, 'outputs', name)
    yield await attempt(`output ${name}`, async () => {
      const output = await plugin.create(options as never, { name, data_dir, fields, log, clock: systemClock })
      try {
        await within(OPEN_MS, async (signal) => output.open?.(signal))
      } finally {
        await output.close?.()
      }
    })
  }
}

/** Asks for the first batch, which is then forgotten. */
async function tryInput(create: (signal: AbortSignal) => Promise<Input>): Promise<void> {
  const stop = new AbortController()
  const input = await create(stop.signal)
  const batches = input.read()[Symbol.asyncIterator]()
  const first = batches.next().then(() => undefined)
  try {
    await Promise.race([first, delay(QUIET_MS, undefined, { signal: stop.signal })])
  } finally {
    stop.abort()
    await first.catch(() => undefined)
    await batches.return?.()
  }
}

async function within(ms: number, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController()
  const late = delay(ms, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`no answer within ${ms / 1000} s`)
  })
  late.catch(() => undefined)
  try {
    await Promise.race([work(stop.signal), late])
  } finally {
    stop.abort()
  }
}
