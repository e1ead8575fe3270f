/** Publishes the table of a file, and again when it has changed. A broken file leaves the last good table in place, and is said once. */
import { readFile, stat } from 'node:fs/promises'
import type { FeedContext } from '../../../core/plugin.ts'
import { packTable, readTable, type TableOptions } from './table.ts'

const MAX_BYTES = 64 * 1024 * 1024

export interface FileOptions extends TableOptions {
  readonly file: string
  readonly look_s: number
}

/** @throws Error when there is no good table to begin with */
export async function publishTable({ file, look_s, ...options }: FileOptions, context: FeedContext): Promise<void> {
  const { name, signal, clock, log, replace } = context
  const version = async (): Promise<string> => {
    const { mtimeMs, size, ino } = await stat(file)
    return `${mtimeMs} ${size} ${ino}`
  }
  const publish = async (): Promise<number> => {
    if ((await stat(file)).size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES / 1024 / 1024} MiB`)
    const table = readTable(file, await readFile(file, 'utf8'), options)
    replace(packTable(table))
    return table.size
  }
  let known = await version().catch(() => '')
  try {
    await publish()
  } catch (error) {
    throw new Error(`${file} cannot be used: ${(error as Error).message}`)
  }
  void (async () => {
    for (;;) {
      await clock.sleep(look_s * 1000, signal)
      if (signal.aborted) return
      let now = 'gone'
      try {
        now = await version()
        if (now === known) continue
        log.info(`filter ${name}: ${file} has changed: ${await publish()} rows`)
      } catch (error) {
        if (now !== known) log.warn(`filter ${name}: ${file} cannot be used: ${(error as Error).message}; the table before it stays`)
      }
      known = now
    }
  })()
}
