import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode, decodeMulti } from '@msgpack/msgpack'
import { RejectedError, RetryError } from '../../../core/plugin.ts'
import { messagesOf } from './message.ts'
import { calm, FIRST, sample } from './testing.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

test('an entry is [EventTime as fixext8, record], in nanoseconds; never a float, and without metadata [run: what both servers take]', () => {
  const { body } = sample({}).payload('p', 1)
  assert.equal(hex(body.subarray(0, 11)), `92d700${(FIRST + 1).toString(16)}00000001`)
  assert.equal([...decodeMulti(body)].length, 1)
})

test('time_as_integer sends whole seconds, and metadata an empty map beside the time [run: Fluent Bit only]', () => {
  assert.equal(hex(sample({ time_as_integer: true }).payload('p', 1).body.subarray(0, 6)), `92ce${(FIRST + 1).toString(16)}`)
  assert.equal(hex(sample({ metadata: true }).payload('p', 1).body.subarray(0, 13)), `9292d700${(FIRST + 1).toString(16)}0000000180`)
  assert.equal(hex(sample({ metadata: true, mode: 'message' }).payload('p', 1).body.subarray(0, 3)), '92d700')
})

test('a tag is never empty: what an event lacks is unknown [run: Fluent Bit drops those without]', () => {
  const field = (name: string) => `$\{${name}}`
  assert.equal(sample({}).payload('p', 1).key, 'wifi.frame')
  assert.equal(sample({ tag: `a.${field('event.kind')}.${field('frame.number')}` }).payload('p', 1).key, 'a.unknown.1')
  assert.throws(() => sample({ tag: field('frame.comment') }), /no single text/)
  assert.throws(() => sample({ tag: field('no.such') }), /no plugin declares/)
})

test('the chunk id is a str and that of the payload [run: Fluent Bit hangs up on bin]; without acks there is none', () => {
  const payload = sample({}).payload('p-1', 3)
  const { pieces, chunks } = messagesOf(payload, { mode: 'packed_forward', ack: true })
  assert.deepEqual(chunks, ['p-1'])
  const [tag, body, option] = decode(Buffer.concat(pieces)) as [string, Uint8Array, object]
  assert.deepEqual([tag, hex(body), option], ['wifi.frame', hex(payload.body), { size: 3, chunk: 'p-1' }])
  const without = messagesOf(payload, { mode: 'forward', ack: false })
  assert.deepEqual((decode(Buffer.concat(without.pieces)) as unknown[])[2], { size: 3 })
  assert.deepEqual(without.chunks, [])
  assert.equal((decode(messagesOf(sample({}).payload('p', 1), { mode: 'message', ack: false }).pieces[0]) as unknown[]).length, 3)
})

test('a body of any length goes as bin, which both servers take [run]', () => {
  const { key, ends, records } = sample({}).payload('p', 1)
  for (const [length, head] of [
    [1, 'c401'],
    [256, 'c50100'],
    [65_536, 'c600010000'],
  ] as const) {
    const payload = { id: 'p', key, body: new Uint8Array(length), count: 1, ends, records }
    const bytes = Buffer.concat(messagesOf(payload, { mode: 'packed_forward', ack: true }).pieces)
    // Behind an array of three and the tag.
    assert.equal(hex(bytes.subarray(2 + key!.length, 2 + key!.length + head.length / 2)), head)
  }
})

test('a frame of more than 4 MiB is sent in halves, and one event of that size never [run: Fluent Bit closes on more than 6 MB]', async () => {
  const output = await sample({}).output()
  const body = new Uint8Array(4 * 1024 * 1024 + 1)
  const payload = (count: number) => ({ id: 'p', key: 'a', body, count, ends: new Uint32Array(count), records: new Uint32Array(count) })
  await assert.rejects(output.write(payload(2), calm()), (error) => error instanceof RetryError && error.halve)
  await assert.rejects(output.write(payload(1), calm()), RejectedError)
})
