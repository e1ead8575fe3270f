/**
 * Captures in files: follows them, and reads them in turns.
 *
 * A loop looks what has changed (catalogue.ts), finds out which stream a new file is (newcomers.ts), takes one batch of each of the oldest
 * files that have something to read (turns.ts), and waits when none has.
 */
import { dirname } from 'node:path'
import type { Batch, InputContext, Position } from '../../../core/plugin.ts'
import { Afterwards } from './after.ts'
import { Catalogue } from './catalogue.ts'
import type { PcapConfig } from './config.ts'
import type { CaptureFile } from './file.ts'
import { Gaps } from './gaps.ts'
import type { Glob } from './glob.ts'
import { Ledger } from './ledger.ts'
import { Newcomers } from './newcomers.ts'
import { NOWHERE, type Place } from './position.ts'
import { Turns } from './turns.ts'
import { Wake } from './wake.ts'

/** How often is looked without a message from the operating system. */
const POLL_MS = 1000
/** A file without a path is read on for so long after it grew last; so long may a renamed one take to turn up. */
const GRACE_MS = 5000
/** For `after`, with follow: a file that has not grown for so long, while a younger one beside it has, is ended. */
const ENDED_MS = 600_000

interface Options {
  readonly config: PcapConfig
  readonly context: InputContext
  readonly globs: readonly Glob[]
  readonly exclude: readonly Glob[]
}

export class FileInput {
  readonly #context: InputContext
  readonly #follow: boolean
  readonly #after: Afterwards
  readonly #ledger: Ledger<CaptureFile>
  readonly #gaps: Gaps
  readonly #wake: Wake
  readonly #turns = new Turns()
  readonly #catalogue: Catalogue
  readonly #newcomers: Newcomers
  #polledAt: number

  constructor({ config, context, globs, exclude }: Options) {
    const follow = config.follow && !context.once
    this.#context = context
    this.#follow = follow
    this.#after = new Afterwards(config, context.log)
    this.#gaps = new Gaps(follow ? GRACE_MS : 0)
    this.#ledger = new Ledger(context.streams())
    this.#wake = new Wake(context.clock, context.signal)
    this.#polledAt = context.clock.monotonic()
    this.#catalogue = new Catalogue({
      globs,
      exclude,
      follow,
      log: context.log,
      clock: context.clock,
      news: () => this.#wake.notify(),
      found: (file) => this.#newcomers.add(file),
      changed: (file) => file.reader && this.#turns.add(file),
    })
    this.#newcomers = new Newcomers({
      context,
      catalogue: this.#catalogue,
      ledger: this.#ledger,
      follow,
      statistics: config.statistics,
      fromEnd: config.start_at === 'end',
      makeRoom: (file) => this.#turns.makeRoom(file),
      welcome: (file, stream) => {
        this.#gaps.found(stream)
        this.#turns.add(file)
      },
      trouble: (file, error) => this.#trouble(file, error),
    })
    for (const [stream, place] of this.#ledger.places) this.#after.settled(stream, place.offset)
  }

  settled(stream: string, position: Position): void {
    if (typeof position.offset === 'number') this.#after.settled(stream, position.offset)
  }

  async *read(): AsyncGenerator<Batch, void, void> {
    const { signal, clock } = this.#context
    try {
      await this.#catalogue.scan()
      while (!signal.aborted) {
        if (this.#follow && clock.monotonic() - this.#polledAt >= POLL_MS) await this.#poll()
        await this.#catalogue.update()
        await this.#newcomers.sort()
        if (!this.#newcomers.started) this.#begin()
        for (const { stream, place, batch } of this.#gaps.due(clock.monotonic())) {
          this.#ledger.keep(stream, place)
          yield batch
        }
        if (this.#turns.size > 0) yield* this.#turn()
        else if (this.#follow) await this.#wake.wait(Math.max(1, this.#polledAt + POLL_MS - clock.monotonic()))
        else if (!this.#gaps.waiting && !this.#catalogue.hasNews) break
      }
      // Without follow what is left are files that hold less than a record.
      if (!signal.aborted) for (const file of this.#newcomers.files) await this.#conclude(file)
    } finally {
      await this.#catalogue.close()
    }
  }

  async *#turn(): AsyncGenerator<Batch, void, void> {
    for (const file of this.#turns.next()) {
      const batch = await this.#next(file)
      if (batch) yield batch
      if (this.#context.signal.aborted) return
    }
  }

  async #next(file: CaptureFile): Promise<Batch | undefined> {
    const { reader } = file
    if (!reader) return undefined
    try {
      await this.#turns.makeRoom(file)
      const batch = await file.next()
      if (reader.place) this.#ledger.keep(reader.stream, reader.place)
      if (batch) {
        if (file.goneAt !== undefined) file.goneAt = this.#context.clock.monotonic()
        return batch
      }
      this.#turns.delete(file)
      if (file.overwritten) await this.#overwritten(file, file.overwritten)
      else if (!this.#follow) await this.#conclude(file)
    } catch (error) {
      this.#turns.delete(file)
      this.#trouble(file, error)
    }
    return undefined
  }

  /** Once all files of the start have been looked at: entries with bytes left that none of them continues. */
  #begin(): void {
    this.#newcomers.started = true
    for (const [stream, place] of this.#ledger.unclaimed()) {
      if (this.#catalogue.matches(place.path))
        this.#gaps.lost(stream, place, 'deleted or overwritten while nothing read it', this.#context.clock.monotonic())
    }
  }

  async #poll(): Promise<void> {
    const now = this.#context.clock.monotonic()
    this.#polledAt = now
    this.#newcomers.poll()
    for (const file of await this.#catalogue.poll()) {
      if (file.goneAt === undefined) {
        this.#catalogue.look(file.path)
        // What could not be read may be readable now.
        if (file.complained && file.reader) this.#turns.add(file)
        if (this.#after.wanted && !file.ended && this.#hasEnded(file, now)) await this.#end(file)
      } else if (now - file.goneAt >= GRACE_MS && !file.ready) await this.#forget(file)
      else if (file.reader && file.isOpen) this.#turns.add(file)
    }
  }

  // --- what becomes of files ---

  /** The same file holds another capture: the old stream ends, and the file is looked at anew. */
  async #overwritten(file: CaptureFile, reason: string): Promise<void> {
    this.#orphan(file, reason)
    await file.reset()
    file.changedAt = this.#context.clock.monotonic()
    this.#newcomers.add(file)
  }

  async #forget(file: CaptureFile): Promise<void> {
    this.#orphan(file, 'deleted')
    this.#newcomers.delete(file)
    await this.#catalogue.forget(file)
  }

  /** Frees the stream of a file; a gap when bytes were left. */
  #orphan(file: CaptureFile, reason: string): void {
    const { reader, path, dev, ino, unread } = file
    if (!reader) return
    this.#ledger.release(reader.stream)
    const place: Place = { ...NOWHERE, identity: reader.identity, ...reader.place, path, dev, ino, unread }
    this.#ledger.keep(reader.stream, place)
    this.#gaps.lost(reader.stream, place, reason, this.#context.clock.monotonic())
  }

  #trouble(file: CaptureFile, error: unknown): void {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') file.goneAt ??= this.#context.clock.monotonic()
    else if (!file.complained) {
      file.complained = true
      this.#context.log.warn(`cannot read ${file.path}: ${message}${this.#follow ? '; tried again every second' : ''}`)
    }
  }

  /** Without follow: the end of the file is final. */
  async #conclude(file: CaptureFile): Promise<void> {
    if (this.#context.signal.aborted) return
    if (await file.finish((message) => this.#context.log.warn(message))) this.#finished(file)
    await file.close()
  }

  // --- for `after` ---

  #finished({ reader, path, dev, ino, seen }: CaptureFile): void {
    if (reader?.place) this.#after.finished(reader.stream, { path, dev, ino, size: seen.size, offset: reader.place.offset })
  }

  /** With follow: whether nobody will write to the file again, as far as one can tell. */
  #hasEnded(file: CaptureFile, now: number): boolean {
    if (file.ready || !file.reader?.place) return false
    const quiet = now - file.changedAt
    if (file.path !== file.firstPath || file.compressed) return quiet >= GRACE_MS
    if (quiet < ENDED_MS) return false
    for (const other of this.#catalogue.files) {
      if (other.changedAt > file.changedAt && dirname(other.path) === dirname(file.path)) return true
    }
    return false
  }

  async #end(file: CaptureFile): Promise<void> {
    file.ended = true
    try {
      await this.#turns.makeRoom(file)
      await file.open()
      if (file.intact()) await this.#conclude(file)
    } catch (error) {
      this.#trouble(file, error)
    }
  }
}
