import assert from 'node:assert/strict'
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, renameSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { capture, Run, range, records, scratch } from './testing.ts'

const HOUR = 3600

test('reads a file to its end and ends', async () => {
  const path = join(scratch(), 'a.pcap')
  writeFileSync(path, capture(0, 5000))
  const run = await new Run({ path }, { once: true }).all()
  assert.deepEqual(run.tags, range(0, 5000))
  assert.deepEqual(
    run.got.map((one) => one.number),
    range(1, 5001),
  )
  assert.equal(run.got[0].time, '2023-11-14T22:13:20.000000000Z')
  assert.equal(run.got[0].fields['observer.name'], 'pi')
  assert.equal(new Set(run.got.map((one) => one.id)).size, 5000)
  assert.deepEqual(run.logs, [])
})

test('goes on from every batch it ever gave out', async () => {
  const path = join(scratch(), 'a.pcap')
  writeFileSync(path, capture(0, 300))
  const whole = await new Run({ path }, { once: true, leaseBytes: 600 }).all()
  assert.ok(whole.batches.length > 20)
  let seen = 0
  for (const [i, batch] of whole.batches.entries()) {
    seen = Number(batch.next.frames)
    const rest = await new Run({ path }, { once: true, positions: new Map([[batch.stream, batch.next]]) }).all()
    assert.deepEqual(
      rest.got.map((one) => one.id),
      whole.got.slice(seen).map((one) => one.id),
      `after batch ${i}`,
    )
  }
  assert.equal(seen, 300)
})

test('follows a file as it grows, whole records only', async () => {
  const path = join(scratch(), 'a.pcap')
  const run = new Run({ path })
  run.start()
  const all = capture(0, 20)
  await run.step()
  for (let at = 0; at < all.length; at += 37) {
    appendFileSync(path, all.subarray(at, at + 37))
    await run.step()
    const whole = Math.max(0, Math.floor((Math.min(all.length, at + 37) - 24) / 56))
    assert.equal(run.got.length, whole)
  }
  assert.deepEqual(run.tags, range(0, 20))
  await run.stop()
})

test('a renamed, a compressed and a copied capture have the same ids', async () => {
  const folder = scratch()
  const path = join(folder, 'a.pcap')
  writeFileSync(path, capture(0, 10))
  const ids = (run: Run): string[] => run.got.map((one) => one.id)
  const first = await new Run({ path }, { once: true }).all()
  writeFileSync(join(folder, 'b.gz'), gzipSync(readFileSync(path)))
  const second = await new Run({ path: join(folder, 'b.gz') }, { once: true }).all()
  assert.deepEqual(ids(second), ids(first))
  assert.equal(second.batches[0].stream, first.batches[0].stream)

  const both = await new Run({ path: join(folder, '*') }, { once: true }).all()
  assert.deepEqual(ids(both).sort(), [...ids(first), ...ids(first)].sort())
  assert.deepEqual([...both.positions.keys()].sort(), [first.batches[0].stream, `${first.batches[0].stream}~2`])
  // And none of it again.
  assert.deepEqual(ids(await new Run({ path: join(folder, '*') }, { once: true, positions: both.positions }).all()), [])
})

test('what was renamed or compressed while nothing ran is not read again', async () => {
  const folder = scratch()
  const path = join(folder, 'a.pcap')
  writeFileSync(path, capture(0, 10))
  const { positions } = await new Run({ path: join(folder, '*') }, { once: true }).all()
  appendFileSync(path, records(10, 12))
  renameSync(path, `${path}.1`)
  writeFileSync(path, capture(100, 103))
  const renamed = await new Run({ path: join(folder, '*') }, { once: true, positions }).all()
  assert.deepEqual(
    renamed.tags.sort((a, b) => a - b),
    [10, 11, 100, 101, 102],
  )
  writeFileSync(`${path}.1.gz`, gzipSync(readFileSync(`${path}.1`)))
  unlinkSync(`${path}.1`)
  const compressed = await new Run({ path: join(folder, '*') }, { once: true, positions: renamed.positions }).all()
  assert.deepEqual(compressed.tags, [])
})

test('rotation by rename: the old file to its end, then the new one', async () => {
  const folder = scratch()
  const path = join(folder, 'a.pcap')
  writeFileSync(path, capture(0, 3))
  const run = new Run({ path: join(folder, 'a.pcap*') })
  run.start()
  await run.step()
  appendFileSync(path, records(3, 5))
  renameSync(path, `${path}.1`)
  writeFileSync(path, capture(10, 12))
  appendFileSync(`${path}.1`, records(5, 6))
  await run.steps(3)
  assert.deepEqual(
    run.tags.sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 10, 11],
  )
  assert.equal(run.batches.filter((one) => one.offset === 0).length, 2)
  await run.stop()
})

test('a file moved away or deleted is read to its end through its descriptor', async () => {
  const folder = scratch()
  const path = join(folder, 'a.pcap')
  writeFileSync(path, capture(0, 3))
  const run = new Run({ path })
  run.start()
  await run.step()
  const elsewhere = join(scratch(), 'moved')
  renameSync(path, elsewhere)
  appendFileSync(elsewhere, records(3, 5))
  await run.steps(2)
  assert.deepEqual(run.tags, [0, 1, 2, 3, 4])
  unlinkSync(elsewhere)
  await run.steps(10)
  assert.deepEqual(run.logs, [])
  assert.equal(run.got.length, 5)
  await run.stop()
})

test('a ring that overwrites a file: a new stream, and no gap where all had been read', async () => {
  const path = join(scratch(), 'ring0')
  writeFileSync(path, capture(0, 5))
  const run = new Run({ path })
  run.start()
  await run.step()
  // Shorter, the same length, longer.
  for (const [from, count] of [
    [10, 3],
    [20, 3],
    [30, 40],
  ]) {
    writeFileSync(path, capture(from, from + count))
    await run.steps(2)
  }
  assert.deepEqual(run.tags, [...range(0, 5), ...range(10, 13), ...range(20, 23), ...range(30, 70)])
  assert.equal(new Set(run.batches.map((one) => one.stream)).size, 4)
  await run.stop()
})

test('overwritten before it was read: a gap event, once', async () => {
  const path = join(scratch(), 'ring0')
  writeFileSync(path, capture(0, 100))
  const run = new Run({ path }, { leaseBytes: 56 * 10 })
  run.start(1)
  await run.until(() => run.done)
  assert.equal(run.got.length, 9)
  writeFileSync(path, capture(200, 203))
  const { positions } = run
  const next = new Run({ path }, { positions })
  next.start()
  await next.steps(8)
  const gaps = next.got.filter((one) => one.dataset === 'wherry.gap')
  assert.equal(gaps.length, 1)
  assert.equal(gaps[0].fields['gap.from_offset'], 24 + 9 * 56)
  assert.equal(gaps[0].fields['gap.bytes'], 91 * 56)
  assert.equal(gaps[0].fields['gap.path'], path)
  assert.equal(gaps[0].fields['event.kind'], 'state')
  assert.deepEqual(next.tags, [200, 201, 202])
  await next.stop()
  const again = await new Run({ path }, { once: true, positions: next.positions }).all()
  assert.deepEqual(again.got, [])
})

test('overwritten while it is being read: a gap event', async () => {
  const path = join(scratch(), 'ring0')
  writeFileSync(path, capture(0, 10_000))
  const run = new Run({ path }, { leaseBytes: 56 * 10 })
  const overwrite = (): boolean => {
    if (run.got.length < 50) return false
    writeFileSync(path, capture(20_000, 20_003))
    return true
  }
  run.start()
  await run.until(overwrite)
  const read = run.got.length
  await run.until(() => run.got.some((one) => one.dataset === 'wherry.gap'))
  await run.steps(2)
  const gap = run.got.find((one) => one.dataset === 'wherry.gap')
  assert.equal(gap?.fields['gap.from_offset'], 24 + read * 56)
  assert.deepEqual(run.tags, [...range(0, read), 20_000, 20_001, 20_002])
  await run.stop()
})

test('copytruncate: what had not been read is read from the copy, and there is no gap', async () => {
  const folder = scratch()
  const path = join(folder, 'a.pcap')
  writeFileSync(path, capture(0, 3))
  const run = new Run({ path: join(folder, '*') })
  run.start()
  await run.step()
  appendFileSync(path, records(3, 5).subarray(0, 56 + 20))
  await run.step()
  copyFileSync(path, `${path}.1`)
  await run.step()
  truncateSync(path, 0)
  await run.step()
  appendFileSync(`${path}.1`, records(4, 5).subarray(20))
  writeFileSync(path, capture(10, 11))
  await run.steps(8)
  assert.deepEqual(
    run.tags.sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 10],
  )
  assert.equal(run.got.length, 6)
  await run.stop()
})

test('compressed while it is followed: nothing twice, nothing lost', async () => {
  const folder = scratch()
  const path = join(folder, 'a.pcap')
  writeFileSync(path, capture(0, 50))
  const run = new Run({ path: join(folder, '*') })
  run.start()
  await run.step()
  const compressed = gzipSync(readFileSync(path))
  for (let at = 0; at < compressed.length; at += 50) {
    appendFileSync(`${path}.gz`, compressed.subarray(at, at + 50))
    await run.step()
  }
  unlinkSync(path)
  await run.steps(12)
  assert.deepEqual(run.tags, range(0, 50))
  assert.equal(run.got.length, 50)
  await run.stop()
})

test('new files are found, also in new folders, and excluded ones are not', async () => {
  const folder = scratch()
  const run = new Run({ path: join(folder, '**/*.pcap'), exclude: '**/no*' })
  run.start()
  await run.step()
  writeFileSync(join(folder, 'a.pcap'), capture(0, 1))
  await run.steps(2)
  mkdirSync(join(folder, 'deep/er'), { recursive: true })
  writeFileSync(join(folder, 'deep/er/b.pcap'), capture(1, 2))
  writeFileSync(join(folder, 'deep/c.txt'), capture(2, 3))
  writeFileSync(join(folder, 'deep/.hidden.pcap'), capture(3, 4))
  writeFileSync(join(folder, 'deep/not.pcap'), capture(4, 5))
  await run.steps(40)
  assert.deepEqual(run.tags, [0, 1])
  await run.stop()
})

test('files take turns, the oldest first, however many there are', async () => {
  const folder = scratch()
  for (const n of range(0, 150)) writeFileSync(join(folder, `${n}.pcap`), capture(n * 10, n * 10 + 3))
  const run = await new Run({ path: join(folder, '*.pcap') }, { once: true, leaseBytes: 100 }).all()
  assert.deepEqual(
    run.tags.sort((a, b) => a - b),
    range(0, 150).flatMap((n) => range(n * 10, n * 10 + 3)),
  )
})

test('a file that is no capture is said once and left alone until it changes', async () => {
  const path = join(scratch(), 'a.pcap')
  writeFileSync(path, 'not a capture at all')
  const run = new Run({ path })
  run.start()
  await run.steps(5)
  assert.equal(run.logs.filter((line) => line.includes('not a capture')).length, 1)
  writeFileSync(path, capture(0, 2))
  await run.steps(2)
  assert.deepEqual(run.tags, [0, 1])
  await run.stop()
})

test('header only, empty and missing files: no events', async () => {
  const folder = scratch()
  writeFileSync(join(folder, 'header.pcap'), capture(0, 0))
  writeFileSync(join(folder, 'empty.pcap'), '')
  const run = await new Run(
    { path: ['header.pcap', 'empty.pcap', 'missing.pcap', 'no*thing'].map((name) => join(folder, name)) },
    { once: true },
  ).all()
  assert.equal(run.got.length, 0)
  assert.deepEqual(run.logs.map((line) => line.replace(folder, '')).sort(), ['warn /missing.pcap is not there', `warn nothing matches /no*thing`])
})

test('a folder is an error that says what to write', async () => {
  const folder = scratch()
  await assert.rejects(new Run({ path: folder }, { once: true }).all(), /is a folder: write .*\*\.pcap/)
})

test('a torn tail is left unsettled and said', async () => {
  const path = join(scratch(), 'a.pcap')
  writeFileSync(path, capture(0, 3).subarray(0, 24 + 56 * 3 - 7))
  const run = await new Run({ path }, { once: true }).all()
  assert.deepEqual(run.tags, [0, 1])
  assert.match(run.logs.join(), /a\.pcap: ends inside a record: at offset 136 the last one lacks 7 bytes/)
  assert.equal([...run.positions.values()][0].offset, 136)
  appendFileSync(path, capture(0, 3).subarray(24 + 56 * 3 - 7))
  assert.deepEqual((await new Run({ path }, { once: true, positions: run.positions }).all()).tags, [2])
})

test('records longer than allowed are passed over and counted', async () => {
  const path = join(scratch(), 'a.pcap')
  writeFileSync(path, Buffer.concat([capture(0, 2), records(2, 3, 70_000), records(3, 4)]))
  const run = await new Run({ path }, { once: true, maxRecordBytes: 5000 }).all()
  assert.deepEqual(run.tags, [0, 1, 3])
  assert.deepEqual(
    run.got.map((one) => one.number),
    [1, 2, 4],
  )
  assert.deepEqual(run.skipped, [{ stream: run.batches[0].stream, offset: 136, length: 70_016, reason: 'longer than max_record_bytes' }])
  // Longer than a lease, but allowed.
  assert.deepEqual((await new Run({ path }, { once: true, leaseBytes: 3000 }).all()).tags, [0, 1, 2, 3])
})

test('damage in the middle: counted, said, and read on behind it', async () => {
  const path = join(scratch(), 'a.pcap')
  const bytes = Uint8Array.from(capture(0, 100))
  bytes.fill(0xff, 24 + 56 * 10, 24 + 56 * 10 + 16)
  writeFileSync(path, bytes)
  const run = await new Run({ path }, { once: true }).all()
  assert.deepEqual(run.tags, [...range(0, 10), ...range(11, 100)])
  assert.deepEqual(
    run.skipped.map(({ offset, length }) => ({ offset, length })),
    [{ offset: 24 + 560, length: 56 }],
  )
  assert.match(run.logs.join(), /damaged at offset 584/)
})

test('damage up to the end: the rest is counted', async () => {
  const path = join(scratch(), 'a.pcap')
  writeFileSync(path, Buffer.concat([capture(0, 10), new Uint8Array(3000)]))
  const run = await new Run({ path }, { once: true }).all()
  assert.deepEqual(run.tags, range(0, 10))
  assert.deepEqual(
    run.skipped.map(({ offset, length, reason }) => ({ offset, length, reason })),
    [{ offset: 584, length: 3000, reason: 'zeros in place of a record' }],
  )
})

test('begins at the end where told to, and only at the first start', async () => {
  const folder = scratch()
  const path = join(folder, 'a.pcap')
  writeFileSync(path, capture(0, 3))
  const run = new Run({ path: join(folder, '*'), start_at: 'end' })
  run.start()
  await run.step()
  appendFileSync(path, records(3, 4))
  writeFileSync(join(folder, 'b.pcap'), capture(10, 11))
  await run.steps(3)
  assert.deepEqual(
    run.tags.sort((a, b) => a - b),
    [3, 10],
  )
  assert.equal(run.got.find((one) => one.tag === 3)?.number, 4)
  await run.stop()
})

test('delivered files are deleted or moved, unfinished ones stay', async () => {
  const folder = scratch()
  writeFileSync(join(folder, 'a.pcap'), capture(0, 3))
  writeFileSync(join(folder, 'b.pcap'), capture(3, 6).subarray(0, 150))
  await new Run({ path: join(folder, '*.pcap'), after: 'move', move_to: join(folder, 'done') }, { once: true }).all()
  assert.deepEqual(readFileSync(join(folder, 'done/a.pcap')).length, 24 + 56 * 3)
  assert.equal(readFileSync(join(folder, 'b.pcap')).length, 150)
  const run = await new Run({ path: join(folder, 'done/*'), after: 'delete' }, { once: true }).all()
  assert.equal(run.got.length, 3)
  assert.throws(() => readFileSync(join(folder, 'done/a.pcap')), /ENOENT/)
})

test('with follow, a file is deleted only when it has long been quiet beside a younger one', async () => {
  const folder = scratch()
  const path = join(folder, '1.pcap')
  writeFileSync(path, capture(0, 3))
  const run = new Run({ path: join(folder, '*.pcap'), after: 'delete' })
  run.start()
  await run.steps(3)
  await run.step(HOUR * 1000)
  assert.equal(readFileSync(path).length, 192)
  writeFileSync(join(folder, '2.pcap'), capture(10, 11))
  await run.steps(3)
  assert.throws(() => readFileSync(path), /ENOENT/)
  assert.equal(readFileSync(join(folder, '2.pcap')).length, 80)
  assert.deepEqual(run.tags, [0, 1, 2, 10])
  await run.stop()
})
