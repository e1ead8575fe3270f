import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { envelope, frame } from './envelope.ts'
import { Event, MOST_VARYING, type Repeat } from './event.ts'
import { type Field, Fields, fieldTable } from './fields.ts'
import { jsonWriter } from './json.ts'
import { exactJson, toObject } from './object.ts'
import { ByteWriter } from './writer.ts'

/** A record of 40 bytes: byte i says whether and what field i is. Byte 7 varies and feeds a table that does not repeat. */
const SIZE = 40
const VARIES = 7
const paths = (group: string, from: number, to: number) =>
  Object.fromEntries(
    Array.from({ length: to - from }, (_, i): [string, Field] => [
      `${from + i}`,
      { path: `${group}.${i % 5 === 4 ? 'deep.' : ''}f${from + i}`, type: i % 3 === 2 ? 'bytes' : 'int', description: 'a byte' },
    ]),
  )
const live = fieldTable('live', { varying: { path: 'one.varying', type: 'int', description: 'byte 7' } })
const first = fieldTable('first', paths('one', 8, 24), { repeats: true })
const second = fieldTable('second', { ...paths('one', 24, 34), ...paths('two', 34, 40) }, { repeats: true })
const fields = new Fields([envelope, frame, live, first, second])

function pipeline() {
  const event = new Event(fields)
  let decoded = 0
  const lazies = [first, second].map((table) =>
    event.lazy(table, (e) => {
      decoded++
      const base = fields.base(table)
      e.claim(base, table.fields.length)
      table.fields.forEach((field, i) => {
        const at = Number(Object.keys(table.at)[i])
        if (e.bytes[at] % 2 === 1) e.put(base + i, field.type === 'bytes' ? at : e.bytes[at], 1)
      })
    }),
  )
  const repeat: Repeat = {
    tables: [first, second],
    key: 0,
    start: 0,
    end: SIZE,
    varying: new Int32Array(MOST_VARYING * 2),
    findVarying() {
      this.varying.set([VARIES, VARIES + 1])
      return 1
    },
  }
  const open = (bytes: Uint8Array, key: number | undefined) => {
    event.open(bytes)
    for (const lazy of lazies) event.defer(lazy)
    event.set('one.varying', bytes[VARIES])
    if (key === undefined) return
    repeat.key = key
    event.repeat = repeat
  }
  return { event, open, decoded: () => decoded }
}

test('with and without kept fragments the JSON is that of the object path, whatever changes in between', () => {
  const write = jsonWriter(fields)
  const { event, open } = pipeline()
  const bytes = fc.uint8Array({ minLength: SIZE, maxLength: SIZE })
  const pool = fc.array(bytes, { minLength: 1, maxLength: 4 })
  const step = fc.record({
    which: fc.nat(),
    varying: fc.nat(255),
    key: fc.option(fc.constantFrom(1, 2, 4097), { nil: undefined }),
    change: fc.constantFrom('none', 'none', 'none', 'set', 'delete', 'hide', 'read'),
  })
  fc.assert(
    fc.property(pool, fc.array(step, { maxLength: 30 }), (records, steps) => {
      for (const { which, varying, key, change } of steps) {
        const record = records[which % records.length].slice()
        record[VARIES] = varying
        open(record, key)
        if (change === 'set') event.set('one.f9', 77)
        if (change === 'delete') event.delete('two.f35')
        if (change === 'hide') event.show[fields.base(second) >>> 5] = 0x0f0f0f0f
        if (change === 'read') event.get('one.f8')
        const out = new ByteWriter(undefined, 8)
        write(event, out)
        assert.equal(Buffer.from(out.written()).toString(), exactJson(toObject(event)))
      }
    }),
    { numRuns: 300 },
  )
})

test('a run that repeats is not decoded again', () => {
  const write = jsonWriter(fields)
  const { open, event, decoded } = pipeline()
  const out = new ByteWriter()
  for (let i = 0; i < 10; i++) {
    open(new Uint8Array(SIZE).fill(3), 5)
    event.set('one.varying', i)
    write(event, out)
  }
  assert.equal(decoded(), 2)
})
