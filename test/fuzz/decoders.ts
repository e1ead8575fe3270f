/**
 * `node dist/test/fuzz/decoders.js [--seconds N] [--long] [--seed N] [CAPTURE…]`: flips, cuts and joins bytes of captures and reads them. Every record must be one
 * event or one counted reject, nothing may throw or hang, and memory must stay flat. Without captures it takes generated traffic.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readCapture, runBatches } from '../../cli/captures.ts'
import { loadConfigText } from '../../core/config/load.ts'
import { buildPipelines } from '../../core/worker/setup.ts'
import { capture } from '../../plugins/inputs/generate/write.ts'
import { memoryLog } from '../plugins/config.ts'

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string' }, long: { type: 'boolean' }, seed: { type: 'string' } },
  allowPositionals: true,
})
const LONG_FRAMES = 10_000_000
const seconds = values.long ? Number.POSITIVE_INFINITY : Number(values.seconds ?? 40)
const seed = Number(values.seed ?? Date.now() % 2147483646)
/** One file that takes longer than this hangs. */
const PATIENCE_MS = 20_000

/** Park and Miller's minimal generator: enough to make a run repeatable. */
let state = seed + 1
const random = (below: number) => Math.floor(((state = (state * 48271) % 2147483647) / 2147483647) * below)

const SENSOR = { name: 'fuzz', id: 'fuzz' }
const config = JSON.stringify({
  inputs: { file: { plugin: 'pcap', path: '-', statistics: true } },
  filters: { decode: { plugin: 'ieee80211', emit: 'full' } },
  outputs: { lines: { plugin: 'stdout' } },
  routes: [{ from: 'file', through: 'decode', to: 'lines' }],
})
const loaded = await loadConfigText('fuzz', config, process.cwd(), { env: {}, once: true })
if (!loaded.config) throw new Error(loaded.problems.map(({ message }) => message).join('\n'))
const [pipeline] = buildPipelines({ config: loaded.config, sensor: SENSOR }, loaded.plugins, (bytes) => new ArrayBuffer(bytes))

function generatedCapture(): Uint8Array {
  const pieces = [...capture({ seed: 1 + random(1000), networks: 20, clients: 40, rate: 0, frames: 3000, start_ms: 1_735_689_600_000 })]
  return Buffer.concat(pieces.map(({ bytes }) => Uint8Array.from(bytes)))
}

const originals = positionals.length > 0 ? positionals.map((file) => readFileSync(file)) : [generatedCapture(), generatedCapture()]

/** A few bytes flipped, set to extremes, cut out or doubled; the file header is mostly spared, so that there is something to read. */
function mutated(original: Uint8Array): Buffer {
  const bytes = Buffer.from(original)
  const from = random(10) === 0 ? 0 : Math.min(24, bytes.length)
  const changes = 1 + random(1 + Math.floor(bytes.length / 300))
  for (let i = 0; i < changes && bytes.length > from; i++) {
    const at = from + random(bytes.length - from)
    bytes[at] = [0, 255, 127, 128, 221, bytes[at] ^ (1 << random(8)), random(256)][random(7)]
  }
  const a = from + random(Math.max(1, bytes.length - from))
  const b = Math.min(bytes.length, a + random(300))
  if (random(4) === 0) return Buffer.concat([bytes.subarray(0, a), bytes.subarray(b)])
  if (random(4) === 0) return Buffer.concat([bytes.subarray(0, b), bytes.subarray(a)])
  return bytes
}

const folder = mkdtempSync(join(tmpdir(), 'wherry-fuzz-'))
const file = join(folder, 'mutated')
const start = performance.now()
let files = 0
let records = 0
let damaged = 0
let rejected = 0
let heap = 0
console.log(`fuzz: seed ${seed}, ${values.long ? `${LONG_FRAMES} frames` : `${seconds} s`}`)
while ((performance.now() - start) / 1000 < seconds && (!values.long || records < LONG_FRAMES)) {
  const before = state
  try {
    writeFileSync(file, mutated(originals[random(originals.length)]))
    await read()
  } catch (error) {
    console.log(`fuzz: seed ${seed}, file ${files} (state ${before}), kept as ${file}: ${(error as Error).stack}`)
    console.log('0 passed, 1 failed')
    process.exit(1)
  }
  files++
  if (files % 50 === 0) {
    const used = process.memoryUsage().heapUsed
    if (files === 50) heap = used
    if (used > heap + 200 * 2 ** 20) throw new Error(`heap grew from ${heap} to ${used} bytes`)
    if (process.stderr.isTTY) process.stderr.write(`\r${files} files, ${records} records `)
  }
}
rmSync(folder, { recursive: true })
console.log(`fuzz: ${files} files, ${records} records: ${records - rejected} events (${damaged} of them damaged), ${rejected} rejected; 0 throws`)
console.log(records > 0 && damaged > 0 ? '1 passed, 0 failed' : '0 passed, 1 failed')

async function read(): Promise<void> {
  const begun = performance.now()
  let promised = 0
  const batches = async function* () {
    const options = { log: memoryLog(), signal: new AbortController().signal, max_record_bytes: 2 ** 20, statistics: true, skipped: () => undefined }
    for await (const batch of readCapture(file, options)) {
      promised += batch.records
      yield batch
    }
  }
  let seen = 0
  for await (const { result, memory } of runBatches(pipeline, batches(), SENSOR)) {
    const undecoded = result.bad.filter((bad) => bad.undecoded).length
    if (result.bad.length > undecoded) throw new Error(`a filter or encoder threw: ${result.bad.find((bad) => !bad.undecoded)?.reason}`)
    seen += result.decoded + undecoded
    rejected += undecoded
    for (const part of result.parts) {
      const lines = Buffer.from(memory[part.body], 0, part.length).toString().trimEnd().split('\n')
      if (lines.length !== part.count) throw new Error(`${part.count} events, ${lines.length} lines`)
      for (const line of lines) if ('error' in (JSON.parse(line) as object)) damaged++
    }
    if (performance.now() - begun > PATIENCE_MS) throw new Error(`not read after ${PATIENCE_MS} ms`)
  }
  if (seen !== promised) throw new Error(`${promised} records promised, ${seen} seen`)
  records += seen
}
