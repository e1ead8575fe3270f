/**
 * A small state file that is replaced as a whole: written beside, synced, renamed, its forerunner kept. Reading takes the newest one that is whole, so
 * that neither a power cut nor a torn file ever loses more than the last change, or prevents a start.
 */
import { dirname } from 'node:path'
import { type Files, systemFiles } from '../files/files.ts'
import { checksum } from './records.ts'

/** @returns the state, and what was wrong with files that could not be used */
export async function readSnapshot(path: string, files: Files = systemFiles): Promise<{ state: unknown; damaged: string[] }> {
  const damaged: string[] = []
  for (const file of [path, `${path}.old`]) {
    try {
      const bytes = await files.read(file)
      if (!bytes) continue
      const text = Buffer.from(bytes).toString('utf8')
      const json = text.slice(9).trimEnd()
      if (text[8] === ' ' && text.slice(0, 8) === checksum(json)) return { state: JSON.parse(json), damaged }
      damaged.push(`${file} is damaged`)
    } catch (error) {
      damaged.push(`${file}: ${(error as Error).message}`)
    }
  }
  return { state: undefined, damaged }
}

/** @param durable false where losing the change costs nothing but repeats: then nothing is synced */
export async function writeSnapshot(path: string, state: unknown, { files = systemFiles, durable = true } = {}): Promise<void> {
  const json = JSON.stringify(state)
  const file = await files.create(`${path}.new`)
  try {
    await file.append([Buffer.from(`${checksum(json)} ${json}\n`)])
    if (durable) await file.sync()
  } finally {
    await file.close()
  }
  // A missing forerunner is not worth a failure: the new file is whole.
  await files.rename(path, `${path}.old`).catch(() => undefined)
  await files.rename(`${path}.new`, path)
  if (durable) await files.syncFolder(dirname(path))
}
