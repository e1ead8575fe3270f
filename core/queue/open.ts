/** Where queues lie: `data_dir/queue/OUTPUT/PRIORITY`. Opens those of an output, also those that its routes do not use any more. */
import { join } from 'node:path'
import { type OutputSection, PRIORITIES, type Priority, type Route } from '../config/types.ts'
import type { Files } from '../files/files.ts'
import type { Log } from '../plugin.ts'
import { segmentNumber } from './segment.ts'
import { SegmentStore } from './store.ts'

export interface QueuesOptions {
  readonly files: Files
  readonly data_dir: string
  readonly section: OutputSection
  readonly format: string
  readonly accepts: (format: string) => boolean
  readonly routes: readonly Route[]
  readonly log: Log
}

/** Segments are deleted as a whole: small enough that little space waits for that, large enough that there are few. */
const MOST_SEGMENT_BYTES = 16 * 1024 * 1024
const LEAST_SEGMENT_BYTES = 64 * 1024

export function queuesFolder(data_dir: string): string {
  return join(data_dir, 'queue')
}

/** @returns stores by priority, highest first */
export async function openStores({ files, data_dir, section, format, accepts, routes, log }: QueuesOptions): Promise<Map<Priority, SegmentStore>> {
  const { name, plugin, queue } = section
  const mine = routes.flatMap(({ to }, route) => (to.includes(name) ? [route] : []))
  const wanted = new Set(mine.map((route) => routes[route].priority))
  const home = join(queuesFolder(data_dir), name)
  const stores = new Map<Priority, SegmentStore>()
  for (const priority of PRIORITIES) {
    const folder = join(home, priority)
    if (!wanted.has(priority) && !(await files.list(folder).catch(() => [])).some((file) => segmentNumber(file) !== undefined)) continue
    const store = await SegmentStore.open({
      files,
      folder,
      owner: { output: name, plugin, format },
      accepts,
      segment_bytes: Math.max(LEAST_SEGMENT_BYTES, Math.min(MOST_SEGMENT_BYTES, Math.floor(queue.max_bytes / 8))),
      routeOf: (stored) => (mine.includes(stored) ? stored : (mine[0] ?? 0)),
      log,
    })
    stores.set(priority, store)
  }
  return stores
}

/** Outputs that have a folder here and are not in the config: what they left is stranded. */
export async function orphans(files: Files, data_dir: string, outputs: readonly string[]): Promise<{ output: string; segments: number }[]> {
  const home = queuesFolder(data_dir)
  const found: { output: string; segments: number }[] = []
  for (const output of await files.list(home).catch(() => [])) {
    if (outputs.includes(output)) continue
    let segments = 0
    for (const priority of PRIORITIES) {
      const names = await files.list(join(home, output, priority)).catch(() => [])
      segments += names.filter((name) => segmentNumber(name) !== undefined).length
    }
    if (segments > 0) found.push({ output, segments })
  }
  return found
}
