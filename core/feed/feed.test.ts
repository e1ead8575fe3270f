import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { config, memoryLog, numbers, output, section } from '../../test/plugins/config.ts'
import { collectors } from '../../test/plugins/lines.ts'
import { Shipper } from '../shipper.ts'
import { FeedReader, FeedWriter, feedMemory } from './memory.ts'

function ring(width = 1): { writer: FeedWriter; reader: FeedReader } {
  const memory = feedMemory(width)
  return { writer: new FeedWriter(memory, width), reader: new FeedReader(width, memory) }
}

test('the value nearest in time is found, whatever the order of values and of questions', () => {
  const time = fc.integer({ min: 0, max: 1000 })
  fc.assert(
    fc.property(
      fc.array(time, { maxLength: 30 }),
      fc.array(time, { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 0, max: 300 }),
      (times, asked, max) => {
        const { writer, reader } = ring()
        for (const [i, at] of times.entries()) {
          writer.publish(at, [at + 0.5])
          if (i % 3 === 0) reader.nearest(asked[0], max)
        }
        for (const at of asked) {
          const away = Math.min(...times.map((each) => Math.abs(each - at)))
          const age = reader.nearest(at, max)
          if (away > max) assert.ok(Number.isNaN(age))
          else {
            assert.equal(age, away)
            assert.equal(Math.abs(reader.values[0] - 0.5 - at), away)
          }
        }
      },
    ),
  )
})

test('the oldest values leave when the ring is full', () => {
  const { writer, reader } = ring()
  for (let at = 0; at < 5000; at++) writer.publish(at * 1000, [at])
  assert.ok(Number.isNaN(reader.nearest(0, 500)))
  assert.equal(reader.nearest(4_999_400, 1000), 400)
  assert.equal(reader.values[0], 4999)
  assert.equal(reader.nearest((5000 - 4096) * 1000, 0), 0)
})

test('without a main half there is never a value', () => {
  const reader = new FeedReader(2)
  assert.ok(Number.isNaN(reader.nearest(0, Number.POSITIVE_INFINITY)))
  assert.equal(reader.bytes, undefined)
})

test('a value of another width, or without a time, is an error of the publisher', () => {
  const { writer } = ring(2)
  assert.throws(() => writer.publish(0, [1]), RangeError)
  assert.throws(() => writer.publish(Number.NaN, [1, 2]), RangeError)
})

test('no reader sees half a value while another thread writes', async () => {
  const width = 8
  const memory = feedMemory(width)
  const code = `
const { FeedWriter } = await import(${JSON.stringify(new URL(`./memory${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url).href)})
const { workerData: memory } = await import('node:worker_threads')
const writer = new FeedWriter(memory, ${width})
for (let i = 0; i < 200000; i++) writer.publish(i % 50, new Array(${width}).fill(i))`
  const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { workerData: memory })
  let running = true
  const ended = new Promise<void>((resolve, reject) => {
    thread.on('error', reject)
    thread.on('exit', () => resolve())
  }).finally(() => (running = false))
  const reader = new FeedReader(width, memory)
  const seen = new Set<number>()
  while (running) {
    for (let i = 0; i < 200; i++) {
      if (Number.isNaN(reader.nearest(i % 50, 50))) continue
      seen.add(reader.values[0])
      assert.ok(reader.values.every((value) => value === reader.values[0]))
    }
    await new Promise(setImmediate)
  }
  await ended
  assert.ok(seen.size > 1)
})

for (const threads of [0, 1]) {
  test(`filters see what their main halves published before the inputs began, with ${threads} threads`, async () => {
    const data_dir = await mkdtemp(join(tmpdir(), 'wherry-'))
    const name = `feed-${threads}`
    collectors.set(name, { lines: [] })
    try {
      const shipper = config({
        data_dir,
        shipper: { threads },
        inputs: [numbers({ count: 40, batch: 7 })],
        filters: [section('fed', 'feed-mark', { from: 1_700_000_000, count: 3, text: 'here' })],
        outputs: [output(name)],
        routes: [{ from: ['count'], through: ['fed'], to: [name] }],
      })
      await new Shipper({ config: shipper, log: memoryLog(), once: true }).run(new AbortController().signal)
    } finally {
      await rm(data_dir, { recursive: true })
    }
    const found = collectors.get(name)!.lines.map(({ text }) => (JSON.parse(text) as { number: { n: number; mark: string; seen?: number } }).number)
    assert.equal(found.length, 40)
    for (const { n, mark, seen } of found) {
      assert.equal(mark, 'here')
      // Values are for 0, 10 and 20 s, and good for 4 s.
      assert.equal(seen, [5, 15].includes(n) || n > 24 ? undefined : Math.round(n / 10))
    }
  })
}

test('a main half that cannot start fails the start, and says which', async () => {
  const data_dir = await mkdtemp(join(tmpdir(), 'wherry-'))
  collectors.set('feed-none', { lines: [] })
  try {
    const shipper = config({
      data_dir,
      inputs: [numbers({ count: 1 })],
      filters: [section('fed', 'feed-mark', { from: 0, count: 0, text: '' })],
      outputs: [output('feed-none')],
      routes: [{ from: ['count'], through: ['fed'], to: ['feed-none'] }],
    })
    await assert.rejects(
      new Shipper({ config: shipper, log: memoryLog(), once: true }).run(new AbortController().signal),
      /filter fed: nothing to publish/,
    )
  } finally {
    await rm(data_dir, { recursive: true })
  }
  assert.equal(collectors.get('feed-none')!.lines.length, 0)
})
