import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { envelope, frame } from '../envelope.ts'
import { Event } from '../event.ts'
import { Fields, fieldTable } from '../fields.ts'
import { exactJson, toObject } from '../object.ts'
import { listRead, READ } from '../reads.ts'
import { Repeats } from '../repeats.ts'
import { ENCODINGS } from '../testing.ts'
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
  macs: { path: 'live.macs', type: 'mac', list: true, description },
})
const steady = fieldTable('steady', { is: { path: 'steady.is', type: 'int', description } }, { repeats: true })
const fields = new Fields([envelope, frame, steady, live])

/** Where MessagePack takes another form, and a step beyond. */
const EDGES = [7, 8, 15, 16, 31, 32].flatMap((bits) => [2 ** bits - 1, 2 ** bits, -(2 ** bits), -(2 ** bits) - 1])
/** One field for each way of reading the bytes. */
const read = fieldTable('read', {
  u8: { path: 'read.u8', type: 'int', description },
  i8: { path: 'read.i8', type: 'int', description },
  bits: { path: 'read.bits', type: 'int', description },
  u32: { path: 'read.u32', type: 'int', description },
  less: { path: 'read.less', type: 'int', description },
  odd: { path: 'read.odd', type: 'bool', description },
  mac: { path: 'read.mac', type: 'mac', description },
  u64: { path: 'read.u64', type: 'u64', description },
  bytes: { path: 'read.bytes', type: 'bytes', description },
  port: { path: 'read.port', type: 'int', description },
  address: { path: 'read.address', type: 'ip', description },
  i8s: { path: 'read.i8s', type: 'int', list: true, description },
  u8s: { path: 'read.u8s', type: 'int', list: true, description },
})

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
  ip: fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.array(fc.constantFrom(0, 0, 1, 0xab, 0x10), { minLength: 16, maxLength: 16 }).map((bytes) => Uint8Array.from(bytes)),
  ),
  seconds: fc.oneof(fc.integer({ min: 1_700_000_000, max: 1_800_000_000 }), fc.nat(253402300799)),
  nanos: fc.nat(999999999),
  name: fc.nat(3),
  ints: fc.array(int, { maxLength: 20 }),
  macs: fc.array(fc.nat(2 ** 48 - 1), { maxLength: 5 }),
})

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
          event.repeat = repeats.find(1, 0, event, 0)
          if (event.repeat === undefined) repeats.learn(1, 0, event, 0, 20)
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
          event.put(base + at.ip, event.keep(value.ip), value.ip.length)
          const [first = 0] = value.ints.map((n) => event.push(n))
          event.put(base + at.ints, first, value.ints.length)
          const [station = 0] = value.macs.map((n) => event.push(n))
          event.put(base + at.macs, station, value.macs.length)
          assert.notEqual(event.place, 0)
          if (!easy) {
            // With one of these the machine leaves the record to JavaScript.
            event.put(base + at.float, value.float)
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

for (const [name, { writer, read: readBack }] of Object.entries(ENCODINGS))
  test(`values are read from the bytes as their table's decoder has them, in ${name}`, () => {
    const own = new Fields([envelope, frame, read])
    const write = writer(own)
    const event = new Event(own)
    const base = own.base(read)
    const f = read.at
    const START = 3
    const lazy = event.lazy(read, (e) => {
      const bytes = Buffer.from(e.bytes.subarray(e.start))
      e.claim(base, read.fields.length)
      e.put(base + f.u8, bytes[0])
      e.put(base + f.i8, bytes.readInt8(1))
      e.put(base + f.bits, (bytes.readUInt16LE(2) >> 4) & 0xfff)
      e.put(base + f.u32, bytes.readUInt32LE(4))
      e.put(base + f.less, bytes.readInt8(14) - bytes.readInt8(15))
      e.put(base + f.odd, bytes.readUInt16LE(2) & 1)
      e.put(base + f.mac, bytes.readUIntBE(8, 6))
      e.put(base + f.u64, bytes.readUInt32LE(20), bytes.readUInt32LE(16))
      e.put(base + f.bytes, e.start + 5, 3)
      e.put(base + f.port, bytes.readUIntBE(9, 3))
      e.put(base + f.address, e.start + 6, 16)
      const first = e.push(bytes.readInt8(9))
      e.push(bytes.readInt8(4))
      e.put(base + f.i8s, first, 2)
      e.put(base + f.u8s, e.push(bytes[7]), 1)
    })
    const places: [key: keyof typeof f, how: number, at: number, extra: number][] = [
      ['u8', READ.u8, 0, 0],
      ['i8', READ.i8, 1, 0],
      ['bits', READ.bits, 2, 4 | (0xfff << 8)],
      ['u32', READ.u32, 4, 0],
      ['less', READ.less, 14, 15],
      ['odd', READ.bits, 2, 1 << 8],
      ['mac', READ.mac, 8, 0],
      ['u64', READ.u64, 16, 0],
      ['bytes', READ.bytes, 5, 3],
      ['port', READ.be, 9, 3],
      ['address', READ.bytes, 6, 16],
    ]
    const reads = [
      ...places.map(([key, how, at, extra]) => ({ field: base + f[key], how, at, extra })),
      listRead(base + f.i8s, READ.i8s, [9, 4])!,
      listRead(base + f.u8s, READ.u8s, [7])!,
    ]
    const out = new ByteWriter(machineMemory, 64)
    let version = 0
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: START + 24, maxLength: START + 24 }), { minLength: 3, maxLength: 6 }), (records) => {
        version++
        for (const bytes of records) {
          event.open(event.batch(bytes))
          event.start = START
          event.end = bytes.length
          event.defer(lazy)
          event.repeat = { place: 0, version, tables: 0, reads, direct: lazy.bit }
          out.pos = 0
          write(event, out)
          assert.equal(readBack(out.written()), exactJson(toObject(event)))
        }
      }),
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
