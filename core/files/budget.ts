/**
 * What Wherry writes in 24 hours, and whether queues may write more: SD cards die of writing. The day is counted while Wherry runs, so that neither a restart nor a
 * clock that jumps begins a new one.
 */
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Log } from '../plugin.ts'
import { readSnapshot, writeSnapshot } from '../state/snapshot.ts'
import type { Files, WritableFile } from './files.ts'

const DAY_MS = 86_400_000

interface Stored {
  readonly elapsed_ms: number
  readonly bytes: number
}

export interface BudgetOptions {
  readonly files: Files
  readonly data_dir: string
  readonly max_bytes: number | undefined
  readonly clock: Clock
  readonly log: Log
}

export class WriteBudget {
  readonly #options: BudgetOptions
  #bytes: number
  /** When the day began, by the monotonic clock. */
  #began: number
  #said = false

  private constructor(options: BudgetOptions, { elapsed_ms, bytes }: Stored) {
    this.#options = options
    this.#bytes = bytes
    this.#began = options.clock.monotonic() - elapsed_ms
  }

  static async open(options: BudgetOptions): Promise<WriteBudget> {
    const { state } = await readSnapshot(WriteBudget.#path(options), options.files)
    const { elapsed_ms, bytes } = (state ?? {}) as Partial<Stored>
    const known = Number.isFinite(elapsed_ms) && Number.isFinite(bytes)
    return new WriteBudget(options, known ? (state as Stored) : { elapsed_ms: 0, bytes: 0 })
  }

  static #path({ data_dir }: BudgetOptions): string {
    return join(data_dir, 'written')
  }

  /** Bytes written in the day under way. */
  get today(): number {
    this.#turn()
    return this.#bytes
  }

  /** Whether queues may write; said once a day when not. */
  mayWrite(): boolean {
    const { max_bytes, log } = this.#options
    if (max_bytes === undefined || this.today < max_bytes) return true
    if (!this.#said)
      log.warn(`queues have written ${this.#bytes} bytes today and stop at max_daily_write_bytes (${max_bytes}): what waits stays in memory`)
    this.#said = true
    return false
  }

  note(bytes: number): void {
    this.#turn()
    this.#bytes += bytes
  }

  async save(): Promise<void> {
    const { files, clock } = this.#options
    this.#turn()
    const stored: Stored = { elapsed_ms: clock.monotonic() - this.#began, bytes: this.#bytes }
    await writeSnapshot(WriteBudget.#path(this.#options), stored, { files, durable: false })
  }

  #turn(): void {
    const now = this.#options.clock.monotonic()
    if (now - this.#began < DAY_MS) return
    this.#began = now
    this.#bytes = 0
    this.#said = false
  }
}

/** The same files, with everything written told. */
export function counted(files: Files, note: (bytes: number) => void): Files {
  return {
    ...files,
    create: async (path) => {
      const file: WritableFile = await files.create(path)
      return {
        append: async (pieces) => {
          await file.append(pieces)
          note(pieces.reduce((sum, { length }) => sum + length, 0))
        },
        sync: () => file.sync(),
        deleted: () => file.deleted(),
        close: () => file.close(),
      }
    },
    append: async (path, bytes) => {
      await files.append(path, bytes)
      note(bytes.length)
    },
  }
}
