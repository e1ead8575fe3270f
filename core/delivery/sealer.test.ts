import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ManualClock } from '../../test/kit/clock.ts'
import { type Parcel, selectEvents } from './parcel.ts'
import { Sealer } from './sealer.ts'
import { Tracker } from './tracker.ts'

function setup(options: { max_events?: number; max_bytes?: number; linger_ms?: number } = {}) {
  const clock = new ManualClock()
  const sealed: Parcel[] = []
  const sealer = new Sealer({
    output: 0,
    max_events: 1000,
    max_bytes: 100_000,
    linger_ms: 200,
    ...options,
    clock,
    sealed: (parcel) => sealed.push(parcel),
    newId: (key) => `${key}-${sealed.length}`,
  })
  const tracker = new Tracker(() => undefined)
  const add = (events: readonly string[], key?: string, route = 0, mixes = false) => {
    const body = Buffer.from(events.join(''))
    let end = 0
    const ends = Uint32Array.from(events, (event) => (end += event.length))
    const ticket = tracker.open('s', { position: undefined, skip: 0 }, true)
    const records = Uint32Array.from(events, (_, i) => i)
    sealer.add({
      key,
      mixes,
      priority: 'normal',
      body,
      ends,
      records,
      routes: new Uint16Array(events.length).fill(route),
      count: events.length,
      ticket,
      input: 0,
    })
    return ticket
  }
  return { clock, sealed, sealer, add, tracker }
}

const texts = (parcel: Parcel) => [...parcel.ends].map((end, i) => Buffer.from(parcel.body.slice(i === 0 ? 0 : parcel.ends[i - 1], end)).toString())

test('payloads keep all events in order and stay within both limits', () => {
  const event = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(
      fc.array(fc.array(event, { maxLength: 20 })),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 30 }),
      (batches, max_events, max_bytes) => {
        const { sealed, sealer, add } = setup({ max_events, max_bytes })
        for (const batch of batches) add(batch)
        sealer.sealAll()
        assert.deepEqual(sealed.flatMap(texts), batches.flat())
        for (const parcel of sealed) {
          assert.ok(parcel.count > 0 && parcel.count <= max_events)
          assert.ok(parcel.body.length <= max_bytes || parcel.count === 1)
          assert.equal(parcel.runs.at(-1)!.end, parcel.count)
        }
      },
    ),
  )
})

test('a payload waits for linger_ms from its first event, each key by itself', async () => {
  const { clock, sealed, add } = setup()
  add(['one'], 'x')
  await clock.advance(150)
  add(['two'], 'x')
  add(['three'], 'y')
  await clock.advance(49)
  assert.equal(sealed.length, 0)
  await clock.advance(1)
  assert.deepEqual(sealed.map(texts), [['one', 'two']])
  await clock.advance(150)
  assert.deepEqual(sealed.map(texts), [['one', 'two'], ['three']])
})

test('with linger_ms 0 an idle output gets events at once, a busy one when it is idle again', () => {
  const { sealed, sealer, add } = setup({ linger_ms: 0 })
  add(['one'])
  assert.equal(sealed.length, 1)
  sealer.idle(false)
  add(['two'])
  add(['three'])
  assert.equal(sealed.length, 1)
  sealer.idle(true)
  assert.deepEqual(sealed.map(texts), [['one'], ['two', 'three']])
})

test('a part of a payload has the same events, records, routes and tickets', () => {
  const { sealed, sealer, add } = setup()
  const tickets = [add(['a0', 'a1', 'a2'], undefined, 1), add(['b0'], undefined, 2), add(['c0', 'c1'], undefined, 3)]
  sealer.sealAll()
  fc.assert(
    fc.property(fc.subarray([0, 1, 2, 3, 4, 5], { minLength: 1 }), (events) => {
      const part = selectEvents(sealed[0], events, 'part', undefined)
      assert.deepEqual(
        texts(part),
        events.map((event) => texts(sealed[0])[event]),
      )
      assert.deepEqual(
        [...part.records],
        events.map((event) => [0, 1, 2, 0, 0, 1][event]),
      )
      assert.deepEqual(
        [...part.routes],
        events.map((event) => [1, 1, 1, 2, 3, 3][event]),
      )
      const owners = events.map((event) => tickets[[0, 0, 0, 1, 2, 2][event]])
      const fromRuns = part.runs.flatMap(({ ticket, end }, i) => new Array(end - (part.runs[i - 1]?.end ?? 0)).fill(ticket))
      assert.deepEqual(fromRuns, owners)
    }),
  )
})

test('where keys mix, a payload takes all of them, and has a key only if all its events have it', () => {
  const { sealed, sealer, add } = setup({ max_events: 3 })
  for (const key of ['a', 'a', 'a', 'a', 'b', undefined, 'b']) add([key ?? '-'], key, 0, true)
  sealer.sealAll()
  assert.deepEqual(
    sealed.map((parcel) => [parcel.key, texts(parcel).join('')]),
    [
      ['a', 'aaa'],
      [undefined, 'ab-'],
      ['b', 'b'],
    ],
  )
})

test('of many keys the largest payloads are sealed, so that all together stay small', () => {
  const { sealed, sealer, add } = setup({ max_bytes: 100_000, max_events: 1000 })
  for (let i = 0; i < 60; i++) {
    add(['x'.repeat(i % 2 === 0 ? 10_000 : 20_000)], `key ${i}`)
    assert.ok(sealer.bytes <= 8 * 100_000, String(sealer.bytes))
  }
  assert.ok(sealed.length > 0)
  assert.ok(sealed.every(({ body }) => body.length === 20_000))
  sealer.sealAll()
  assert.equal(sealer.bytes, 0)
  assert.equal(sealed.length, 60)
})

test('the memory of a payload is used again once it is settled, unless a write of it has failed', () => {
  const { sealed, sealer, add } = setup({ max_bytes: 128 * 1024 })
  const fill = () => {
    add([`${'a'.repeat(100 * 1024)}`])
    sealer.sealAll()
    return sealed.at(-1)!
  }
  const first = fill()
  sealer.recycle(first)
  const second = fill()
  assert.equal(second.body.buffer, first.body.buffer)
  second.held = true
  sealer.recycle(second)
  assert.notEqual(fill().body.buffer, second.body.buffer)
})
