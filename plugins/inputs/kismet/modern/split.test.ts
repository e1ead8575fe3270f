import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ObjectSplitter } from './split.ts'

function split(text: string, sizes: readonly number[], longest = 1 << 20): { objects: unknown[]; long: number[]; whole: boolean } {
  const objects: unknown[] = []
  const long: number[] = []
  const splitter = new ObjectSplitter(longest, {
    object: (bytes) => objects.push(JSON.parse(bytes.toString('utf8'))),
    long: (bytes) => long.push(bytes),
  })
  const bytes = Buffer.from(text)
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]
    splitter.push(Buffer.from(bytes.subarray(at, at + size)))
    at += size
  }
  return { objects, long, whole: splitter.whole }
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })
const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), { maxLength: 6 })

test('objects of a list come out whole, however the text is cut', () => {
  fc.assert(
    fc.property(objects, sizes, fc.boolean(), (given, pieces, wrapped) => {
      const text = JSON.stringify(wrapped ? { 'the "list" [{': given, time: 1 } : given)
      assert.deepEqual(split(text, pieces), { objects: JSON.parse(JSON.stringify(given)), long: [], whole: true })
    }),
  )
})

test('an object that is too long is passed over, the next one comes', () => {
  const text = JSON.stringify([{ a: 1 }, { long: 'x'.repeat(200) }, { b: [{ c: 1 }] }])
  for (const size of [1, 7, 1000]) assert.deepEqual(split(text, [size], 100), { objects: [{ a: 1 }, { b: [{ c: 1 }] }], long: [211], whole: true })
})

test('what is cut is not whole; what cannot be JSON is refused', () => {
  assert.equal(split('[{"a":1},{"b"', [3]).whole, false)
  assert.throws(() => split('[}', [1]), /brackets/)
  assert.throws(() => split('['.repeat(2000), [100]), /nested/)
})
