import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Piscina } from 'piscina'
import { ManualClock } from '../../test/kit/clock.ts'
import { WORKER_MAX_BYTES } from '../config/frame.ts'
import type { Publishers } from '../feed/publishers.ts'
import type { RunRequest } from '../route/result.ts'
import { ThreadDied, ThreadLane } from './lane.ts'
import type { Setup } from './setup.ts'
import { startThread } from './threads.ts'

test('a lane that is closed while a thread takes the place of another leaves none behind', async () => {
  const pools: Piscina[] = []
  let replacing = () => {}
  const replaced = new Promise<void>((resolve) => (replacing = resolve))
  const start = async () => {
    replacing()
    const pool = await startThread(WORKER_MAX_BYTES)
    pools.push(pool)
    return pool
  }
  const clock = new ManualClock()
  const lane = new ThreadLane(
    { setup: {} as Setup, hang_ms: 10_000, start, publishers: {} as Publishers, clock },
    await startThread(WORKER_MAX_BYTES),
  )
  // Its thread was never told what to build, which counts as a death.
  const run = assert.rejects(lane.run({ input: 0 } as RunRequest), ThreadDied)
  await replaced
  await lane.close()
  await run
  assert.deepEqual(
    pools.map(({ threads }) => threads.length),
    [0],
  )
})
