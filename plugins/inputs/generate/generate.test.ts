import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Event } from '../../../core/event/event.ts'
import { FeedReader } from '../../../core/feed/memory.ts'
import { captureStatistics } from '../../../core/formats/capture.ts'
import { BATCH_RECORDS, type Batch, type Config, envelope, Fields, frame, type InputContext, type Position } from '../../../core/plugin.ts'
import { ManualClock } from '../../../test/kit/clock.ts'
import plugin from './index.ts'

type Options = Config<typeof plugin.config>
const OPTIONS: Options = { seed: 1, rate: 0, networks: 5, clients: 8 }

interface Setting {
  readonly clock?: ManualClock
  readonly position?: Position
  readonly signal?: AbortSignal
}

function read(options: Options, { clock = new ManualClock(), position, signal = new AbortController().signal }: Setting = {}): AsyncIterator<Batch> {
  const log = { error() {}, warn() {}, info() {}, debug() {} }
  const context: InputContext = {
    name: 'air',
    position: () => position,
    streams: () => [],
    lease: (bytes) => new Uint8Array(new SharedArrayBuffer(bytes)),
    signal,
    once: false,
    max_record_bytes: 1048576,
    skipped: () => assert.fail('nothing is skipped'),
    log,
    clock,
  }
  return plugin.create(options, context).read()[Symbol.asyncIterator]()
}

async function all(options: Options, setting?: Setting): Promise<Batch[]> {
  const batches: Batch[] = []
  const reading = read(options, setting)
  for (let next = await reading.next(); !next.done; next = await reading.next()) batches.push(next.value)
  return batches
}

const bytes = (batches: readonly Batch[]): Buffer => Buffer.concat(batches.map(({ data }) => data))

test('batches are whole, follow one another and end after so many frames', async () => {
  const batches = await all({ ...OPTIONS, frames: 5000 })
  let offset = 24
  for (const batch of batches) {
    assert.equal(batch.offset, offset)
    assert.ok(batch.records <= BATCH_RECORDS)
    offset += batch.data.length
  }
  assert.equal(
    batches.reduce((sum, { records }) => sum + records, 0),
    5000,
  )
  assert.deepEqual(batches.at(-1)?.next, { start: Date.UTC(2026, 10, 23, 10), frame: 5000 })
})

test('goes on from the position of any batch with the same bytes, places and identity, whatever the time', async () => {
  const batches = await all({ ...OPTIONS, frames: 9000 })
  assert.ok(batches.length > 3)
  for (const [i, { next, identity, stream }] of batches.entries()) {
    const rest = await all({ ...OPTIONS, frames: 9000 }, { position: next, clock: new ManualClock(Date.UTC(2027, 0, 1)) })
    assert.deepEqual(bytes(rest), bytes(batches.slice(i + 1)))
    for (const [j, batch] of rest.entries()) {
      assert.equal(batch.offset, batches[i + 1 + j].offset)
      assert.equal(batch.identity, identity)
      assert.equal(batch.stream, stream)
    }
  }
})

test('another beginning or another seed is another identity; a position that makes no sense is none', async () => {
  const one = (await all({ ...OPTIONS, frames: 10 }))[0]
  const later = (await all({ ...OPTIONS, frames: 10 }, { clock: new ManualClock(1000) }))[0]
  const other = (await all({ ...OPTIONS, seed: 2, frames: 10 }))[0]
  assert.equal(new Set([one.identity, later.identity, other.identity]).size, 3)
  assert.equal(one.stream, later.stream)
  assert.notEqual(one.stream, other.stream)
  const senseless: Position[] = [{ start: 'x', frame: 3 }, { start: 5, frame: -1 }, { start: 5, frame: 0.5 }, {}]
  for (const position of senseless) {
    assert.deepEqual((await all({ ...OPTIONS, frames: 10 }, { position }))[0].next, one.next)
  }
})

/** The next batch, with the clock moved on by milliseconds for as long as the input sleeps. */
async function nextBatch(reading: AsyncIterator<Batch>, clock: ManualClock): Promise<Batch | undefined> {
  let result: IteratorResult<Batch> | undefined
  void reading.next().then((next) => {
    result = next
  })
  while (!result) {
    await new Promise(setImmediate)
    if (clock.sleepers > 0) clock.advance(1)
  }
  return result.done ? undefined : result.value
}

test('at a rate a frame comes when its time has come, and not before', async () => {
  const clock = new ManualClock()
  const reading = read({ ...OPTIONS, rate: 50, frames: 100 }, { clock })
  const begin = clock.now()
  let records = 0
  for (let batch = await nextBatch(reading, clock); batch; batch = await nextBatch(reading, clock)) {
    records += batch.records
    const late = clock.now() - lastTime(batch.data)
    assert.ok(late >= 0 && late < 3, `${late} ms late`)
  }
  assert.equal(records, 100)
  assert.ok(Math.abs(clock.now() - begin - 2000) < 700, `${clock.now() - begin} ms`)
})

/** Time of the last record, ms. */
function lastTime(data: Uint8Array): number {
  const view = new DataView(data.buffer, data.byteOffset, data.length)
  let last = 0
  for (let at = 0; at < data.length; at += 16 + view.getUint32(at + 8, true)) {
    last = view.getUint32(at, true) * 1000 + view.getUint32(at + 4, true) / 1e6
  }
  return last
}

test('what came due while stopped is read first', async () => {
  const clock = new ManualClock()
  const position = { start: clock.now() - 60_000, frame: 10 }
  const reading = read({ ...OPTIONS, rate: 50 }, { clock, position })
  const { value } = await reading.next()
  assert.ok(value.records > 1800, `${value.records} records`)
  assert.ok(lastTime(value.data) <= clock.now())
})

test('a wall clock that was set back does not stop the stream', async () => {
  const clock = new ManualClock()
  const position = { start: clock.now() + 3_600_000, frame: 10 }
  const begin = clock.now()
  const batch = await nextBatch(read({ ...OPTIONS, rate: 50 }, { clock, position }), clock)
  assert.equal(batch?.next.frame, 11)
  assert.ok(clock.now() - begin < 500)
})

test('stops at once when aborted while it sleeps', async () => {
  const stop = new AbortController()
  const reading = read({ ...OPTIONS, rate: 1 }, { signal: stop.signal })
  const next = reading.next()
  await new Promise(setImmediate)
  stop.abort()
  assert.equal((await next).done, true)
})

test('the decoder numbers the frames from the start of the stream and knows their times', async () => {
  const event = new Event(new Fields([envelope, frame, captureStatistics]))
  const decoder = plugin.decoder(OPTIONS, {
    name: 'air',
    fields: event.fields,
    event,
    sensor: { name: 'roof', id: 'x' },
    feed: new FeedReader(0),
    field: () => assert.fail(),
    when: () => assert.fail(),
  })
  const ids = new Set<unknown>()
  let number = 0
  for (const batch of await all({ ...OPTIONS, frames: 3000 })) {
    const { stream, data, offset, context = new Uint8Array(0) } = batch
    decoder.decode(
      { stream, data, offset, context, key: new Uint8Array(8) },
      {
        open: () => {
          event.open(data)
          return event
        },
        emit: () => {
          assert.equal(event.get('frame.number'), ++number)
          assert.equal(event.get('frame.link_type'), 127)
          assert.equal(event.get('observer.name'), 'roof')
          ids.add(event.get('event.id'))
          if (number === 1) assert.match(String(event.get('@timestamp')), /^2026-11-23T10:00:00\./)
        },
        reject: assert.fail,
      },
    )
  }
  assert.equal(number, 3000)
  assert.equal(ids.size, 3000)
})

test('is endless without a number of frames', () => {
  assert.equal(plugin.endless(OPTIONS), true)
  assert.equal(plugin.endless({ ...OPTIONS, frames: 1 }), false)
})
