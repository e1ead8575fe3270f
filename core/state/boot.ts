import { readFile } from 'node:fs/promises'

/** Another one after every boot; empty where the system tells none. */
export async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim()
}
