/**
 * Dead letters: what could not be decoded or will never be taken, kept for people to look at and replay.
 *
 * - Record letters hold raw bytes of a record and what its decoder needs; they are replayed from decoding.
 * - Delivery letters hold an encoded event; they are replayed to their output.
 *
 * Each file keeps two generations; when both are full the older one goes, counted and said once.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Log } from '../plugin.ts'
import { RecordFile, readRecords } from '../state/records.ts'

interface LetterBase {
  /** When it was written, ISO. */
  readonly at: string
  readonly reason: string
}

export interface RecordLetter extends LetterBase {
  readonly kind: 'record'
  readonly input: string
  readonly stream: string
  readonly identity: string
  /** Place of the record in its stream, and its length. */
  readonly offset: number
  readonly length: number
  /** base64; absent where a route of the input has `privacy`. */
  readonly data?: string
  readonly context?: string
}

export interface DeliveryLetter extends LetterBase {
  readonly kind: 'delivery'
  readonly output: string
  readonly format: string
  readonly key?: string
  /** Index of the route it came by. */
  readonly route: number
  /** The event as encoded, base64. */
  readonly body: string
  /** Whether the body stands by itself in a payload (then it has an end), or is columnar. */
  readonly ends: boolean
}

export type Letter = RecordLetter | DeliveryLetter

/** End of the name of a file that is set aside. */
const ASIDE = '.replay'

/** Bytes and age after which a generation is full. Two are kept. */
export const GENERATION_BYTES = 32 * 1024 * 1024
export const GENERATION_MS = 30 * 86_400_000

export class DeadLetters {
  readonly #folder: string
  readonly #clock: Clock
  readonly #log: Log
  readonly #wrote: (bytes: number) => void
  readonly #files = new Map<string, { file: RecordFile; began: number; tail: Promise<void> }>()
  /** Letters written, by file. */
  readonly written = new Map<string, number>()
  /** Letters that left by the limit. */
  expired = 0

  /** @param options.wrote is told of bytes written */
  constructor(options: { data_dir: string; clock: Clock; log: Log; wrote?: (bytes: number) => void }) {
    this.#folder = join(options.data_dir, 'dead')
    this.#clock = options.clock
    this.#log = options.log
    this.#wrote = options.wrote ?? (() => undefined)
  }

  /** Resolves once the letters are on disk. */
  write(letters: readonly Letter[]): Promise<void> {
    const byFile = new Map<string, Letter[]>()
    for (const letter of letters) {
      const name = fileName(letter)
      byFile.set(name, [...(byFile.get(name) ?? []), letter])
    }
    return Promise.all([...byFile].map(([name, some]) => this.#append(name, some))).then(() => undefined)
  }

  async #append(name: string, letters: readonly Letter[]): Promise<void> {
    const entry = await this.#file(name)
    const done = entry.tail.then(async () => {
      this.#wrote(await entry.file.append(letters))
      while (!(await entry.file.isInPlace())) {
        // `wherry dead replay` has set the file aside, and may have read it before this.
        await entry.file.close()
        this.#wrote(await entry.file.append(letters))
      }
      this.written.set(name, (this.written.get(name) ?? 0) + letters.length)
      if (entry.file.bytes >= GENERATION_BYTES || this.#clock.now() - entry.began >= GENERATION_MS) await this.#turn(name, entry)
    })
    entry.tail = done.catch(() => undefined)
    return done
  }

  async #file(name: string) {
    let entry = this.#files.get(name)
    if (!entry) {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      const path = join(this.#folder, name)
      const began = await stat(path).then(
        ({ birthtimeMs }) => birthtimeMs,
        () => this.#clock.now(),
      )
      entry = this.#files.get(name) ?? { file: new RecordFile(path), began, tail: Promise.resolve() }
      this.#files.set(name, entry)
    }
    return entry
  }

  async #turn(name: string, entry: { file: RecordFile; began: number }): Promise<void> {
    const { path } = entry.file
    const { records } = await readRecords(`${path}.1`)
    if (records.length > 0 && this.expired === 0) this.#log.warn(`dead letters: ${name} is full; the oldest ones are being dropped`)
    this.expired += records.length
    await entry.file.close()
    await rename(path, `${path}.1`)
    entry.began = this.#clock.now()
  }

  async close(): Promise<void> {
    for (const { file, tail } of this.#files.values()) {
      await tail
      await file.close()
    }
  }

  /** Whether a file has been set aside to be sent again. */
  static isAside(name: string): boolean {
    return name.endsWith(ASIDE)
  }

  /**
   * Sets files aside to be sent again, under names that no other has; those that are already are among the answers. Safe while another process writes letters.
   * @param only of this input or output
   */
  static async setAside(data_dir: string, only: string | undefined): Promise<string[]> {
    const paths: string[] = []
    for (const { name, path } of await DeadLetters.list(data_dir)) {
      if (only !== undefined && name.split('.')[1] !== only) continue
      const aside = DeadLetters.isAside(name) ? path : `${path}.${randomBytes(6).toString('hex')}${ASIDE}`
      if (aside !== path) await rename(path, aside)
      paths.push(aside)
    }
    return paths
  }

  /** Files of letters in a data_dir, older generations first. */
  static async list(data_dir: string): Promise<{ name: string; path: string }[]> {
    const folder = join(data_dir, 'dead')
    const names = await readdir(folder).catch(() => [] as string[])
    const letters = names
      .filter((name) => /^(records|events)\.[^/]+$/.test(name))
      .sort((a, b) => Number(b.endsWith('.1')) - Number(a.endsWith('.1')) || a.localeCompare(b))
    return letters.map((name) => ({ name, path: join(folder, name) }))
  }

  static async read(path: string): Promise<{ letters: Letter[]; damaged: number }> {
    const { records, damaged } = await readRecords(path)
    return { letters: records as Letter[], damaged }
  }
}

function fileName(letter: Letter): string {
  return letter.kind === 'record' ? `records.${letter.input}` : `events.${letter.output}`
}
