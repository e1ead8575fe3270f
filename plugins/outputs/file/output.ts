/** The main-thread half: which files are open, and what is on its way to them. */
import { constants } from 'node:fs'
import type { Output, OutputContext, Payload, WriteContext } from '../../../core/plugin.ts'
import { AppendFile, type AppendOptions } from './append-file.ts'
import type { Disk } from './disk.ts'

/** Files kept open; more only while more are being written at once. */
const MAX_FILES = 32
/** Ids remembered of bodies that became durable after their caller had gone. */
const MAX_LANDED = 1024

export interface FileOutputOptions extends Pick<AppendOptions, 'gzip' | 'sync_ms' | 'rotate'> {
  /** The part of the path that does not depend on the event. */
  readonly folder: string
  readonly disk: Disk
}

/** A body on its way to the disk. */
interface Flight {
  readonly done: Promise<void>
  /** Takes it back if it is not too late for that. */
  withdraw(): boolean
  /** Callers that wait for it; none when the last one was aborted. */
  callers: number
}

export class FileOutput implements Output {
  readonly #options: FileOutputOptions
  readonly #context: OutputContext
  /** By path, the longest unused first. */
  readonly #files = new Map<string, AppendFile>()
  readonly #retiring = new Set<Promise<void>>()
  /** By payload id: the same id again joins what is on its way, and never appends twice. */
  readonly #flights = new Map<string, Flight>()
  readonly #landed = new Set<string>()
  #closed = false

  constructor(options: FileOutputOptions, context: OutputContext) {
    this.#options = options
    this.#context = context
  }

  async open(): Promise<void> {
    const { disk, folder } = this.#options
    await disk.mkdir(folder)
    await disk.access(folder, constants.W_OK)
  }

  async write(payload: Payload, { signal }: WriteContext): Promise<void> {
    if (this.#closed) throw new Error('the output is closed')
    signal.throwIfAborted()
    if (this.#landed.delete(payload.id)) return
    const flight = this.#flights.get(payload.id) ?? this.#start(payload)
    flight.callers++
    await this.#landing(flight, payload.id, signal)
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#retiring, ...[...this.#files.values()].map((file) => file.close())])
    this.#files.clear()
  }

  #start({ id, body, key = '' }: Payload): Flight {
    const file = this.#file(key)
    const { promise: done, resolve, reject } = withResolvers()
    const piece = { body, resolve, reject }
    const flight: Flight = { done, withdraw: () => file.withdraw(piece), callers: 0 }
    this.#flights.set(id, flight)
    done.then(
      () => this.#land(id, flight),
      () => this.#flights.delete(id),
    )
    file.append(piece)
    return flight
  }

  /** What nobody waited for is remembered: its retry will come. */
  #land(id: string, flight: Flight): void {
    this.#flights.delete(id)
    if (flight.callers > 0) return
    this.#landed.add(id)
    for (const oldest of this.#landed) {
      if (this.#landed.size <= MAX_LANDED) break
      this.#landed.delete(oldest)
    }
  }

  async #landing(flight: Flight, id: string, signal: AbortSignal): Promise<void> {
    const abort = withResolvers()
    const onAbort = () => {
      if (--flight.callers === 0 && flight.withdraw()) this.#flights.delete(id)
      abort.reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await Promise.race([flight.done, abort.promise])
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  #file(path: string): AppendFile {
    const file = this.#files.get(path) ?? this.#add(path)
    this.#files.delete(path)
    this.#files.set(path, file)
    return file
  }

  #add(path: string): AppendFile {
    for (const [other, file] of this.#files) {
      if (this.#files.size < MAX_FILES) break
      if (!file.idle) continue
      this.#files.delete(other)
      const closing = file.close().finally(() => this.#retiring.delete(closing))
      this.#retiring.add(closing)
    }
    const { gzip, sync_ms, rotate, disk } = this.#options
    const { clock, log } = this.#context
    return new AppendFile({ path, gzip, sync_ms, rotate, disk, clock, log })
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void; reject: (error: unknown) => void } {
  let resolve: () => void = () => undefined
  let reject: (error: unknown) => void = () => undefined
  const promise = new Promise<void>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
