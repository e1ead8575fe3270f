import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Event } from '../../../core/event/event.ts'
import { envelope, Fields, frame } from '../../../core/plugin.ts'
import { pureContext } from '../../../core/route/context.ts'
import keep from './index.ts'

const event = new Event(new Fields([envelope, frame]))
const context = pureContext('keep', event, { name: 'test', id: 'test' })

test('keeps what the condition matches, and only that', () => {
  const filter = keep.create({ when: 'frame.len > 100' }, context)
  const kept = [99, 100, 101, 1500].filter((length) => {
    event.open(new Uint8Array(0))
    event.set('frame.len', length)
    return filter.apply(event)
  })
  assert.deepEqual(kept, [101, 1500])
})

test('an event without the field is dropped', () => {
  const filter = keep.create({ when: 'frame.len != 100' }, context)
  event.open(new Uint8Array(0))
  assert.equal(filter.apply(event), false)
})

test('a condition over unknown fields is refused', () => {
  assert.throws(() => keep.create({ when: 'frame.length > 100' }, context), /no field frame\.length/)
})
