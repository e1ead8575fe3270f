/** Publishes what a file says, and again when it has changed. A broken file leaves what was published before in place, and is said once. */
import { readFile, stat } from 'node:fs/promises'
import type { FeedContext } from '../plugin.ts'

const MAX_BYTES = 64 * 1024 * 1024

export interface FollowedFile {
  readonly file: string
  /** How often to look whether it has changed. */
  readonly look_s: number
  /**
   * Reads the whole file.
   * @returns what is published, and words for what that is
   * @throws Error with what is wrong
   */
  read(content: Buffer): { readonly bytes: Uint8Array; readonly words: string }
}

/** @throws Error when there is nothing good to begin with */
export async function publishFile({ file, look_s, read }: FollowedFile, context: FeedContext): Promise<void> {
  const { name, signal, clock, log, replace } = context
  const version = async (): Promise<string> => {
    const { mtimeMs, size, ino } = await stat(file)
    return `${mtimeMs} ${size} ${ino}`
  }
  const publish = async (): Promise<string> => {
    if ((await stat(file)).size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES / 1024 / 1024} MiB`)
    const { bytes, words } = read(await readFile(file))
    replace(bytes)
    return words
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
        log.info(`filter ${name}: ${file} has changed: ${await publish()}`)
      } catch (error) {
        if (now !== known) log.warn(`filter ${name}: ${file} cannot be used: ${(error as Error).message}; what was read before stays`)
      }
      known = now
    }
  })()
}
