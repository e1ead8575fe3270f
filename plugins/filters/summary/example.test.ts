/** The example does what it says, with the program itself. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { packageRoot } from '../../../core/config/root.ts'
import { program } from '../../../test/program.ts'
import { capture } from '../../inputs/generate/write.ts'

const FRAMES = 20_000

interface Line {
  readonly '@timestamp': string
  readonly event: { readonly id: string; readonly kind: string; readonly dataset: string }
  readonly summary: { readonly of: string; readonly bssid?: string; readonly station?: string; readonly channel?: number; readonly frames: number }
}

test('examples/summary.yml sums up every frame, and gives the same again', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wherry-summary-'))
  try {
    await mkdir(join(folder, 'air'))
    const file = join(folder, 'air', 'air.pcap')
    for (const { bytes } of capture({ seed: 1, frames: FRAMES, networks: 20, clients: 60, rate: 0, start_ms: 1_700_000_000_000 }))
      await appendFile(file, bytes)
    await writeFile(join(folder, 'shipper.yml'), await readFile(new URL('examples/summary.yml', packageRoot()), 'utf8'))
    const run = async (): Promise<string[]> => {
      await promisify(execFile)(process.execPath, [program, 'run', '--once'], { cwd: folder })
      const text = await readFile(join(folder, 'minutes.ndjson'), 'utf8')
      await rm(join(folder, 'minutes.ndjson'))
      await rm(join(folder, 'data'), { recursive: true, force: true })
      return text.trimEnd().split('\n')
    }
    const first = await run()
    const lines = first.map((line) => JSON.parse(line) as Line)
    const of = (kind: string) => lines.filter(({ summary }) => summary.of === kind)
    assert.ok(of('bssid').length > 0 && of('bssid').every(({ summary }) => summary.bssid))
    assert.ok(of('station').length > 0 && of('station').every(({ summary }) => summary.station))
    // Each frame has a channel, so the channels come to all frames.
    assert.equal(
      of('channel').reduce((sum, { summary }) => sum + summary.frames, 0),
      FRAMES,
    )
    assert.ok(lines.length < FRAMES / 10, String(lines.length))
    assert.ok(lines.every(({ event }) => event.kind === 'metric' && event.dataset === 'wifi.summary'))
    const minutes = new Set(lines.map((line) => line['@timestamp'].slice(0, 16)))
    assert.ok(minutes.size > 1, [...minutes].join())
    const keyed = (all: readonly string[]) => all.map((line) => JSON.parse(line) as Line).map(({ summary, ...rest }) => [rest['@timestamp'], summary])
    assert.deepEqual(keyed(await run()), keyed(first))
  } finally {
    await rm(folder, { recursive: true })
  }
})
