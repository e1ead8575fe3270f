/** Resident memory while a capture grows by 20,000 frames a second: one worker, `_bulk` of Elasticsearch into a discard socket, and by the real output over HTTP with gzip. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BulkSink } from '../bulk-sink.ts'
import type { BenchOptions, BenchResult, Metric } from '../case.ts'
import { type BenchConfig, writeConfig } from '../config.ts'
import { GrowingCapture, resident, start, stop } from '../following.ts'
import { loadOf } from '../load.ts'
import { spread } from '../process.ts'
import { Sink } from '../sink.ts'

const RATE = 20_000
const STEPS_PER_S = 50
const SECONDS = 20
/** After which the start is over. */
const WARM_S = 5
/** Of an event with its action line, uncompressed: by it events are counted where there are only bytes. */
const LEAST_BYTES = 500

export async function memory(options: BenchOptions): Promise<BenchResult> {
  const metrics = await residentMemory(options)
  const http = Object.entries(await residentMemory(options, { output: 'elasticsearch' })).map(([name, value]) => [`over HTTP, ${name}`, value])
  return { case: 'memory', metrics: { ...metrics, ...Object.fromEntries(http) }, ratios: {}, notes: [] }
}

export async function residentMemory(
  options: BenchOptions,
  { output = 'discard-bulk', filters }: Partial<Pick<BenchConfig, 'output' | 'filters'>> = {},
): Promise<Record<string, Metric>> {
  const { rounds, program, say } = options
  const load = await loadOf(options)
  const peaks: number[] = []
  const steady: number[] = []
  const shares: number[] = []
  for (let round = 1; round <= rounds; round++) {
    const sink = await (output === 'elasticsearch' ? BulkSink : Sink).start()
    const folder = mkdtempSync(join(tmpdir(), 'wherry-bench-'))
    const grown = new GrowingCapture(join(folder, 'growing.pcap'), load)
    const child = start(program, writeConfig({ folder, file: grown.file, port: sink.port, output, filters }))
    try {
      const began = performance.now()
      for (let step = 1; step <= SECONDS * STEPS_PER_S; step++) {
        grown.append(RATE / STEPS_PER_S)
        const late = performance.now() - began - (step * 1000) / STEPS_PER_S
        if (late < 0) await sleep(-late)
        if (step % STEPS_PER_S > 0) continue
        say(`round ${round} of ${rounds}, ${step / STEPS_PER_S} s`)
        if (step / STEPS_PER_S > WARM_S) steady.push(resident(child.pid!).now)
      }
      peaks.push(resident(child.pid!).peak)
      await stop(child)
      const taken = await sink.taken()
      const events = typeof taken === 'number' ? taken / LEAST_BYTES : taken.documents
      if (events < RATE * (SECONDS - 1)) throw new Error(`${Math.floor(events)} of ${RATE * SECONDS} events arrived`)
      shares.push((performance.now() - began) / 1000 / SECONDS)
    } finally {
      child.kill()
      grown.close()
      await sink.stop()
      rmSync(folder, { recursive: true })
    }
  }
  return { frames_per_s: RATE, 'peak rss_mb': spread(peaks), 'steady rss_mb': spread(steady), 'time over what was asked for': spread(shares) }
}
