import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { envelope, frame } from './envelope.ts'
import { Event, type Value } from './event.ts'
import { type Field, Fields, type FieldType, fieldTable } from './fields.ts'
import { createdId, idText } from './id.ts'
import { jsonWriter } from './json.ts'
import { exactJson, toObject } from './object.ts'
import { ByteWriter } from './writer.ts'

const values: Record<FieldType, fc.Arbitrary<Value>> = {
  bool: fc.boolean(),
  int: fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -2000, max: 2000 }), fc.integer()),
  float: fc
    .oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: 0, max: 999 }).map((n) => n / 2),
    )
    .map((n) => n + 0),
  u64: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  mac: fc.uint8Array({ minLength: 6, maxLength: 6 }).map((bytes) =>
    Buffer.from(bytes)
      .toString('hex')
      .replace(/..(?!$)/g, '$&:'),
  ),
  text: fc.string({ unit: 'binary', maxLength: 40 }),
  bytes: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  ip: fc.oneof(fc.ipV4(), fc.constantFrom('::', '::1', 'fe80::1', '2001:db8::2:0:0:1', '1:2:3:4:5:6:7:8')),
  time: fc
    .tuple(fc.integer({ min: 0, max: 253402300799 }), fc.integer({ min: 0, max: 999999999 }))
    .map(([s, ns]) => `${new Date(s * 1000).toISOString().slice(0, 19)}.${String(ns).padStart(9, '0')}Z`),
  name: fc.constantFrom('one', 'zwölf "12"', '77'),
  point: fc
    .record({ lat: fc.double({ min: -90, max: 90, noNaN: true }), lon: fc.double({ min: -180, max: 180, noNaN: true }) })
    .map(({ lat, lon }) => ({ lat: lat + 0, lon: lon + 0 })),
  id: fc.string().map((key) => idText(createdId(1, 2, 'test', key, '', ''))),
}
const single: FieldType[] = ['point', 'time', 'id']
const types = Object.keys(values) as FieldType[]

/** Tables with every type, single and as a list, spread over more objects than one generated function holds. */
const declarations: Record<string, Field> = {}
for (const group of ['a', 'b.c', 'b.d.e', 'ü."q'])
  for (const type of types)
    for (const list of [false, true]) {
      if (list && single.includes(type)) continue
      const path = `${group}.${type}${list ? 's' : ''}`
      declarations[path] = { path, type, list, names: { 1: 'one', 12: 'zwölf "12"' }, description: 'test' }
    }
const table = fieldTable('test', declarations)
const fields = new Fields([envelope, frame, table])

const assignment = fc
  .constantFrom(...Object.values(declarations))
  .chain((field) => (field.list ? fc.array(values[field.type], { maxLength: 5 }) : values[field.type]).map((value) => [field.path, value] as const))

function written(event: Event, write = jsonWriter(event.fields)): string {
  const out = new ByteWriter(undefined, 8)
  write(event, out)
  return Buffer.from(out.written()).toString()
}

test('the generated writer and the object path give the same JSON', () => {
  const write = jsonWriter(fields)
  const event = new Event(fields)
  fc.assert(
    fc.property(
      fc.array(assignment, { maxLength: 30 }),
      fc.array(fc.constantFrom(...Object.keys(declarations)), { maxLength: 3 }),
      (sets, deletes) => {
        event.open(new Uint8Array(0))
        for (const [path, value] of sets) event.set(path, value)
        for (const path of deletes) event.delete(path)
        const expected = exactJson(toObject(event))
        assert.equal(written(event, write), expected)
        JSON.parse(expected)
        const last = new Map(sets)
        for (const [path, value] of last) if (!deletes.includes(path)) assert.deepEqual(event.get(path), value)
      },
    ),
    { numRuns: 500 },
  )
})

test('an empty event is an empty object', () => {
  const event = new Event(fields)
  event.open(new Uint8Array(0))
  assert.equal(written(event), '{}')
})

test('hidden fields are not written, and one that is set afterwards is', () => {
  const event = new Event(fields)
  event.open(new Uint8Array(0))
  event.set('a.int', 1)
  event.set('a.bool', true)
  event.hider(() => true)(event)
  event.set('b.c.int', 2)
  assert.equal(written(event), '{"b":{"c":{"int":2}}}')
  assert.equal(exactJson(toObject(event)), '{"b":{"c":{"int":2}}}')
})

test('integers beyond 2^53 and nanoseconds are exact', () => {
  const event = new Event(fields)
  event.open(new Uint8Array(0))
  event.set('a.u64', 18446744073709551615n)
  event.set('@timestamp', '2026-11-23T10:00:00.000000001Z')
  assert.equal(written(event), '{"@timestamp":"2026-11-23T10:00:00.000000001Z","a":{"u64":18446744073709551615}}')
})
