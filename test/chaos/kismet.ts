/**
 * `node dist/test/chaos/kismet.js [--long] [--seconds N] [--kills N] [--seed N]`: a legacy and a modern Kismet, scripted, that change, restart, cut, repeat and lag at random,
 * while Wherry is killed with SIGKILL again and again.
 *
 * At the end every state that the servers still have has arrived; every other one has arrived or lies in a gap that an event gives the bounds of; nothing came twice under
 * different ids; no packet was counted twice. 10 minutes and 50 kills with `--long`, one minute and 10 without.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createReadStream, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { LegacyServer } from '../peers/kismet-legacy/server.ts'
import { ModernServer } from '../peers/kismet-modern/server.ts'
import { program } from '../program.ts'
import { type Line, nameOfLine, Truth } from './kismet-truth.ts'

const { values } = parseArgs({
  options: { long: { type: 'boolean' }, seconds: { type: 'string' }, kills: { type: 'string' }, seed: { type: 'string' } },
})
const seconds = Number(values.seconds ?? (values.long ? 600 : 60))
const kills = Number(values.kills ?? (values.long ? 50 : 10))
const seed = Number(values.seed ?? Date.now() % 2147483646) + 1
/** How long Wherry may take to come back at the end: its longest pause between two tries is a minute. */
const PATIENCE_MS = 150_000
const STATIONS = 200

let state = seed
const random = () => (state = (state * 48271) % 2147483647) / 2147483647
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const now = () => Math.floor(Date.now() / 1000)
const mac = (n: number) => `02:00:00:00:00:${n.toString(16).padStart(2, '0')}`

const truth = new Truth()
const legacy = await new LegacyServer({ start: now() - 1000, now }).listen()
const modern = await new ModernServer({ start: now() - 1000, token: 't', now: () => Date.now() / 1000 }).listen()
const addresses = { legacy: legacy.address, modern: modern.address }
const folder = mkdtempSync(join(tmpdir(), 'wherry-kismet-'))
const config = join(folder, 'shipper.yml')
const archive = join(folder, 'events.ndjson')
writeFileSync(
  config,
  `
shipper: { name: chaos, data_dir: ${join(folder, 'data')} }
inputs:
  old: { plugin: kismet, address: "${legacy.address}" }
  new: { plugin: kismet, address: "${modern.address}", generation: modern, token: t }
outputs: { archive: { plugin: file, path: ${archive}, sync_ms: 50 } }
routes: [{ from: [old, new], to: archive }]
`,
)

/** Packets of each station so far, which only grow, also when a server starts again. */
const packets = { legacy: new Map<number, number>(), modern: new Map<number, number>() }
let said = 0

/** Stations that have another state since the last push. A server pushes the last state only: one before it would be missing for nobody's fault. */
const unsaid = { legacy: new Set<number>(), modern: new Set<number>() }

/** Some stations, each with its first change since the last push. */
function choose(among: Set<number>): number[] {
  const chosen = new Set(Array.from({ length: Math.floor(random() * 12) }, () => Math.floor(random() * STATIONS)))
  const free = [...chosen].filter((n) => !among.has(n))
  for (const n of free) among.add(n)
  return free
}

/** Things change; what the servers will push is the truth. */
function happen(): void {
  const at = now()
  for (const n of choose(unsaid.legacy)) {
    const more = 1 + Math.floor(random() * 5)
    const total = (packets.legacy.get(n) ?? 0) + more
    packets.legacy.set(n, total)
    legacy.set('CLIENT', { bssid: mac(255), mac: mac(n).toUpperCase(), lasttime: at, llcpackets: total, newpackets: more, channel: 6 })
    truth.changed({ server: 'legacy', kind: 'client', key: mac(n), state: `${at} ${total}`, at }, total)
  }
  for (const n of choose(unsaid.modern)) {
    const total = (packets.modern.get(n) ?? 0) + 1 + Math.floor(random() * 5)
    packets.modern.set(n, total)
    // Sources lag: the packet may be hours old.
    const lag = random() < 0.2 ? Math.floor(random() * 7200) : 0
    modern.change({
      'kismet.device.base.key': `4202770D00000000_${n}`,
      'kismet.device.base.macaddr': mac(n).toUpperCase(),
      'kismet.device.base.last_time': at - lag,
      'kismet.device.base.mod_time': at,
      'kismet.device.base.packets.total': total,
      ...(random() < 0.02 ? { padding: 'x'.repeat(20_000) } : {}),
    })
    truth.changed({ server: 'modern', kind: 'device', key: mac(n), state: `${at} ${total}`, at }, total)
  }
  if (random() < 0.5) {
    const text = `L${++said}`
    legacy.alert({ sec: at, usec: said, header: 'APSPOOF', bssid: mac(1), text })
    truth.said({ server: 'legacy', kind: 'alert', key: text, state: '', at }, 50)
  }
  if (random() < 0.5) {
    const text = `M${++said}`
    modern.alert({ 'kismet.alert.header': 'APSPOOF', 'kismet.alert.timestamp': Date.now() / 1000, 'kismet.alert.text': text })
    truth.said({ server: 'modern', kind: 'alert', key: text, state: '', at }, 50)
  }
  if (random() < 0.5) {
    const text = `m${++said}`
    modern.message(text, at)
    truth.said({ server: 'modern', kind: 'status', key: text, state: '', at }, 50)
  }
  if (random() < 0.5) {
    const text = `l${++said}`
    legacy.push('STATUS', { text, flags: 2 })
    truth.said({ server: 'legacy', kind: 'status', key: text, state: '', at }, 0)
  }
}

const count = { cuts: 0, restarts: 0, silences: 0, kills: 0 }
let silent = 0
let restarting = false

async function second(): Promise<void> {
  if (restarting) return
  happen()
  if (silent > 0) silent--
  else {
    legacy.tick()
    modern.tick()
    unsaid.legacy.clear()
    unsaid.modern.clear()
  }
  const dice = random()
  if (dice < 0.06) {
    count.cuts++
    legacy.cut()
    if (random() < 0.5) modern.cut()
  } else if (dice < 0.08) {
    count.silences++
    silent = 3 + Math.floor(random() * 12)
  } else if (dice < 0.11) {
    count.restarts++
    restarting = true
    await legacy.terminate()
    truth.forgotten('legacy')
    modern.restart(now() + 2)
    truth.forgotten('modern')
    await modern.close()
    await sleep(1000 + random() * 2000)
    legacy.start = now()
    modern.start = legacy.start
    await legacy.listen()
    await modern.listen()
    restarting = false
  }
}

let child: ChildProcess | undefined
let words = ''
function start(): Promise<NodeJS.Signals | null> {
  const started = spawn(process.execPath, [program, 'run', '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  started.stderr.on('data', (data) => (words = (words + data).slice(-2000)))
  child = started
  return new Promise((resolve) => started.on('exit', (_, signal) => resolve(signal)))
}

async function lines(): Promise<Line[]> {
  const all: Line[] = []
  if (!existsSync(archive)) return all
  for await (const line of createInterface({ input: createReadStream(archive) })) {
    try {
      all.push(JSON.parse(line) as Line)
    } catch {
      // The last line may be cut by a kill, and is written again.
    }
  }
  return all
}

console.log(`kismet: ${seconds} s, ${kills} kills, seed ${seed - 1}`)
// What was before the first contact nobody can miss.
const contact = start()
while (legacy.clients === 0 || modern.connections < 2) await sleep(100)
await sleep(5000)
child?.kill('SIGKILL')
await contact
// Each second's work begins when the one before is done.
let over = false
const world = (async () => {
  for (let next = Date.now(); !over; ) {
    await second()
    next = Math.max(next + 1000, Date.now())
    await sleep(next - Date.now())
  }
})()
const until = Date.now() + seconds * 1000
while (Date.now() < until || count.kills < kills) {
  const exit = start()
  await sleep((seconds / kills) * 1000 * (0.5 + random()))
  child?.kill('SIGKILL')
  if ((await exit) !== 'SIGKILL') fail(`Wherry ended by itself: ${words}`)
  count.kills++
  if (random() < 0.3) await sleep(random() * 5000)
}
over = true
await world
// The servers go on, but nothing changes any more.
silent = 0
const ticks = setInterval(() => {
  legacy.tick()
  modern.tick()
}, 1000)
const exit = start()
const patience = Date.now() + PATIENCE_MS
for (;;) {
  const arrived = new Set((await lines()).map(nameOfLine))
  if (truth.wanted().every((name) => arrived.has(name))) break
  if (Date.now() > patience) break
  await sleep(500)
}
// The gap of the last start follows what was missed.
await sleep(6000)
child?.kill('SIGTERM')
await exit
clearInterval(ticks)
await legacy.close()
await modern.close()
const { problems, words: summary } = truth.judge(await lines(), addresses)
console.log(`kismet: ${count.kills} kills, ${count.restarts} restarts, ${count.cuts} cuts, ${count.silences} silences; ${summary}`)
if (problems.length > 0) fail(`${problems.length} problems: ${problems.slice(0, 10).join('\n  ')}`)
console.log('1 passed, 0 failed')
rmSync(folder, { recursive: true })
process.exit(0)

function fail(why: string): never {
  child?.kill('SIGKILL')
  console.log(`kismet: ${why}\nfiles are in ${folder}\n0 passed, 1 failed`)
  process.exit(1)
}
