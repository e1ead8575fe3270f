import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ExtData, encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { arrayAt, mapAt, rawAt, Skipper, skipPacked } from './msgpack-skip.ts'

const lengths = [0, 15, 16, 31, 32, 255, 256, 65535, 65536]
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger(),
    fc.integer({ min: -200, max: 300 }),
    fc.bigInt({ min: -(1n << 63n), max: (1n << 64n) - 1n }),
    fc.double(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...lengths).map((n) => 'x'.repeat(n)),
    fc.constantFrom(...lengths).map((n) => new Uint8Array(n)),
    fc.constantFrom(0, 1, 2, 4, 8, 16, 17, 256, 65536).map((n) => new ExtData(5, new Uint8Array(n))),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 20 }),
  ),
}))
const bytesOf = (made: unknown) => Buffer.from(encode(made, { useBigInt64: true }))

test('the end of any value is found, in one piece and byte by byte', () => {
  fc.assert(
    fc.property(value, fc.nat(3), (made, more) => {
      const bytes = Buffer.concat([Buffer.alloc(2), bytesOf(made), Buffer.alloc(more)])
      const end = bytes.length - more
      assert.equal(skipPacked(bytes, 2), end)
      if (end > 2) assert.equal(skipPacked(bytes, 2, end - 1), -1)
      const skipper = new Skipper()
      skipper.begin(2)
      for (let to = 2; to < Math.min(end, 3000); to++) assert.equal(skipper.skip(bytes, to), false)
      assert.equal(skipper.skip(bytes, end), true)
      assert.equal(skipper.at, end)
    }),
  )
})

test('containers and raw bytes are told by their heads', () => {
  for (const n of [0, 1, 15, 16, 70000]) {
    const array = bytesOf(new Array(n).fill(1))
    assert.deepEqual(arrayAt(array, 0), { items: n, at: array.length - n })
    assert.equal(mapAt(array, 0), undefined)
  }
  const map = bytesOf({ a: 1, b: 2 })
  assert.deepEqual([mapAt(map, 0), arrayAt(map, 0)], [{ items: 4, at: 1 }, undefined])
  for (const n of lengths) {
    for (const raw of ['x'.repeat(n), new Uint8Array(n)]) assert.equal(rawAt(bytesOf(raw), 0), bytesOf(raw).length - n)
  }
  assert.equal(rawAt(bytesOf(7), 0), -1)
  assert.equal(arrayAt(Buffer.of(0xdc, 0), 0), undefined)
})

test('bytes that are no MessagePack throw, and huge counts cost nothing', () => {
  assert.throws(() => skipPacked(Buffer.of(0x92, 1, 0xc1), 0), /0xc1 begins no value/)
  assert.equal(skipPacked(Buffer.of(0xdd, 0xff, 0xff, 0xff, 0xff, 0xdf, 0xff, 0xff, 0xff, 0xff), 0), -1)
  assert.equal(skipPacked(Buffer.of(0xc6, 0xff, 0xff, 0xff, 0xff), 0), -1)
})
