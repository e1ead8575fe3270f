import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { putTime } from './ascii.ts'
import { timeText } from './values.ts'

test('times are written as `timeText` has them, in whatever order', () => {
  const buf = new Uint8Array(40)
  const view = new DataView(buf.buffer)
  // Few days, so that a time is often of the same day as the one before.
  const seconds = fc
    .tuple(fc.constantFrom(-1, 0, 19_783, 20_000, 2_932_896), fc.integer({ min: 0, max: 86_399 }))
    .map(([day, rest]) => day * 86_400 + rest)
  fc.assert(
    fc.property(fc.array(fc.tuple(seconds, fc.integer({ min: 0, max: 999_999_999 })), { minLength: 1 }), (times) => {
      for (const [second, nanos] of times) {
        const end = putTime(buf, view, 3, second, nanos)
        assert.equal(Buffer.from(buf.subarray(3, end)).toString(), timeText(second, nanos))
      }
    }),
  )
})
