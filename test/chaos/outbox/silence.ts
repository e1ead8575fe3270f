/** A spill queue writes nothing while its outputs are up: what the system saw (strace) and what our files counted agree. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Told } from './child.ts'
import { shipping, workFolder } from './parts.ts'

const CALLS = 'openat,open,creat,write,pwrite64,writev,pwritev,fsync,fdatasync'

export async function silence(): Promise<string> {
  if (spawnSync('strace', ['-V']).error) return 'silence: strace is not installed, left out'
  const folder = workFolder()
  mkdirSync(join(folder, 'data'))
  const trace = join(folder, 'trace')
  const targets = ['one', 'two'].map((name) => ({ name, file: join(folder, `${name}.ndjson`), queue: { kind: 'spill' } as const }))
  const child = fileURLToPath(new URL(`./child${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url))
  const work = JSON.stringify({ config: shipping(folder, 100_000, targets, 500) })
  const run = spawn('strace', ['-f', '-y', '-qq', '-e', `trace=${CALLS}`, '-o', trace, process.execPath, child, work], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  run.stdout.on('data', (data) => (out += data))
  const code = await new Promise((resolve) => run.on('exit', resolve))
  if (code !== 0) throw new Error(`ended with ${code}`)
  const told = JSON.parse(out.trim().split('\n').at(-1)!) as Told
  const lines = readFileSync(trace, 'utf8').split('\n')
  const ofQueue = lines.filter((line) => line.includes(`${folder}/data/queue`) && !line.includes('O_RDONLY'))
  const ofState = lines.filter((line) => /^\d+ +(write|pwrite64|writev|pwritev)\(/.test(line) && line.includes(`<${folder}/data/`))
  if (ofQueue.length > 0) throw new Error(`the queue was touched: ${ofQueue[0]}`)
  if (told.written !== 0) throw new Error(`${told.written} bytes of payloads written`)
  const others = ofState.filter((line) => !/data\/(checkpoint|sensor|lock|written)/.test(line))
  if (others.length > 0) throw new Error(`written besides checkpoints: ${others[0]}`)
  rmSync(folder, { recursive: true })
  return `silence: 200000 events to two outputs that are up: 0 writes, syncs or new files in the queue's folder and 0 payload bytes written; ${ofState.length} writes of checkpoints and the like`
}
