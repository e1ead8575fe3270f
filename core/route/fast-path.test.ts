import assert from 'node:assert/strict'
import { test } from 'node:test'
import { capture } from '../../plugins/inputs/generate/write.ts'
import { pipelineOf } from '../../test/conformance/pipeline.ts'
import { type Batch, batchesOf, bothWays, FRAMED, KEY, run } from './testing.ts'

/** Half a minute before an hour ends, where the index of `bulk` changes. */
const START_MS = Date.parse('2026-11-26T23:59:30Z')

/** Generated traffic in batches. */
function traffic(frames: number, size: number, change: (bytes: Buffer) => void = () => undefined): Batch[] {
  const options = { seed: 3, networks: 6, clients: 12, rate: frames / 60, frames, start_ms: START_MS }
  const bytes = Buffer.concat(Array.from(capture(options), (piece) => piece.bytes.slice()))
  change(bytes)
  return batchesOf(bytes, size)
}

for (const emit of ['standard', 'full'])
  test(`both ways give the same, and nearly all records take the fast one, showing ${emit}`, async () => {
    const taken = (await bothWays(emit))(traffic(20_000, 700))
    assert.ok(taken > 18_000, `${taken} of 20000`)
  })

test('what is said of the clock is in each event, when it changes too', async () => {
  const batches = traffic(3000, 500)
  const [fast, slow] = await Promise.all([FRAMED, [...FRAMED, 'objects']].map(async (outputs) => (await pipelineOf('standard', outputs)).pipeline))
  for (const clock of [
    undefined,
    { state: 'unsynced' },
    { state: 'unsynced', offset_ns: -5 },
    undefined,
    { state: 'synced', offset_ns: 7 },
  ] as const) {
    const more = clock === undefined ? {} : { clock }
    assert.deepEqual(run(fast, batches, more), run(slow, batches, more).slice(0, FRAMED.length))
  }
  assert.ok(fast.taken > 10_000)
})

test('hours that come in turns, more than frames are kept for, each have their own index', async () => {
  const change = (bytes: Buffer) => {
    for (let at = 24, i = 0; at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8), i++) {
      // A few, and later a hundred.
      const hour = (i >> 4) % (i < 4000 ? 3 : 100)
      bytes.writeUInt32LE(START_MS / 1000 + hour * 3600, at)
    }
  }
  const taken = (await bothWays('standard'))(traffic(8000, 700, change))
  assert.ok(taken > 6000, `${taken} of 8000`)
})

test('times that are set right take the slow path', async () => {
  assert.equal((await bothWays('standard'))(traffic(2000, 500), { shift: { from_ms: 0, to_ms: START_MS * 2, offset_ms: 1500 } }), 0)
})

test('a wrong FCS, a frame that was cut, and a fraction that runs over are seen', async () => {
  const change = (bytes: Buffer) => {
    for (let at = 24, i = 0; at + 16 <= bytes.length; i++) {
      const length = bytes.readUInt32LE(at + 8)
      if (i % 11 === 5) bytes[at + 16 + length - 1] ^= 0x40
      if (i % 13 === 5) bytes.writeUInt32LE(length + 9, at + 12)
      if (i % 17 === 5) bytes.writeUInt32LE(1_000_000_123, at + 4)
      at += 16 + length
    }
  }
  const taken = (await bothWays('standard'))(traffic(8000, 500, change))
  assert.ok(taken > 4000 && taken < 7000, `${taken} of 8000`)
})

test('a batch can be gone on with at any record', async () => {
  const [batch] = traffic(3000, 1000)
  const { pipeline } = await pipelineOf('standard', FRAMED)
  const [whole] = run(pipeline, [batch])
  for (const from of [1, 700, 999]) {
    const { parts, consumed } = pipeline.run({
      input: 0,
      stream: 's',
      key: KEY,
      ...batch,
      from,
      to: 1000,
      flush: false,
      memory: undefined,
      progress: new Int32Array(3),
    })
    assert.deepEqual([parts[0].count, consumed], [whole.length - from, 1000])
  }
  const { parts } = pipeline.run({
    input: 0,
    stream: 's',
    key: KEY,
    ...batch,
    from: 10,
    to: 500,
    flush: false,
    memory: undefined,
    progress: new Int32Array(3),
  })
  assert.equal(parts[0].count, 490)
})

test('a filter behind, or a condition, keeps records on the slow path', async () => {
  const { pipeline } = await pipelineOf('standard', FRAMED, { which: { plugin: 'keep', when: 'frame.len > 0' } })
  run(pipeline, traffic(2000, 500))
  assert.equal(pipeline.taken, 0)
})
