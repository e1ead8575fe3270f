/** Keeps two processes out of one `data_dir`. A lock whose process is gone (by pid, its start time and the boot) is taken over. */
import { link, mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bootId } from './boot.ts'

interface Holder {
  readonly pid: number
  /** When the process began, in clock ticks since boot; pids are used again. */
  readonly start: string
  readonly boot: string
}

export class LockedError extends Error {
  override readonly name = 'LockedError'
}

/**
 * @returns a function that gives the lock back
 * @throws LockedError when a living process holds it
 */
export async function lock(data_dir: string): Promise<() => Promise<void>> {
  await mkdir(data_dir, { recursive: true })
  const path = join(data_dir, 'lock')
  const mine = JSON.stringify(await holder(process.pid))
  const draft = `${path}.${process.pid}`
  await writeFile(draft, mine, { mode: 0o600 })
  try {
    for (;;) {
      try {
        // A link appears with its content or not at all.
        await link(draft, path)
        break
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      await removeStale(path, data_dir)
    }
  } finally {
    await unlink(draft)
  }
  return async () => {
    if ((await readFile(path, 'utf8').catch(() => '')) === mine) await unlink(path)
  }
}

async function removeStale(path: string, data_dir: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return
  const other = parseHolder(text)
  if (other && (await alive(other))) throw new LockedError(`${data_dir} is in use by process ${other.pid}; give each Wherry a data_dir of its own`)
  const stale = `${path}.stale.${process.pid}`
  await rename(path, stale).catch(() => undefined)
  const moved = await readFile(stale, 'utf8').catch(() => undefined)
  // Somebody else was faster and this is already the new lock: it goes back.
  if (moved !== undefined && moved !== text) await link(stale, path).catch(() => undefined)
  await unlink(stale).catch(() => undefined)
}

function parseHolder(text: string): Holder | undefined {
  try {
    const value = JSON.parse(text) as Partial<Holder>
    return typeof value.pid === 'number' && typeof value.start === 'string' && typeof value.boot === 'string' ? (value as Holder) : undefined
  } catch {
    return undefined
  }
}

async function alive(other: Holder): Promise<boolean> {
  const now = await holder(other.pid)
  if (now.boot !== other.boot) return false
  try {
    process.kill(other.pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return now.start === '' || other.start === '' || now.start === other.start
}

async function holder(pid: number): Promise<Holder> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The name, in parentheses, may hold anything; the start time is the 20th field behind it.
  const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  return { pid, start, boot: await bootId() }
}
