/** Where the bytes of a capture come from. */
import type { FileHandle } from 'node:fs/promises'

export interface ByteSource {
  /**
   * Copies bytes from `offset` of the capture on into `into`. Fewer than fit: no more are there now. What lies before
   * `offset` may be forgotten; only a plain file can go back.
   */
  readAt(into: Uint8Array, offset: number): Promise<number>
  /** Whether the capture has at least `offset` bytes by now. What lies before may be forgotten. */
  reaches(offset: number): Promise<boolean>
  /** Bytes of the file that have been taken, compressed where it is. */
  taken(offset: number): number
  close(): Promise<void>
}

/** @param limit bytes beyond this are not read */
export function plainSource(handle: FileHandle, limit: number): ByteSource {
  return {
    readAt: async (into, offset) => {
      const length = Math.min(into.length, limit - offset)
      return length > 0 ? (await handle.read(into, 0, length, offset)).bytesRead : 0
    },
    reaches: async (offset) => offset <= Math.min((await handle.stat()).size, limit),
    taken: (offset) => offset,
    close: async () => {},
  }
}

/** Pieces of a stream, in order. */
export interface Feed {
  /** The next piece, or undefined when there is none now. */
  next(): Promise<Uint8Array | undefined>
  /** Bytes of the file behind it that have been taken. */
  readonly taken: number
  close(): Promise<void>
}

/** A source over a feed: holds the pieces that have been asked for and not yet passed. */
export function feedSource(feed: Feed): ByteSource {
  const pieces: Uint8Array[] = []
  /** Offset of pieces[0], and behind the last one. */
  let start = 0
  let end = 0

  const drop = (offset: number): void => {
    while (pieces.length > 0 && start + pieces[0].length <= offset) start += (pieces.shift() as Uint8Array).length
  }
  const fill = async (upTo: number, from: number): Promise<void> => {
    drop(from)
    while (end < upTo) {
      const piece = await feed.next()
      if (!piece) return
      pieces.push(piece)
      end += piece.length
      drop(from)
    }
  }
  return {
    readAt: async (into, offset) => {
      await fill(offset + into.length, offset)
      let at = start
      let filled = 0
      for (const piece of pieces) {
        const part = piece.subarray(Math.max(0, offset - at), offset + into.length - at)
        into.set(part, filled)
        filled += part.length
        at += piece.length
        if (filled === into.length) break
      }
      return filled
    },
    reaches: async (offset) => {
      await fill(offset, offset)
      return end >= offset
    },
    taken: (offset) => (end > offset ? feed.taken - 1 : feed.taken),
    close: () => feed.close(),
  }
}
