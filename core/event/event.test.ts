import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { envelope, frame } from './envelope.ts'
import { Event } from './event.ts'
import { Fields, fieldTable } from './fields.ts'
import { idBytes, idText, putRecordId } from './id.ts'
import { toObject } from './object.ts'

const plain = fieldTable('plain', {
  n: { path: 'x.n', type: 'int', description: 'a number' },
  t: { path: 'x.t', type: 'text', alias: ['x.text'], description: 'a text' },
  l: { path: 'x.l', type: 'int', list: true, description: 'a list' },
})
const late = fieldTable('late', {
  first: { path: 'late.first', type: 'int', description: 'first byte' },
  second: { path: 'late.second', type: 'int', description: 'second byte' },
})
const fields = new Fields([envelope, frame, plain, late])

function eventWithLate(): { event: Event; decoded: () => number; defer: () => void } {
  const event = new Event(fields)
  let times = 0
  const base = fields.base(late)
  const lazy = event.lazy(late, (e) => {
    times++
    e.claim(base, late.fields.length)
    e.put(base, e.bytes[0])
    e.put(base + 1, e.bytes[1])
  })
  return { event, decoded: () => times, defer: () => event.defer(lazy) }
}

test('values are read back by path and alias; unknown names and unfit values are refused', () => {
  const event = new Event(fields)
  event.open(new Uint8Array(0))
  event.set('x.text', 'grüße')
  assert.equal(event.get('x.t'), 'grüße')
  assert.throws(() => event.get('x.unknown'), /no plugin declares the field x\.unknown/)
  assert.throws(() => event.set('x.n', 'seven'), /x\.n is int; "seven" does not fit/)
  assert.throws(() => event.set('x.n', Number.NaN), /does not fit/)
  event.delete('x.t')
  assert.equal(event.get('x.t'), undefined)
})

test('a text that begins with a byte order mark keeps it', () => {
  const event = new Event(fields)
  event.open(new Uint8Array(0))
  event.set('x.t', '\ufeffcafé')
  assert.equal(event.get('x.t'), '\ufeffcafé')
})

test('a lazy table is decoded once, when asked for, and keeps what was set', () => {
  const { event, decoded, defer } = eventWithLate()
  event.open(Uint8Array.of(7, 8))
  defer()
  event.set('x.n', 1)
  assert.equal(decoded(), 0)
  event.set('late.first', 99)
  assert.equal(event.get('late.second'), 8)
  assert.equal(event.get('late.first'), 99)
  assert.equal(decoded(), 1)
})

test('rollback undoes any changes, also those of lazy tables and claims', () => {
  const { event, defer } = eventWithLate()
  const hide = event.hider((number) => number % 2 === 0)
  const change = fc.constantFrom<(e: Event) => void>(
    (e) => e.set('x.n', 5),
    (e) => e.set('x.t', 'other'),
    (e) => e.set('x.l', [1, 2, 3]),
    (e) => e.delete('x.n'),
    (e) => e.delete('x.t'),
    (e) => e.set('late.first', 1000),
    (e) => e.get('late.second'),
    (e) => e.delete('late.second'),
    (e) => e.claim(fields.base(plain), plain.fields.length),
    (e) => hide(e),
  )
  fc.assert(
    fc.property(fc.array(change), fc.array(change), fc.array(change), (before, inside, nested) => {
      event.open(Uint8Array.of(7, 8))
      defer()
      event.set('x.n', 1)
      event.set('x.t', 'one')
      for (const step of before) step(event)
      event.mark()
      const expected = { object: toObject(event), first: event.get('late.first'), second: event.get('late.second') }
      event.rollback()
      for (const step of inside) step(event)
      event.mark()
      for (const step of nested) step(event)
      event.rollback()
      event.unmark()
      event.rollback()
      event.unmark()
      assert.deepEqual({ object: toObject(event), first: event.get('late.first'), second: event.get('late.second') }, expected)
    }),
    { numRuns: 300 },
  )
})

test('hold gives a copy that outlives the record', () => {
  const { event, defer } = eventWithLate()
  event.open(Uint8Array.of(7, 8))
  defer()
  event.set('x.t', 'kept')
  const held = event.hold()
  event.open(Uint8Array.of(1, 1))
  assert.equal(event.get('x.t'), undefined)
  event.restore(held)
  assert.deepEqual(toObject(event), { x: { t: 'kept' }, late: { first: 7, second: 8 } })
})

test('tables may not disagree, and no path may begin another', () => {
  const other = fieldTable('other', { n: { path: 'x.n', type: 'text', description: 'clash' } })
  assert.throws(() => new Fields([plain, other]), /x\.n is text in other, but int in plain/)
  const child = fieldTable('child', { n: { path: 'x.n.m', type: 'text', description: 'child' } })
  assert.throws(() => new Fields([plain, child]), /x\.n cannot have a value and the child x\.n\.m/)
})

test('ids sort by time and are read back', () => {
  const record = fc.record({
    seconds: fc.integer({ min: 0, max: 2 ** 34 - 1 }),
    nanos: fc.integer({ min: 0, max: 999999999 }),
    offset: fc.maxSafeInteger().map(Math.abs),
  })
  const key = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
  const id = (r: { seconds: number; nanos: number; offset: number }) => {
    const bytes = new Uint8Array(24)
    putRecordId(bytes, 0, r.seconds, r.nanos, key, r.offset)
    return bytes
  }
  fc.assert(
    fc.property(record, record, (a, b) => {
      const view = new DataView(id(a).buffer)
      assert.equal(view.getBigUint64(0), BigInt(a.seconds) * 1000000000n + BigInt(a.nanos))
      assert.equal(view.getBigUint64(16), BigInt(a.offset))
      assert.deepEqual(idBytes(idText(id(a))), id(a))
      const order = a.seconds - b.seconds || a.nanos - b.nanos
      if (order !== 0) assert.equal(idText(id(a)) < idText(id(b)), order < 0)
    }),
  )
})
