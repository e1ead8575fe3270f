/**
 * The file system as far as state needs it: what is written here must survive power cuts, so syncs are calls of their own. It comes in from outside, so
 * that tests can cut, reorder and fail every call.
 */
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises'

export interface Files {
  /** Makes a folder and those above it. */
  mkdir(path: string): Promise<void>
  /** Names in a folder; none when it is not there. */
  list(path: string): Promise<string[]>
  /** A whole file, or undefined when it is not there. */
  read(path: string): Promise<Uint8Array | undefined>
  /** Bytes of a file, or undefined when it is not there. */
  size(path: string): Promise<number | undefined>
  /** Opens for reading. */
  open(path: string): Promise<ReadableFile>
  /** A new, empty file in place of any other. */
  create(path: string): Promise<WritableFile>
  truncate(path: string, size: number): Promise<void>
  /** Appends to a file that is there. */
  append(path: string, bytes: Uint8Array): Promise<void>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  /** What was created, renamed or deleted in a folder is so for good. */
  syncFolder(path: string): Promise<void>
}

export interface ReadableFile {
  /** Reads at a place; fewer bytes than asked for only at the end of the file. */
  read(into: Uint8Array, at: number): Promise<number>
  close(): Promise<void>
}

export interface WritableFile {
  /** Appends all of it, or throws; then any part of it may be there. */
  append(pieces: readonly Uint8Array[]): Promise<void>
  /** What was appended so far is there for good. */
  sync(): Promise<void>
  /** Whether somebody has deleted the file: what is written to it goes nowhere. */
  deleted(): Promise<boolean>
  close(): Promise<void>
}

/** Secrets are not in these files, but what was seen on the air is nobody else's. */
const MODE = 0o600

export const systemFiles: Files = {
  mkdir: async (path) => void (await mkdir(path, { recursive: true, mode: 0o700 })),
  list: (path) => whenThere(readdir(path)).then((names) => names ?? []),
  read: (path) => whenThere(readFile(path)),
  size: (path) => whenThere(stat(path)).then((found) => found?.size),
  open: async (path) => {
    const handle = await open(path, 'r')
    return { read: (into, at) => readAll(handle, into, at), close: () => handle.close() }
  },
  create: async (path) => writable(await open(path, 'w', MODE)),
  truncate: async (path, size) => {
    const handle = await open(path, 'r+')
    try {
      await handle.truncate(size)
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  append: async (path, bytes) => {
    const handle = await open(path, constants.O_WRONLY | constants.O_APPEND)
    try {
      await writeAll(handle, [bytes])
      await handle.datasync()
    } finally {
      await handle.close()
    }
  },
  rename,
  unlink,
  syncFolder: async (path) => {
    const handle = await open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
}

function writable(handle: FileHandle): WritableFile {
  return {
    append: (pieces) => writeAll(handle, pieces),
    sync: () => handle.datasync(),
    deleted: async () => (await handle.stat()).nlink === 0,
    close: () => handle.close(),
  }
}

async function readAll(handle: FileHandle, into: Uint8Array, at: number): Promise<number> {
  let filled = 0
  while (filled < into.length) {
    const { bytesRead } = await handle.read(into, filled, into.length - filled, at + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}

async function writeAll(handle: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  let left = [...pieces]
  while (left.length > 0) {
    const batch = left.slice(0, MOST_PIECES)
    let { bytesWritten } = await handle.writev(batch)
    if (bytesWritten === 0 && batch.some(({ length }) => length > 0)) throw Object.assign(new Error('nothing could be written'), { code: 'ENOSPC' })
    while (left.length > 0 && bytesWritten >= left[0].length) bytesWritten -= left.shift()!.length
    if (bytesWritten > 0) left = [left[0].subarray(bytesWritten), ...left.slice(1)]
  }
}

/** A call takes no more (IOV_MAX). */
const MOST_PIECES = 1024

/** Undefined when there is no such file. */
export async function whenThere<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
