/** The file of a Kismet log, opened for reading. */
import { closeSync, openSync, readSync, statSync } from 'node:fs'

/** A journal beside the file holds what a writer may take back. */
const JOURNALS = ['-journal', '-wal']

/** Counts in the header the times that the file was changed. */
const CHANGES_AT = 24

export class OpenLog {
  readonly #path: string
  readonly #fd: number
  readonly #changes: string

  /** @throws Error when it cannot be read, or is being written */
  constructor(path: string) {
    this.#path = path
    this.#refuseJournals()
    this.#fd = openSync(path, 'r')
    this.#changes = this.#count()
  }

  /** What was read so far is of one state of the log. @throws Error when it was changed meanwhile */
  check(): void {
    this.#refuseJournals()
    if (this.#count() !== this.#changes) throw new Error('it is being written: it is read when Kismet has ended')
  }

  #refuseJournals(): void {
    for (const ending of JOURNALS) {
      if (sizeOf(this.#path + ending) > 0)
        throw new Error(
          `it is being written, or its Kismet was killed: it is read when Kismet has ended, or when kismetdb_clean has mended it (${this.#path}${ending} is there)`,
        )
    }
  }

  #count(): string {
    return Buffer.from(this.read(CHANGES_AT, 4)).toString('hex')
  }

  read(offset: number, length: number): Uint8Array {
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
