/** Notices changes in folders: by the operating system's messages where it sends them, else by looking. */
import { type FSWatcher, watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../../../core/plugin.ts'

export class FolderWatch {
  readonly #changed: (path: string) => void
  readonly #log: Log
  /** Folders with their time of change when they were last listed. */
  readonly #folders = new Map<string, number>()
  readonly #watchers = new Map<string, FSWatcher>()
  #complained = false

  /** @param changed called with the path of a file or folder that is new, gone or written to */
  constructor(changed: (path: string) => void, log: Log) {
    this.#changed = changed
    this.#log = log
  }

  /** Watches a folder from now on. Call it before listing the folder. */
  add(folder: string): void {
    if (!this.#folders.has(folder)) this.#folders.set(folder, Number.NaN)
    if (this.#watchers.has(folder)) return
    try {
      const watcher = watch(folder, (_, name) => this.#changed(name === null ? folder : join(folder, name)))
      watcher.on('error', () => this.#drop(folder))
      this.#watchers.set(folder, watcher)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || this.#complained) return
      this.#complained = true
      this.#log.warn(`cannot watch ${folder} (${code}): changes are looked for every second instead`)
    }
  }

  /**
   * Whether a folder's list of files may have changed since the last call.
   * @param all also folders that the operating system sends messages about, in case one was lost
   */
  async listsChanged(all: boolean): Promise<boolean> {
    let changed = false
    for (const [folder, before] of this.#folders) {
      if (!all && this.#watchers.has(folder)) continue
      const time = await timeOf(folder)
      if (Object.is(time, before)) continue
      changed = true
      if (Number.isNaN(time)) this.#drop(folder)
      this.#folders.set(folder, time)
    }
    return changed
  }

  close(): void {
    for (const folder of [...this.#watchers.keys()]) this.#drop(folder)
  }

  #drop(folder: string): void {
    this.#watchers.get(folder)?.close()
    this.#watchers.delete(folder)
  }
}

async function timeOf(folder: string): Promise<number> {
  try {
    return (await stat(folder)).mtimeMs
  } catch {
    return Number.NaN
  }
}
