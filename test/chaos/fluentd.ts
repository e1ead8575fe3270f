/**
 * `node dist/test/chaos/fluentd.js [--long] [--events N] [--seed N]`: frames through the four carrier modes, each to a forward server of its own with TLS, shared key, user
 * and acks, while the servers are killed, restarted, slowed and made to forget acks.
 *
 * Each server must have every event, whole, and an event again only under the chunk id it had before. 1,000,000 events in all with `--long`, 60,000 without.
 * What has arrived decides when the next fault comes, so that as many hit a fast machine as a slow one.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { packageRoot } from '../../core/config/root.ts'
import { freePort } from '../../plugins/inputs/fluentd/testing.ts'
import type { Order, ProcessOptions } from '../peers/fluentd/process.ts'
import { program } from '../program.ts'

const { values } = parseArgs({ options: { long: { type: 'boolean' }, events: { type: 'string' }, seed: { type: 'string' } } })
const MODES = ['message', 'forward', 'packed_forward', 'compressed_packed_forward'] as const
const frames = Math.ceil(Number(values.events ?? (values.long ? 1_000_000 : 60_000)) / MODES.length)
/** Of each server, about. */
const FAULTS = values.long ? 40 : 4
/** How often the servers' files are looked at. */
const LOOK_MS = 20
const seed = Number(values.seed ?? Date.now() % 2147483646) + 1
const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const peer = fileURLToPath(new URL(`../peers/fluentd/process${extension}`, import.meta.url))
/** Park and Miller's minimal generator: enough to make a run repeatable. */
let state = seed
const random = () => (state = (state * 48271) % 2147483647) / 2147483647

/** An id and what parts it from the next one, in a server's file. */
const ID_BYTES = 33

const folder = mkdtempSync(join(tmpdir(), 'wherry-fluentd-'))
const count = { kills: 0, forgotten: 0, slowed: 0 }

class Receiver {
  readonly options: ProcessOptions
  #child: ChildProcess | undefined
  /** Of its file, when the next fault comes. */
  #due = 0
  #faults = 0

  constructor(mode: string, port: number) {
    this.options = { port, out: join(folder, mode), key: 'a long secret', users: { pi: 'word' } }
  }

  async start(): Promise<void> {
    const child = fork(peer, [JSON.stringify(this.options)])
    await once(child, 'message')
    this.#due = statSync(this.options.out).size + (random() * 2 * ID_BYTES * frames) / FAULTS
    this.#child = child
  }

  /** Brings the next fault, if enough has arrived since the last one: acks are forgotten, then it is slow, then it is killed and started again. */
  look(): void {
    const child = this.#child
    const size = child ? statSync(this.options.out).size : 0
    if (!child || size <= this.#due) return
    this.#due = size + (random() * 2 * ID_BYTES * frames) / FAULTS
    const fault = this.#faults++ % 3
    if (fault === 0) this.#tell({ forget: 1 + Math.floor(random() * 20) }, 'forgotten')
    else if (fault === 1) this.#tell({ slow: 1 + Math.floor(random() * 100) }, 'slowed')
    else void this.#kill(child, random() * 1500)
  }

  #tell(order: Order, what: 'forgotten' | 'slowed'): void {
    count[what]++
    this.#child?.send(order)
  }

  async #kill(child: ChildProcess, after_ms: number): Promise<void> {
    count.kills++
    this.#child = undefined
    child.kill('SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, after_ms))
    await this.start()
  }

  stop(): void {
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }
}

const receivers: Receiver[] = []
for (const mode of MODES) receivers.push(new Receiver(mode, await freePort()))
await Promise.all(receivers.map((receiver) => receiver.start()))
const ca = fileURLToPath(new URL('test/tls/ca.pem', packageRoot()))
const output = (mode: string, i: number) => `
  ${mode}:
    plugin: fluentd
    hosts: ["127.0.0.1:${receivers[i].options.port}"]
    mode: ${mode}
    shared_key: a long secret
    username: pi
    password: word
    tls: { ca_file: ${ca} }
    ack_timeout_ms: 4000
    heartbeat_ms: 100
    batch: { max_events: 200 }
    retry: { initial_ms: 50, max_ms: 500 }`
const config = join(folder, 'shipper.yml')
writeFileSync(
  config,
  `
shipper: { name: chaos, data_dir: ${join(folder, 'data')} }
inputs: { air: { plugin: generate, frames: ${frames}, rate: 0 } }
filters: { decode: { plugin: ieee80211 } }
outputs:${MODES.map(output).join('')}
routes: [{ from: air, through: decode, to: [${MODES.join(', ')}] }]
`,
)

const trouble = setInterval(() => {
  for (const receiver of receivers) receiver.look()
}, LOOK_MS)
const began = Date.now()
const child = spawn(process.execPath, [program, 'run', '--once', '-c', config], { stdio: ['ignore', 'pipe', 'pipe'] })
let words = ''
for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (words = (words + data).slice(-3000)))
// Whoever stops this stops all of it.
process.on('SIGTERM', () => process.exit(1))
process.on('exit', () => child.kill('SIGKILL'))
const [code] = await once(child, 'exit')
clearInterval(trouble)
for (const receiver of receivers) receiver.stop()

const problems: string[] = code === 0 ? [] : [`wherry ended with ${code}: ${words}`]
let repeats = 0
let all: Set<string> | undefined
for (const [i, mode] of MODES.entries()) {
  const chunks = new Map<string, string>()
  let torn = 0
  for await (const line of createInterface(createReadStream(receivers[i].options.out))) {
    const [chunk, ...ids] = line.split(' ')
    for (const id of ids) {
      if (id.length !== 32) {
        torn++
        continue
      }
      const known = chunks.get(id)
      if (known !== undefined) repeats++
      if (known !== undefined && known !== chunk && problems.length < 20) problems.push(`${mode}: ${id} came in chunk ${known} and in ${chunk}`)
      chunks.set(id, chunk)
    }
  }
  if (torn > count.kills) problems.push(`${mode}: ${torn} torn ids`)
  if (chunks.size !== frames) problems.push(`${mode}: ${chunks.size} of ${frames} events`)
  all ??= new Set(chunks.keys())
  if (![...chunks.keys()].every((id) => all!.has(id))) problems.push(`${mode}: other events than ${MODES[0]}`)
}
if (count.kills === 0 || count.forgotten === 0 || repeats === 0) problems.push('nothing was put to the test')
console.log(
  `fluentd: ${frames * MODES.length} events through four modes in ${((Date.now() - began) / 1000).toFixed(0)} s; ${count.kills} kills, ${count.forgotten} times acks were forgotten, ` +
    `${count.slowed} times slow; ${repeats} repeats, all under their chunk ids; seed ${seed - 1}`,
)
for (const problem of problems) console.log(problem)
console.log(problems.length === 0 ? '1 passed, 0 failed' : `files are in ${folder}\n0 passed, 1 failed`)
if (problems.length === 0) rmSync(folder, { recursive: true })
process.exit(problems.length === 0 ? 0 : 1)
