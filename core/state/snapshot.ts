/**
 * A small state file that is replaced as a whole: written beside, synced, renamed, its forerunner kept. Reading takes the newest one that is whole, so
 * that neither a power cut nor a torn file ever loses more than the last change, or prevents a start.
 */
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { checksum } from './records.ts'

/** @returns the state, and what was wrong with files that could not be used */
export async function readSnapshot(path: string): Promise<{ state: unknown; damaged: string[] }> {
  const damaged: string[] = []
  for (const file of [path, `${path}.old`]) {
    try {
      const text = await readFile(file, 'utf8')
      const json = text.slice(9).trimEnd()
      if (text[8] === ' ' && text.slice(0, 8) === checksum(json)) return { state: JSON.parse(json), damaged }
      damaged.push(`${file} is damaged`)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') damaged.push(`${file}: ${(error as Error).message}`)
    }
  }
  return { state: undefined, damaged }
}

export async function writeSnapshot(path: string, state: unknown): Promise<void> {
  const json = JSON.stringify(state)
  const handle = await open(`${path}.new`, 'w', 0o600)
  try {
    await handle.writeFile(`${checksum(json)} ${json}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  // A missing forerunner is not worth a failure: the new file is whole.
  await rename(path, `${path}.old`).catch(() => undefined)
  await rename(`${path}.new`, path)
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
