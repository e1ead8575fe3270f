import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { envelope, frame } from './envelope.ts'
import { Event } from './event.ts'
import { Fields, fieldTable } from './fields.ts'
import { listRead, READ, type Read, readFirst, readSecond } from './reads.ts'

const described = { description: 'a value' }
const table = fieldTable('t', {
  u8: { path: 't.u8', type: 'int', ...described },
  i8: { path: 't.i8', type: 'int', ...described },
  bits: { path: 't.bits', type: 'int', ...described },
  u32: { path: 't.u32', type: 'int', ...described },
  mac: { path: 't.mac', type: 'mac', ...described },
  less: { path: 't.less', type: 'int', ...described },
  absent: { path: 't.absent', type: 'int', ...described },
})
const fields = new Fields([envelope, frame, table])
const base = fields.base(table)
const f = table.at
const START = 3
const SIZE = 24

/** The same values the other way. */
function decode(event: Event): void {
  const bytes = Buffer.from(event.bytes.subarray(event.start))
  event.claim(base, table.fields.length)
  event.put(base + f.u8, bytes[0])
  event.put(base + f.i8, bytes.readInt8(1))
  event.put(base + f.bits, (bytes.readUInt16LE(2) >> 4) & 0xfff)
  event.put(base + f.u32, bytes.readUInt32LE(4))
  event.put(base + f.mac, bytes.readUIntBE(8, 6))
  event.put(base + f.less, bytes.readInt8(14) - bytes.readInt8(15))
}

const READS: readonly Read[] = [
  { field: base + f.u8, how: READ.u8, at: 0, extra: 0 },
  { field: base + f.i8, how: READ.i8, at: 1, extra: 0 },
  { field: base + f.bits, how: READ.bits, at: 2, extra: 4 | (0xfff << 8) },
  { field: base + f.u32, how: READ.u32, at: 4, extra: 0 },
  { field: base + f.mac, how: READ.mac, at: 8, extra: 0 },
  { field: base + f.less, how: READ.less, at: 14, extra: 15 },
]

const record = fc.uint8Array({ minLength: START + SIZE, maxLength: START + SIZE })

test('a number is the same read from the bytes and decoded, and reading decodes nothing', () => {
  const event = new Event(fields)
  let decoded = 0
  const lazy = event.lazy(table, (e) => {
    decoded++
    decode(e)
  })
  fc.assert(
    fc.property(record, (bytes) => {
      event.open(bytes)
      event.start = START
      event.end = bytes.length
      event.defer(lazy)
      event.repeat = { place: 0, version: 1, tables: 0, reads: READS, direct: lazy.bit }
      decoded = 0
      const numbers = table.fields.map((_, i) => event.numberOf(base + i))
      assert.equal(decoded, 0)
      event.force(lazy.bit)
      const wanted = table.fields.map((_, i) => (event.present(base + i) ? event.a[base + i] : Number.NaN))
      assert.deepEqual(numbers, wanted)
      event.set('t.u8', 7)
      assert.equal(event.repeat, undefined)
      assert.equal(event.numberOf(base + f.u8), 7)
    }),
  )
})

test('pairs, bytes and lists', () => {
  const event = new Event(fields)
  const places = fc.uniqueArray(fc.integer({ min: 1, max: SIZE - 1 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(record, places, fc.boolean(), (bytes, at, signed) => {
      event.open(bytes)
      event.start = START
      const view = Buffer.from(bytes.subarray(START))
      assert.equal((BigInt(readFirst(event, READ.u64, 4, 0)) << 32n) | BigInt(readSecond(event, READ.u64, 4, 0)), view.readBigUInt64LE(4))
      assert.deepEqual([readFirst(event, READ.bytes, 5, 3), readSecond(event, READ.bytes, 5, 3)], [START + 5, 3])
      const read = listRead(1, signed ? READ.i8s : READ.u8s, at)
      if (at.length > 4) return assert.equal(read, undefined)
      const first = readFirst(event, read!.how, read!.at, read!.extra)
      const values = event.list.slice(first, first + readSecond(event, read!.how, read!.at, read!.extra))
      assert.deepEqual(
        [...values],
        at.map((place) => (signed ? view.readInt8(place) : view[place])),
      )
    }),
  )
})
