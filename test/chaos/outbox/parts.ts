/** What the outbox's chaos runs share: configs, children, and reading what arrived. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createReadStream, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { QueueOptions, ShipperConfig } from '../../../core/config/types.ts'
import { config, numbers, output, section } from '../../plugins/config.ts'
import type { ChildWork, Told } from './child.ts'

const CHILD = new URL(`./child${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url).pathname

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

export function workFolder(): string {
  return mkdtempSync(join(tmpdir(), 'wherry-outbox-'))
}

export interface Target {
  readonly name: string
  readonly file: string
  readonly queue: Partial<QueueOptions>
  readonly slow_ms?: number
  readonly max_events?: number
}

/** Numbers from 0 on to each of the targets. */
export function shipping(folder: string, count: number, targets: readonly Target[], batch = 100): ShipperConfig {
  return config({
    data_dir: join(folder, 'data'),
    shipper: { shutdown_ms: 500 },
    inputs: [numbers({ count, batch })],
    outputs: targets.map(({ name, file, queue, slow_ms = 0, max_events = 200 }) => ({
      ...output(
        name,
        {},
        {
          queue: { max_bytes: 64 * 2 ** 20, memory_bytes: 2 ** 18, ...queue },
          batch: { max_events, max_bytes: 64 * 1024 },
          retry: { initial_ms: 20, max_ms: 200 },
        },
      ),
      ...section(name, 'switched', { file, slow_ms }),
    })),
    routes: [{ from: ['count'], through: [], to: targets.map(({ name }) => name) }],
  })
}

export class Child {
  readonly process: ChildProcess
  readonly exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  readonly told: Told[] = []
  words = ''

  constructor(work: ChildWork) {
    this.process = spawn(process.execPath, [CHILD, JSON.stringify(work)], { stdio: ['ignore', 'pipe', 'pipe'] })
    createInterface({ input: this.process.stdout! }).on('line', (line) => this.told.push(JSON.parse(line) as Told))
    this.process.stderr!.on('data', (data) => (this.words = (this.words + data).slice(-4000)))
    this.exit = new Promise((resolve) => this.process.on('exit', (code, signal) => resolve({ code, signal })))
  }
}

export function down(file: string, isDown: boolean): void {
  if (isDown) writeFileSync(`${file}.down`, '')
  else rmSync(`${file}.down`, { force: true })
}

export interface Arrived {
  readonly lines: number
  readonly repeats: number
  readonly missing: number[]
  /** Numbers that came under two ids, or ids with two numbers. */
  readonly confused: string[]
}

/** Compares what a file has with the numbers 0 … count-1. */
export async function arrived(file: string, count: number): Promise<Arrived> {
  const ids: string[] = new Array(count)
  const confused: string[] = []
  let lines = 0
  let distinct = 0
  if (existsSync(file))
    for await (const line of createInterface({ input: createReadStream(file) })) {
      let event: { number: { n: number }; event: { id: string } }
      try {
        event = JSON.parse(line)
      } catch {
        // A kill may cut a line of this file; that payload was not settled and comes again.
        continue
      }
      lines++
      const { n } = event.number
      if (n >= count) confused.push(`a stranger: ${n}`)
      else if (ids[n] === undefined) {
        ids[n] = event.event.id
        distinct++
      } else if (ids[n] !== event.event.id) confused.push(`${n} has two ids`)
    }
  if (new Set(ids.filter((id) => id !== undefined)).size !== distinct) confused.push('two numbers share an id')
  const missing = Array.from({ length: count }, (_, n) => n).filter((n) => ids[n] === undefined)
  return { lines, repeats: lines - distinct, missing, confused }
}

export function check(name: string, { missing, confused }: Arrived): void {
  if (missing.length > 0) throw new Error(`${name}: ${missing.length} lost: ${missing.slice(0, 10).join(', ')} …`)
  if (confused.length > 0) throw new Error(`${name}: ${confused.slice(0, 5).join('; ')}`)
}
