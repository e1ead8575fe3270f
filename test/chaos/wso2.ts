/**
 * `node dist/test/chaos/wso2.js [--long] [--events N] [--seed N] [--binary]`: frames through two groups of databridges, one that fails over and one that shares the load, while all
 * four restart, expire sessions and block publishes, one fault after the other as events arrive, so that a fast machine meets as many as a slow one.
 *
 * Each group must have every event under its key, none malformed, with the values that another output has; the books balance. 1,000,000 events with `--long`, 60,000 without.
 */
import { spawn } from 'node:child_process'
import { createReadStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { type StreamConfig, streamsOf } from '../../plugins/outputs/wso2/streams.ts'
import { CA, PythonReceiver } from '../peers/wso2/process.ts'
import { program } from '../program.ts'

const { values } = parseArgs({
  options: { long: { type: 'boolean' }, events: { type: 'string' }, seed: { type: 'string' }, binary: { type: 'boolean' } },
})
const events = Number(values.events ?? (values.long ? 1_000_000 : 60_000))
/** About. */
const FAULTS = values.long ? 100 : 12
/** What a receiver writes for an event, about. */
const ROW_BYTES = 440
/** How often the receivers' files are looked at. */
const LOOK_MS = 20
const seed = Number(values.seed ?? Date.now() % 2147483646) + 1
let state = seed
const random = () => (state = (state * 48271) % 2147483647) / 2147483647

const folder = mkdtempSync(join(tmpdir(), 'wherry-wso2-'))
const receivers = await Promise.all(
  Array.from({ length: 4 }, (_, i) => new PythonReceiver(join(folder, `receiver-${i}`), { more: ['--session-s', '20'] }).listen()),
)
const streams: StreamConfig[] = [
  { preset: 'frames', when: 'wlan.fc.type_subtype == 8' },
  { preset: 'frames', name: 'wherry.others', arbitrary: { dataset: 'event.dataset' } },
]
// Over the binary protocol nobody defines them.
if (values.binary) for (const receiver of receivers) for (const { definition } of streamsOf(streams)) receiver.tell(`define ${definition}`)
const set = (kind: 'receivers' | 'auth') => {
  const [a, b, c, d] = receivers.map((receiver) => (values.binary ? receiver.binary : receiver)[kind])
  return `{${a}|${b}},{${c},${d}}`
}
const archive = join(folder, 'events.ndjson')
const config = join(folder, 'shipper.yml')
writeFileSync(
  config,
  `
shipper: { name: chaos, data_dir: ${join(folder, 'data')} }
inputs: { air: { plugin: generate, frames: ${events}, rate: 0 } }
filters: { decode: { plugin: ieee80211 } }
outputs:
  archive: { plugin: file, path: ${archive} }
  bam:
    plugin: wso2
    receivers: "${set('receivers')}"
    auth: "${set('auth')}"
    username: admin
    password: admin
    tls: { ca_file: ${CA} }
    transport: ${values.binary ? 'binary' : 'thrift'}
    streams: ${JSON.stringify(streams)}
    connections: 4
    batch: { max_events: 200 }
    retry: { initial_ms: 100, max_ms: 2000 }
routes: [{ from: air, through: decode, to: [archive, bam] }]
`,
)

const count = { restarts: 0, expiries: 0, blocks: 0 }
/** Bytes that the receivers have written, when the next fault comes. */
let due = 0
let faults = 0
const trouble = setInterval(() => {
  const written = receivers.reduce((sum, { out }) => sum + (statSync(out, { throwIfNoEntry: false })?.size ?? 0), 0)
  if (written <= due) return
  due = written + (random() * 2 * ROW_BYTES * 2 * events) / FAULTS
  const receiver = receivers[Math.floor(random() * receivers.length)]
  const fault = faults++ % 3
  if (fault === 0) {
    count.restarts++
    receiver.tell(`restart ${(random() * 2).toFixed(2)}`)
  } else if (fault === 1) {
    count.expiries++
    receiver.tell('expire')
  } else {
    count.blocks++
    receiver.tell(`block ${(random() * 3).toFixed(2)}`)
  }
}, LOOK_MS)

const began = Date.now()
const child = spawn(process.execPath, [program, 'run', '--once', '-c', config], { stdio: ['ignore', 'pipe', 'pipe'] })
let words = ''
for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (words = (words + data).slice(-4000)))
const code = await new Promise((resolve) => child.on('exit', resolve))
clearInterval(trouble)

async function* lines(file: string): AsyncGenerator<unknown> {
  for await (const line of createInterface(createReadStream(file))) yield JSON.parse(line)
}

interface Written {
  readonly event: { readonly id: string }
  readonly frame: { readonly len: number }
  readonly wlan?: { readonly ta?: string }
}
interface Arrived {
  readonly stream: string
  readonly values: { readonly event_id: string; readonly len: number; readonly ta: string | null; readonly type_subtype: number }
}

const problems: string[] = code === 0 ? [] : [`wherry ended with ${code}: ${words}`]
const expected = new Map<string, string>()
for await (const line of lines(archive)) {
  const { event, frame, wlan } = line as Written
  expected.set(event.id, `${frame.len} ${wlan?.ta ?? null}`)
}
const counted = await Promise.all(receivers.map((receiver) => receiver.counted()))
const malformed = counted.reduce((sum, { malformed }) => sum + malformed, 0)
if (malformed > 0) problems.push(`${malformed} bundles could not be unpacked`)
if (expected.size !== events) problems.push(`${expected.size} of ${events} events in the archive`)
let repeats = 0
for (const [name, members] of [
  ['fail-over', receivers.slice(0, 2)],
  ['load balancing', receivers.slice(2)],
] as const) {
  const seen = new Set<string>()
  let wrong = 0
  for (const { out } of members)
    for await (const line of lines(out)) {
      const { stream, values } = line as Arrived
      if (seen.has(values.event_id)) repeats++
      seen.add(values.event_id)
      const right =
        expected.get(values.event_id) === `${values.len} ${values.ta}` && (values.type_subtype === 8) === stream.startsWith('wherry.frames:')
      if (!right) wrong++
    }
  if (wrong > 0) problems.push(`${name}: ${wrong} events with other values`)
  if (seen.size !== expected.size) problems.push(`${name}: ${seen.size} of ${expected.size} events`)
}
if (count.restarts === 0 || count.expiries === 0 || count.blocks === 0) problems.push('nothing was put to the test')
const sum = (key: 'events' | 'bundles' | 'logins' | 'expired') => counted.reduce((all, one) => all + one[key], 0)
console.log(words.slice(-1500))
console.log(
  `${expected.size} events to two groups in ${((Date.now() - began) / 1000).toFixed(0)} s: ${sum('events')} arrived in ${sum('bundles')} bundles (${repeats} repeated under their keys); ` +
    `${count.restarts} restarts, ${count.expiries} expiries, ${count.blocks} blocks; ${sum('logins')} logins, ${sum('expired')} refused sessions; seed ${seed - 1}`,
)
for (const problem of problems) console.log(problem)
console.log(problems.length === 0 ? 'nothing lost, nothing malformed' : 'FAILED')
rmSync(folder, { recursive: true })
process.exit(problems.length === 0 ? 0 : 1)
