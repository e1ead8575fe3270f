/**
 * The segments of one queue in a folder of its own: payloads are appended at one end, read and deleted at the other.
 *
 * - Each run of Wherry appends to segments of its own, with numbers above all that were ever used here.
 * - `done` says up to where everything is delivered. It is never ahead of the truth; being behind costs repeats. A segment that is done is deleted.
 * - What is not ours to deliver (another format, output or version, a damaged head) is left alone and told as stranded.
 * - Nothing that is found in the folder makes opening fail.
 */
import { join } from 'node:path'
import type { Files, ReadableFile, WritableFile } from '../files/files.ts'
import type { Log } from '../plugin.ts'
import { readSnapshot, writeSnapshot } from '../state/snapshot.ts'
import { addTo, emptySummary, encodeFoot, encodeHead, encodeRecord, type Owner, type Stored, type Summary, summaryOf } from './format.ts'
import { type Found, openSegment, readRecords, type Segment, scan, segmentName, segmentNumber } from './segment.ts'

/** A place in the store: everything in earlier segments, and in this one before `at`, lies before it. */
export interface Place {
  readonly seq: number
  readonly at: number
}

export interface Location extends Place {
  readonly end: number
}

/** A segment that is left alone. */
export interface Stranded {
  readonly path: string
  readonly seq: number
  readonly why: string
  readonly bytes: number
  /** Where it could be read. */
  readonly owner?: Owner
  readonly events?: number
}

export interface StoreOptions {
  readonly files: Files
  readonly folder: string
  readonly owner: Owner
  /** Whether payloads of another format can be sent as they are. */
  readonly accepts: (format: string) => boolean
  readonly segment_bytes: number
  /** The route that a stored event counts for: routes may have changed since. */
  readonly routeOf: (stored: number) => number
  readonly log: Log
}

interface Active extends Segment {
  readonly file: WritableFile
  readonly summary: Summary
  size: number
}

interface Done extends Place {
  /** The queue's own time; see outbox.ts. */
  readonly time: number
}

/** As saved: with the highest number used so far, and the segments before `done` that were left alone and so are not delivered. */
interface SavedDone extends Done {
  readonly last: number
  readonly stranded: readonly number[]
}

export function before(a: Place, b: Place): boolean {
  return a.seq < b.seq || (a.seq === b.seq && a.at < b.at)
}

export class SegmentStore {
  readonly #options: StoreOptions
  /** All that may hold something undelivered, the active one too, in order. */
  readonly #segments = new Map<number, Segment>()
  #active: Active | undefined
  #lastSeq = 0
  /** Where the last `sync` left off; at first behind all that was found. */
  #kept: Place = { seq: 0, at: Number.POSITIVE_INFINITY }
  #done: Done = { seq: 0, at: 0, time: 0 }
  #savedDone: Place = this.#done
  #reading: { readonly seq: number; readonly file: ReadableFile } | undefined
  /** What could not be deleted is tried again; at the next start too, since it lies before `done`. */
  readonly #undeleted: string[] = []
  readonly stranded: Stranded[] = []
  /** What was found undelivered at open. */
  readonly backlog: Summary = emptySummary()

  private constructor(options: StoreOptions) {
    this.#options = options
  }

  static async open(options: StoreOptions): Promise<SegmentStore> {
    const store = new SegmentStore(options)
    await store.#open()
    return store
  }

  /** The queue's own time when `done` was last saved. */
  get time(): number {
    return this.#done.time
  }

  /** Where what was found at open begins and ends; undefined when there was nothing. */
  get found(): { from: Place; to: Place } | undefined {
    const segments = [...this.#segments.values()]
    if (segments.length === 0) return undefined
    const [first, last] = [segments[0], segments[segments.length - 1]]
    const from = { seq: first.seq, at: first.seq === this.#done.seq ? Math.max(first.start, this.#done.at) : first.start }
    return { from, to: { seq: last.seq, at: last.end } }
  }

  /** Files and bytes on disk. */
  get usage(): { segments: number; bytes: number } {
    let bytes = 0
    for (const { end } of this.#segments.values()) bytes += end
    return { segments: this.#segments.size, bytes }
  }

  get empty(): boolean {
    return this.#segments.size === 0
  }

  async #open(): Promise<void> {
    const { files, folder, log } = this.#options
    const { state, damaged } = await readSnapshot(join(folder, 'done'), files)
    const known = state as SavedDone | undefined
    if (known) this.#done = this.#savedDone = known
    for (const problem of damaged) log.warn(`queue: ${problem}; some payloads may be sent again`)
    const names = await files.list(folder).catch((error: Error) => {
      log.error(`queue: ${folder} cannot be read, what may wait there is left: ${error.message}`)
      return [] as string[]
    })
    const numbers = names.map(segmentNumber).filter((seq) => seq !== undefined)
    numbers.sort((a, b) => a - b)
    this.#lastSeq = Math.max(this.#done.seq, known?.last ?? 0, ...numbers)
    this.#kept = { seq: this.#lastSeq, at: Number.POSITIVE_INFINITY }
    for (const seq of numbers) {
      const path = join(folder, segmentName(seq))
      try {
        if (seq < this.#done.seq && !known?.stranded.includes(seq)) await files.unlink(path)
        else await this.#look(path, seq)
      } catch (error) {
        this.#strand({ path, seq, why: `cannot be read: ${(error as Error).message}`, bytes: 0 })
      }
    }
  }

  async #look(path: string, seq: number): Promise<void> {
    const { files, owner, accepts, routeOf, log } = this.#options
    const opened = await openSegment(files, path, seq)
    if (opened.kind === 'empty') return files.unlink(path)
    if (opened.kind === 'strange') return this.#strand({ path, seq, ...opened })
    const { segment, summary } = opened
    const theirs = segment.owner
    const ours = theirs.output === owner.output && theirs.plugin === owner.plugin
    if (!ours || (theirs.format !== owner.format && !accepts(theirs.format))) {
      const why = ours ? `was written as ${theirs.format}, not as ${owner.format}` : `is of output ${theirs.output} (${theirs.plugin})`
      return this.#strand({ path, seq, why, bytes: segment.end, owner: theirs, events: summary.events })
    }
    if (opened.kind === 'unfinished') {
      if (opened.torn > 0) log.warn(`queue: ${path} was torn; ${opened.torn} bytes at its end are cut`)
      // Best effort: what cannot be mended now is read again next time.
      await this.#finish(segment, summary, opened.torn).catch(() => undefined)
    }
    let left = summary
    if (seq === this.#done.seq && this.#done.at > segment.start) {
      if (this.#done.at >= segment.end) return files.unlink(path)
      const file = await files.open(path)
      left = (await scan(file, seq, this.#done.at, segment.end).finally(() => file.close())).summary
    }
    this.#segments.set(seq, segment)
    for (const [route, events] of left.routes) addTo(this.backlog, { ...emptySummary(), routes: new Map([[routeOf(route), events]]) })
    addTo(this.backlog, { ...left, routes: new Map() })
  }

  async #finish({ path, end }: Segment, summary: Summary, torn: number): Promise<void> {
    const { files } = this.#options
    if (torn > 0) await files.truncate(path, end)
    await files.append(path, encodeFoot(summary))
  }

  #strand(stranded: Stranded): void {
    this.stranded.push(stranded)
    const { path, why, events } = stranded
    const what = events === undefined ? '' : ` (${events} events)`
    this.#options.log.warn(`queue: ${path}${what} ${why}; it is set aside: see wherry queue ls, export, purge`)
  }

  // --- writing ---

  /** Appends payloads. After a throw everything since the last `sync` must be written again, after `abandon`. */
  async append(payloads: readonly Stored[]): Promise<Location[]> {
    const locations: Location[] = []
    let pieces: Uint8Array[] = []
    const write = async () => {
      if (pieces.length > 0) await this.#active!.file.append(pieces)
      pieces = []
    }
    for (const payload of payloads) {
      const record = encodeRecord(payload)
      const length = record.reduce((sum, piece) => sum + piece.length, 0)
      const full = this.#active !== undefined && this.#active.size + length > this.#options.segment_bytes && this.#active.summary.payloads > 0
      if (full) {
        await write()
        await this.#finishSegment()
      }
      const active = (this.#active ??= await this.#begin())
      pieces.push(...record)
      locations.push({ seq: active.seq, at: active.size, end: active.size + length })
      active.size += length
      addTo(active.summary, summaryOf(payload, length))
    }
    await write()
    return locations
  }

  /** A new segment. Its head and name are on disk for good before the first record, so that no record is ever without an owner. */
  async #begin(): Promise<Active> {
    const { files, folder, owner } = this.#options
    await files.mkdir(folder)
    const seq = this.#lastSeq + 1
    const path = join(folder, segmentName(seq))
    const file = await files.create(path)
    this.#lastSeq = seq
    const head = encodeHead(owner)
    try {
      await file.append([head])
      await file.sync()
      await files.syncFolder(folder)
    } catch (error) {
      await file.close().catch(() => undefined)
      this.#delete(path)
      throw error
    }
    const { length } = head
    const active = { seq, path, owner, start: length, end: length, file, summary: emptySummary(), size: length }
    this.#segments.set(seq, active)
    return active
  }

  /** What was appended is on disk for good; with `durable` false as soon as the system likes. */
  async sync(durable = true): Promise<void> {
    await this.#syncActive(durable)
    if (this.#active) this.#kept = { seq: this.#active.seq, at: this.#active.size }
  }

  /** Ends the active segment with its foot. */
  async finish(): Promise<void> {
    await this.sync()
    await this.#finishSegment()
  }

  async #syncActive(durable: boolean): Promise<void> {
    const active = this.#active
    if (!active) return
    if (await active.file.deleted()) throw new Error(`${active.path} has been deleted`)
    if (durable) await active.file.sync()
    active.end = active.size
  }

  async #finishSegment(): Promise<void> {
    const active = this.#active
    if (!active) return
    await this.#syncActive(true)
    // Without a foot it is only slower to open.
    await active.file.append([encodeFoot(active.summary)]).catch(() => undefined)
    await active.file.close().catch(() => undefined)
    this.#active = undefined
    this.#clear()
  }

  /**
   * After a failed `append`, `sync` or `finish`: what was there at the last `sync` stays, everything behind is forgotten, also the segments that an `append` has
   * filled since. It is written again, and would be read twice.
   */
  async abandon(): Promise<void> {
    const { files } = this.#options
    const active = this.#active
    this.#active = undefined
    await active?.file.close().catch(() => undefined)
    const { seq, at } = this.#kept
    for (const segment of [...this.#segments.values()]) {
      if (segment.seq < seq || (segment.seq === seq && segment.end <= at && segment !== active)) continue
      if (segment.seq > seq) {
        this.#segments.delete(segment.seq)
        this.#delete(segment.path)
        continue
      }
      segment.end = at
      await files.truncate(segment.path, at).catch(() => undefined)
    }
    this.#clear()
  }

  // --- reading and forgetting ---

  /**
   * The next payloads between two places.
   * @returns `next`: where to go on; at or behind `to` when that was all
   * @throws what the file system throws; the segment can be left out with `setAside`
   */
  async read(from: Place, to: Place): Promise<{ found: Found[]; next: Place }> {
    const segment = this.#segments.get(from.seq)
    const end = segment && (from.seq === to.seq ? Math.min(to.at, segment.end) : segment.end)
    if (!segment || from.at >= end!) return { found: [], next: this.#after(from.seq) ?? to }
    let file: ReadableFile
    try {
      file = await this.#reader(segment)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      this.#options.log.error(`queue: ${segment.path} is gone, and what was in it`)
      return { found: [], next: this.#after(from.seq) ?? to }
    }
    const { found, next } = await readRecords(file, segment.seq, Math.max(from.at, segment.start), end!)
    for (const { payload } of found) payload.routes.set(payload.routes.map(this.#options.routeOf))
    return { found, next: { seq: from.seq, at: next } }
  }

  /** Leaves out a segment that cannot be read: it gets another name and is not touched any more. @returns the place behind it */
  async setAside({ seq }: Place): Promise<Place | undefined> {
    const segment = this.#segments.get(seq)
    const behind = this.#after(seq)
    if (segment && segment !== this.#active) {
      this.#segments.delete(seq)
      await this.#options.files.rename(segment.path, `${segment.path}.unreadable`).catch(() => undefined)
    }
    return behind
  }

  #after(seq: number): Place | undefined {
    for (const segment of this.#segments.values()) if (segment.seq > seq) return { seq: segment.seq, at: segment.start }
    return undefined
  }

  async #reader({ seq, path }: Segment): Promise<ReadableFile> {
    if (this.#reading?.seq !== seq) {
      await this.#reading?.file.close()
      this.#reading = undefined
      this.#reading = { seq, file: await this.#options.files.open(path) }
    }
    return this.#reading.file
  }

  /** Everything before a place is delivered. */
  done(place: Place, time: number): void {
    this.#done = { seq: place.seq, at: place.at, time }
    this.#clear()
  }

  /** Deletes what is done, but for the active segment. */
  #clear(): void {
    for (const segment of this.#segments.values()) {
      if (segment.seq > this.#done.seq || (segment.seq === this.#done.seq && this.#done.at < segment.end)) break
      if (segment === this.#active) break
      this.#segments.delete(segment.seq)
      this.#delete(segment.path)
    }
  }

  #delete(path: string): void {
    this.#options.files.unlink(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') this.#undeleted.push(path)
    })
  }

  /** Saves how far delivery has come; without a sync, since being behind costs repeats only. */
  async save(): Promise<void> {
    const { files, folder } = this.#options
    for (const path of this.#undeleted.splice(0)) this.#delete(path)
    const done = this.#done
    if (done.seq === this.#savedDone.seq && done.at === this.#savedDone.at) return
    const saved: SavedDone = { ...done, last: this.#lastSeq, stranded: this.stranded.map(({ seq }) => seq) }
    await writeSnapshot(join(folder, 'done'), saved, { files, durable: false })
    this.#savedDone = done
  }

  /** All is delivered: nothing stays on disk. */
  async retire(): Promise<void> {
    const [active, reading] = [this.#active, this.#reading]
    this.#active = undefined
    this.#reading = undefined
    if (active) this.#done = { ...this.#done, seq: active.seq, at: active.size }
    this.#clear()
    await reading?.file.close().catch(() => undefined)
    await active?.file.close().catch(() => undefined)
  }

  async close(): Promise<void> {
    await this.#reading?.file.close().catch(() => undefined)
    this.#reading = undefined
  }
}
