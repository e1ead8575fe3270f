import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { envelope, frame } from './envelope.ts'
import { Event } from './event.ts'
import { type Field, Fields, fieldTable } from './fields.ts'
import { jsonWriter } from './json.ts'
import { machineMemory } from './machine/machine.ts'
import { CREDIT, WAYS } from './machine/numbers.ts'
import { exactJson, toObject } from './object.ts'
import { Repeats } from './repeats.ts'
import { ENCODINGS } from './testing.ts'
import { ByteWriter } from './writer.ts'

/** A record of 40 bytes: byte i says whether and what field i is; numbers are twice the byte, so that their MessagePack forms a NaN here and there. Bytes 4 to 7 vary and feed a table that does not repeat. */
const SIZE = 40
const VARIES = 4
const STEADY = 8
const paths = (group: string, from: number, to: number) =>
  Object.fromEntries(
    Array.from({ length: to - from }, (_, i): [string, Field] => [
      `${from + i}`,
      { path: `${group}.${i % 5 === 4 ? 'deep.' : ''}f${from + i}`, type: i % 3 === 2 ? 'bytes' : 'int', description: 'a byte' },
    ]),
  )
const live = fieldTable('live', {
  ...paths('one', VARIES, STEADY),
  text: { path: 'live.text', type: 'text', description: 'set' },
  at: { path: 'live.at', type: 'point', description: 'set' },
})
const first = fieldTable('first', paths('one', STEADY, 24), { repeats: true })
const second = fieldTable('second', { ...paths('one', 24, 34), ...paths('two', 34, 40) }, { repeats: true })
const tables = [live, first, second]
const fields = new Fields([envelope, frame, first, live, second])

function pipeline() {
  const event = new Event(fields)
  const decoded = { live: 0, first: 0, second: 0 }
  const lazies = tables.map((table) =>
    event.lazy(table, (e) => {
      decoded[table.name as keyof typeof decoded]++
      const base = fields.base(table)
      e.claim(base, table.fields.length)
      for (const [key, at] of Object.entries(table.at)) {
        const byte = Number(key)
        if (e.bytes[byte] % 2 === 1) e.put(base + at, table.fields[at].type === 'bytes' ? byte : e.bytes[byte] * 0x101, 1)
      }
    }),
  )
  const observer = event.constant(Buffer.from('pi "roof"'))
  const repeats = new Repeats(event, [first, second], () => ({}))
  const hideSome = event.hider((number) => number % 3 === 0)
  const hideAll = event.hider((number) => number >= fields.base(second))
  /** `seen`: by the machine. */
  const open = (bytes: Uint8Array, hash: number | undefined, seen = false) => {
    event.open(seen ? event.batch(bytes) : bytes)
    event.end = bytes.length
    event.put(fields.base(envelope) + envelope.at.observer, observer, 9)
    for (const lazy of lazies) event.defer(lazy)
    if (hash === undefined) return
    event.repeat = repeats.find(hash, 0, event, 0)
    if (event.repeat === undefined) repeats.learn(hash, 0, event, 0, bytes.length)?.vary(VARIES, STEADY)
  }
  return { event, open, decoded, hideSome, hideAll }
}

for (const [name, { writer, read }] of Object.entries(ENCODINGS))
  test(`with and without templates ${name} is that of the object path, whatever changes in between`, () => {
    const write = writer(fields)
    const { event, open, hideSome, hideAll } = pipeline()
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: SIZE, maxLength: SIZE }),
      fc.constantFrom(0x7f, 0xff).map((byte) => new Uint8Array(SIZE).fill(byte)),
    )
    const pool = fc.array(bytes, { minLength: 1, maxLength: 4 })
    const change = fc.constantFrom(
      'set',
      'set varying',
      'text',
      'point',
      'point further east',
      'delete',
      'hide some',
      'hide all',
      'hide twice',
      'read',
      'mark',
      'hold',
    )
    const step = fc.record({
      which: fc.nat(),
      varying: fc.uint8Array({ minLength: STEADY - VARIES, maxLength: STEADY - VARIES }),
      hash: fc.option(fc.constantFrom(1, 2, 4097), { nil: undefined }),
      seen: fc.boolean(),
      changes: fc.array(change, { maxLength: 2 }),
    })
    const changes: Record<string, () => void> = {
      set: () => event.set('one.f9', 77),
      'set varying': () => event.set('one.f5', 78),
      text: () => event.set('live.text', 'a "longer" text\n'.repeat(20)),
      point: () => event.set('live.at', { lat: 52.5, lon: 4 }),
      'point further east': () => event.set('live.at', { lat: 52.5, lon: 4.25 }),
      delete: () => event.delete('two.f35'),
      'hide some': () => hideSome(event),
      'hide all': () => hideAll(event),
      'hide twice': () => {
        hideSome(event)
        hideAll(event)
      },
      read: () => event.get('one.f8'),
      mark: () => {
        event.mark()
        event.set('one.f9', 1)
        hideAll(event)
        event.rollback()
      },
      hold: () => event.restore(event.hold()),
    }
    fc.assert(
      fc.property(pool, fc.array(step, { maxLength: 40 }), (records, steps) => {
        for (const { which, varying, hash, seen, changes: names } of steps) {
          const record = records[which % records.length].slice()
          record.set(varying, VARIES)
          open(record, hash, seen)
          for (const name of names) changes[name]()
          const out = new ByteWriter(seen ? machineMemory : undefined, 8)
          write(event, out)
          assert.equal(read(out.written()), exactJson(toObject(event)))
          machineMemory.free(out.buf)
        }
      }),
      { numRuns: 300 },
    )
  })

test('what repeats is decoded once, what varies for every record', () => {
  const write = jsonWriter(fields)
  const { open, event, decoded } = pipeline()
  const out = new ByteWriter()
  for (let i = 0; i < 10; i++) {
    const record = new Uint8Array(SIZE).fill(3)
    record[VARIES] = i * 2 + 1
    open(record, 5)
    // The first record is not remembered, the second not known, the third is written and kept.
    assert.equal(event.repeat !== undefined, i > 1)
    write(event, out)
  }
  // A fourth time, as the varying value made it a hole.
  assert.deepEqual(decoded, { live: 10, first: 4, second: 4 })
})

test('a run that came again keeps its place against others that did not', () => {
  const { open, event } = pipeline()
  const known = new Uint8Array(SIZE).fill(1)
  const seen = (record: Uint8Array) => {
    open(record, 9)
    return event.repeat !== undefined
  }
  assert.deepEqual([seen(known), seen(known), seen(known)], [false, false, true])
  const others = (from: number, count: number) => {
    for (let i = 0; i < count; i++) assert.equal(seen(new Uint8Array(SIZE).fill(from + i)), false)
  }
  others(10, 60)
  assert.equal(seen(known), true)
  // Where all came again one of them gives way, after a while.
  const rivals = Array.from({ length: WAYS - 1 }, (_, i) => new Uint8Array(SIZE).fill(100 + i))
  for (const rival of rivals) assert.deepEqual([seen(rival), seen(rival)], [false, true])
  others(110, CREDIT * WAYS)
  assert.equal([known, ...rivals].filter((record) => !seen(record)).length, 1)
})

test('what comes once takes no memory, whatever comes in between', () => {
  const { open, event } = pipeline()
  const seen = (fill: number, hash: number) => {
    open(new Uint8Array(SIZE).fill(fill), hash)
    return event.repeat !== undefined
  }
  // They share a place: the first is remembered when it comes again, and the second has no right to that place yet.
  const [one, other] = [7, 7 + (1 << 20)]
  assert.deepEqual([seen(1, one), seen(2, other), seen(1, one), seen(1, one)], [false, false, false, true])
})

test('records shorter than the run, and tables of others that repeat', () => {
  const { open, event } = pipeline()
  for (const known of [false, false, true]) {
    open(new Uint8Array(SIZE).fill(1), 3)
    assert.equal(event.repeat !== undefined, known)
  }
  open(new Uint8Array(SIZE - 1).fill(1), 3)
  assert.equal(event.repeat, undefined)
  assert.throws(() => new Repeats(event, [first], () => ({})), /table second repeats in another plugin/)
})

test('a run has a template for each of a few sets of fields', () => {
  const write = jsonWriter(fields)
  const { open, event, decoded } = pipeline()
  const out = new ByteWriter()
  const record = new Uint8Array(SIZE).fill(3)
  for (let i = 0; i < 40; i++) {
    open(record, 5)
    if (i % 2 === 1) event.set('live.text', 'a text')
    out.pos = 0
    write(event, out)
    assert.equal(Buffer.from(out.written()).toString(), exactJson(toObject(event)))
  }
  // The last one had the text; one without is still not decoded.
  const written = decoded.first
  open(record, 5)
  out.pos = 0
  write(event, out)
  assert.equal(decoded.first, written)
})

test('a place is part of the text until it changes, in either of its numbers', () => {
  const write = jsonWriter(fields)
  const { open, event } = pipeline()
  const record = new Uint8Array(SIZE).fill(3)
  for (const lon of [4, 4, 4, 4.25, 4.25, 4]) {
    open(record, 5)
    event.set('live.at', { lat: 52.5, lon })
    const out = new ByteWriter()
    write(event, out)
    assert.equal(Buffer.from(out.written()).toString(), exactJson(toObject(event)))
  }
})
