/**
 * A FIFO cannot be read again: after kill -9, what was synced is delivered, and the rest lies within a gap event: no record before its bound is missing, no record
 * that is missing lies before it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pcapHeader, pcapRecord } from '../../../core/formats/pcap-write.ts'
import { Random } from '../../kit/random.ts'
import { ended, program } from '../../program.ts'
import { down, sleep, workFolder } from './parts.ts'

/** LINKTYPE_IEEE802_11 */
const BARE = 105
const HEADER_BYTES = 24

export async function fifo(rounds: number, seed: number): Promise<string> {
  const random = new Random(seed)
  const folder = workFolder()
  const [pipe, file, config] = ['pipe', 'out.ndjson', 'shipper.yml'].map((name) => join(folder, name))
  spawnSync('mkfifo', [pipe])
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
  const plugin = fileURLToPath(new URL(`../../plugins/switched${extension}`, import.meta.url))
  writeFileSync(
    config,
    `
shipper: { name: fifo, data_dir: ${join(folder, 'data')}, threads: 0, shutdown_ms: 300 }
inputs: { air: { plugin: pcap, path: ${pipe}, follow: true } }
outputs: { out: { plugin: ${plugin}, file: ${file}, linger_ms: 20, retry: { initial_ms: 50, max_ms: 200 }, queue: { kind: disk, fsync_ms: 100 } } }
routes: [{ from: air, to: out }]
`,
  )
  const ends: number[][] = []
  let words = ''
  const start = (...more: string[]) => {
    const child = spawn(process.execPath, [program, 'run', '-c', config, ...more], { stdio: ['ignore', 'ignore', 'pipe'] })
    child.stderr.on('data', (data) => (words = (words + data).slice(-3000)))
    return child
  }
  for (let round = 0; round < rounds; round++) {
    down(file, random.chance(0.5))
    const child = start()
    const writer = new Writer(pipe)
    writer.write(pcapHeader(BARE))
    const mine: number[] = []
    ends.push(mine)
    let at = HEADER_BYTES
    while (!textOf(join(folder, 'data', 'lock')).includes(`"pid":${child.pid},`) && child.exitCode === null) await sleep(50)
    const until = Date.now() + 500 + random.below(2500)
    while (Date.now() < until) {
      for (let i = random.below(20); i > 0; i--) {
        const record = pcapRecord(numbered(round, mine.length), 1_700_000_000 + round * 1000 + Math.floor(mine.length / 1000), mine.length % 1000)
        mine.push((at += record.length))
        writer.write(record)
      }
      await sleep(10)
    }
    child.kill('SIGKILL')
    await ended(child)
    await writer.kill()
    if (process.stderr.isTTY) process.stderr.write(`\rround ${round} `)
  }
  down(file, false)
  // The last run ends by itself, when all that was left and one record more have arrived.
  const last = start('--once')
  const writer = new Writer(pipe)
  writer.write(pcapHeader(BARE))
  const record = pcapRecord(numbered(rounds, 0), 1_700_000_000 + rounds * 1000, 0)
  ends.push([HEADER_BYTES + record.length])
  writer.write(record)
  while (!textOf(file).includes(new Date((1_700_000_000 + rounds * 1000) * 1000).toISOString().slice(0, 19)) && last.exitCode === null)
    await sleep(200)
  writer.end()
  await ended(last)

  const seen = ends.map(() => new Set<number>())
  const bounds = new Map<number, number>()
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    let event: {
      '@timestamp': string
      event: { dataset: string }
      frame?: { number: number }
      gap?: { from_offset: number; from: string; to: string }
    }
    try {
      event = JSON.parse(line)
    } catch {
      continue
    }
    const round = Math.floor((Date.parse(event['@timestamp']) / 1000 - 1_700_000_000) / 1000)
    if (event.event.dataset === 'wherry.gap') {
      if (!(Date.parse(event.gap!.to) > Date.parse(event.gap!.from))) throw new Error(`a gap without bounds: ${line}`)
      bounds.set(round, event.gap!.from_offset)
    } else seen[round].add(event.frame!.number - 1)
  }
  let lost = 0
  let delivered = 0
  for (const [round, records] of ends.entries()) {
    const bound = bounds.get(round)
    const missing = records.map((_, n) => n).filter((n) => !seen[round].has(n))
    delivered += seen[round].size
    lost += missing.length
    if (bound === undefined) {
      if (seen[round].size > 0 && missing.length > 0)
        throw new Error(`round ${round}: ${missing.length} of ${records.length} missing and no gap; ${words}`)
      continue
    }
    const wrong = missing.filter((n) => records[n] <= bound)
    if (wrong.length > 0) throw new Error(`round ${round}: ${wrong.length} missing before the gap at ${bound}, the first is ${wrong[0]}; ${words}`)
  }
  if (bounds.size === 0) throw new Error('no gap was told: nothing was put to the test')
  rmSync(folder, { recursive: true })
  return `fifo: ${rounds} kills, ${delivered + lost} records, ${delivered} delivered, ${lost} within ${bounds.size} gaps or before anything was settled, 0 lost outside`
}

/** Writes to the pipe by a process of its own, since opening and writing block until somebody reads. */
class Writer {
  readonly #cat: ChildProcess

  constructor(pipe: string) {
    this.#cat = spawn('sh', ['-c', `exec cat > ${pipe}`], { stdio: ['pipe', 'ignore', 'inherit'] })
    this.#cat.stdin!.on('error', () => undefined)
  }

  write(bytes: Uint8Array): void {
    this.#cat.stdin!.write(bytes)
  }

  end(): void {
    this.#cat.stdin!.end()
  }

  async kill(): Promise<void> {
    const exit = new Promise((resolve) => this.#cat.on('exit', resolve))
    this.#cat.kill('SIGKILL')
    await exit
  }
}

/** A beacon whose SSID says which record of which round it is. */
function numbered(round: number, n: number): Uint8Array {
  const name = Buffer.from(`${round}-${n}`)
  const frame = Buffer.alloc(38 + name.length)
  frame[0] = 0x80
  frame.fill(0xff, 4, 10)
  frame[37] = name.length
  frame.set(name, 38)
  return frame
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
