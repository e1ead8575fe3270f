/** examples/queues.yml with the uplink down: the archive does not wait, and what waits for the uplink goes to disk and survives. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadConfig } from '../../core/config/load.ts'
import { packageRoot } from '../../core/config/root.ts'
import { imbalances } from '../../core/delivery/books.ts'
import { Shipper } from '../../core/shipper.ts'
import { capture } from '../../plugins/inputs/generate/write.ts'
import { memoryLog } from '../plugins/config.ts'

const FRAMES = 2000

test('examples/queues.yml', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wherry-queues-'))
  try {
    const pieces = capture({ seed: 1, networks: 5, clients: 10, rate: 0, frames: FRAMES, start_ms: 1_735_689_600_000 })
    writeFileSync(join(folder, 'a.pcap'), Buffer.concat([...pieces].map(({ bytes }) => Buffer.from(bytes))))
    // Port 1 refuses.
    const env = { CAPTURES: join(folder, '*.pcap'), ES_HOST: 'http://127.0.0.1:1', ARCHIVE: join(folder, 'archive') }
    const { config, problems } = await loadConfig(new URL('examples/queues.yml', packageRoot()).pathname, { env, once: false })
    assert.ok(config, problems.map(({ message }) => message).join())
    const data_dir = join(folder, 'data')
    const stop = new AbortController()
    const own = { ...config, shipper: { ...config.shipper, data_dir, threads: 0, shutdown_ms: 100 } }
    const running = new Shipper({ config: own, log: memoryLog(), once: true }).run(stop.signal)
    const archived = () =>
      readdirSync(join(folder, 'archive')).flatMap((name) =>
        readFileSync(join(folder, 'archive', name), 'utf8')
          .trim()
          .split('\n'),
      ).length
    const segments = () =>
      readdirSync(join(data_dir, 'queue', 'search'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.segment'))
    const until = async (ready: () => boolean) => {
      for (;;) {
        try {
          if (ready()) return
        } catch {
          // Not there yet.
        }
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
    await until(() => archived() >= FRAMES)
    await until(() => segments().length > 0)
    stop.abort()
    const balance = await running
    assert.deepEqual(imbalances(balance), [])
    const waiting = balance.routes
      .filter(({ output }) => output === 'search')
      .reduce((sum, { queued, in_flight, held }) => sum + queued + in_flight + held, 0)
    assert.equal(waiting, archived())
  } finally {
    rmSync(folder, { recursive: true })
  }
})
