import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Backlog } from './backlog.ts'
import { Cursor, readPlace } from './cursor.ts'
import { Hasher } from './hash.ts'
import { Memory } from './memory.ts'
import { HEADER_BYTES, KIND, RecordHeader, type Source } from './records.ts'

const SOURCE: Source = { address: 'a', generation: 'legacy', start: 100, sentences: {} }
const header = (more: Partial<RecordHeader> = {}): RecordHeader =>
  Object.assign(new RecordHeader(), { kind: KIND.line, at: 200, safe: 190, own: 195, key: 1, print: 2 }, more)
/** A record into the backlog. */
const add = (backlog: Backlog, source: Source, record: RecordHeader, text: string) => {
  const bytes = Buffer.from(text)
  backlog.add(source, 'BSSID', record, bytes, 0, bytes.length)
}
const U48 = fc.integer({ min: 0, max: 2 ** 48 - 1 })

test('headers come back', () => {
  fc.assert(
    fc.property(U48, U48, fc.nat(65535), fc.double({ noNaN: true }), (key, print, ordinal, own) => {
      const view = new DataView(new ArrayBuffer(HEADER_BYTES))
      const written = header({ key, print, ordinal, own, delta: 3 })
      written.write(view, 0, HEADER_BYTES)
      const read = new RecordHeader()
      read.read(view, 0)
      assert.deepEqual(read, written)
    }),
  )
})

test('a position says what its own batches said, not what waits behind them', async () => {
  const backlog = new Backlog(1 << 20, new Cursor(undefined))
  add(backlog, SOURCE, header({ key: 1, print: 10 }), 'one')
  add(backlog, { ...SOURCE }, header({ key: 2, print: 20, own: 0, safe: 199 }), 'two')
  const first = readPlace((await backlog.take())?.next)
  assert.deepEqual([first?.time, first?.start, [...(first?.recent ?? [])], [...(first?.lasting ?? [])]], [190, 100, [[1, 10]], []])
  const second = readPlace((await backlog.take())?.next)
  assert.deepEqual(
    [second?.time, second?.offset, [...(second?.recent ?? [])], [...(second?.lasting ?? [])]],
    [199, 2 * (HEADER_BYTES + 3), [[1, 10]], [[2, 20]]],
  )
})

test('another run of the server begins anew; events of this input alone do not', async () => {
  const cursor = new Cursor(undefined)
  const backlog = new Backlog(1 << 20, cursor)
  add(backlog, SOURCE, header(), 'x')
  await backlog.take()
  add(backlog, { ...SOURCE, start: 0 }, header({ kind: KIND.own, key: 0, print: 0, own: 0, safe: 0 }), 'x')
  assert.equal(readPlace((await backlog.take())?.next)?.time, 190)
  add(backlog, { ...SOURCE, start: 500 }, header({ safe: 0, key: 3 }), 'x')
  const place = readPlace((await backlog.take())?.next)
  assert.deepEqual([place?.start, place?.time, [...(place?.recent.keys() ?? [])]], [500, 0, [3]])
})

test('positions stay small, and foreign ones count as none', async () => {
  const backlog = new Backlog(1 << 24, new Cursor(undefined))
  let next: unknown
  for (let i = 0; i < 20_000; i++) add(backlog, SOURCE, header({ key: i + 1, own: i % 2 ? 0 : 195 }), 'x')
  for (let i = 0; i < 10; i++) next = (await backlog.take())?.next
  assert.ok(JSON.stringify(next).length < 24_000)
  for (const foreign of [{}, { start: 1 }, { start: 'x', time: 1, alert: 0, message: 0, offset: 0, asked: '', lasting: '', recent: '' }])
    assert.equal(readPlace(foreign as never), undefined)
})

test('batches keep to their limits', async () => {
  const backlog = new Backlog(1 << 24, new Cursor(undefined))
  for (let i = 0; i < 5000; i++) add(backlog, SOURCE, header(), 'x'.repeat(i === 7 ? 700_000 : 300))
  backlog.end()
  const seen: number[] = []
  for (let batch = await backlog.take(); batch; batch = await backlog.take()) {
    seen.push(batch.records)
    assert.ok(batch.records <= 2048 && (batch.data.length <= 128 * 1024 || batch.records === 1))
  }
  assert.equal(
    seen.reduce((sum, count) => sum + count, 0),
    5000,
  )
})

test('the memory is bounded, and forgets what was heard of longest ago', () => {
  const memory = new Memory(3)
  for (const key of [1, 2, 3]) memory.note(key, key * 10)
  memory.note(1, 11)
  memory.note(4, 40)
  assert.deepEqual([memory.size, memory.has(2), memory.knows(1, 11), memory.knows(1, 10), memory.has(4)], [3, false, true, false, true])
})

test('the memory is what a Map in the order of use would be', () => {
  const step = fc.record({ key: fc.integer({ min: 1, max: 60 }), print: fc.nat(5), far: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), fc.integer({ min: 1, max: 40 }), (steps, most) => {
      const memory = new Memory(most)
      const model = new Map<number, { print: number; total: number }>()
      for (const { key: small, print, far } of steps) {
        // Keys that share their home, and those at the end of the table.
        const key = far ? small * 1024 + 1023 : small
        const before = model.get(key)
        assert.equal(memory.has(key), before !== undefined)
        assert.equal(memory.knows(key, print), before?.print === print)
        assert.equal(memory.total(key), before?.total ?? Number.NaN)
        model.delete(key)
        model.set(key, { print, total: print * 7 })
        if (model.size > most) model.delete(model.keys().next().value as number)
        memory.note(key, print)
        memory.keepTotal(key, print * 7)
        assert.equal(memory.size, model.size)
      }
      for (const [key, { print }] of model) assert.ok(memory.knows(key, print))
    }),
    { numRuns: 60 },
  )
  const large = new Memory(5000)
  for (let n = 1; n <= 20_000; n++) large.note(n * 3, n)
  assert.deepEqual([large.size, large.knows(20_000 * 3, 20_000), large.has(15_001 * 3), large.has(15_000 * 3)], [5000, true, true, false])
  large.clear()
  assert.deepEqual([large.size, large.has(60_000)], [0, false])
})

test('hashes: whole numbers of 48 bits that tell texts and their borders apart', () => {
  const seen = new Set<number>()
  for (let i = 0; i < 50_000; i++) seen.add(new Hasher().text(`00:11:22:33:${i >> 8}:${i & 255}`).value)
  assert.equal(seen.size, 50_000)
  assert.ok([...seen].every((hash) => Number.isSafeInteger(hash) && hash > 0 && hash < 2 ** 48))
  assert.notEqual(new Hasher().text('ab').text('c').value, new Hasher().text('a').text('bc').value)
  assert.notEqual(new Hasher().text('').value, new Hasher().value)
})
