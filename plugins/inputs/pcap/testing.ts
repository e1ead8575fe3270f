/** For the tests: runs the input as the core would, with time that only moves when it is told to. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Event } from '../../../core/event/event.ts'
import { streamKey } from '../../../core/event/id.ts'
import { captureStatistics } from '../../../core/formats/capture.ts'
import { pcapHeader, pcapRecord } from '../../../core/formats/pcap-write.ts'
import {
  BATCH_RECORDS,
  type Batch,
  type Clock,
  envelope,
  Fields,
  frame,
  type Input,
  type InputContext,
  LEASE_BYTES,
  type Position,
} from '../../../core/plugin.ts'
import { pureContext } from '../../../core/route/context.ts'
import type { PcapConfig } from './config.ts'
import { gapFields } from './gap.ts'
import pcap from './index.ts'

/** Time that stands still but for `advance`. */
class HandClock implements Clock {
  #now = 1_800_000_000_000
  readonly sleepers = new Set<{ until: number; wake: () => void }>()

  now(): number {
    return this.#now
  }
  monotonic(): number {
    return this.#now
  }
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const sleeper = {
        until: this.#now + ms,
        wake: () => {
          this.sleepers.delete(sleeper)
          resolve()
        },
      }
      this.sleepers.add(sleeper)
      signal?.addEventListener('abort', sleeper.wake, { once: true })
    })
  }
  advance(ms: number): void {
    this.#now += ms
    for (const sleeper of [...this.sleepers]) if (sleeper.until <= this.#now) sleeper.wake()
  }
}

/** What became of a record. */
export interface Got {
  readonly id: string
  readonly time: string | undefined
  readonly number: number
  readonly dataset: string
  /** The first four bytes of the packet as a number: fixtures count their packets there. */
  readonly tag: number
  readonly fields: Readonly<Record<string, unknown>>
}

export interface RunOptions {
  readonly once?: boolean
  readonly leaseBytes?: number
  readonly maxRecordBytes?: number
  /** Positions of an earlier run. */
  readonly positions?: ReadonlyMap<string, Position>
}

const WAIT_MS = 20_000

export class Run {
  readonly clock = new HandClock()
  readonly got: Got[] = []
  readonly batches: { stream: string; identity: string; offset: number; length: number; next: Position }[] = []
  readonly rejected: string[] = []
  readonly skipped: { stream: string; offset: number; length: number; reason: string }[] = []
  readonly logs: string[] = []
  readonly positions: Map<string, Position>
  /** The input has ended, or enough batches were taken. */
  done = false
  failure: unknown
  readonly #abort = new AbortController()
  readonly #config: PcapConfig
  readonly #options: RunOptions
  #finished: Promise<void> | undefined
  input: Input | undefined

  constructor(config: Partial<PcapConfig>, options: RunOptions = {}) {
    this.#config = { follow: true, start_at: 'beginning', after: 'keep', statistics: true, ...config } as PcapConfig
    this.#options = options
    this.positions = new Map(options.positions)
  }

  /** Reads to the end of an input that ends. */
  async all(): Promise<this> {
    this.start()
    await this.until(() => this.done)
    if (this.failure) throw this.failure
    return this
  }

  /** Reads, for as many batches as are wanted. */
  start(batches = Number.POSITIVE_INFINITY): void {
    this.#finished = this.#read(batches)
      .catch((error) => {
        this.failure = error
      })
      .finally(() => {
        this.done = true
      })
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#finished
    if (this.failure) throw this.failure
  }

  /** Lets time pass, then waits until the input has nothing more to do. */
  async step(ms = 1000): Promise<void> {
    await this.#idle()
    this.clock.advance(ms)
    await this.#idle()
  }

  async steps(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.step()
  }

  /** Lets time pass until something is so. */
  async until(so: () => boolean): Promise<void> {
    const deadline = performance.now() + WAIT_MS
    while (!so()) {
      if (this.failure) throw this.failure
      if (performance.now() > deadline) throw new Error(`never happened: ${so}; got ${this.got.length}, logs ${this.logs.join('; ')}`)
      await tick()
      if (this.clock.sleepers.size > 0) this.clock.advance(100)
    }
  }

  /** Tags of the packets, in order. */
  get tags(): number[] {
    return this.got.filter((one) => one.dataset === 'wifi.frame').map((one) => one.tag)
  }

  async #idle(): Promise<void> {
    const deadline = performance.now() + WAIT_MS
    while (this.clock.sleepers.size === 0 && !this.done) {
      if (performance.now() > deadline) throw new Error('the input is never idle')
      await tick()
    }
    if (this.failure) throw this.failure
  }

  async #read(most: number): Promise<void> {
    const { leaseBytes = LEASE_BYTES, maxRecordBytes = 1024 * 1024, once = false } = this.#options
    const memory = new SharedArrayBuffer(LEASE_BYTES)
    const log = (level: string) => (message: string) => void this.logs.push(`${level} ${message}`)
    const context: InputContext = {
      name: 'air',
      position: (stream) => this.positions.get(stream),
      streams: () => new Map(this.positions),
      lease: (bytes) => {
        // What the last lease held is gone.
        new Uint8Array(memory).fill(0xee, 0, 64)
        return new Uint8Array(memory, 0, Math.min(bytes, leaseBytes))
      },
      signal: this.#abort.signal,
      once,
      max_record_bytes: maxRecordBytes,
      skipped: (stream, offset, length, reason) => void this.skipped.push({ stream, offset, length, reason }),
      log: { error: log('error'), warn: log('warn'), info: log('info'), debug: log('debug') },
      clock: this.clock,
    }
    const fields = new Fields([envelope, frame, gapFields, captureStatistics])
    const event = new Event(fields)
    const decoder = pcap.decoder(this.#config, pureContext('air', event, { name: 'pi', id: 'sensor' }))
    this.input = await pcap.create(this.#config, context)
    let count = 0
    for await (const batch of this.input.read()) {
      this.#take(batch, memory, event, decoder)
      if (++count >= most) break
    }
  }

  #take(batch: Batch, memory: SharedArrayBuffer, event: Event, decoder: ReturnType<typeof pcap.decoder>): void {
    const { stream, identity = stream, data, offset, context = new Uint8Array(0) } = batch
    if (data.buffer === memory && data.byteOffset !== 0) throw new Error('the batch does not begin where the lease begins')
    if (batch.records > BATCH_RECORDS || batch.records < 1) throw new Error(`a batch of ${batch.records} records`)
    let opened = 0
    const open = (at: number, length: number): Event => {
      opened++
      if (at < 0 || at + length > data.length) throw new Error('a record outside of its batch')
      event.open(data)
      return event
    }
    decoder.decode(
      { stream, data, offset, context, key: streamKey('sensor', identity) },
      { open, emit: () => void this.got.push(read(event)), reject: (reason) => void this.rejected.push(reason) },
    )
    if (opened !== batch.records) throw new Error(`a batch of ${batch.records} records has ${opened}`)
    const next = JSON.parse(JSON.stringify(batch.next)) as Position
    this.batches.push({ stream, identity, offset, length: data.length, next })
    this.positions.set(stream, next)
    this.input?.settled?.(stream, next)
  }
}

function read(event: Event): Got {
  const fields: Record<string, unknown> = {}
  for (const field of event.fields.all) if (field && event.present(field.number)) fields[field.path] = event.get(field.path)
  const packet = event.bytes.subarray(event.start, event.end)
  return {
    id: String(fields['event.id']),
    time: fields['@timestamp'] as string | undefined,
    number: Number(fields['frame.number']),
    dataset: String(fields['event.dataset']),
    tag: packet.length >= 4 ? packet[0] | (packet[1] << 8) | (packet[2] << 16) | (packet[3] << 24) : -1,
    fields,
  }
}

function tick(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

const folders: string[] = []
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A folder that is deleted when the process ends. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wherry-pcap-'))
  folders.push(folder)
  return folder
}

/** A packet with its number in front. */
export function packet(tag: number, length = 40): Uint8Array {
  const bytes = new Uint8Array(Math.max(4, length)).fill(tag * 7 + 1, 4)
  new DataView(bytes.buffer).setUint32(0, tag, true)
  return bytes
}

/** Records number `from` up to but not including `to`, one a second. */
export function records(from: number, to: number, length = 40): Uint8Array {
  return Buffer.concat(range(from, to).map((tag) => pcapRecord(packet(tag, length), 1_700_000_000 + tag, tag * 1000)))
}

/** A whole classic capture. */
export function capture(from: number, to: number, length = 40): Uint8Array {
  return Buffer.concat([pcapHeader(127), records(from, to, length)])
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
}
