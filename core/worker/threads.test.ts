import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WORKER_MAX_BYTES } from '../config/frame.ts'
import { startThread, threadCount } from './threads.ts'

test('a thread can be ended as soon as it is there', async () => {
  // Ended while it loads, Node 20 aborts the process, once in some thirty times.
  for (let i = 0; i < 10; i++) await (await startThread(WORKER_MAX_BYTES)).destroy()
})

test('a config can ask for any number of threads', () => {
  assert.equal(threadCount(0), 0)
  assert.equal(threadCount(3), 3)
  assert.ok(threadCount('auto') <= 1)
})
