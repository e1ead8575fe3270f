import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { envelope, frame } from '../envelope.ts'
import { Event } from '../event.ts'
import { Fields, fieldTable } from '../fields.ts'
import { jsonWriter } from '../json.ts'
import { msgpackWriter } from '../msgpack.ts'
import { type EventObject, exactJson, toObject } from '../object.ts'
import { Repeats } from '../repeats.ts'
import { ByteWriter } from '../writer.ts'
import { Machine, machineMemory } from './machine.ts'
import { Shelf } from './shelf.ts'

const description = 'of this type'
const live = fieldTable('live', {
  bool: { path: 'live.bool', type: 'bool', description },
  int: { path: 'live.int', type: 'int', description },
  float: { path: 'live.float', type: 'float', description },
  u64: { path: 'live.u64', type: 'u64', description },
  mac: { path: 'live.mac', type: 'mac', description },
  text: { path: 'live.text', type: 'text', description },
  bytes: { path: 'live.bytes', type: 'bytes', description },
  ip: { path: 'live.ip', type: 'ip', description },
  time: { path: 'live.time', type: 'time', description },
  name: { path: 'live.name', type: 'name', names: { 1: 'one', 2: 'two "2"' }, description },
  ints: { path: 'live.ints', type: 'int', list: true, description },
})
const steady = fieldTable('steady', { is: { path: 'steady.is', type: 'int', description } }, { repeats: true })
const fields = new Fields([envelope, frame, steady, live])

/** Where MessagePack takes another form, and a step beyond. */
const EDGES = [7, 8, 15, 16, 31, 32].flatMap((bits) => [2 ** bits - 1, 2 ** bits, -(2 ** bits), -(2 ** bits) - 1])
const int = fc.oneof(fc.integer({ min: -1100, max: 1100 }), fc.constantFrom(...EDGES, -32, -33), fc.maxSafeInteger())
const u32 = fc.nat(0xffffffff)
const values = fc.record({
  bool: fc.boolean(),
  int,
  float: fc.double({ noNaN: true, noDefaultInfinity: true }),
  u64: fc.tuple(fc.oneof(fc.constant(0), u32), u32),
  mac: fc.nat(2 ** 48 - 1),
  text: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: fc.constantFrom(...'\b\t\n\f\r\x01"\\é') }),
    fc.nat(70000).map((size) => 'x'.repeat(size)),
  ),
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.nat(300).map((size) => new Uint8Array(size).fill(0xa5)),
  ),
  ip: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  seconds: fc.oneof(fc.integer({ min: 1_700_000_000, max: 1_800_000_000 }), fc.nat(253402300799)),
  nanos: fc.nat(999999999),
  name: fc.nat(3),
  ints: fc.array(int, { maxLength: 20 }),
})

const ENCODINGS = {
  JSON: { writer: jsonWriter, read: (bytes: Uint8Array) => Buffer.from(bytes).toString() },
  MessagePack: {
    writer: msgpackWriter,
    read: (bytes: Uint8Array) => exactJson(decode(Uint8Array.from(bytes), { useBigInt64: true }) as EventObject),
  },
}

for (const [name, { writer, read }] of Object.entries(ENCODINGS))
  test(`values of every type fill the holes of templates, in ${name}`, () => {
    const write = writer(fields)
    const event = new Event(fields)
    const steadily = event.lazy(steady, (e) => e.put(fields.base(steady), 7))
    const repeats = new Repeats(event, [steady], () => ({}))
    const base = fields.base(live)
    const { at } = live
    const out = new ByteWriter(machineMemory, 64)
    fc.assert(
      fc.property(fc.array(values, { minLength: 3, maxLength: 6 }), fc.boolean(), (all, easy) => {
        for (const value of all) {
          event.open(event.batch(Uint8Array.from({ length: 20 }, (_, i) => i)))
          event.end = 20
          event.repeat = repeats.find(1, event, 0)
          if (event.repeat === undefined) repeats.learn(1, event, 0, 20)
          event.defer(steadily)
          event.record(value.seconds, value.nanos, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), value.mac % 2 ** 32)
          const text = Buffer.from(value.text)
          event.put(base + at.bool, Number(value.bool))
          event.put(base + at.int, value.int)
          event.put(base + at.u64, value.u64[0], value.u64[1])
          event.put(base + at.mac, value.mac)
          event.put(base + at.text, event.keep(text), text.length)
          event.put(base + at.bytes, event.keep(value.bytes), value.bytes.length)
          event.put(base + at.time, value.seconds, value.nanos)
          const [first = 0] = value.ints.map((n) => event.push(n))
          event.put(base + at.ints, first, value.ints.length)
          assert.notEqual(event.place, 0)
          if (!easy) {
            // With one of these the machine leaves the record to JavaScript.
            event.put(base + at.float, value.float)
            event.put(base + at.ip, event.keep(value.ip), 4)
            event.put(base + at.name, value.name)
          }
          out.pos = 0
          write(event, out)
          assert.equal(read(out.written()), exactJson(toObject(event)))
        }
      }),
      { numRuns: 500 },
    )
  })

test('memory is given once at a time, and none when there is none left', () => {
  const machine = new Machine()
  const places = new Set<number>()
  const MB = 2 ** 20
  for (let place = machine.take(MB); place !== 0; place = machine.take(MB)) {
    assert.equal(place % 64, 0)
    places.add(place)
  }
  assert.ok(places.size >= 60)
  const [some] = places
  machine.giveBack(some, MB)
  assert.equal(machine.take(MB - 5), some)
  assert.equal(machine.take(MB), 0)
})

test('a shelf gives what does not overlap, up to its limit, and all of it again when it was cleared', () => {
  const shelf = new Shelf(new Machine(), 2 ** 18)
  const fill = () => {
    const taken: [number, number][] = []
    for (let i = 0; ; i++) {
      const bytes = 1 + ((i * 37) % 5000)
      const place = shelf.take(bytes)
      if (place === 0) return taken
      taken.push([place, bytes])
    }
  }
  const first = fill()
  const sorted = first.toSorted(([a], [b]) => a - b)
  for (const [i, [place]] of sorted.entries()) if (i > 0) assert.ok(place >= sorted[i - 1][0] + sorted[i - 1][1])
  const bytes = first.reduce((sum, [, size]) => sum + size, 0)
  assert.ok(bytes > 2 ** 16 && bytes <= 2 ** 18, String(bytes))
  shelf.clear()
  assert.deepEqual(fill(), first)
})
