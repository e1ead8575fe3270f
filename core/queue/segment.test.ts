import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Random } from '../../test/kit/random.ts'
import { FakeFiles } from '../../test/model/fake-files.ts'
import { memoryLog } from '../../test/plugins/config.ts'
import { decodeRecord, encodeRecord, type Stored } from './format.ts'
import { segmentName } from './segment.ts'
import { SegmentStore } from './store.ts'

const OWNER = { output: 'out', plugin: 'lines', format: 'f/1' }

function payload(n: number, bytes = 50): Stored {
  const body = Buffer.allocUnsafeSlow(bytes).fill(n)
  return { id: `p${n}`, body, count: 1, ends: Uint32Array.of(bytes), records: Uint32Array.of(n), routes: Uint16Array.of(n % 3), sealed_at: n }
}

async function open(files: FakeFiles, options: { format?: string; segment_bytes?: number } = {}) {
  const log = memoryLog()
  const { format = OWNER.format, segment_bytes = 1_000_000 } = options
  const store = await SegmentStore.open({
    files: files.session(),
    folder: '/q',
    owner: { ...OWNER, format },
    accepts: () => false,
    segment_bytes,
    routeOf: (route) => route,
    log,
  })
  return { store, log }
}

async function all(store: SegmentStore): Promise<Stored[]> {
  const found: Stored[] = []
  const range = store.found
  if (!range) return found
  for (let at = range.from; at.seq < range.to.seq || (at.seq === range.to.seq && at.at < range.to.at); ) {
    const read = await store.read(at, range.to)
    found.push(...read.found.map((one) => one.payload))
    at = read.next
  }
  return found
}

test('a record gives back what it was made of', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.tuple(fc.nat({ max: 0xffffffff }), fc.nat({ max: 0xffffffff }), fc.nat({ max: 0xffff })), { maxLength: 20 }),
      fc.boolean(),
      (id, key, body, events, hasEnds) => {
        const text = Buffer.from(id).toString()
        const column = (i: 0 | 1 | 2) => events.map((event) => event[i])
        const stored: Stored = {
          id: text,
          ...(key === undefined ? {} : { key: Buffer.from(key).toString() }),
          body,
          count: events.length,
          ends: Uint32Array.from(hasEnds ? column(0) : []),
          records: Uint32Array.from(column(1)),
          routes: Uint16Array.from(column(2)),
          sealed_at: 12.5,
        }
        const back = decodeRecord(Buffer.concat(encodeRecord(stored)))!
        assert.deepEqual({ ...back, body: new Uint8Array(back.body) }, { ...stored, body: new Uint8Array(body) })
      },
    ),
  )
})

test('any damage costs the records it hits and no other, is never believed and never prevents a start', async () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Random(seed)
    const files = new FakeFiles(random)
    const { store } = await open(files, { segment_bytes: random.pick([400, 5000]) })
    const written: Stored[] = []
    for (let n = 0; n < 40; n++) written.push(payload(n, 1 + random.below(200)))
    await store.append(written)
    if (random.chance(0.5)) await store.finish()
    else await store.sync()
    const damaged = files.paths().filter((path) => path.endsWith('.segment'))
    for (let i = random.below(4); i > 0; i--) {
      const bytes = files.bytes(random.pick(damaged))
      const at = random.below(bytes.length)
      if (random.chance(0.7)) bytes[at] ^= 1 + random.below(255)
      else bytes.fill(random.below(256), at, Math.min(bytes.length, at + random.below(60)))
    }
    const again = await open(files)
    const found = await all(again.store)
    const ids = found.map(({ id }) => id)
    assert.deepEqual(
      ids,
      [...ids].sort((a, b) => Number(a.slice(1)) - Number(b.slice(1))),
      'in order',
    )
    for (const one of found) {
      const original = written.find(({ id }) => id === one.id)!
      assert.ok(Buffer.from(one.body).equals(original.body), `seed ${seed}: a body that nobody wrote`)
    }
  }
})

test('a torn tail is cut at every byte, and said', async () => {
  const files = new FakeFiles(new Random(1))
  const { store } = await open(files)
  const [, second, third] = await store.append([payload(0), payload(1), payload(2)])
  await store.sync()
  const path = `/q/${segmentName(1)}`
  const whole = Buffer.from(files.bytes(path))
  for (let cut = second.end + 1; cut < third.end; cut++) {
    files.put(path, Buffer.from(whole.subarray(0, cut)))
    const { store: again, log } = await open(files)
    assert.deepEqual(
      (await all(again)).map(({ id }) => id),
      ['p0', 'p1'],
    )
    assert.match(log.lines.join(), /was torn; \d+ bytes at its end are cut/)
    // The second time it has a foot.
    assert.deepEqual((await open(files)).log.lines, [])
  }
})

test('a newer version, another format and strange files are left alone', async () => {
  const files = new FakeFiles(new Random(1))
  const { store } = await open(files)
  await store.append([payload(0)])
  await store.finish()
  const newer = Buffer.from(files.bytes(`/q/${segmentName(1)}`))
  newer[7] = 9
  files.put(`/q/${segmentName(2)}`, newer)
  files.put('/q/notes.txt', Buffer.from('mine'))
  const before = files.paths()
  const other = await open(files, { format: 'f/2' })
  assert.equal(other.store.found, undefined)
  assert.deepEqual(
    other.store.stranded.map(({ why }) => why),
    ['was written as f/1, not as f/2', 'is of version 9 of the format'],
  )
  assert.equal((await other.store.append([payload(7)]))[0].seq, 3, 'with a number of its own')
  await other.store.finish()
  for (const path of before) assert.ok(files.paths().includes(path))
  const { store: own } = await open(files)
  assert.deepEqual(
    (await all(own)).map(({ id }) => id),
    ['p0'],
  )
  assert.equal(own.stranded.length, 2)
})
