/** Which boot of the machine this is. */
import { readFile } from 'node:fs/promises'
import { uptime } from 'node:os'

export interface Boot {
  readonly id: string
  readonly uptime_ms: number
}

/** Another one after every boot; empty where the system tells none. */
export async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim()
}

/** Undefined where boots cannot be told apart. */
export async function systemBoot(): Promise<Boot | undefined> {
  const id = await bootId()
  return id === '' ? undefined : { id, uptime_ms: uptime() * 1000 }
}
