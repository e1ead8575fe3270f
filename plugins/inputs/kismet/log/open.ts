/** The file of a Kismet log, opened for reading. */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import type { ReadAt } from '../../../../core/formats/sqlite.ts'

/** A journal beside the file holds what a writer may take back. */
const JOURNALS = ['-journal', '-wal']

export class OpenLog {
  readonly #fd: number

  /** @throws Error when it cannot be read, or is being written */
  constructor(path: string) {
    for (const ending of JOURNALS) {
      if (sizeOf(path + ending) > 0)
        throw new Error(
          `${path} is being written, or its Kismet was killed: read it when Kismet has ended, or mend it with kismetdb_clean (${path}${ending} is there)`,
        )
    }
    this.#fd = openSync(path, 'r')
  }

  readonly read: ReadAt = (offset, length) => {
    const bytes = Buffer.allocUnsafe(length)
    let got = 0
    for (let read = -1; got < length && read !== 0; got += read) read = readSync(this.#fd, bytes, got, length - got, offset + got)
    return bytes.subarray(0, got)
  }

  close(): void {
    closeSync(this.#fd)
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
