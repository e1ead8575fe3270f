import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Piscina } from 'piscina'
import { ManualClock } from '../../test/kit/clock.ts'
import { config, numbers, output } from '../../test/plugins/config.ts'
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

test('a request that fails ends its thread, and no other one is taken for its answer', async () => {
  const start = () => startThread(WORKER_MAX_BYTES)
  const setup: Setup = {
    config: config({
      data_dir: '.',
      inputs: [numbers({ count: 1 })],
      outputs: [output('out')],
      routes: [{ from: ['count'], through: [], to: ['out'] }],
    }),
    sensor: { name: 'test', id: 'test' },
  }
  const lane = new ThreadLane({ setup, hang_ms: 10_000, start, publishers: { bytes: {} } as Publishers, clock: new ManualClock() }, await start())
  await lane.warm()
  const nothing = { stream: '', key: new Uint8Array(0), data: new Uint8Array(0), context: new Uint8Array(0), offset: 0, from: 0, to: 0, flush: false }
  const request = (input: number): RunRequest => ({ input, memory: undefined, progress: new Int32Array(3), ...nothing })
  const outcomes = await Promise.allSettled([lane.run(request(7)), lane.run(request(0))])
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status === 'rejected' && (outcome.reason as ThreadDied).running),
    [true, false],
  )
  assert.equal((await lane.run(request(0))).consumed, 0)
  await lane.close()
})
