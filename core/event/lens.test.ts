import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { envelope, frame } from './envelope.ts'
import { Event } from './event.ts'
import { Fields, fieldTable } from './fields.ts'
import { jsonWriter } from './json.ts'
import type { Lens } from './lens.ts'
import { exactJson, toObject } from './object.ts'
import { READ } from './reads.ts'
import { Repeats } from './repeats.ts'
import { ByteWriter } from './writer.ts'

/** A record of eight bytes, the last of which varies. */
const SIZE = 8
const numbers = (from: number, to: number) =>
  Object.fromEntries(
    Array.from({ length: to - from }, (_, i) => [`n${from + i}`, { path: `x.n${from + i}`, type: 'int', description: 'a byte' } as const]),
  )
const steady = fieldTable('steady', numbers(0, 7), { repeats: true })
const live = fieldTable('live', numbers(7, 8))
const fields = new Fields([envelope, frame, steady, live])

/** Multiplies values and removes those that repeat and divide by three; the value that varies is read from the bytes. */
function lens(key: number, factor: number): Lens {
  return {
    key,
    see(event) {
      for (const table of [steady, live]) {
        const base = fields.base(table)
        for (let i = 0; i < table.fields.length; i++) {
          const number = base + i
          if (!event.present(number) || event.a[number] >= 1000) continue
          if (table === steady && event.a[number] % 3 === 0) event.conceal(number)
          else event.replace(number, 1000 + event.a[number] * factor)
        }
      }
    },
    isDirect: () => key !== 2,
    direct: (_, a) => 1000 + a * factor,
  }
}

function pipeline() {
  const event = new Event(fields)
  const lazies = [steady, live].map((table, k) =>
    event.lazy(table, () => {
      const base = fields.base(table)
      event.claim(base, table.fields.length)
      for (let i = 0; i < table.fields.length; i++) event.put(base + i, event.bytes[k === 0 ? i : 7])
    }),
  )
  const repeats = new Repeats(event, [steady], () => ({}))
  const open = (bytes: Uint8Array) => {
    event.open(bytes)
    event.end = SIZE
    for (const lazy of lazies) event.defer(lazy)
    event.repeat = repeats.find(1, 0, event, 0)
    if (event.repeat !== undefined) return
    const run = repeats.learn(1, 0, event, 0, SIZE)
    run?.vary(7, 8)
    if (run) Object.assign(run, { reads: [{ field: fields.base(live), how: READ.u8, at: 7, extra: 0 }], direct: event.lazyBit(live) })
  }
  return { event, open }
}

test('records that repeat are written as they are seen, through whichever lens, without decoding what repeats', () => {
  const write = jsonWriter(fields)
  const lenses = [undefined, lens(1, 2), lens(2, 3)]
  const record = fc.record({ start: fc.constantFrom(1, 2), last: fc.nat(255), through: fc.nat(2), late: fc.boolean() })
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 40 }), (records) => {
      const { event, open } = pipeline()
      for (const { start, last, through, late } of records) {
        const bytes = Uint8Array.from([...new Array(7).keys()].map((i) => start * 10 + i).concat(last))
        open(bytes)
        // What is decoded before the lens is put on is replaced by whoever puts it on.
        if (late) event.force(event.pending)
        event.lens = lenses[through]
        if (late) event.lens?.see(event, 0)
        const out = new ByteWriter(undefined, 1024)
        write(event, out)
        const expected = [...bytes].flatMap((byte, i) => {
          if (through > 0 && i < 7 && byte % 3 === 0) return []
          return [[`n${i}`, through === 0 ? byte : 1000 + byte * (through + 1)]]
        })
        const text = Buffer.from(out.buf.buffer, 0, out.pos).toString()
        assert.deepEqual(JSON.parse(text).x ?? {}, Object.fromEntries(expected))
        assert.equal(text, exactJson(toObject(event)))
      }
    }),
  )
})

test('a rollback takes the lens off, and what was seen through it is as it was', () => {
  const { event, open } = pipeline()
  for (const early of [false, true]) {
    open(Uint8Array.from([10, 11, 12, 13, 14, 15, 16, 17]))
    if (early) event.force(event.pending)
    event.mark()
    event.lens = lens(3, 5)
    if (early) event.lens.see(event, 0)
    assert.equal(event.get('x.n0'), 1050)
    assert.equal(event.get('x.n2'), undefined)
    event.rollback()
    event.unmark()
    assert.equal(event.lens, undefined)
    assert.deepEqual([event.get('x.n0'), event.get('x.n2'), event.get('x.n7')], [10, 12, 17])
  }
})
