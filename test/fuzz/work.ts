/**
 * The thread of `decoders.ts`: makes damaged captures and reads them. It throws at the first that is not read as it should be; the main thread watches
 * that it goes on.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import { capture } from '../../plugins/inputs/generate/write.ts'
import { hash, Random } from '../kit/random.ts'
import { mutated, type Original, original } from './mutate.ts'
import { newReader } from './reader.ts'

export interface Work {
  readonly seed: number
  readonly seconds: number
  readonly records: number
  /** Captures and folders of captures. */
  readonly paths: readonly string[]
  /** Count of files, shared with who watches. */
  readonly beat: Int32Array
}

export type Message = { readonly kind: 'file'; readonly file: string } | { readonly kind: 'done'; readonly summary: string; readonly passed: boolean }

/** Most that may be in use beyond what the originals take, garbage included: heap and buffers. */
const MOST_BYTES = 128 * 2 ** 20
/** Every so many files the garbage is collected. What then remains of the heap may grow by so much after the files that warm it up. */
const MEASURE_FILES = 100
const WARM_FILES = 200
const MOST_GROWTH = 32 * 2 ** 20
/** One file of so many is written by a writer and by the object path, and one by the fast path and the slow one. */
const SAMPLE = 8

const { seed, seconds, records, paths, beat } = workerData as Work
setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

function generated(own: number): Uint8Array {
  const pieces: Buffer[] = []
  // A piece is overwritten by the next one.
  for (const { bytes } of capture({ seed: own, networks: 20, clients: 40, rate: 0, frames: 3000, start_ms: 1_735_689_600_000 }))
    pieces.push(Buffer.from(bytes))
  return Buffer.concat(pieces)
}

function files(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .filter((name) => /\.(pcap|pcapng|cap|dump)(\.gz)?$/.test(name))
    .sort()
    .map((name) => join(path, name))
}

function used(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const originals: Original[] = [
  generated(1 + (seed % 1000)),
  generated(2 + (seed % 1000)),
  ...paths.flatMap(files).map((file) => readFileSync(file)),
].map(original)
// Both in turns, and each seed the same again.
const emit = seed % 2 === 0 ? 'full' : 'standard'
const reader = await newReader(emit)
const folder = mkdtempSync(join(tmpdir(), 'wherry-fuzz-'))
const file = join(folder, 'mutated')
parentPort?.postMessage({ kind: 'file', file } satisfies Message)
gc()
const idle = used()
let level = Number.NaN
let most = 0
const start = performance.now()
let count = 0
while ((performance.now() - start) / 1000 < seconds && reader.totals.records < records) {
  // A file is known by its number alone, whatever was before it.
  const random = new Random(hash(`${seed} ${count}`))
  writeFileSync(file, mutated(random.pick(originals), random))
  if (count % SAMPLE === 1) await reader.readTwice(file)
  await reader.read(file, count % SAMPLE === 0 ? random.pick(['standard', 'full', 'packed']) : 'fast')
  count++
  Atomics.store(beat, 0, count)
  most = Math.max(most, used() - idle)
  if (most > MOST_BYTES) throw new Error(`${most} bytes in use, beyond the captures`)
  if (count % MEASURE_FILES !== 0) continue
  gc()
  const { heapUsed } = process.memoryUsage()
  if (count === WARM_FILES) level = heapUsed
  if (heapUsed - level > MOST_GROWTH) throw new Error(`the heap grew from ${level} to ${heapUsed} bytes in ${count - WARM_FILES} files`)
}
rmSync(folder, { recursive: true })
const { totals } = reader
const summary = `${count} files, ${totals.records} records: ${totals.records - totals.rejected} events (${totals.damaged} of them damaged), ${totals.rejected} rejected; ${totals.skipped} skipped by the reader; ${totals.compared} written both ways, ${totals.taken} by the fast path, showing ${emit}; at most ${Math.round(most / 2 ** 20)} MB in use`
parentPort?.postMessage({
  kind: 'done',
  summary,
  passed: totals.records > 0 && totals.damaged > 0 && totals.compared > 0 && totals.taken > 0,
} satisfies Message)
