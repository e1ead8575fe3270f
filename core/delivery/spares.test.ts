import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Spares } from './spares.ts'

const FULL = 300_000

test("memory is large enough, is nobody else's, and what is kept has a bound", () => {
  const step = fc.oneof(fc.nat(2 * FULL), fc.constant('keep' as const))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const spares = new Spares(FULL)
      const inUse: Buffer[] = []
      for (const one of steps) {
        if (one === 'keep') {
          const memory = inUse.shift()
          if (memory) spares.keep(memory)
          continue
        }
        const memory = spares.take(one)
        assert.ok(memory.length >= one)
        assert.ok(inUse.every(({ buffer }) => buffer !== memory.buffer))
        inUse.push(memory)
      }
    }),
  )
})

test('memory of the same size is used again, what was not taken here is not', () => {
  const spares = new Spares(FULL)
  const [small, large] = [spares.take(10), spares.take(FULL)]
  const strange = Buffer.alloc(large.length)
  for (const memory of [small.subarray(3, 5), large, strange, large]) spares.keep(memory)
  assert.equal(spares.take(FULL).buffer, large.buffer)
  assert.equal(spares.take(20).buffer, small.buffer)
  const other = spares.take(FULL).buffer
  assert.ok(other !== large.buffer && other !== strange.buffer)
})

test('what nobody needs for long is let go', () => {
  const spares = new Spares(FULL)
  const [one, other] = [spares.take(FULL), spares.take(FULL)]
  spares.keep(one)
  spares.keep(other)
  // One at a time is in use from here on.
  for (let i = 0; i < 5000; i++) spares.keep(spares.take(FULL))
  assert.equal(spares.take(FULL).buffer, other.buffer)
  assert.notEqual(spares.take(FULL).buffer, one.buffer)
})
