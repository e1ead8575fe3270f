/**
 * Which files there are: found by listing folders at the start, by messages of the operating system and by looking now and then.
 *
 * A file is known by device and inode, whatever its path is called by now.
 */
import { stat } from 'node:fs/promises'
import type { Clock, Log } from '../../../core/plugin.ts'
import { CaptureFile, type Seen } from './file.ts'
import type { Glob } from './glob.ts'
import { FolderWatch } from './watch.ts'

/** Every so many polls also what the operating system would have told. */
const FULL_POLLS = 30
/** Files looked at in one poll. */
const LOOKS = 256

export interface CatalogueOptions {
  readonly globs: readonly Glob[]
  readonly exclude: readonly Glob[]
  readonly follow: boolean
  readonly log: Log
  readonly clock: Clock
  /** Something has changed: `update` has work. */
  readonly news: () => void
  readonly found: (file: CaptureFile) => void
  /** A file has changed, has another path, or has none any more. */
  readonly changed: (file: CaptureFile) => void
}

export class Catalogue {
  readonly #options: CatalogueOptions
  readonly #files = new Map<string, CaptureFile>()
  readonly #paths = new Map<string, CaptureFile>()
  /** Paths to look at. */
  #news = new Set<string>()
  readonly #watch: FolderWatch
  readonly #said = new Set<string>()
  #polls = 0
  /** Files that polls have not come to yet. */
  #rest: Iterator<CaptureFile> | undefined

  constructor(options: CatalogueOptions) {
    this.#options = options
    this.#watch = new FolderWatch((path) => {
      this.look(path)
      options.news()
    }, options.log)
  }

  get files(): Iterable<CaptureFile> {
    return this.#files.values()
  }

  get hasNews(): boolean {
    return this.#news.size > 0
  }

  at(path: string): CaptureFile | undefined {
    return this.#paths.get(path)
  }

  /** Whether the options name the path. */
  matches(path: string): boolean {
    const { globs, exclude } = this.#options
    return globs.some((one) => one.matches(path)) && !exclude.some((one) => one.matches(path))
  }

  /** The path is looked at with the next `update`. */
  look(path: string): void {
    this.#news.add(path)
  }

  /** Lists all folders. */
  async scan(): Promise<void> {
    const { globs, follow } = this.#options
    const found = new Set<string>()
    for (const one of globs) {
      const before = found.size
      await one.walk(
        (path) => this.matches(path) && found.add(path),
        (folder) => follow && this.#watch.add(folder),
        (folder, error) => this.#once(folder, `cannot look into ${folder}: ${error.message}`),
      )
      if (found.size === before && !follow) this.#once(one.pattern, `nothing matches ${one.pattern}`)
    }
    for (const path of found) if (!this.#paths.has(path)) this.look(path)
    for (const path of this.#paths.keys()) if (!found.has(path)) this.look(path)
  }

  /** Looks at all paths with news. */
  async update(): Promise<void> {
    const news = this.#news
    this.#news = new Set()
    for (const path of news) await this.#lookAt(path)
  }

  /** Lists the folders again where need be. Returns some of the files to look at, others each time. */
  async poll(): Promise<CaptureFile[]> {
    if (await this.#watch.listsChanged(++this.#polls % FULL_POLLS === 0)) await this.scan()
    this.#rest ??= [...this.#files.values()].values()
    const some: CaptureFile[] = []
    while (some.length < LOOKS) {
      const { value, done } = this.#rest.next()
      if (done) {
        this.#rest = undefined
        break
      }
      if (this.#files.get(fileKey(value)) === value) some.push(value)
    }
    return some
  }

  async forget(file: CaptureFile): Promise<void> {
    if (this.#files.get(fileKey(file)) === file) this.#files.delete(fileKey(file))
    if (this.#paths.get(file.path) === file) this.#paths.delete(file.path)
    await file.close()
  }

  async close(): Promise<void> {
    this.#watch.close()
    for (const file of this.#files.values()) await file.close()
  }

  async #lookAt(path: string): Promise<void> {
    const { clock, follow, changed } = this.#options
    const before = this.#paths.get(path)
    const seen = await this.#stat(path)
    if (seen?.isDirectory()) {
      // A folder that is new below a **.
      if (follow && !before) await this.scan()
      return
    }
    const known = seen && this.#files.get(fileKey(seen))
    if (before && before !== known && before.path === path) {
      this.#paths.delete(path)
      before.goneAt ??= clock.monotonic()
      changed(before)
    }
    if (!seen && !before && this.#isLiteral(path)) this.#once(path, `${path} is not there${follow ? ' yet' : ''}`)
    if (!seen?.isFile() || !this.matches(path)) return
    if (!known) this.#add(path, seen)
    else this.#compare(known, path, seen)
  }

  async #stat(path: string): Promise<(Seen & { isFile(): boolean; isDirectory(): boolean }) | undefined> {
    try {
      return await stat(path)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT' && code !== 'ENOTDIR') this.#once(path, `cannot look at ${path}: ${message}`)
      return undefined
    }
  }

  #add(path: string, seen: Seen): void {
    const { clock, follow, found } = this.#options
    const file = new CaptureFile(path, seen, clock.monotonic(), follow ? Number.POSITIVE_INFINITY : seen.size)
    // Having been there, it is not missed when it goes.
    if (this.#isLiteral(path)) this.#said.add(path)
    this.#files.set(fileKey(seen), file)
    this.#paths.set(path, file)
    found(file)
  }

  #compare(file: CaptureFile, path: string, seen: Seen): void {
    const moved = file.path !== path || file.goneAt !== undefined
    if (file.path !== path && this.#paths.get(file.path) === file) this.#paths.delete(file.path)
    this.#paths.set(path, file)
    file.path = path
    file.goneAt = undefined
    const grown = file.seen.size !== seen.size || file.seen.mtimeMs !== seen.mtimeMs
    if (grown) {
      file.seen = seen
      file.changedAt = this.#options.clock.monotonic()
      file.ended = false
    }
    if (moved || grown) this.#options.changed(file)
  }

  #isLiteral(path: string): boolean {
    return this.#options.globs.some((one) => one.literal === path)
  }

  #once(about: string, message: string): void {
    if (this.#said.has(about)) return
    this.#said.add(about)
    this.#options.log.warn(message)
  }
}

/** What a file is known by. */
export function fileKey({ dev, ino }: { readonly dev: number; readonly ino: number }): string {
  return `${dev}:${ino}`
}
