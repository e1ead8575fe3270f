/**
 * The checkpoint: for each input and stream where reading goes on. A change is written at once, those that follow within `flush_ms` together.
 * A file that cannot be read is said and left beside; reading then starts over, which repeats events under their old ids but loses none.
 */
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Cut } from '../delivery/tracker.ts'
import { type Files, systemFiles } from '../files/files.ts'
import type { Log, Position } from '../plugin.ts'
import { readSnapshot, writeSnapshot } from '../state/snapshot.ts'

export interface CheckpointEntry extends Cut {
  /** When it last moved, in ms since 1970. */
  readonly moved: number
}

/** Streams kept for each input; those that moved longest ago go first. */
const MAX_STREAMS = 10_000
const VERSION = 1

interface Stored {
  version: number
  inputs: Record<string, Record<string, { position: Position | null; skip: number; moved: number }>>
}

export interface CheckpointOptions {
  readonly data_dir: string
  readonly clock: Clock
  readonly log: Log
  readonly files?: Files
  readonly flush_ms?: number
}

export class Checkpoint {
  readonly #options: CheckpointOptions
  readonly #inputs = new Map<string, Map<string, CheckpointEntry>>()
  /** The stream of each input that was moved last. */
  readonly #newest = new Map<string, string>()
  #dirty = false
  #writing: Promise<void> | undefined
  #waiting = new AbortController()
  #failed = false
  /** When it was last written, by the monotonic clock. */
  #written = Number.NEGATIVE_INFINITY

  private constructor(options: CheckpointOptions) {
    this.#options = options
  }

  static path(data_dir: string): string {
    return join(data_dir, 'checkpoint')
  }

  static async open(options: CheckpointOptions): Promise<Checkpoint> {
    const checkpoint = new Checkpoint(options)
    const { state, damaged } = await readSnapshot(Checkpoint.path(options.data_dir), options.files)
    for (const problem of damaged) options.log.warn(`checkpoint: ${problem}`)
    const stored = state as Stored | undefined
    if (stored === undefined) return checkpoint
    if (stored.version !== VERSION) {
      options.log.warn(`checkpoint: version ${stored.version} is not known here; reading starts over`)
      return checkpoint
    }
    for (const [input, streams] of Object.entries(stored.inputs)) {
      const entries = Object.entries(streams).map(([stream, entry]) => [stream, { ...entry, position: entry.position ?? undefined }] as const)
      checkpoint.#inputs.set(input, new Map(entries))
    }
    return checkpoint
  }

  get(input: string, stream: string): CheckpointEntry | undefined {
    return this.#inputs.get(input)?.get(stream)
  }

  streams(input: string): ReadonlyMap<string, CheckpointEntry> {
    return this.#inputs.get(input) ?? new Map()
  }

  inputs(): string[] {
    return [...this.#inputs.keys()]
  }

  /** Moves a stream; written soon. */
  move(input: string, stream: string, cut: Cut): void {
    let streams = this.#inputs.get(input)
    if (!streams) this.#inputs.set(input, (streams = new Map()))
    // Deleting first keeps the map in the order of the last move. Each time it would leave another table behind, which leads to those after it.
    if (this.#newest.get(input) !== stream) streams.delete(stream)
    this.#newest.set(input, stream)
    streams.set(stream, { moved: this.#options.clock.now(), ...cut })
    if (streams.size > MAX_STREAMS) streams.delete(streams.keys().next().value!)
    this.#dirty = true
    this.#writing ??= this.#writeSoon()
  }

  /** Resolves when no writing is due or under way. */
  async written(): Promise<void> {
    await this.#writing
  }

  /** Writes what has not been written; rejects when that fails. */
  async flush(): Promise<void> {
    this.#waiting.abort()
    await this.#writing
    if (this.#dirty) await this.#write()
  }

  async #writeSoon(): Promise<void> {
    const { clock, flush_ms = 1000, log } = this.#options
    this.#waiting = new AbortController()
    // Never at once in the same turn: what moves together is written together.
    await clock.sleep(Math.max(1, this.#written + flush_ms - clock.monotonic()), this.#waiting.signal)
    try {
      if (this.#dirty) await this.#write()
      if (this.#failed) log.info('checkpoint: is written again')
      this.#failed = false
    } catch (error) {
      if (!this.#failed) log.error(`checkpoint: cannot be written, a restart would repeat events: ${(error as Error).message}`)
      this.#failed = true
    } finally {
      this.#writing = undefined
    }
    if (this.#dirty && !this.#waiting.signal.aborted) this.#writing ??= this.#writeSoon()
  }

  async #write(): Promise<void> {
    const { files, data_dir } = this.#options
    const stored: Stored = { version: VERSION, inputs: {} }
    for (const [input, streams] of this.#inputs) {
      const entries = [...streams].map(([stream, { position, skip, moved }]) => [stream, { position: position ?? null, skip, moved }] as const)
      stored.inputs[input] = Object.fromEntries(entries)
    }
    this.#dirty = false
    this.#written = this.#options.clock.monotonic()
    try {
      // Somebody may have deleted the folder under our feet.
      await (files ?? systemFiles).mkdir(data_dir)
      await writeSnapshot(Checkpoint.path(data_dir), stored, { files })
    } catch (error) {
      this.#dirty = true
      throw error
    }
  }
}
