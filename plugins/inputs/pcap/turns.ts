/** Whose turn it is to be read: the files written to longest ago, a few at a time, so that few are open. */
import type { CaptureFile } from './file.ts'

/** Files that are read in turns while there is a backlog. */
const TURNS = 8
/** Files kept open, so that what is written to them last is read even when they are deleted. */
const OPEN_FILES = 64

export class Turns {
  #turns: CaptureFile[] = []
  /** The others that are ready, youngest first, once sorted. */
  readonly #queue: CaptureFile[] = []
  #sorted = true
  readonly #open = new Set<CaptureFile>()
  /** Files with something to read. */
  size = 0

  /** There may be something to read. */
  add(file: CaptureFile): void {
    if (file.ready) return
    file.ready = true
    this.size++
    this.#queue.push(file)
    this.#sorted = false
  }

  /** Nothing is left to read. */
  delete(file: CaptureFile): void {
    if (file.ready) this.size--
    file.ready = false
  }

  /** The files to take one batch of each. */
  next(): readonly CaptureFile[] {
    this.#turns = this.#turns.filter(({ ready }) => ready)
    while (this.#turns.length < TURNS && this.#queue.length > 0) {
      if (!this.#sorted) this.#queue.sort((a, b) => b.seen.mtimeMs - a.seen.mtimeMs || (a.path < b.path ? 1 : -1))
      this.#sorted = true
      const file = this.#queue.pop() as CaptureFile
      if (file.ready && !this.#turns.includes(file)) this.#turns.push(file)
    }
    return this.#turns
  }

  /** Call it before a file is opened: closes one that has been quiet for long when too many are open. */
  async makeRoom(file: CaptureFile): Promise<void> {
    if (file.isOpen) return
    this.#open.add(file)
    for (const other of this.#open) if (!other.isOpen && other !== file) this.#open.delete(other)
    if (this.#open.size <= OPEN_FILES) return
    const quiet = [...this.#open].filter((other) => other !== file && other.goneAt === undefined && !this.#turns.includes(other))
    await quiet.sort((a, b) => a.changedAt - b.changedAt)[0]?.close()
  }
}
