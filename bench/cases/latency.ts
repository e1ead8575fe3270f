/** Time from the write of a record to its event's arrival at the receiver, at 50 frames a second with `linger_ms: 0`. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchOptions, BenchResult } from '../case.ts'
import { writeConfig } from '../config.ts'
import { GrowingCapture, start, stop } from '../following.ts'
import { type Load, loadOf } from '../load.ts'
import { spread } from '../process.ts'

const RATE = 50
const SECONDS = 8
/** Records after which the start is over. */
const WARM = 2 * RATE
/** Longest wait for the first event. */
const START_MS = 20_000

export async function latency(options: BenchOptions): Promise<BenchResult> {
  const { rounds, program, say } = options
  const load = await loadOf(options)
  const medians: number[] = []
  const p99: number[] = []
  for (let round = 1; round <= rounds; round++) {
    say(`round ${round} of ${rounds}`)
    const times = await measure(program, load)
    medians.push(spread(times).median)
    p99.push([...times].sort((a, b) => a - b)[Math.floor(times.length * 0.99)])
  }
  return { case: 'latency', metrics: { frames_per_s: RATE, 'median ms': spread(medians), 'p99 ms': spread(p99) }, ratios: {}, notes: [] }
}

/** Milliseconds for each record after the warm ones. Events arrive in the order of the records, one line each. */
async function measure(program: string, load: Load): Promise<number[]> {
  const sent: number[] = []
  const arrived: number[] = []
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (data) => {
      const now = performance.now()
      for (const byte of data) if (byte === 10) arrived.push(now)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const folder = mkdtempSync(join(tmpdir(), 'wherry-bench-'))
  const grown = new GrowingCapture(join(folder, 'growing.pcap'), load)
  const child = start(program, writeConfig({ folder, file: grown.file, port, output: 'discard', linger_ms: 0 }))
  const append = () => {
    sent.push(performance.now())
    grown.append(1)
  }
  try {
    append()
    for (const began = performance.now(); arrived.length === 0; await sleep(20)) {
      if (performance.now() - began > START_MS) throw new Error(`no event within ${START_MS} ms`)
    }
    for (const began = performance.now(); sent.length <= RATE * SECONDS; append()) {
      await sleep(Math.max(0, began + (sent.length * 1000) / RATE - performance.now()))
    }
    await sleep(1000)
    await stop(child)
  } finally {
    child.kill()
    grown.close()
    server.close()
    rmSync(folder, { recursive: true })
  }
  if (arrived.length !== sent.length) throw new Error(`${sent.length} records, but ${arrived.length} events`)
  return sent.map((time, i) => arrived[i] - time).slice(WARM)
}
