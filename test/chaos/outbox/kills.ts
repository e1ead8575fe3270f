/** kill -9 at random moments, with an output that goes up and down: nothing is lost, repeats have equal ids. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Random } from '../../kit/random.ts'
import { arrived, Child, check, down, shipping, sleep, workFolder } from './parts.ts'

export async function killLoop(rounds: number, seed: number): Promise<string> {
  const random = new Random(seed)
  const folder = workFolder()
  const kinds = ['disk', 'spill', 'memory'] as const
  const targets = kinds.map((kind) => ({ name: kind, file: join(folder, `${kind}.ndjson`), queue: { kind, memory_bytes: 2 ** 17 }, slow_ms: 4 }))
  const endless = shipping(folder, 1_000_000_000, targets, 50)
  let highest = 0
  for (let round = 0; round < rounds; round++) {
    const child = new Child({ config: endless, tell_ms: 50 })
    for (const { file } of targets) if (random.chance(0.5)) down(file, random.chance(0.4))
    for (let waited = 0; child.told.length === 0 && waited < 10_000; waited += 20) await sleep(20)
    await sleep(random.below(500))
    child.process.kill('SIGKILL')
    const { code } = await child.exit
    if (code !== null) throw new Error(`round ${round}: ended by itself: ${child.words}`)
    const wrong = child.told.flatMap((told) => told.wrong)
    if (wrong.length > 0) throw new Error(`round ${round}: ${wrong[0]}`)
    if (process.stderr.isTTY) process.stderr.write(`\rround ${round} `)
  }
  for (const { file } of targets) down(file, false)
  // As many as were ever read, and some more, so that the last run reads and ends.
  for (const { file } of targets) highest = Math.max(highest, await highestIn(file))
  const count = highest + 20_000
  const last = new Child({
    config: shipping(
      folder,
      count,
      targets.map((target) => ({ ...target, slow_ms: 0 })),
      50,
    ),
  })
  const { code } = await last.exit
  if (code !== 0) throw new Error(`the last run ended with ${code}: ${last.words}`)
  const parts: string[] = []
  for (const { name, file } of targets) {
    const found = await arrived(file, count)
    check(name, found)
    parts.push(`${name} ${found.repeats}`)
  }
  rmSync(folder, { recursive: true })
  return `kills: ${rounds} rounds, ${count} records to 3 outputs, 0 lost, repeats (equal ids): ${parts.join(', ')}`
}

async function highestIn(file: string): Promise<number> {
  const { readFile } = await import('node:fs/promises')
  const text = await readFile(file, 'utf8').catch(() => '')
  let most = 0
  for (const match of text.matchAll(/"n":(\d+)/g)) most = Math.max(most, Number(match[1]))
  return most
}
