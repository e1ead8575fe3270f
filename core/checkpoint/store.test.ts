import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { ManualClock } from '../../test/kit/clock.ts'
import { memoryLog } from '../../test/plugins/config.ts'
import { Checkpoint } from './store.ts'

const folders: string[] = []
async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'wherry-checkpoint-'))
  folders.push(path)
  return path
}
after(() => Promise.all(folders.map((path) => rm(path, { recursive: true }))))

test('behaves like a map that survives restarts', async () => {
  const step = fc.oneof(
    fc.record({
      do: fc.constant('move' as const),
      input: fc.constantFrom('a', 'b'),
      stream: fc.constantFrom('x', 'y', 'z'),
      at: fc.nat(),
      skip: fc.nat(5),
    }),
    fc.record({ do: fc.constant('reopen' as const) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3000 }) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const clock = new ManualClock()
      const log = memoryLog()
      const data_dir = await folder()
      let checkpoint = await Checkpoint.open({ data_dir, clock, log })
      const model = new Map<string, { at: number; skip: number }>()
      for (const next of steps) {
        if (next.do === 'move') {
          checkpoint.move(next.input, next.stream, { position: { at: next.at }, skip: next.skip })
          model.set(`${next.input} ${next.stream}`, next)
        } else if (next.do === 'wait') await clock.advance(next.ms)
        else {
          await checkpoint.flush()
          checkpoint = await Checkpoint.open({ data_dir, clock, log })
        }
        for (const [name, { at, skip }] of model) {
          const [input, stream] = name.split(' ')
          const entry = checkpoint.get(input, stream)
          assert.deepEqual({ position: entry?.position, skip: entry?.skip }, { position: { at }, skip })
        }
      }
      await checkpoint.flush()
      assert.deepEqual(log.lines, [])
    }),
    { numRuns: 40 },
  )
})

test('a checkpoint of another version or a torn one is said, and never prevents a start', async () => {
  const data_dir = await folder()
  const log = memoryLog()
  const options = { data_dir, clock: new ManualClock(), log }
  await writeFile(Checkpoint.path(data_dir), 'no checkpoint')
  const checkpoint = await Checkpoint.open(options)
  assert.equal(checkpoint.get('a', 'x'), undefined)
  assert.match(log.lines[0], /checkpoint: .* is damaged/)
  checkpoint.move('a', 'x', { position: { at: 1 }, skip: 0 })
  await checkpoint.flush()
  assert.deepEqual((await Checkpoint.open(options)).get('a', 'x')?.position, { at: 1 })
})

test('a change is written at once, those within the next second together', async () => {
  const data_dir = await folder()
  const clock = new ManualClock()
  const options = { data_dir, clock, log: memoryLog() }
  const checkpoint = await Checkpoint.open(options)
  const written = async () => (await Checkpoint.open(options)).get('a', 'x')?.position?.at
  checkpoint.move('a', 'x', { position: { at: 1 }, skip: 0 })
  await clock.advance(1)
  await checkpoint.written()
  assert.equal(await written(), 1)
  checkpoint.move('a', 'x', { position: { at: 2 }, skip: 0 })
  await clock.advance(500)
  checkpoint.move('a', 'x', { position: { at: 3 }, skip: 0 })
  await clock.advance(499)
  assert.equal(await written(), 1)
  await clock.advance(1)
  await checkpoint.written()
  assert.equal(await written(), 3)
})
