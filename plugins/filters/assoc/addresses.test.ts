import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Addresses } from './addresses.ts'

const KEYS = [1, 2, 0xffffffff, 0x100000000, 0x0600_0000_000b, 0x0200_0000_000a, 0xffffffffffff, 7, 8, 9]

test('behaves as a map in which the address touched longest ago makes room', () => {
  const step = fc.record({ what: fc.constantFrom('add', 'touch', 'remove'), key: fc.constantFrom(...KEYS) })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 60 }), (capacity, steps) => {
      const addresses = new Addresses(capacity)
      // The oldest first, as a Map keeps its order.
      const model = new Map<number, number>()
      for (const { what, key } of steps) {
        const slot = addresses.find(key)
        assert.equal(slot, model.get(key) ?? -1)
        if (what === 'add' && slot < 0) {
          if (model.size === capacity) model.delete(model.keys().next().value as number)
          const added = addresses.add(key)
          assert.ok(![...model.values()].includes(added) && added < capacity)
          model.set(key, added)
        } else if (slot >= 0) {
          model.delete(key)
          if (what === 'touch') {
            addresses.touch(slot)
            model.set(key, slot)
          } else if (what === 'remove') addresses.remove(slot)
          else model.set(key, slot)
          if (what === 'add') addresses.touch(slot)
        }
        assert.equal(addresses.size, model.size)
        for (const [key, slot] of model) {
          assert.equal(addresses.find(key), slot)
          assert.equal(addresses.keys[slot], key)
        }
      }
    }),
    { numRuns: 300 },
  )
})

test('a hundred thousand addresses pass through a thousand places', () => {
  const addresses = new Addresses(1000)
  for (let key = 1; key <= 100_000; key++) addresses.add(key * 65537)
  assert.equal(addresses.size, 1000)
  assert.ok(addresses.find(100_000 * 65537) >= 0 && addresses.find(99_001 * 65537) >= 0)
  assert.equal(addresses.find(99_000 * 65537), -1)
})
