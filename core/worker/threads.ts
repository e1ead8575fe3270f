/** How many threads there are, and one that begins before the config is known. */
import { availableParallelism, totalmem } from 'node:os'
import type { Piscina } from 'piscina'

/** Below this an extra thread costs more than it gives. */
const SMALL_MACHINE_BYTES = 512 * 1024 * 1024
/** Limit of a thread's heap where the config has no other. */
export const WORKER_MAX_BYTES = 256 * 1024 * 1024
/** Requests handed to a thread at once: the second one is there when the first one ends. */
export const DEPTH = 2

/** @param threads as the config says */
export function threadCount(threads: 'auto' | number): number {
  if (threads !== 'auto') return threads
  return availableParallelism() === 1 || totalmem() < SMALL_MACHINE_BYTES ? 0 : 1
}

/** A pool of one thread, which loads its modules and waits for what to build. */
export async function startThread(max_bytes: number): Promise<Piscina> {
  const { Piscina } = await import('piscina')
  const file = new URL(`./worker${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url)
  return new Piscina({
    filename: file.href,
    minThreads: 1,
    maxThreads: 1,
    concurrentTasksPerWorker: DEPTH,
    resourceLimits: { maxOldGenerationSizeMb: Math.ceil(max_bytes / 2 ** 20), maxYoungGenerationSizeMb: 4 },
  })
}
