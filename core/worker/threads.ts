/** How many threads there are, and one that begins before the config is known. */
import { availableParallelism, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Piscina } from 'piscina'
import { moduleUrl } from '../config/root.ts'
import { setV8Flags } from './v8-flags.ts'

/** Below this an extra thread costs more than it gives. */
const SMALL_MACHINE_BYTES = 512 * 1024 * 1024

/** @param threads as the config says */
export function threadCount(threads: 'auto' | number): number {
  if (threads !== 'auto') return threads
  return availableParallelism() === 1 || totalmem() < SMALL_MACHINE_BYTES ? 0 : 1
}

/**
 * A pool of one thread that has loaded its modules and waits for what to build. Ending a thread while it loads modules aborts the whole process (Node 20), so
 * nobody is given one before.
 */
export async function startThread(max_bytes: number): Promise<Piscina> {
  const { Piscina } = await import('piscina')
  const pool = new Piscina({
    filename: fileURLToPath(moduleUrl('core/worker/worker')),
    minThreads: 1,
    maxThreads: 1,
    // Its histograms take 700 kB.
    recordTiming: false,
    resourceLimits: { maxOldGenerationSizeMb: Math.ceil(max_bytes / 2 ** 20), maxYoungGenerationSizeMb: 2 },
  })
  await pool.run(null)
  setV8Flags()
  return pool
}

/** A thread that begins before the config is known, and loads plugins as they are named. */
export class EarlyThread {
  #ready: Promise<Piscina>

  constructor(max_bytes: number) {
    this.#ready = startThread(max_bytes)
  }

  /** What cannot be loaded is said by who builds with it. */
  load(url: string): void {
    this.#ready = this.#ready.then(async (pool) => {
      await pool.run({ load: url })
      return pool
    })
  }

  /** When all modules are loaded that were asked for until now. */
  get ready(): Promise<Piscina> {
    return this.#ready
  }
}
