import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Concurrency, type Outcome } from './concurrency.ts'

function rig(most: number) {
  let now = 0
  const concurrency = new Concurrency(most, { monotonic: () => now })
  const { signal } = new AbortController()
  const once = async (outcome: Outcome, took_ms = 10) => {
    const work = async () => {
      now += took_ms
      if (outcome !== 'good') throw new Error(outcome)
    }
    await concurrency.run(signal, work, () => outcome).catch(() => undefined)
  }
  return { concurrency, once, signal }
}

test('halves when the server is busy, never below one, and comes back by rounds', async () => {
  const { concurrency, once } = rig(8)
  await once('busy')
  assert.equal(concurrency.limit, 4)
  for (let i = 0; i < 5; i++) await once('busy')
  assert.equal(concurrency.limit, 1)
  await once('good')
  assert.equal(concurrency.limit, 2)
  for (let i = 0; i < 100; i++) await once('good')
  assert.equal(concurrency.limit, 8)
})

test('requests that were under way together cut once', async () => {
  let now = 0
  const concurrency = new Concurrency(8, { monotonic: () => now++ })
  let answer = () => undefined as void
  const answered = new Promise<void>((resolve) => (answer = resolve))
  const busy = () => {
    const work = () => answered.then(() => Promise.reject(new Error('busy')))
    return assert.rejects(
      concurrency.run(new AbortController().signal, work, () => 'busy'),
      /busy/,
    )
  }
  const all = [busy(), busy(), busy()]
  answer()
  await Promise.all(all)
  assert.equal(concurrency.limit, 4)
})

test('answers far slower than usual lower it; a failure says nothing', async () => {
  const { concurrency, once } = rig(8)
  await once('good', 100)
  await once('good', 5000)
  assert.equal(concurrency.limit, 7)
  await once('failed')
  assert.equal(concurrency.limit, 7)
})

test('no more than the limit run at once, and an abort ends the wait', async () => {
  const { concurrency, signal } = rig(1)
  let free = () => undefined as void
  const order: string[] = []
  const first = concurrency.run(
    signal,
    () => new Promise<void>((resolve) => (free = resolve)).then(() => void order.push('first')),
    () => 'failed',
  )
  await Promise.resolve()
  const stop = new AbortController()
  const given = assert.rejects(
    concurrency.run(
      stop.signal,
      async () => void order.push('never'),
      () => 'failed',
    ),
    /enough/,
  )
  const second = concurrency.run(
    signal,
    async () => void order.push('second'),
    () => 'failed',
  )
  stop.abort(new Error('enough'))
  await given
  assert.deepEqual(order, [])
  free()
  await Promise.all([first, second])
  assert.deepEqual(order, ['first', 'second'])
})
