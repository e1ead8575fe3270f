/**
 * `node dist/test/chaos/relay.js [--kills N] [--long] [--seed N]`: a sensor, a relay and a file, with TLS, shared key and acks; both are killed with SIGKILL at random moments
 * while a writer grows three rotating captures.
 *
 * The ids in the file must be those of the captures' records, read without a relay; repeats only under equal ids. 50 kills of each with `--long`, 4 without.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { packageRoot } from '../../core/config/root.ts'
import { freePort } from '../../plugins/inputs/fluentd/testing.ts'
import { ended, program } from '../program.ts'
import { Air } from './air.ts'

const { values } = parseArgs({ options: { kills: { type: 'string' }, long: { type: 'boolean' }, seed: { type: 'string' } } })
const kills = Number(values.kills ?? (values.long ? 50 : 4))
const seed = Number(values.seed ?? Date.now() % 2147483646) + 1
let state = seed
const random = () => (state = (state * 48271) % 2147483647) / 2147483647
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const folder = mkdtempSync(join(tmpdir(), 'wherry-relay-'))
const captures = join(folder, 'captures')
mkdirSync(captures)
const port = await freePort()
const tls = (name: string) => fileURLToPath(new URL(`test/tls/${name}`, packageRoot()))
const shared = `
filters: { decode: { plugin: ieee80211 } }
inputs: { air: { plugin: pcap, path: ${captures}/*.pcap } }`
const configs = {
  sensor: `
shipper: { name: pi, data_dir: ${folder}/sensor }${shared}
outputs:
  relay:
    plugin: fluentd
    hosts: ["127.0.0.1:${port}"]
    mode: compressed_packed_forward
    shared_key: secret
    tls: { ca_file: ${tls('ca.pem')} }
    heartbeat_ms: 100
    ack_timeout_ms: 5000
    retry: { initial_ms: 50, max_ms: 500 }
routes: [{ from: air, through: decode, to: relay }]`,
  relay: `
shipper: { name: relay, data_dir: ${folder}/relay }
inputs: { sensors: { plugin: fluentd, listen: ["127.0.0.1:${port}"], shared_key: secret, tls: { cert_file: ${tls('server.pem')}, key_file: ${tls('server.key')} } } }
outputs: { archive: { plugin: file, path: ${folder}/archive/%H.ndjson, sync_ms: 50 } }
routes: [{ from: sensors, to: archive }]`,
  /** Reads what the sensor read, under the sensor's own id. */
  direct: `
shipper: { name: pi, data_dir: ${folder}/sensor }${shared.replace('air:', 'again:')}
outputs: { direct: { plugin: file, path: ${folder}/direct/%H.ndjson } }
routes: [{ from: again, through: decode, to: direct }]`,
}
for (const [name, text] of Object.entries(configs)) writeFileSync(join(folder, `${name}.yml`), text)

let over = false
const starts = { sensor: 0, relay: 0 }
let words = ''
const run = (name: 'sensor' | 'relay'): ChildProcess => {
  starts[name]++
  const child = spawn(process.execPath, [program, 'run', '-c', join(folder, `${name}.yml`)], { stdio: ['ignore', 'ignore', 'pipe'] })
  child.stderr!.on('data', (data) => (words = (words + data).slice(-4000)))
  return child
}

const size = () =>
  (existsSync(join(folder, 'archive')) ? readdirSync(join(folder, 'archive')) : []).reduce(
    (sum, file) => sum + statSync(join(folder, 'archive', file)).size,
    0,
  )

/** Waits until something arrives, so that a kill hits what is under way; not for ever, since the other side is killed too. */
async function grown(): Promise<void> {
  const before = size()
  for (let waited = 0; waited < 20_000 && size() === before; waited += 50) await sleep(50)
}

/** Runs one side, kills it so many times, and leaves it running. */
async function kill(name: 'sensor' | 'relay'): Promise<ChildProcess> {
  for (let i = 0; i < kills; i++) {
    const child = run(name)
    await grown()
    await sleep(random() * 1500)
    child.kill('SIGKILL')
    if ((await ended(child)).signal !== 'SIGKILL') fail(`the ${name} ended by itself: ${words}`)
  }
  return run(name)
}

const air = new Air(captures, random)
const writer = setInterval(() => air.grow(1 + Math.floor(random() * 30)), 10)
console.log(`relay: ${kills} kills of each side, seed ${seed - 1}`)
const sides = await Promise.all([kill('sensor'), kill('relay')])
clearInterval(writer)
air.finish()
// The last sensor reads to the end and waits for its acks.
sides[0].kill('SIGKILL')
await ended(sides[0])
const last = spawnSync(process.execPath, [program, 'run', '--once', '-c', join(folder, 'sensor.yml')], { encoding: 'utf8', timeout: 300_000 })
if (last.status !== 0) fail(`the last sensor ended with ${last.status}: ${last.stderr}`)
sides[1].kill('SIGINT')
await ended(sides[1])
over = true
const direct = spawnSync(process.execPath, [program, 'run', '--once', '-c', join(folder, 'direct.yml')], { encoding: 'utf8' })
if (direct.status !== 0) fail(`the direct reading ended with ${direct.status}: ${direct.stderr}`)

/** For each id the number of its record, which is its SSID, and how many lines there are. */
async function read(name: string): Promise<{ ids: Map<string, string>; lines: number }> {
  const ids = new Map<string, string>()
  let lines = 0
  for (const file of readdirSync(join(folder, name))) {
    for await (const line of createInterface({ input: createReadStream(join(folder, name, file)) })) {
      lines++
      const { event, wlan } = JSON.parse(line) as { event: { id: string }; wlan: { ssid: string } }
      const known = ids.get(event.id)
      if (known !== undefined && known !== wlan.ssid) fail(`${known} and ${wlan.ssid} share the id ${event.id}`)
      ids.set(event.id, wlan.ssid)
    }
  }
  return { ids, lines }
}
const [arrived, wanted] = [await read('archive'), await read('direct')]
const lost = [...wanted.ids].filter(([id, ssid]) => arrived.ids.get(id) !== ssid)
const strange = [...arrived.ids.keys()].filter((id) => !wanted.ids.has(id))
if (lost.length > 0 || strange.length > 0)
  fail(`${lost.length} of ${wanted.ids.size} records lost, ${strange.length} strangers: ${lost.slice(0, 5).join(' ')}`)
if (arrived.lines === arrived.ids.size) fail('nothing was repeated: no kill hit what was under way, so nothing was put to the test')
if (wanted.ids.size !== air.written || air.written === 0) fail(`${wanted.ids.size} ids for ${air.written} records`)
console.log(
  `relay: ${starts.sensor} kills of the sensor, ${starts.relay - 1} of the relay; ${air.written} records, 0 lost, ${arrived.lines - arrived.ids.size} repeats (equal ids), ${arrived.ids.size} distinct ids`,
)
console.log('1 passed, 0 failed')
rmSync(folder, { recursive: true })

function fail(reason: string): never {
  clearInterval(writer)
  console.log(`relay: ${reason}\n${over ? '' : words}\nfiles are in ${folder}\n0 passed, 1 failed`)
  process.exit(1)
}
