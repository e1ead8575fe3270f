/** Files without a stream yet: finds out what they are, and which checkpoint entry is theirs. */
import { stat } from 'node:fs/promises'
import type { InputContext } from '../../../core/plugin.ts'
import { type Catalogue, fileKey } from './catalogue.ts'
import { CaptureFile } from './file.ts'
import type { Ledger } from './ledger.ts'
import { CaptureReader } from './reader.ts'

/** A file equal to another is a copy when it has not changed for so long: before, it may be on its way to replace the other one. */
const STEADY_MS = 2000

interface Options {
  readonly context: InputContext
  readonly catalogue: Catalogue
  readonly ledger: Ledger<CaptureFile>
  readonly follow: boolean
  readonly statistics: boolean
  /** Whether files of the first start are read from their end. */
  readonly fromEnd: boolean
  readonly makeRoom: (file: CaptureFile) => Promise<void>
  /** The file has a stream and can be read. */
  readonly welcome: (file: CaptureFile, stream: string) => void
  /** It could not be read. */
  readonly trouble: (file: CaptureFile, error: unknown) => void
}

export class Newcomers {
  readonly #options: Options
  readonly #files = new Set<CaptureFile>()
  #polls = 0
  /** Files of the start have all been looked at. */
  started = false

  constructor(options: Options) {
    this.#options = options
  }

  get files(): Iterable<CaptureFile> {
    return this.#files
  }

  add(file: CaptureFile): void {
    file.early = !this.started
    file.asked = -1
    this.#files.add(file)
  }

  delete(file: CaptureFile): void {
    this.#files.delete(file)
  }

  /** Time has passed: those that were not clear are looked at again. */
  poll(): void {
    this.#polls++
    for (const file of this.#files) {
      this.#options.catalogue.look(file.path)
      // What could not be read may be readable now.
      if (file.complained) file.tried = undefined
    }
  }

  /** Gives each its stream. Those that are not clear yet stay. */
  async sort(): Promise<void> {
    const { ledger } = this.#options
    const open: CaptureFile[] = []
    for (const file of this.#files) {
      if (file.identity === undefined && (file.tried === file.seen || file.goneAt !== undefined || !(await this.#identify(file)))) continue
      if (file.asked === this.#polls) continue
      file.asked = this.#polls
      // First those that the checkpoint knows for certain, so that no other file takes their entry.
      const own = ledger.own(file)
      if (own === undefined) open.push(file)
      else await this.#tryAssign(file, own)
    }
    for (const file of open) {
      const stream = await ledger.inherited(file, (path) => this.#holds(path, file))
      if (stream !== undefined) await this.#tryAssign(file, stream)
      else if (this.#isCopy(file)) await this.#tryAssign(file, ledger.copy(file.identity as string))
    }
  }

  async #identify(file: CaptureFile): Promise<boolean> {
    const { makeRoom, context, trouble } = this.#options
    try {
      await makeRoom(file)
      const result = await file.identify()
      if (result.kind === 'foreign' && !file.complained) context.log.warn(`${file.path} is not a capture: it ${result.reason}`)
      file.complained = result.kind === 'foreign'
      return result.kind === 'known'
    } catch (error) {
      trouble(file, error)
      return false
    }
  }

  /** Whether a path leads to another file with the same capture. */
  async #holds(path: string, file: CaptureFile): Promise<boolean> {
    const there = this.#options.catalogue.at(path)
    if (there) return there !== file && there.identity === file.identity
    try {
      const seen = await stat(path)
      if (!seen.isFile() || fileKey(seen) === fileKey(file)) return false
      const other = new CaptureFile(path, seen, 0, seen.size)
      try {
        const result = await other.identify()
        return result.kind === 'known' && result.identity === file.identity
      } finally {
        await other.close()
      }
    } catch {
      // Gone, or not ours to read: then it is no reason to wait.
      return false
    }
  }

  /** Not yet, while the file may be about to replace the one it equals. */
  #isCopy(file: CaptureFile): boolean {
    const { follow, ledger, context } = this.#options
    if (!follow) return true
    const owner = ledger.owner(file.identity as string)
    return owner?.goneAt === undefined && context.clock.monotonic() - file.changedAt >= STEADY_MS
  }

  async #tryAssign(file: CaptureFile, name: string): Promise<void> {
    try {
      await this.#assign(file, name)
    } catch (error) {
      this.#options.trouble(file, error)
    }
  }

  async #assign(file: CaptureFile, name: string): Promise<void> {
    const { context, statistics, ledger, fromEnd, welcome } = this.#options
    let stream = name
    let place = ledger.places.get(name)
    if (place && !(await file.verify(place))) {
      context.log.info(`${file.path} begins like a capture that was read before, but goes on otherwise: it is read from its start`)
      stream = ledger.copy(file.identity as string)
      place = undefined
    }
    file.reader = new CaptureReader({
      context,
      statistics,
      stream,
      identity: file.identity as string,
      place,
      name: () => file.path,
      whereabouts: (offset) => file.whereabouts(offset),
      intact: file.intact,
    })
    if (!place && file.early && fromEnd) while (!context.signal.aborted && (await file.next()));
    this.#files.delete(file)
    ledger.claim(stream, file)
    welcome(file, stream)
  }
}
