/** Full load with the output down for half of the time: memory flat, disk within its limit, all delivered at the end. */
import { rmSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { arrived, Child, check, down, shipping, sleep, workFolder } from './parts.ts'

const LIMIT = 64 * 2 ** 20

export async function soak(seconds: number): Promise<string> {
  const folder = workFolder()
  const file = join(folder, 'out.ndjson')
  const queue = { kind: 'spill', max_bytes: LIMIT, memory_bytes: 8 * 2 ** 20 } as const
  const endless = shipping(folder, 1_000_000_000, [{ name: 'out', file, queue, slow_ms: 2 }], 500)
  const child = new Child({ config: endless, tell_ms: 500 })
  let onDisk = 0
  const phase = Math.max(5000, (seconds * 1000) / 20)
  for (let at = 0, isDown = false; at < seconds * 1000; at += 500) {
    const wanted = Math.floor(at / phase) % 2 === 1
    if (wanted !== isDown) down(file, (isDown = wanted))
    await sleep(500)
    onDisk = Math.max(onDisk, await sizeOf(join(folder, 'data', 'queue')))
  }
  down(file, false)
  child.process.kill('SIGTERM')
  await child.exit
  const told = child.told
  const wrong = told.flatMap((each) => each.wrong)
  if (wrong.length > 0) throw new Error(wrong[0])
  const rss = told.map(({ rss_mb }) => rss_mb)
  const half = (from: number, to: number) => Math.max(...rss.slice(Math.floor(rss.length * from), Math.ceil(rss.length * to)))
  const [early, late] = [half(0.25, 0.5), half(0.75, 1)]
  if (late > early * 1.25 + 10) throw new Error(`memory grows: at most ${early.toFixed()} MB in the second quarter, ${late.toFixed()} MB in the last`)
  if (onDisk > LIMIT * 1.3) throw new Error(`${onDisk} bytes on disk, ${LIMIT} allowed`)
  const read = told.at(-1)!.delivered + told.at(-1)!.waiting
  const last = new Child({ config: shipping(folder, read + 1000, [{ name: 'out', file, queue }], 500) })
  const { code } = await last.exit
  if (code !== 0) throw new Error(`the last run ended with ${code}: ${last.words}`)
  const found = await arrived(file, read + 1000)
  check('soak', found)
  rmSync(folder, { recursive: true })
  const written = told.at(-1)!.written
  return `soak: ${seconds} s, down for half of them: ${read} records, 0 lost, ${found.repeats} repeats, at most ${early.toFixed()} MB of memory in the second quarter and ${late.toFixed()} MB in the last, ${(onDisk / 2 ** 20).toFixed(1)} MiB on disk at most (limit ${LIMIT / 2 ** 20}), ${written} bytes written`
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => [] as string[])
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (found) => (found.isFile() ? found.size : 0),
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
