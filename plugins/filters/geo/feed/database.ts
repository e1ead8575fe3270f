/** Publishes a database of IP addresses, and again when its file has changed. A broken one is said, and the last good one stays. */
import { readFile, stat } from 'node:fs/promises'
import type { FeedContext } from '../../../../core/plugin.ts'
import { openDatabase } from '../geoip.ts'

const LOOK_MS = 10_000
/** Addresses that a sound database can be asked for, whatever it says of them. */
const PROBES = ['1.1.1.1', '8.8.8.8', '192.0.2.1', '203.0.113.9', '2001:db8::1']

export async function publishDatabase(file: string, { name, signal, log, clock, replace }: FeedContext): Promise<void> {
  let known = ''
  const look = async (): Promise<void> => {
    try {
      const { mtimeMs, size } = await stat(file)
      if (known === `${mtimeMs} ${size}`) return
      known = `${mtimeMs} ${size}`
      const bytes = await readFile(file)
      const database = openDatabase(bytes)
      for (const address of PROBES) database.get(address)
      replace(bytes)
    } catch (error) {
      const words = `filter ${name}: ${file} cannot be used: ${(error as Error).message}; what was read before stays`
      if (said !== words) log.warn(words)
      said = words
    }
  }
  let said = ''
  await look()
  void (async () => {
    while (!signal.aborted) {
      await clock.sleep(LOOK_MS, signal)
      if (!signal.aborted) await look()
    }
  })()
}
