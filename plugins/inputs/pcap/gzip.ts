/**
 * Inflates a gzip file as it comes: several members, bounded memory, and a file that is still being written simply has no more
 * for now.
 */
import type { FileHandle } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import type { Feed } from './source.ts'

const PIECE_BYTES = 64 * 1024

export interface GzipFeed extends Feed {
  /** Says that nothing will be added; what was not read is lost. Returns what is wrong with the end of the file, if anything. */
  finish(): Promise<string | undefined>
  /** What is wrong with the bytes so far. */
  readonly failure: string | undefined
}

export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b
}

/** @param limit compressed bytes beyond this are not read */
export function gzipFeed(handle: FileHandle, limit: number): GzipFeed {
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES })
  let taken = 0
  let writing = false
  let over = false
  let failure: string | undefined
  let wake = (): void => {}
  const woken = (): void => wake()
  gunzip.on('readable', woken)
  gunzip.on('end', () => {
    over = true
    wake()
  })
  gunzip.on('error', (error) => {
    failure = error.message
    over = true
    wake()
  })
  gunzip.on('close', () => {
    over = true
    wake()
  })

  const piece = (): Uint8Array | null => gunzip.read() as Uint8Array | null
  const more = async (): Promise<boolean> => {
    const length = Math.min(PIECE_BYTES, limit - taken)
    if (length <= 0) return false
    const compressed = new Uint8Array(length)
    const { bytesRead } = await handle.read(compressed, 0, length, taken)
    if (bytesRead === 0) return false
    taken += bytesRead
    writing = true
    gunzip.write(compressed.subarray(0, bytesRead), () => {
      writing = false
      wake()
    })
    return true
  }
  const change = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve
    })

  const next = async (): Promise<Uint8Array | undefined> => {
    for (;;) {
      // The promise is made before looking, so that no change is missed.
      const changed = change()
      const inflated = piece()
      if (inflated) return inflated
      if (over) return undefined
      if (writing) await changed
      else if (!(await more())) return undefined
    }
  }

  return {
    get taken() {
      return taken
    },
    get failure() {
      return failure
    },
    next,
    finish: async () => {
      while (await next());
      if (!over) gunzip.end()
      for (;;) {
        const changed = change()
        while (piece());
        if (over) break
        await changed
      }
      return failure
    },
    close: async () => {
      gunzip.destroy()
    },
  }
}
