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
  // Hashes, since the ids of half an hour do not fit into a heap; 0 where none has come.
  const hashes = new BigUint64Array(count)
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
      else {
        const hash = hashOf(event.event.id)
        if (hashes[n] === 0n) {
          hashes[n] = hash
          distinct++
        } else if (hashes[n] !== hash) confused.push(`${n} has two ids`)
      }
    }
  const missing: number[] = []
  for (let n = 0; n < count; n++) if (hashes[n] === 0n) missing.push(n)
  hashes.sort()
  for (let n = 1; n < count; n++) if (hashes[n] !== 0n && hashes[n] === hashes[n - 1]) confused.push('two numbers share an id')
  return { lines, repeats: lines - distinct, missing, confused }
}

const words = new Uint32Array(2)
const word = new BigUint64Array(words.buffer)

/** 63 bits of an id, never 0; two of some ten million ids share them once in ten thousand runs or less. */
function hashOf(id: string): bigint {
  let [one, other] = [0x811c9dc5, 1]
  for (let i = 0; i < id.length; i++) {
    one = Math.imul(one ^ id.charCodeAt(i), 0x01000193)
    other = Math.imul(other, 0x85ebca6b) + id.charCodeAt(i)
  }
  words[0] = one
  words[1] = other | 1
  return word[0]
}

export function check(name: string, { missing, confused }: Arrived): void {
  if (missing.length > 0) throw new Error(`${name}: ${missing.length} lost: ${missing.slice(0, 10).join(', ')} …`)
  if (confused.length > 0) throw new Error(`${name}: ${confused.slice(0, 5).join('; ')}`)
}
