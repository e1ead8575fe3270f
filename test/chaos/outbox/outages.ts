/** Two outputs on one input, one of them dead: for every kind of queue the other goes on, the books balance at any time, and all is delivered at the end. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Random } from '../../kit/random.ts'
import { arrived, Child, check, down, shipping, sleep, workFolder } from './parts.ts'

export async function outages(seconds: number, seed: number): Promise<string> {
  const random = new Random(seed)
  const parts: string[] = []
  for (const kind of ['memory', 'disk', 'spill'] as const) {
    const folder = workFolder()
    const count = 60_000 * seconds
    const targets = ['dead', 'live'].map((name) => ({
      name,
      file: join(folder, `${name}.ndjson`),
      queue: { kind, max_bytes: 256 * 2 ** 20, memory_bytes: kind === 'memory' ? 256 * 2 ** 20 : 2 ** 22 },
    }))
    const [dead, live] = targets
    down(dead.file, true)
    const child = new Child({ config: shipping(folder, count, targets, 1000), tell_ms: 100 })
    // The live one goes away now and then; the dead one is dead for most of the time.
    const end = Date.now() + seconds * 1000
    while (Date.now() < end) {
      down(live.file, random.chance(0.2))
      await sleep(200)
    }
    down(live.file, false)
    const before = await arrived(dead.file, 0)
    if (before.lines > 0) throw new Error(`${kind}: the dead output took ${before.lines}`)
    down(dead.file, false)
    const { code } = await child.exit
    if (code !== 0) throw new Error(`${kind}: ended with ${code}: ${child.words}`)
    const wrong = child.told.flatMap((told) => told.wrong)
    if (wrong.length > 0) throw new Error(`${kind}: ${wrong[0]}`)
    for (const { name, file } of targets) check(`${kind} ${name}`, await arrived(file, count))
    parts.push(`${kind} ${count} records, ${child.told.length} balances`)
    rmSync(folder, { recursive: true })
  }
  return `outages: one of two outputs dead for ${seconds} s: ${parts.join('; ')}; 0 lost, the books balanced`
}
