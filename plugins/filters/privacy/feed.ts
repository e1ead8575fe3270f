/** The master key: of a file, or made at every start and kept in memory only. */
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import type { FeedContext } from '../../../core/plugin.ts'

const KEY_BYTES = 32

/** @throws Error when the file cannot be read or is too short to be a key */
export async function publishKey(key_file: string | undefined, { replace }: FeedContext): Promise<void> {
  replace(key_file === undefined ? randomBytes(KEY_BYTES) : await keyOf(key_file))
}

async function keyOf(path: string): Promise<Uint8Array> {
  try {
    // A new key where there is none yet; nobody else may read it.
    await writeFile(path, randomBytes(KEY_BYTES), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const key = await readFile(path)
  if (key.length < KEY_BYTES) throw new Error(`key_file ${path} has ${key.length} bytes; a key has ${KEY_BYTES} or more`)
  return key
}
