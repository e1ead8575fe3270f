/** Ends the process after the n-th write, rename or sync, for n = 1 …, starts it again, and compares what arrived. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { arrived, Child, check, down, shipping, sleep, workFolder } from './parts.ts'

const COUNT = 4000

/** The output is back when some of the queue is on disk, so that filling and draining both meet their end. */
async function bringBack(child: Child, file: string): Promise<void> {
  while (child.process.exitCode === null && child.process.signalCode === null && (child.told.at(-1)?.written ?? 0) < 100_000) await sleep(20)
  await sleep(1200)
  down(file, false)
}

/** @param step between one n and the next */
export async function killAtEveryWrite(step: number): Promise<string> {
  let kills = 0
  let repeats = 0
  let last = 0
  for (const kind of ['disk', 'spill'] as const) {
    for (let n = 1; ; n += step) {
      const folder = workFolder()
      const file = join(folder, 'out.ndjson')
      const work = shipping(
        folder,
        COUNT,
        [{ name: 'out', file, queue: { kind, fsync: 'always', memory_bytes: 65_536, max_bytes: 2 ** 20 }, max_events: 20 }],
        20,
      )
      down(file, true)
      const first = new Child({ config: work, die_after: n, tell_ms: 20 })
      void bringBack(first, file)
      const { code, signal } = await first.exit
      down(file, false)
      if (code !== 0 && signal !== 'SIGKILL') throw new Error(`${kind}, write ${n}: ended with ${code}: ${first.words}`)
      const second = new Child({ config: work })
      const end = await second.exit
      if (end.code !== 0) throw new Error(`${kind}, after write ${n}: ended with ${end.code}: ${second.words}`)
      const found = await arrived(file, COUNT)
      check(`${kind}, write ${n}`, found)
      repeats += found.repeats
      rmSync(folder, { recursive: true })
      if (signal !== 'SIGKILL') break
      kills++
      last = n
      if (process.stderr.isTTY) process.stderr.write(`\r${kind} ${n} `)
    }
  }
  return `writes: ${kills} kills, one after each ${step === 1 ? '' : `${step}th `}write, rename and sync up to the ${last}th; ${kills * COUNT} records, 0 lost, ${repeats} repeats (equal ids)`
}
