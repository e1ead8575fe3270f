import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Payload, RejectedError, RetryError } from '../../core/plugin.ts'
import { ChaosOutput } from './chaos/output.ts'
import { type ChaosOptions, chaosState } from './chaos/state.ts'
import { ManualClock } from './clock.ts'
import { Oracle } from './oracle.ts'
import { settled, stopHanging } from './property.ts'
import { Random } from './random.ts'

test('the oracle tells what is lost, repeated and strange', () => {
  const oracle = new Oracle(3)
  oracle.sent('x')
  for (const id of [1, 3, 3, 9]) oracle.arrived(id)
  assert.deepEqual(oracle.verdict(), { lost: ['2', 'x'], repeated: new Map([['3', 2]]), strangers: ['9'] })
  assert.deepEqual(oracle.problems(), ['2 lost: 2, x', '1 repeated: 3', '1 never sent: 9'])
  oracle.arrived(2)
  oracle.arrived('x')
  oracle.sent(9)
  assert.deepEqual(oracle.problems({ repeats: true }), [])
})

test('the clock wakes who is due, and who is aborted', async () => {
  const clock = new ManualClock(1000)
  const woken: string[] = []
  const abort = new AbortController()
  const sleeps = [clock.sleep(10).then(() => woken.push('late')), clock.sleep(5).then(() => woken.push('early'))]
  const aborted = clock.sleep(1e9, abort.signal).then(() => woken.push('aborted'))
  abort.abort()
  await aborted
  clock.advance(10)
  await Promise.all(sleeps)
  assert.deepEqual([woken, clock.now(), clock.monotonic(), clock.sleepers], [['aborted', 'early', 'late'], 1010, 10, 0])
})

test('randomness repeats for a seed, and only for that', () => {
  const draw = (seed: number | string) => Array.from(new Random(seed).bytes(16))
  assert.deepEqual(draw('a'), draw('a'))
  assert.notDeepEqual(draw('a'), draw('b'))
  assert.deepEqual(new Random(1).shuffle([1, 2, 3, 4]).sort(), [1, 2, 3, 4])
})

test('pure code that hangs is stopped; a promise that never settles is late', async () => {
  assert.throws(
    () =>
      stopHanging(30, () => {
        for (;;);
      }),
    { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' },
  )
  assert.equal(
    stopHanging(1000, () => 7),
    7,
  )
  assert.equal(await settled(new Promise(() => undefined), 10, 'late'), 'late')
})

const calm: ChaosOptions & { parallel: number } = {
  name: 'calm',
  seed: 1,
  fail_rate: 0,
  lost_ack_rate: 0,
  retry_rate: 0,
  reject_rate: 0,
  late_rate: 0,
  hang_rate: 0,
  late_ms: 1,
  calm_after: 6,
  parallel: 2,
  dedupe: false,
}

function payload(id: string, lines: readonly string[]): Payload {
  const ends: number[] = []
  let length = 0
  for (const line of lines) ends.push((length += line.length + 1))
  const body = Buffer.from(lines.map((line) => `${line}\n`).join(''))
  return { id, body, count: lines.length, ends: Uint32Array.from(ends), records: new Uint32Array(lines.length) }
}

/** Delivers lines as the core does, and splits when told to. */
async function deliver(output: ChaosOutput, id: string, lines: readonly string[]): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      const abort = new AbortController()
      setImmediate(() => abort.abort(new Error('it hangs')))
      return (await output.write(payload(id, lines), { signal: abort.signal, attempt })).duplicates ?? 0
    } catch (error) {
      if (error instanceof RejectedError) return 0
      if (!(error instanceof RetryError) || !error.events) continue
      const again = error.events.map((event) => lines[event])
      return again.length === 0 ? error.duplicates : error.duplicates + (await deliver(output, `${id}/`, again))
    }
  }
}

async function chaos(options: Partial<typeof calm>): Promise<ReturnType<typeof chaosState>> {
  const output = new ChaosOutput({ ...calm, ...options }, { ...new ManualClock(), now: Date.now, monotonic: Date.now, sleep: async () => undefined })
  await output.open()
  for (let i = 0; i < 60; i++)
    await deliver(
      output,
      `p${i}`,
      Array.from({ length: 5 }, (_, k) => String(i * 5 + k + 1)),
    )
  await output.close()
  return chaosState(options.name ?? calm.name)
}

function verdict(state: ReturnType<typeof chaosState>): Oracle {
  const oracle = new Oracle(300)
  for (const line of [...state.accepted, ...state.rejected]) oracle.arrived(line)
  return oracle
}

test('a calm chaos output takes everything once', async () => {
  const state = await chaos({ name: 'calm' })
  assert.deepEqual([verdict(state).problems(), state.violations, state.attempts, state.open], [[], [], 60, false])
})

test('chaos of every kind loses and invents nothing, and repeats only for lost answers', async () => {
  const rates = { fail_rate: 0.1, retry_rate: 0.2, reject_rate: 0.2, late_rate: 0.1, hang_rate: 0.05 }
  const state = await chaos({ name: 'wild', ...rates })
  assert.deepEqual([verdict(state).problems(), state.violations], [[], []])
  assert.ok(state.attempts > 60 && state.rejected.length > 10, 'something happened')
  const again = await chaos({ name: 'wild again', ...rates })
  assert.deepEqual(again.accepted, state.accepted)

  const lossy = await chaos({ name: 'lossy', lost_ack_rate: 0.5 })
  assert.match(verdict(lossy).problems().join(), /^\d+ repeated/)
  const dedupe = await chaos({ name: 'dedupe', lost_ack_rate: 0.5, dedupe: true })
  assert.deepEqual(verdict(dedupe).problems(), [])
})

test('chaos tells what the core does wrong', async () => {
  const output = new ChaosOutput({ ...calm, name: 'strict', late_rate: 1, calm_after: 1 }, new ManualClock())
  const abort = new AbortController()
  const context = { signal: abort.signal, attempt: 1 }
  const writes = [payload('a', ['1']), payload('a', ['2']), payload('b', ['3']), payload('c', ['4'])].map((one) => output.write(one, context))
  abort.abort(new Error('enough'))
  await Promise.allSettled(writes)
  await output.open()
  await output.write({ ...payload('d', ['5']), count: 2 }, { ...context, signal: new AbortController().signal, attempt: 2 })
  assert.deepEqual(chaosState('strict').violations, [
    'a is written while the output is not open',
    'a is written while the output is not open',
    'a is written twice at once',
    'a comes again with another body',
    'b is written while the output is not open',
    'c is written while the output is not open',
    'more than 2 writes at once',
    'd: 2 events, 1 ends, 1 records, 2 bytes',
  ])
})
