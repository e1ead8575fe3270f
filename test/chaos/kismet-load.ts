/**
 * `node dist/test/chaos/kismet-load.js [--devices N] [--rate N] [--seconds N]`: a scripted legacy Kismet sees 30,000 clients, then sends 20,000 changes a second for ten seconds
 * to a Wherry that has one thread. All of them must arrive in the file, the server must not drop a line for a slow reader, and Wherry must stay below 120 MB.
 *
 * The server runs in a process of its own (`--serve`).
 */
import { spawn } from 'node:child_process'
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { SENTENCES } from '../../plugins/inputs/kismet/legacy/sentences.ts'
import { render } from '../peers/kismet-legacy/render.ts'
import { LegacyServer } from '../peers/kismet-legacy/server.ts'
import { program } from '../program.ts'

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '30000' },
    rate: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '10' },
    serve: { type: 'boolean' },
  },
})
const devices = Number(values.devices)
const rate = Number(values.rate)
const seconds = Number(values.seconds)
const MOST_MB = 120
const MEMORY = '/dev/shm'
/** Packets of a client in the snapshot; each change adds one. */
const FIRST = 1
const WAVE = 3000
const WAVE_MS = 500
/** Lines in one go: a server that lags behind its own clock does not catch up at once. */
const BURST = 500

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

async function serve(): Promise<void> {
  const now = () => Math.floor(Date.now() / 1000)
  const server = new LegacyServer({ start: now() - 100, now })
  const hex = (n: number) => n.toString(16).padStart(2, '0').toUpperCase()
  const row = (n: number, packets: number) => ({
    bssid: 'B0:B9:8A:56:8D:EA',
    mac: `02:00:00:${hex(n >> 16)}:${hex((n >> 8) & 255)}:${hex(n & 255)}`,
    type: 5,
    firsttime: now() - 50,
    lasttime: now(),
    manuf: 'Apple, Inc.',
    llcpackets: packets,
    datapackets: 39,
    signal_dbm: -51,
    noise_dbm: -95,
    gpsfixed: 1,
    minlat: 40.1,
    minlon: -74.6,
    maxlat: 40.2,
    maxlon: -74.5,
    bestlat: 40.1235,
    bestlon: -74.6543,
    bestalt: 55,
    channel: 6,
    datasize: 3410,
    newpackets: 1,
    freqmhz: '2437:15*',
  })
  await server.listen()
  setInterval(() => server.tick(), 1000)
  console.log(server.address)
  while (!server.commands.some((command) => command.startsWith('ENABLE CLIENT'))) await sleep(50)
  // No more at once than the queue of a client holds.
  for (let n = 0; n < devices; n++) {
    server.set('CLIENT', row(n, FIRST))
    if ((n + 1) % WAVE < 1 || n + 1 === devices) {
      server.tick()
      await sleep(WAVE_MS)
    }
  }
  // Whoever started this says when.
  await new Promise((resolve) => process.stdin.once('data', resolve))
  // Printing fifty fields takes longer than reading them: each line is printed once, around its count.
  const fields = SENTENCES.CLIENT.fields.filter((field) => field !== 'dot11d')
  const lines = Array.from({ length: devices }, (_, n) => render('CLIENT', fields, { ...row(n, FIRST), llcpackets: 'COUNT' }).split('COUNT'))
  let sent = 0
  for (const began = Date.now(); Date.now() - began < seconds * 1000; await sleep(2)) {
    const due = Math.min(sent + BURST, Math.floor(((Date.now() - began) / 1000) * rate))
    let text = ''
    const first = sent
    for (; sent < due; sent++) {
      const [before, behind] = lines[sent % devices]
      text += `${before}${FIRST + 1 + Math.floor(sent / devices)}${behind}\n`
    }
    if (sent > first) server.bulk('CLIENT', text, sent - first)
  }
  console.log(JSON.stringify({ sent, dropped: server.dropped }))
}

async function drive(): Promise<void> {
  const self = fileURLToPath(import.meta.url)
  // The disk is not what is measured.
  const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'wherry-kismet-load-'))
  const server = spawn(process.execPath, [self, '--serve', ...process.argv.slice(2)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const said = createInterface({ input: server.stdout as Readable })[Symbol.asyncIterator]()
  const address = (await said.next()).value as string
  const config = join(folder, 'shipper.yml')
  const archive = join(folder, 'events.ndjson')
  writeFileSync(
    config,
    `
shipper: { name: load, data_dir: ${join(folder, 'data')}, threads: 0 }
inputs: { kismet: { plugin: kismet, address: "${address}", sentences: { CLIENT: '*' } } }
outputs: { archive: { plugin: file, path: ${archive} } }
routes: [{ from: kismet, to: archive }]
`,
  )
  const wherry = spawn(process.execPath, [program, 'run', '-c', config], { stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = new Promise((resolve) => wherry.on('exit', resolve))
  try {
    const arriving = new Archive(archive)
    await arriving.lines(devices)
    const held = memory(wherry.pid)
    const before = cpuMs(wherry.pid)
    server.stdin?.write('go\n')
    const { sent, dropped } = JSON.parse((await said.next()).value as string) as { sent: number; dropped: number }
    const arrived = await arriving.lines(devices + sent)
    const peak = memory(wherry.pid)
    // How fast it would be on a core of its own, whatever else runs here.
    const cost = ((cpuMs(wherry.pid) - before) * 1000) / Math.max(1, arrived - devices)
    const good = arrived === devices + sent && dropped === 0 && (peak === undefined || peak <= MOST_MB)
    console.log(
      `kismet-load: ${devices} clients held in ${held ?? '?'} MB; ${sent} changes in ${seconds} s, ${arrived - devices} arrived, ${dropped} dropped by the server; peak ${peak ?? '?'} MB of ${MOST_MB}; ${cost.toFixed(1)} us of CPU a line`,
    )
    console.log(good ? '1 passed, 0 failed' : '0 passed, 1 failed')
    process.exitCode = good ? 0 : 1
  } finally {
    wherry.kill('SIGTERM')
    await ended
    server.kill('SIGTERM')
    rmSync(folder, { recursive: true, force: true })
  }
}

/** States of clients in the file. Only what is new is read each time, since this takes from the same machine. */
class Archive {
  readonly #path: string
  readonly #seen = new Set<string>()
  #at = 0
  #rest = ''

  constructor(path: string) {
    this.#path = path
  }

  /** Waits for so many different ones, for half a minute without another one at most. */
  async lines(wanted: number): Promise<number> {
    for (let last = Date.now(), before = this.#seen.size; ; await sleep(500)) {
      if (existsSync(this.#path)) await this.#read()
      const { size } = this.#seen
      if (size >= wanted || Date.now() - last > 30_000) return size
      if (size > before) last = Date.now()
      before = size
    }
  }

  async #read(): Promise<void> {
    for await (const piece of createReadStream(this.#path, { start: this.#at })) {
      this.#at += (piece as Buffer).length
      const lines = (this.#rest + (piece as Buffer).toString('latin1')).split('\n')
      this.#rest = lines.pop() as string
      for (const line of lines) {
        const [, id] = /"id":"([^"]+)".*"kismet\.client"/.exec(line) ?? []
        if (id !== undefined) this.#seen.add(id)
      }
    }
  }
}

/** The most that a process has had, in MB; undefined where the system does not tell. */
function memory(pid: number | undefined): number | undefined {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Math.round(Number(kilobytes) / 1000)
  } catch {
    return undefined
  }
}

/** CPU time of a process so far; NaN where the system does not tell. */
function cpuMs(pid: number | undefined): number {
  try {
    // Ticks of 10 ms, behind the name in brackets.
    const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13)
    return (Number(user) + Number(system)) * 10
  } catch {
    return Number.NaN
  }
}

await (values.serve ? serve() : drive())
