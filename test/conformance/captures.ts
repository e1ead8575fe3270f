/**
 * `node dist/test/conformance/captures.js FOLDER`: reads every capture of a folder and checks
 *
 * - that the writers of JSON and MessagePack give the same as the object path, with `emit: standard` and `full`
 * - that the fast path gives the same bytes as the pipeline without it, for `_bulk` bodies and entries of the forward protocol too
 * - that every record is one event, numbered in order, and no two records of a capture share an id
 * - where FOLDER/truth/NAME.jsonl(.gz) is there: that it has as many records, of the same lengths and times
 */
import { createHash, type Hash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { eventsOf, type Ran, readCapture, runBatches } from '../../cli/captures.ts'
import { memoryLog } from '../plugins/config.ts'
import { body, pipelineOf } from './pipeline.ts'

const folder = process.argv[2]

interface Frame {
  readonly '@timestamp'?: string
  readonly event: { readonly id: string }
  readonly frame: { readonly number: number; readonly len: number; readonly cap_len: number }
}

/** What encoders of real outputs write, which the fast path can do too; behind them what it cannot, which keeps a pipeline from having one. */
const FRAMED = ['lines', 'bulk', 'entries']
const SLOW = ['objects', 'packed']

let taken = 0

async function check(name: string): Promise<string[]> {
  const wrong: string[] = []
  const lines: string[] = []
  for (const emit of ['standard', 'full']) {
    const skipped = () => wrong.push('a record was skipped')
    const options = { log: memoryLog(), signal: new AbortController().signal, max_record_bytes: 2 ** 20, statistics: false, skipped }
    const read = () => readCapture(join(folder, name), options)
    const { pipeline, sensor } = await pipelineOf(emit, [...FRAMED, ...SLOW])
    const written = FRAMED.map(() => createHash('sha256'))
    for await (const ran of runBatches(pipeline, read(), sensor)) {
      hash(ran, written)
      const [fast, slow, packed] = [0, FRAMED.length, FRAMED.length + 1].map((output) => body(ran, output).split('\n'))
      for (const [name, texts] of Object.entries({ JSON: fast, MessagePack: packed })) {
        const at = texts.findIndex((line, i) => line !== slow[i])
        if (at >= 0 || texts.length !== slow.length) wrong.push(`${emit}: ${name} differs:\n  fast ${texts[at]}\n  slow ${slow[at]}`)
      }
      if (ran.result.bad.length > 0) wrong.push(`${emit}: ${ran.result.bad[0].reason}`)
      if (emit === 'full') lines.push(...fast.filter((line) => line !== ''))
    }
    const again = FRAMED.map(() => createHash('sha256'))
    const quick = (await pipelineOf(emit, FRAMED)).pipeline
    for await (const ran of runBatches(quick, read(), sensor)) hash(ran, again)
    taken += quick.taken
    FRAMED.forEach((output, i) => {
      if (written[i].digest('hex') !== again[i].digest('hex')) wrong.push(`${emit}: ${output} differs on the fast path`)
    })
  }
  const frames = lines.map((line) => JSON.parse(line) as Frame)
  if (frames.some(({ frame }, i) => frame.number <= (frames[i - 1]?.frame.number ?? 0))) wrong.push('records are not numbered in order')
  if (new Set(frames.map(({ event }) => event.id)).size !== frames.length) wrong.push('two records share an id')
  return [...wrong, ...againstTruth(name, frames)]
}

/** Takes in the events of all framed outputs, and which record each is of. */
function hash(ran: Ran, into: readonly Hash[]): void {
  for (const part of ran.result.parts) {
    for (const { record, bytes } of eventsOf(ran, part)) into[part.output]?.update(`${record}:`).update(bytes)
  }
}

interface Truth {
  readonly t?: string
  readonly len: number
  readonly caplen: number
}

function againstTruth(name: string, frames: readonly Frame[]): string[] {
  const path = join(folder, 'truth', `${name}.jsonl`)
  const text = existsSync(path) ? readFileSync(path) : existsSync(`${path}.gz`) ? gunzipSync(readFileSync(`${path}.gz`)) : undefined
  if (!text) return []
  const all = text.toString().split('\n').filter(Boolean)
  // Records without a time are pcapng blocks that tshark counts as packets.
  const truth = all.map((line) => JSON.parse(line) as Truth).filter(({ t }) => t !== undefined)
  if (truth.length !== frames.length) return [`${frames.length} events, ${truth.length} records`]
  const at = truth.findIndex(({ t, len, caplen }, i) => {
    const { frame, '@timestamp': time = '' } = frames[i]
    const [seconds, nanos = ''] = t!.split('.')
    // A fraction of a second or more, as damaged records have, is printed by tshark as it stands, cut to 32 bits; an event's time is carried over.
    const same = nanos.length > 9 || (Date.parse(`${time.slice(0, 19)}Z`) / 1000 === Number(seconds) && time.slice(20, 29) === nanos.padEnd(9, '0'))
    return !same || frame.len !== len || frame.cap_len !== caplen
  })
  return at < 0 ? [] : [`record ${at + 1} differs from ${JSON.stringify(truth[at])}`]
}

let failed = 0
let passed = 0
for (const name of readdirSync(folder).sort()) {
  if (statSync(join(folder, name)).isDirectory() || name.endsWith('.md')) continue
  const wrong = await check(name)
  if (wrong.length > 0) {
    failed++
    console.log(`${name}: ${wrong.slice(0, 3).join('\n')}`)
  } else passed++
}
if (passed + failed === 0) {
  console.log(`no captures in ${folder}`)
  failed++
}
console.log(`${taken} records took the fast path`)
if (taken === 0) failed++
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
