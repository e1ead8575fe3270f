import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { memoryLog } from '../../test/plugins/config.ts'
import { LockedError, lock } from './lock.ts'
import { RecordFile, readRecords } from './records.ts'
import { sensorId } from './sensor.ts'
import { readSnapshot, writeSnapshot } from './snapshot.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wherry-state-'))
})
after(() => rm(folder, { recursive: true }))

test('a record file gives back what was appended, whatever its tail looks like', async () => {
  const path = join(folder, 'records')
  const file = new RecordFile(path)
  await Promise.all([file.append([{ n: 1 }]), file.append([{ n: 2 }, { text: 'ü\n' }])])
  await file.close()
  const whole = await readFile(path)
  for (let cut = 0; cut <= whole.length; cut++) {
    await writeFile(path, whole.subarray(0, cut))
    const { records } = await readRecords(path)
    const lines = whole.subarray(0, cut).toString('latin1').split('\n').length - 1
    assert.equal(records.length, lines)
    const again = new RecordFile(path)
    await again.append([{ after: cut }])
    await again.close()
    const { records: all, damaged } = await readRecords(path)
    assert.deepEqual(all.at(-1), { after: cut })
    assert.equal(all.length, lines + 1)
    assert.equal(damaged, 0)
  }
})

test('a damaged record in the middle is skipped and counted', async () => {
  const path = join(folder, 'middle')
  const file = new RecordFile(path)
  await file.append([{ n: 1 }, { n: 2 }, { n: 3 }])
  await file.close()
  const bytes = await readFile(path)
  bytes[bytes.indexOf(10) + 12] ^= 1
  await writeFile(path, bytes)
  assert.deepEqual(await readRecords(path), { records: [{ n: 1 }, { n: 3 }], damaged: 1, end: bytes.length })
})

test('a snapshot survives damage by its forerunner', async () => {
  const path = join(folder, 'snapshot')
  assert.deepEqual(await readSnapshot(path), { state: undefined, damaged: [] })
  await writeSnapshot(path, { n: 1 })
  await writeSnapshot(path, { n: 2 })
  assert.deepEqual((await readSnapshot(path)).state, { n: 2 })
  await truncate(path, 11)
  const { state, damaged } = await readSnapshot(path)
  assert.deepEqual(state, { n: 1 })
  assert.equal(damaged.length, 1)
  await appendFile(`${path}.old`, 'x')
  await writeFile(`${path}.old`, '')
  assert.deepEqual((await readSnapshot(path)).state, undefined)
})

test('the sensor id is made once', async () => {
  const log = memoryLog()
  const id = await sensorId(join(folder, 'new'), log)
  assert.match(id, /^[0-9a-f-]{36}$/)
  assert.equal(await sensorId(join(folder, 'new'), log), id)
  await writeFile(join(folder, 'new', 'sensor'), 'torn')
  assert.equal(await sensorId(join(folder, 'new'), log), id)
  assert.deepEqual(log.lines, [])
})

test('a lock keeps a second one out until it is given back', async () => {
  const dir = join(folder, 'locked')
  const unlock = await lock(dir)
  await assert.rejects(lock(dir), LockedError)
  await unlock()
  await (await lock(dir))()
})

test('the lock of a process that is gone is taken over, and so is a torn one', async () => {
  const dir = join(folder, 'stale')
  const child = spawn(process.execPath, ['-e', ''])
  await new Promise((resolve) => child.on('exit', resolve))
  await (await lock(dir))()
  for (const stale of [
    JSON.stringify({ pid: child.pid, start: '1', boot: '' }),
    JSON.stringify({ pid: process.pid, start: '1', boot: 'another' }),
    '{"pi',
    '',
  ]) {
    await writeFile(join(dir, 'lock'), stale)
    await (await lock(dir))()
  }
})
