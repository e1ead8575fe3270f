import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { isMap, type Packed, PackedError, packedText, readPacked } from './msgpack.ts'

const key = fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => text !== '__proto__')
const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }).map((n) => n + 0),
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(key, tie('value'), { maxKeys: 20, noNullPrototype: true }),
  ),
}))

/** As it was before it was packed. */
function unpacked(value: Packed): unknown {
  if (value instanceof Uint8Array) return packedText(value)
  if (isMap(value)) return Object.fromEntries([...value].map(([name, member]) => [name, unpacked(member)]))
  return Array.isArray(value) ? value.map(unpacked) : value
}

test('what another encoder wrote is read back, from any place', () => {
  fc.assert(
    fc.property(anything, fc.nat(9), (value, before) => {
      const bytes = Buffer.concat([Buffer.alloc(before, 0xff), encode(value), Buffer.alloc(3, 0xc0)])
      const read = readPacked(bytes, before)
      assert.equal(read?.end, bytes.length - 3)
      assert.deepEqual(unpacked(read.value), value)
    }),
  )
})

test('a value that is cut anywhere is not whole yet', () => {
  fc.assert(
    fc.property(anything, (value) => {
      const bytes = encode(value)
      for (let end = 0; end < bytes.length; end += Math.ceil(bytes.length / 40)) assert.equal(readPacked(bytes.subarray(0, end)), undefined)
    }),
    { numRuns: 50 },
  )
})

test('integers beyond 2^53, extensions and text that is no UTF-8 keep all their bits', () => {
  const read = (hex: string) => readPacked(Buffer.from(hex, 'hex'))?.value
  assert.equal(read('cfffffffffffffffff'), 18446744073709551615n)
  assert.equal(read('d38000000000000000'), -9223372036854775808n)
  assert.deepEqual(read('d7000000000100000002'), { extension: 0, body: Buffer.from('0000000100000002', 'hex') })
  assert.deepEqual(read('a2ff80'), Buffer.from('ff80', 'hex'))
})

test('any bytes are a value, not whole, or refused; a huge count allocates nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        const read = readPacked(bytes)
        assert.ok(read === undefined || (read.end > 0 && read.end <= bytes.length))
      } catch (error) {
        assert.ok(error instanceof PackedError)
      }
    }),
  )
  assert.equal(readPacked(Buffer.from('ddffffffff', 'hex')), undefined)
  assert.equal(readPacked(Buffer.from('c6ffffffff', 'hex')), undefined)
  assert.throws(() => readPacked(Buffer.alloc(100, 0x91)), PackedError)
  assert.throws(() => readPacked(Buffer.from('c1', 'hex')), PackedError)
})
