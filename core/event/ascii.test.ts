import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { putFloat, putTime } from './ascii.ts'
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

test('numbers are written as String has them', () => {
  const buf = new Uint8Array(64)
  const view = new DataView(buf.buffer)
  const written = (n: number) => Buffer.from(buf.subarray(0, putFloat(buf, view, 0, n))).toString()
  const whole = fc.integer({ min: -2_000_000_000, max: 2_000_000_000 })
  const places = fc.tuple(whole, fc.integer({ min: 0, max: 8 })).map(([n, decimals]) => n / 10 ** decimals)
  const any = fc.double({ noNaN: true, noDefaultInfinity: true })
  const near = fc.tuple(places, fc.constantFrom(1 + Number.EPSILON, 1 - Number.EPSILON)).map(([n, by]) => n * by)
  fc.assert(
    fc.property(fc.oneof(places, any, near, fc.double({ min: -1e9, max: 1e9, noNaN: true })), (n) => assert.equal(written(n), String(n))),
    { numRuns: 2000 },
  )
  for (const n of [0, 0.1, -0.5, 1e-6, -1e-6, 1e-7, 40.1235, -122.419, 1e9 - 1e-6, 999_999_999.999999, 1e9 + 0.5, 0.30000000000000004])
    assert.equal(written(n), String(n))
})
