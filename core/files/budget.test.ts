import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../test/kit/clock.ts'
import { Random } from '../../test/kit/random.ts'
import { FakeFiles } from '../../test/model/fake-files.ts'
import { memoryLog } from '../../test/plugins/config.ts'
import { counted, WriteBudget } from './budget.ts'

test('a day of writing: counted, capped, said once, kept over restarts, and over when Wherry has run for 24 hours', async () => {
  const files = new FakeFiles(new Random(1))
  const clock = new ManualClock()
  const log = memoryLog()
  const open = () => WriteBudget.open({ files, data_dir: '/data', max_bytes: 1000, clock, log })
  const budget = await open()
  const file = await counted(files, (bytes) => budget.note(bytes)).create('/data/x')
  await file.append([Buffer.alloc(400), Buffer.alloc(300)])
  assert.equal(budget.today, 700)
  assert.ok(budget.mayWrite())
  await file.append([Buffer.alloc(300)])
  assert.ok(!budget.mayWrite() && !budget.mayWrite())
  assert.equal(log.lines.length, 1)
  clock.advance(20 * 3_600_000)
  await budget.save()
  const next = await open()
  assert.equal(next.today, 1000)
  clock.advance(3 * 3_600_000)
  assert.ok(!next.mayWrite())
  clock.advance(1 * 3_600_000)
  assert.equal(next.today, 0)
  assert.ok(next.mayWrite())
})
