import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runModel } from '../../test/model/queue-model.ts'

test('the queue does as its model says: outages, faults, kills and power cuts', { timeout: 120_000 }, async () => {
  const sums = { delivered: 0, dropped: 0, crashes: 0, faults: 0 }
  for (let seed = 1; seed <= 60; seed++) {
    const outcome = await runModel(seed, 120)
    for (const key of Object.keys(sums) as (keyof typeof sums)[]) sums[key] += outcome[key]
  }
  for (const [what, times] of Object.entries(sums)) assert.ok(times > 100, `${times} ${what}: hardly put to the test`)
})

test('a segment that was filled before a write failed is forgotten with it, and not read beside its copy', async () => {
  const { faults } = await runModel(2858, 150)
  assert.ok(faults > 0)
})
