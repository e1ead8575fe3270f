/** Deletes or moves files that are delivered whole. */
import { existsSync, mkdirSync, renameSync, statSync, unlinkSync } from 'node:fs'
import { copyFile, unlink } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Log } from '../../../core/plugin.ts'
import type { PcapConfig } from './config.ts'

export interface Finished {
  readonly path: string
  readonly dev: number
  readonly ino: number
  readonly size: number
  /** End of the last batch. */
  readonly offset: number
}

export class Afterwards {
  readonly wanted: boolean
  readonly #moveTo: string | undefined
  readonly #log: Log
  readonly #finished = new Map<string, Finished>()
  readonly #settled = new Map<string, number>()

  constructor({ after, move_to }: Pick<PcapConfig, 'after' | 'move_to'>, log: Log) {
    this.wanted = after !== 'keep'
    this.#moveTo = after === 'move' && move_to !== undefined ? resolve(move_to) : undefined
    this.#log = log
  }

  /** All of the file has been read, and nobody writes to it. */
  finished(stream: string, file: Finished): void {
    if (!this.wanted || dirname(file.path) === this.#moveTo) return
    this.#finished.set(stream, file)
    this.#act(stream)
  }

  settled(stream: string, offset: number): void {
    if (!this.wanted) return
    this.#settled.set(stream, offset)
    this.#act(stream)
  }

  #act(stream: string): void {
    const file = this.#finished.get(stream)
    if (!file || (this.#settled.get(stream) ?? -1) < file.offset) return
    this.#finished.delete(stream)
    try {
      const { dev, ino, size } = statSync(file.path)
      if (dev !== file.dev || ino !== file.ino || size !== file.size) return
      if (this.#moveTo === undefined) unlinkSync(file.path)
      else this.#move(file.path, this.#moveTo)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#failed(file.path, error)
    }
  }

  #move(path: string, folder: string): void {
    mkdirSync(folder, { recursive: true })
    let target = join(folder, basename(path))
    for (let n = 2; existsSync(target); n++) target = join(folder, `${basename(path)}~${n}`)
    try {
      renameSync(path, target)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
      // Another file system: copied beside, deleted only when the copy is whole.
      copyFile(path, target)
        .then(() => unlink(path))
        .catch((failure) => this.#failed(path, failure))
    }
  }

  #failed(path: string, error: unknown): void {
    this.#log.warn(`${path} is delivered, but could not be moved or deleted: ${(error as Error).message}`)
  }
}
