/**
 * `node dist/test/fuzz/kismet.js [--seconds N] [--seed N] [TRANSCRIPTS]`: damaged lines, frames and replies of Kismet servers of both generations through the
 * halves of the input.
 *
 * - Nothing throws, and every record is one event or one counted reject.
 * - The fast writer and the object path agree on every event, which is JSON and has an id.
 * - What stands undamaged between damaged lines or objects comes out as it does alone: nothing spills over.
 */
import { parseArgs } from 'node:util'
import { Random } from '../kit/random.ts'
import { KismetCheck } from './kismet-check.ts'
import { legacyRound } from './kismet-legacy.ts'
import { modernRound, splitterRound } from './kismet-modern.ts'
import { readTranscripts } from './kismet-samples.ts'

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '15' }, seed: { type: 'string' } },
  allowPositionals: true,
})
const seed = Number(values.seed ?? Date.now() % 2147483646)
/** A round takes milliseconds. */
const PATIENCE_MS = 10_000

const check = new KismetCheck()
const samples = readTranscripts(positionals[0])
const end = performance.now() + Number(values.seconds) * 1000
let round = 0
let failure: string | undefined
console.log(`kismet fuzz: seed ${seed}, ${values.seconds} s, ${samples.lines.length} lines and ${samples.objects.length} objects to begin with`)
for (; performance.now() < end && failure === undefined; round++) {
  const random = new Random(`${seed} ${round}`)
  const began = performance.now()
  try {
    legacyRound(check, samples.lines, random)
    await modernRound(check, samples.objects, random)
    splitterRound(samples.objects, random)
  } catch (error) {
    failure = (error as Error).stack
  }
  if (performance.now() - began > PATIENCE_MS) failure ??= `took ${Math.round(performance.now() - began)} ms`
}
const { records, events, rejected, odd } = check.totals
console.log(`kismet fuzz: ${round} rounds, ${records} records: ${events} events (${odd} with odd fields), ${rejected} rejected`)
if (failure !== undefined) console.log(`kismet fuzz: seed ${seed}, round ${round - 1}: ${failure}`)
const good = failure === undefined && events > 0 && rejected > 0 && odd > 0
console.log(good ? '1 passed, 0 failed' : '0 passed, 1 failed')
process.exitCode = good ? 0 : 1
