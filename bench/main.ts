/** `npm run bench [-- CASE] [--json] [--rounds N] [--captures FOLDER]`: a table of ratios, or JSON. */
import { parseArgs } from 'node:util'
import { program } from '../test/program.ts'
import type { BenchOptions, BenchResult, Metric } from './case.ts'
import { decode } from './cases/decode.ts'
import { elasticsearch } from './cases/elasticsearch.ts'
import { enrich } from './cases/enrich.ts'
import { fluentd } from './cases/fluentd.ts'
import { ingest } from './cases/ingest.ts'
import { latency } from './cases/latency.ts'
import { memory } from './cases/memory.ts'
import { privacy } from './cases/privacy.ts'
import { queue } from './cases/queue.ts'
import { when } from './cases/when.ts'
import { wso2 } from './cases/wso2.ts'

const CASES: Readonly<Record<string, (options: BenchOptions) => Promise<BenchResult>>> = {
  ingest,
  decode,
  memory,
  latency,
  wso2,
  elasticsearch,
  fluentd,
  enrich,
  privacy,
  when,
  queue,
}

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '5' }, captures: { type: 'string' } },
  allowPositionals: true,
})
const unknown = positionals.find((name) => !(name in CASES))
const rounds = Number(values.rounds)
if (unknown !== undefined || !Number.isInteger(rounds) || rounds < 1) {
  console.error(`usage: bench [${Object.keys(CASES).join(' | ')}] [--json] [--rounds N] [--captures FOLDER]`)
  process.exit(2)
}

for (const name of positionals.length > 0 ? positionals : Object.keys(CASES)) {
  const result = await CASES[name]({
    rounds,
    program,
    captures: values.captures,
    say: (words) => process.stderr.isTTY && process.stderr.write(`\r${name}: ${words} `),
  })
  if (process.stderr.isTTY) process.stderr.write('\n')
  if (values.json) console.log(JSON.stringify(result))
  else print(result)
}

function print({ case: name, metrics, ratios, notes }: BenchResult): void {
  console.log(`\n${name}`)
  for (const [metric, value] of Object.entries(metrics)) console.log(`  ${metric.padEnd(32)} ${shown(value)}`)
  for (const [ratio, value] of Object.entries(ratios)) console.log(`  ${ratio.padEnd(32)} ${value.toFixed(2)} ×`)
  for (const note of notes) console.log(`  ${note}`)
}

function shown(value: Metric): string {
  if (typeof value === 'number') return rounded(value)
  return `${rounded(value.median)} (${rounded(value.min)} – ${rounded(value.max)})`
}

function rounded(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: value >= 1000 ? 7 : 4 })
}
