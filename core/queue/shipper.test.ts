/** Queues as the whole of Wherry uses them: outages, restarts, other configs, on a real disk. */
import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { config, memoryLog, numbers, output, section } from '../../test/plugins/config.ts'
import { collectors } from '../../test/plugins/lines.ts'
import type { QueueOptions, ShipperConfig } from '../config/types.ts'
import { type Balance, imbalances } from '../delivery/books.ts'
import { Shipper } from '../shipper.ts'

const folders: string[] = []
async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'wherry-queue-'))
  folders.push(path)
  return path
}
after(() => Promise.all(folders.map((path) => rm(path, { recursive: true, force: true }))))

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)
let names = 0
/** An output that fails as long as it is told to. */
function switched(): { name: string; state: { down: boolean }; seen: () => number[] } {
  const name = `queue-test-${names++}`
  const state = { down: false }
  const lines: { payload: string; text: string }[] = []
  collectors.set(name, {
    lines,
    write: () => {
      if (state.down) throw new Error('down')
    },
  })
  return { name, state, seen: () => lines.map(({ text }) => (JSON.parse(text) as { number: { n: number } }).number.n) }
}

/**
 * @param stopWhen asked again and again; the signal comes when it says so
 * @param begun told who runs
 */
async function run(shipper: ShipperConfig, stopWhen?: (balance: Balance) => boolean | Promise<boolean>, begun?: (ship: Shipper) => void) {
  const log = memoryLog()
  const stop = new AbortController()
  const ship = new Shipper({ config: shipper, log, once: true })
  const running = ship.run(stop.signal)
  begun?.(ship)
  if (stopWhen) {
    await until(async () => {
      const balance = ship.balance()
      return balance !== undefined && (await stopWhen(balance))
    })
    stop.abort()
  }
  const balance = await running
  assert.deepEqual(imbalances(balance), [])
  return { balance, log }
}

async function until(ready: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await ready())) await new Promise((resolve) => setTimeout(resolve, 20))
}

const hasRead = (count: number) => (balance: Balance) => balance.inputs[0].read === count

async function segments(data_dir: string): Promise<string[]> {
  const found = await readdir(join(data_dir, 'queue'), { recursive: true }).catch(() => [] as string[])
  return found.filter((name) => name.endsWith('.segment'))
}

const queue = (options: Partial<QueueOptions>) => ({ queue: { max_bytes: 64 * 2 ** 20, memory_bytes: 100_000, ...options } })

test('one dead output does not stop another: it spills, drains in order when it is back, and leaves nothing on disk', async () => {
  const data_dir = await folder()
  const [dead, live] = [switched(), switched()]
  dead.state.down = true
  const shipper = config({
    data_dir,
    inputs: [numbers({ count: 20_000, batch: 500 })],
    outputs: [output(dead.name, {}, queue({ kind: 'spill' })), output(live.name, {}, queue({ kind: 'spill' }))],
    routes: [{ from: ['count'], through: [], to: [dead.name, live.name] }],
  })
  const running = run(shipper)
  await until(() => live.seen().length === 20_000)
  assert.equal(dead.seen().length, 0)
  assert.ok((await segments(data_dir)).length > 0, 'it lies on disk')
  dead.state.down = false
  await running
  assert.deepEqual(dead.seen(), upTo(20_000))
  assert.deepEqual(await segments(data_dir), [])
})

for (const kind of ['disk', 'spill'] as const) {
  test(`${kind}: what was settled on disk is delivered after a restart, once and before what is new`, async () => {
    const data_dir = await folder()
    const { name, state, seen } = switched()
    state.down = true
    const shipper = (count: number) =>
      config({
        data_dir,
        shipper: { shutdown_ms: 50 },
        inputs: [numbers({ count, batch: 100 })],
        outputs: [output(name, {}, queue({ kind }))],
        routes: [{ from: ['count'], through: [], to: [name] }],
      })
    const first = await run(shipper(5000), async () => (await segments(data_dir)).length > 0)
    assert.equal(first.balance.routes[0].queued + first.balance.routes[0].in_flight + first.balance.routes[0].held, first.balance.inputs[0].read)
    assert.ok((await segments(data_dir)).length > 0)
    state.down = false
    const { balance } = await run(shipper(6000))
    assert.ok(balance.routes[0].restored > 0)
    const all = seen()
    assert.deepEqual([...new Set(all)], upTo(6000), 'in order')
    if (kind === 'disk') assert.equal(all.length, 6000)
    assert.deepEqual(await segments(data_dir), [])
  })
}

test('another format strands what is on disk: said, never sent, there again when the config goes back', async () => {
  const data_dir = await folder()
  const { name, state, seen } = switched()
  const shipper = (format: string, count: number) =>
    config({
      data_dir,
      shipper: { shutdown_ms: 50 },
      inputs: [numbers({ count, batch: 100 })],
      outputs: [output(name, { format }, queue({ kind: 'disk' }))],
      routes: [{ from: ['count'], through: [], to: [name] }],
    })
  state.down = true
  await run(shipper('lines/1', 1000), hasRead(1000))
  const kept = await segments(data_dir)
  state.down = false
  const { log, balance } = await run(shipper('lines/2', 1200))
  assert.equal(balance.routes[0].restored, 0)
  assert.equal(balance.queues[0].stranded, kept.length)
  assert.deepEqual(seen(), upTo(1200).slice(1000))
  assert.ok(log.lines.some((line) => line.includes('was written as lines/1, not as lines/2; it is set aside')))
  for (const path of kept) assert.ok((await segments(data_dir)).includes(path), 'it is still there')
  await run(shipper('lines/1', 1200))
  assert.deepEqual(seen(), [...upTo(1200).slice(1000), ...upTo(1000)])
  assert.deepEqual(await segments(data_dir), [])
})

test('high priority goes first and is dropped last', async () => {
  const data_dir = await folder()
  const { name, state, seen } = switched()
  state.down = true
  const shipper = config({
    data_dir,
    inputs: [numbers({ count: 5000, batch: 100 })],
    filters: [section('odd', 'keep-odd')],
    outputs: [output(name, {}, queue({ kind: 'spill', max_bytes: 120_000, on_full: 'drop_oldest' }))],
    routes: [
      { from: ['count'], through: [], to: [name], priority: 'low', when: 'number.n > 100' },
      { from: ['count'], through: [], to: [name], priority: 'high', when: 'number.n <= 100' },
    ],
  })
  const { balance } = await run(shipper, (now) => {
    if (hasRead(5000)(now)) state.down = false
    return now.queues[0].bytes === 0 && !state.down
  })
  const [low, high] = balance.routes
  assert.equal(high.dropped, 0)
  assert.equal(high.delivered, 101)
  assert.ok(low.dropped_by.full! > 0)
  assert.equal(low.dropped + low.delivered, 4899)
  assert.ok(seen().length < 5000)
})

test('what cannot be read again goes to disk at the stop, whatever the queue', async () => {
  const data_dir = await folder()
  const { name, state, seen } = switched()
  state.down = true
  const shipper = (count: number) =>
    config({
      data_dir,
      shipper: { shutdown_ms: 50 },
      inputs: [{ ...numbers({ count, batch: 100 }), config: { count, batch: 100, streams: 1, leased: true, replayable: false } }],
      outputs: [output(name, {}, queue({ kind: 'memory', memory_bytes: 2 ** 20, max_bytes: 2 ** 20 }))],
      routes: [{ from: ['count'], through: [], to: [name] }],
    })
  const { balance } = await run(shipper(2000), hasRead(2000))
  assert.equal(balance.inputs[0].read, 2000)
  assert.ok((await segments(data_dir)).length > 0)
  state.down = false
  await run(shipper(2000))
  assert.deepEqual(seen(), upTo(2000))
})

test('the queue is deleted under our feet: what memory holds goes on, what is gone is counted, and Wherry writes again', async () => {
  const data_dir = await folder()
  const { name, state, seen } = switched()
  state.down = true
  const shipper = config({
    data_dir,
    inputs: [numbers({ count: 30_000, batch: 100 })],
    outputs: [output(name, {}, queue({ kind: 'disk', max_bytes: 2 ** 20 }))],
    routes: [{ from: ['count'], through: [], to: [name] }],
  })
  let ship: Shipper | undefined
  const running = run(shipper, undefined, (one) => (ship = one))
  // Until something is on disk and no longer in memory, however slow the disk.
  await until(() => ship?.balance()?.queues.every(({ bytes, memory_bytes, segments }) => segments > 1 && bytes > memory_bytes) ?? false)
  // Wherry goes on writing meanwhile, so that a folder may be found filled again.
  await rm(join(data_dir, 'queue'), { recursive: true, maxRetries: 50, retryDelay: 1 })
  state.down = false
  const { balance, log } = await running
  const { dropped, dropped_by, delivered } = balance.routes[0]
  assert.ok(dropped > 0)
  assert.equal(dropped_by.damaged, dropped)
  assert.equal(delivered + dropped, 30_000)
  assert.equal(new Set(seen()).size, delivered)
  assert.match(log.lines.join('\n'), /is gone, and what was in it|has been deleted/)
})
