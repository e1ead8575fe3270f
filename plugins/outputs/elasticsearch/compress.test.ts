import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import zlib, { gunzipSync } from 'node:zlib'
import { Compressor } from './compress.ts'

test('each body is a whole file of gzip by itself, also when many are compressed at once, small ones and such as do not get smaller', async () => {
  const compressor = new Compressor(1)
  const bodies = [0, 1, 7, 5000, 400_000, 3, 1_000_000].map((length) => randomBytes(length))
  bodies.push(Buffer.from('{"a":1}\n'.repeat(200_000)))
  try {
    for (let round = 0; round < 3; round++) {
      const compressed = await Promise.all(bodies.map((body) => compressor.compress(body)))
      assert.deepEqual(
        compressed.map((bytes) => gunzipSync(bytes)),
        bodies,
      )
    }
    for (const body of bodies) assert.deepEqual(gunzipSync(await compressor.compress(body)), body)
  } finally {
    compressor.close()
  }
})

test('what cannot be compressed fails, and the next body is', async (t) => {
  const compressor = new Compressor(1)
  const flush = t.mock.method(zlib.Gzip.prototype as unknown as zlib.Gzip, 'flush', function (this: zlib.Gzip, _: number, done: () => void) {
    this.destroy(new Error('out of memory'))
    queueMicrotask(done)
  } as never)
  await assert.rejects(compressor.compress(Buffer.from('one')), /out of memory/)
  flush.mock.restore()
  assert.equal(gunzipSync(await compressor.compress(Buffer.from('two'))).toString(), 'two')
  compressor.close()
})
