import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Event } from '../../../core/event/event.ts'
import { envelope, Fields, frame } from '../../../core/plugin.ts'
import { pureContext } from '../../../core/route/context.ts'
import remove from './index.ts'

const event = new Event(new Fields([envelope, frame]))
const context = pureContext('remove', event, { name: 'test', id: 'test' })

function left(fields: string[]): string[] {
  const filter = remove.create({ fields }, context)
  event.open(new Uint8Array(0))
  event.record(1, 2, new Uint8Array(8), 0)
  event.set('event.kind', 'event')
  event.set('frame.len', 100)
  event.set('frame.number', 1)
  assert.notEqual(filter.apply(event), false)
  return event.hold().values.map(([field]) => field.path)
}

test('removes what is named, and nothing else', () => {
  assert.deepEqual(left(['frame.len', 'frame.comment']), ['@timestamp', 'event.id', 'event.kind', 'frame.number'])
})

test('removes groups, but never the id or the time', () => {
  assert.deepEqual(left(['frame.*']), ['@timestamp', 'event.id', 'event.kind'])
  assert.deepEqual(left(['event.*', 'frame.len']), ['@timestamp', 'event.id', 'frame.number'])
})

test('unknown names and what every event needs are errors of the config', () => {
  assert.throws(() => left(['frame.length']), /no plugin declares the field frame\.length/)
  assert.throws(() => left(['fram.*']), /no plugin declares a field below fram/)
  assert.throws(() => left(['event.id']), /event\.id cannot be removed/)
  assert.throws(() => left(['frame.time']), /frame\.time cannot be removed/)
})
