import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getHeapSpaceStatistics } from 'node:v8'
import { WORKER_MAX_BYTES } from '../config/frame.ts'
import { startThread } from './threads.ts'
import { setV8Flags } from './v8-flags.ts'

const youngBytes = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')!.space_size

test('the young generation stays small behind the start of a thread', async () => {
  setV8Flags()
  const pool = await startThread(WORKER_MAX_BYTES)
  const before = youngBytes()
  // Much of it survives, for which V8 would double the space again and again, up to 32 MB.
  let kept: object[] = []
  for (let i = 0; i < 800_000; i++) {
    kept.push({ i, list: [i] })
    if (kept.length > 15_000) kept = kept.slice(5000)
  }
  assert.ok(youngBytes() <= Math.max(before, 4 * 2 ** 20), `${youngBytes()} bytes, ${before} before`)
  await pool.destroy()
})
