import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { envelope, frame } from './envelope.ts'
import { Event, type Value } from './event.ts'
import { type Field, Fields, type FieldType, fieldTable } from './fields.ts'
import { createdId, idText } from './id.ts'
import { msgpackWriter } from './msgpack.ts'
import { type EventObject, exactJson, toObject } from './object.ts'
import { ByteWriter } from './writer.ts'

const hex = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes).toString('hex'))
/** Values around every border between two encodings. */
const borders = [7, 8, 15, 16, 31, 32, 52].flatMap((bits) => [-1, 0, 1].flatMap((d) => [2 ** bits + d, -(2 ** bits) + d]))
const values: Record<FieldType, fc.Arbitrary<Value>> = {
  bool: fc.boolean(),
  int: fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -200, max: 300 }), fc.constantFrom(-32, -33, ...borders)),
  float: fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
  u64: fc.oneof(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.constantFrom(0n, (1n << 32n) - 1n, 1n << 32n, (1n << 64n) - 1n)),
  mac: hex(6).map((text) => text.replace(/..(?!$)/g, '$&:')),
  text: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(31, 32, 255, 256, 65535, 65536).map((n) => 'x'.repeat(n)),
  ),
  bytes: fc.oneof(hex(3), hex(15), hex(16), hex(127), hex(128)),
  ip: fc.oneof(fc.ipV4(), fc.constantFrom('::', 'fe80::1', '1111:2222:3333:4444:5555:6666:7777:8888')),
  time: fc
    .tuple(fc.integer({ min: 0, max: 253402300799 }), fc.integer({ min: 0, max: 999999999 }))
    .map(([s, ns]) => `${new Date(s * 1000).toISOString().slice(0, 19)}.${String(ns).padStart(9, '0')}Z`),
  name: fc.constantFrom('one', 'zwölf', '77'),
  point: fc
    .record({ lat: fc.double({ min: -90, max: 90, noNaN: true }), lon: fc.double({ min: -180, max: 180, noNaN: true }) })
    .map(({ lat, lon }) => ({ lat: lat + 0, lon: lon + 0 })),
  id: fc.string().map((key) => idText(createdId(1, 2, 'test', key, '', ''))),
}
const types = Object.keys(values) as FieldType[]
const single: readonly FieldType[] = ['point', 'time', 'id']

/** Every type, single and as a list, in more objects than one generated function holds, with keys of all lengths, and one that ends in a byte that begins a NaN. */
const declarations: Record<string, Field> = {}
for (const group of ['a', 'b.c', 'b.d.e', 'ü."q', `long.${'k'.repeat(40)}`, 'nan.abcd\u007f'])
  for (const type of types)
    for (const list of [false, true]) {
      if (list && single.includes(type)) continue
      const path = `${group}.${type}${list ? 's' : ''}`
      declarations[path] = { path, type, list, names: { 1: 'one', 12: 'zwölf' }, description: 'test' }
    }
const fields = new Fields([envelope, frame, fieldTable('test', declarations)])
const write = msgpackWriter(fields)

function written(event: Event): string {
  const out = new ByteWriter({ allocate: (bytes) => new Uint8Array(new SharedArrayBuffer(bytes)).fill(0xa5) }, 8)
  write(event, out)
  return exactJson(decode(Uint8Array.from(out.written()), { useBigInt64: true }) as EventObject)
}

const assignment = fc
  .constantFrom(...Object.values(declarations))
  .chain((field) => (field.list ? fc.array(values[field.type], { maxLength: 20 }) : values[field.type]).map((value) => [field.path, value] as const))

test('what the writer wrote is read by another decoder as the object path says', () => {
  const event = new Event(fields)
  fc.assert(
    fc.property(
      fc.array(assignment, { maxLength: 40 }),
      fc.array(fc.constantFrom(...Object.keys(declarations)), { maxLength: 3 }),
      (sets, deletes) => {
        event.open(new Uint8Array(0))
        for (const [path, value] of sets) event.set(path, value)
        for (const path of deletes) event.delete(path)
        assert.equal(written(event), exactJson(toObject(event)))
      },
    ),
    { numRuns: 300 },
  )
})

test('an event with every field has maps of more than fifteen members, and none is lost', () => {
  const event = new Event(fields)
  event.open(new Uint8Array(0))
  for (const field of Object.values(declarations)) {
    const [value] = fc.sample(values[field.type], { numRuns: 1, seed: 1 })
    event.set(field.path, field.list ? Array.from({ length: 17 }, () => value) : value)
  }
  assert.equal(written(event), exactJson(toObject(event)))
})

test('an empty event is an empty map, and hidden fields are neither written nor counted', () => {
  const event = new Event(fields)
  event.open(new Uint8Array(0))
  assert.equal(written(event), '{}')
  event.set('a.int', 1)
  event.set('a.bool', true)
  event.hider(() => true)(event)
  event.set('b.c.int', 2)
  assert.equal(written(event), '{"b":{"c":{"int":2}}}')
})

test('integers beyond 2^53 and nanoseconds are exact; a float stays one', () => {
  const event = new Event(fields)
  event.open(new Uint8Array(0))
  event.set('a.u64', 18446744073709551615n)
  event.set('@timestamp', '2026-11-23T10:00:00.000000001Z')
  assert.equal(written(event), '{"@timestamp":"2026-11-23T10:00:00.000000001Z","a":{"u64":18446744073709551615}}')
  event.open(new Uint8Array(0))
  event.set('a.float', 1)
  const out = new ByteWriter()
  write(event, out)
  assert.equal(Buffer.from(out.written()).toString('hex'), '81a16181a5666c6f6174cb3ff0000000000000')
})
