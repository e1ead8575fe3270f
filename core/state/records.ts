/**
 * A file of checksummed records, one a line: eight hex digits of the CRC-32 of the rest, a space, JSON. It is only ever appended to. Opening cuts a
 * torn tail; a damaged line in the middle is skipped and reported. Such a file never prevents a start.
 */
import { type FileHandle, open, readFile, stat, truncate } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

export interface RecordsRead {
  readonly records: unknown[]
  /** Lines that are not whole. */
  readonly damaged: number
  /** Bytes up to the end of the last whole line. */
  readonly end: number
}

export function recordLine(record: unknown): string {
  const json = JSON.stringify(record)
  return `${checksum(json)} ${json}\n`
}

/** Eight hex digits of the CRC-32 of a text's UTF-8. */
export function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}

/** Reads a file of records; a missing one has none. */
export async function readRecords(path: string): Promise<RecordsRead> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { records: [], damaged: 0, end: 0 }
    throw error
  }
  const records: unknown[] = []
  let damaged = 0
  let end = 0
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(10, at)
    if (newline < 0) break
    const line = bytes.toString('utf8', at, newline)
    at = newline + 1
    end = at
    const json = line.slice(9)
    if (line[8] === ' ' && checksum(json) === line.slice(0, 8)) records.push(JSON.parse(json))
    else damaged++
  }
  return { records, damaged: damaged + (end < bytes.length ? 1 : 0), end }
}

/** Appends records and syncs. One writer at a time. */
export class RecordFile {
  readonly path: string
  #handle: FileHandle | undefined
  #size = 0
  #tail: Promise<unknown> = Promise.resolve()

  constructor(path: string) {
    this.path = path
  }

  get bytes(): number {
    return this.#size
  }

  /** Resolves with the bytes once the records are on disk. */
  append(records: readonly unknown[]): Promise<number> {
    const text = records.map(recordLine).join('')
    const done = this.#tail.then(() => this.#append(text))
    this.#tail = done.catch(() => undefined)
    return done
  }

  async #append(text: string): Promise<number> {
    const handle = (this.#handle ??= await this.#open())
    try {
      await handle.appendFile(text)
      await handle.datasync()
      const bytes = Buffer.byteLength(text)
      this.#size += bytes
      return bytes
    } catch (error) {
      // Half a line may be there: the next append must not stand behind it.
      await this.close()
      throw error
    }
  }

  async #open(): Promise<FileHandle> {
    const { end } = await readRecords(this.path)
    const handle = await open(this.path, 'a')
    if ((await handle.stat()).size > end) await truncate(this.path, end)
    this.#size = end
    return handle
  }

  /** Whether what was appended lies where the path leads; not when somebody has moved the file away since it was opened. */
  async isInPlace(): Promise<boolean> {
    const handle = this.#handle
    if (handle === undefined) return true
    const [own, there] = await Promise.all([handle.stat(), stat(this.path).catch(() => undefined)])
    return there !== undefined && own.dev === there.dev && own.ino === there.ino
  }

  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }
}
