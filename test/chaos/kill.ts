/**
 * `node dist/test/chaos/kill.js [--rounds N] [--long] [--seed N]`: kills Wherry with SIGKILL at random moments while a writer grows three rotating captures, and
 * checks that every record arrives, repeats only under its own `event.id`, and that no two records share one.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { program } from '../program.ts'
import { Air } from './air.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string' }, long: { type: 'boolean' }, seed: { type: 'string' } } })
const rounds = Number(values.rounds ?? (values.long ? 200 : 40))
const seed = Number(values.seed ?? Date.now() % 2147483646) + 1

/** Park and Miller's minimal generator: enough to make a run repeatable. */
let state = seed
const random = () => (state = (state * 48271) % 2147483647) / 2147483647

const folder = mkdtempSync(join(tmpdir(), 'wherry-kill-'))
const captures = join(folder, 'captures')
const archive = join(folder, 'archive')
mkdirSync(captures)
const config = join(folder, 'shipper.yml')
writeFileSync(
  config,
  `
shipper: { name: kill, data_dir: ${join(folder, 'data')}, threads: 1 }
inputs: { air: { plugin: pcap, path: ${captures}/*.pcap, follow: true } }
filters: { decode: { plugin: ieee80211 } }
outputs: { archive: { plugin: file, path: ${archive}/%H.ndjson, sync_ms: 50 } }
routes: [{ from: air, through: [decode], to: archive }]
`,
)

const air = new Air(captures, random)
const writer = setInterval(() => air.grow(1 + Math.floor(random() * 30)), 10)
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

console.log(`kill: ${rounds} rounds, seed ${seed - 1}`)
let fast = 0
for (let round = 1; round <= rounds; round++) {
  const child = spawn(process.execPath, [program, 'run', '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  let words = ''
  child.stderr.on('data', (data) => (words = (words + data).slice(-2000)))
  const exit = new Promise<NodeJS.Signals | null>((resolve) => child.on('exit', (_, signal) => resolve(signal)))
  await sleep(300 + random() * 1700)
  child.kill('SIGKILL')
  if ((await exit) !== 'SIGKILL') fail(`round ${round}: Wherry ended by itself: ${words}`)
  if (!existsSync(archive)) fast++
  if (process.stderr.isTTY) process.stderr.write(`\rround ${round} of ${rounds}, ${air.written} records `)
}
clearInterval(writer)
air.finish()
const last = spawnSync(process.execPath, [program, 'run', '--once', '-c', config], { encoding: 'utf8' })
if (last.status !== 0) fail(`the last run ended with ${last.status}: ${last.stderr}`)

const idOf = new Map<string, string>()
const recordOf = new Map<string, string>()
let lines = 0
for (const name of readdirSync(archive)) {
  for await (const line of createInterface({ input: createReadStream(join(archive, name)) })) {
    lines++
    const { event, wlan } = JSON.parse(line) as { event: { id: string }; wlan?: { ssid?: string } }
    const record = wlan?.ssid
    if (record === undefined) fail(`a stranger: ${line}`)
    const known = idOf.get(record)
    if (known !== undefined && known !== event.id) fail(`${record} has two ids: ${known} and ${event.id}`)
    const owner = recordOf.get(event.id)
    if (owner !== undefined && owner !== record) fail(`${owner} and ${record} share the id ${event.id}`)
    idOf.set(record, event.id)
    recordOf.set(event.id, record)
  }
}
const lost = Array.from({ length: air.written }, (_, n) => `n${n}`).filter((record) => !idOf.has(record))
if (lost.length > 0) fail(`${lost.length} of ${air.written} records lost: ${lost.slice(0, 10).join(', ')} …`)
if (air.written === 0 || fast === rounds) fail('nothing was put to the test')
console.log(`kill: ${rounds} kills, ${air.written} records, 0 lost, ${lines - air.written} repeats (equal ids), ${idOf.size} distinct ids`)
console.log('1 passed, 0 failed')
rmSync(folder, { recursive: true })

function fail(words: string): never {
  clearInterval(writer)
  console.log(`kill: ${words}\nfiles are in ${folder}\n0 passed, 1 failed`)
  process.exit(1)
}
