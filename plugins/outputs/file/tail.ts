/** Finds where the whole part of an existing file ends: after a crash its last line or gzip member may be torn. */
import type { FileHandle } from 'node:fs/promises'
import { HEADER_BYTES, isWhole, memberLength, SIGNATURE } from './member.ts'

const BLOCK = 64 * 1024
/** No line or member of ours is longer; what has no end within this is not ours. */
export const MAX_BACK = 64 * 1024 * 1024

/**
 * Length up to which an NDJSON file has whole lines. Undefined when what follows cannot be the beginning of a line of ours, so that nothing
 * of somebody else's is cut.
 */
export async function endOfLines(file: FileHandle, size: number): Promise<number | undefined> {
  const last = await findLast(file, size, Buffer.from('\n'))
  if (last === undefined) return undefined
  const end = last + 1
  if (end === size) return size
  // Zeros are what some file systems leave of data that never reached the disk.
  const [first] = await readAt(file, end, 1)
  return first === 0x7b || first === 0 ? end : undefined
}

/** Length up to which a gzip file has whole members of ours; undefined when it is not ours. */
export async function endOfMembers(file: FileHandle, size: number): Promise<number | undefined> {
  const at = await findLast(file, size, SIGNATURE)
  if (at === undefined) return undefined
  if (at < 0) return await torn(file, size)
  // A header whose length is torn: all before it was synced before it was begun.
  if (size - at < HEADER_BYTES) return at
  const length = memberLength(await readAt(file, at, HEADER_BYTES))
  if (length > size - at) return at
  return (await isWhole(await readAt(file, at, length))) ? at + length : at
}

/** A file without any header is ours only when it is the beginning of one. */
async function torn(file: FileHandle, size: number): Promise<number | undefined> {
  if (size >= SIGNATURE.length) return undefined
  const head = await readAt(file, 0, size)
  return head.equals(SIGNATURE.subarray(0, size)) ? 0 : undefined
}

/** Place of the last `needle` below `size`; -1 when the file has none, undefined when none is within reach. */
async function findLast(file: FileHandle, size: number, needle: Uint8Array): Promise<number | undefined> {
  for (let end = size; end > 0; ) {
    if (size - end >= MAX_BACK) return undefined
    const start = Math.max(0, end - BLOCK)
    // Reaches into the block behind it, for a needle that lies across.
    const block = await readAt(file, start, Math.min(size, end + needle.length - 1) - start)
    const found = block.lastIndexOf(needle)
    if (found >= 0) return start + found
    end = start
  }
  return -1
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const into = Buffer.alloc(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await file.read(into, done, length - done, at + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return into.subarray(0, done)
}
