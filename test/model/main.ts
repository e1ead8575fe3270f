/** `node dist/test/model/main.js [--seeds N] [--steps N] [--long]`: the queue and the checkpoint beside their models, on a file system that cuts, reorders and fails. */
import { parseArgs } from 'node:util'
import { runCheckpointModel } from './checkpoint-model.ts'
import { type Outcome, runModel } from './queue-model.ts'

const { values } = parseArgs({
  options: { seeds: { type: 'string' }, steps: { type: 'string' }, from: { type: 'string' }, long: { type: 'boolean' } },
})
const seeds = Number(values.seeds ?? (values.long ? 10_000 : 600))
const steps = Number(values.steps ?? 150)
const from = Number(values.from ?? 1)

try {
  const sums: Record<keyof Outcome, number> = { pushed: 0, delivered: 0, repeats: 0, dropped: 0, crashes: 0, faults: 0, steps: 0, bytes: 0 }
  for (let seed = from; seed < from + seeds; seed++) {
    const outcome = await runModel(seed, steps)
    for (const key of Object.keys(sums) as (keyof Outcome)[]) sums[key] += outcome[key]
    if (process.stderr.isTTY) process.stderr.write(`\r${seed} `)
  }
  const { pushed, delivered, repeats, dropped, crashes, faults, bytes } = sums
  console.log(
    `queue: ${seeds} sequences of ${steps} steps: ${pushed} pushed, ${delivered} delivered, 0 lost, ${repeats} repeats, ${dropped} dropped as asked, ${crashes} crashes, ${faults} faults, ${bytes} bytes written`,
  )
  let flushes = 0
  let stops = 0
  for (let seed = from; seed < from + seeds; seed++) {
    const counts = await runCheckpointModel(seed, steps)
    flushes += counts.flushes
    stops += counts.crashes
  }
  console.log(`checkpoint: ${seeds} sequences of ${steps} steps: ${flushes} flushes held over ${stops} crashes`)
  console.log('2 passed, 0 failed')
} catch (error) {
  console.log(`${(error as Error).message}\n1 failed`)
  process.exitCode = 1
}
