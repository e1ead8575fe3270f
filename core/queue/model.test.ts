import { test } from 'node:test'
import { runModel } from '../../test/model/queue-model.ts'

test('the queue does as its model says: outages, faults, kills and power cuts', { timeout: 120_000 }, async () => {
  for (let seed = 1; seed <= 60; seed++) await runModel(seed, 120)
})

test('a segment that was filled before a write failed is forgotten with it, and not read beside its copy', async () => {
  await runModel(2858, 150)
})
