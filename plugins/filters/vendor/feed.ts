/** Publishes the table of vendors: the one given, else the one that `wherry oui update` wrote, else the one that comes with Wherry. Looks again every minute. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import type { FeedContext } from '../../../core/plugin.ts'
import { VendorTable } from './table.ts'

/** Where `wherry oui update` writes, below `data_dir`. */
export const OWN_TABLE = 'oui.bin'

const LOOK_MS = 60_000
/** The table that comes with Wherry, wherever this module lies in it. */
const BUILT_IN = fileURLToPath(new URL('plugins/filters/vendor/vendors.bin.gz', import.meta.resolve('wherry/package.json')))

export async function publishVendors(file: string | undefined, context: FeedContext): Promise<void> {
  const { signal, clock } = context
  const paths = [file ?? join(context.data_dir, OWN_TABLE), BUILT_IN]
  let known = ''
  const look = async (paths: readonly string[]): Promise<void> => {
    for (const path of paths) {
      const about = await stat(path).catch(() => undefined)
      if (!about) continue
      const version = `${path} ${about.mtimeMs} ${about.size}`
      if (version === known) return
      known = version
      if (await publish(path, context)) return
    }
  }
  if (file !== undefined && !(await stat(file).catch(() => undefined)))
    context.log.warn(`filter ${context.name}: ${file} does not exist; the table that comes with Wherry is used`)
  await look(paths)
  void (async () => {
    while (!signal.aborted) {
      await clock.sleep(LOOK_MS, signal)
      // What was there stays until there is a better one.
      if (!signal.aborted) await look(paths.slice(0, 1))
    }
  })()
}

async function publish(path: string, { name, log, replace }: FeedContext): Promise<boolean> {
  try {
    const bytes = await readFile(path)
    const table = path.endsWith('.gz') ? gunzipSync(bytes) : Uint8Array.from(bytes)
    // A broken one is found here, and not by a thread.
    new VendorTable(Uint8Array.from(table))
    replace(table)
    return true
  } catch (error) {
    log.warn(`filter ${name}: ${path} cannot be used: ${(error as Error).message}; the table before it stays`)
    return false
  }
}
