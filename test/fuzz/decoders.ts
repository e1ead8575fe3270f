/**
 * `node dist/test/fuzz/decoders.js [--seconds N] [--long] [--seed N] [CAPTURE or FOLDER…]`: damages captures, those given and generated ones, and reads them.
 *
 * - Nothing throws, and every record is one event or one counted reject; on a sample the fast writer and the object path must agree.
 * - Nothing hangs: the reading thread is watched from this one.
 * - Memory is bounded: the thread's heap has a hard limit, and what is in use is measured; see work.ts.
 */
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { Message, Work } from './work.ts'

const LONG_RECORDS = 10_000_000
const SECONDS = 60
/** A file that takes longer than this hangs. */
const PATIENCE_MS = 20_000
const HEAP_MB = 128

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string' }, long: { type: 'boolean' }, seed: { type: 'string' } },
  allowPositionals: true,
})
const seed = Number(values.seed ?? Date.now() % 2147483646)
const beat = new Int32Array(new SharedArrayBuffer(4))
const work: Work = {
  seed,
  seconds: values.long ? Number.POSITIVE_INFINITY : Number(values.seconds ?? SECONDS),
  records: values.long ? LONG_RECORDS : Number.POSITIVE_INFINITY,
  paths: positionals,
  beat,
}
console.log(`fuzz: seed ${seed}, ${values.long ? `${LONG_RECORDS} records` : `${work.seconds} s`}`)

const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const worker = new Worker(new URL(`./work${extension}`, import.meta.url), { workerData: work, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } })
let file = 'nowhere'
let ended = false

/** Says how it ended, once. */
function end(passed: boolean, words: string): void {
  if (ended) return
  ended = true
  clearInterval(watch)
  console.log(`fuzz: ${words}`)
  console.log(passed ? '1 passed, 0 failed' : '0 passed, 1 failed')
  process.exitCode = passed ? 0 : 1
  void worker.terminate()
}

function fail(reason: string): void {
  end(false, `seed ${seed}, file ${Atomics.load(beat, 0)}, kept as ${file}: ${reason}`)
}

let last = 0
let since = performance.now()
const watch = setInterval(() => {
  const count = Atomics.load(beat, 0)
  if (process.stderr.isTTY) process.stderr.write(`\r${count} files `)
  if (count !== last || file === 'nowhere') since = performance.now()
  last = count
  if (performance.now() - since > PATIENCE_MS) fail(`not read after ${PATIENCE_MS} ms`)
}, 500)

worker.on('message', (message: Message) => {
  if (message.kind === 'file') file = message.file
  else end(message.passed, message.summary)
})
worker.on('error', (error) => fail(error.stack ?? String(error)))
worker.on('exit', (code) => fail(`the thread ended with ${code}`))
