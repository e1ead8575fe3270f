import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Event, type Value } from '../../../core/event/event.ts'
import { envelope, Fields, frame } from '../../../core/plugin.ts'
import { pureContext } from '../../../core/route/context.ts'
import { checkedConfig } from '../../../test/kit/config.ts'
import ieee80211 from '../ieee80211/index.ts'
import sample from './index.ts'

const fields = new Fields([envelope, frame, ...ieee80211.fields])

/** A filter, and a function that passes a beacon through it and says whether it goes on. */
function made(options: object = {}) {
  const event = new Event(fields)
  const filter = sample.create(checkedConfig(sample, options) as never, pureContext('sample', event, { name: 'test', id: 'test' }))
  const passes = (second: number, values: Record<string, Value> = {}): boolean => {
    event.open(new Uint8Array(0))
    event.set('@timestamp', `2026-11-23T10:${String(Math.floor(second / 60)).padStart(2, '0')}:${(second % 60).toFixed(3).padStart(6, '0')}Z`)
    for (const [path, value] of Object.entries({ 'wlan.fc.type_subtype': 8, 'wlan.ta': '02:00:00:00:00:01', ...values })) event.set(path, value)
    return filter.apply(event) !== false
  }
  return { filter, passes }
}

test('the first, the changes, and one a minute', () => {
  const { passes } = made()
  assert.equal(passes(0), true)
  for (let i = 1; i < 600; i++) assert.equal(passes(i * 0.1), false, String(i))
  assert.equal(passes(60), true)
  assert.equal(passes(60.1, { 'wlan.ds.current_channel': 11 }), true)
  assert.equal(passes(60.2, { 'wlan.ds.current_channel': 11 }), false)
  assert.equal(passes(60.3, { 'wlan.ds.current_channel': 11, 'wlan.rsn.akms.type': [2] }), true)
  assert.equal(passes(60.4, { 'wlan.ds.current_channel': 11, 'wlan.rsn.akms.type': [2, 8] }), true)
  assert.equal(passes(60.5, { 'wlan.ds.current_channel': 11, 'wlan.rsn.akms.type': [2, 8] }), false)
})

test('each transmitter for itself; other frames go on', () => {
  const { passes } = made()
  assert.equal(passes(0), true)
  assert.equal(passes(0.1, { 'wlan.ta': '02:00:00:00:00:02' }), true)
  assert.equal(passes(0.2, { 'wlan.ta': '02:00:00:00:00:02' }), false)
  for (let i = 0; i < 3; i++) assert.equal(passes(0.3, { 'wlan.fc.type_subtype': 4 }), true)
})

test('a network with beacons at the usual interval shrinks more than a hundredfold', () => {
  const { passes } = made()
  let kept = 0
  for (let i = 0; i < 5860; i++)
    if (passes(i * 0.1024, { 'wlan.fixed.timestamp': i, 'wlan.seq': i % 4096, 'wlan_radio.signal_dbm': -40 - (i % 20) })) kept++
  assert.equal(kept, 10)
})

test('keys are bounded; what was forgotten is counted, and is new again', () => {
  const { filter, passes } = made({ max_keys: 2 })
  for (const last of [1, 2, 3]) assert.equal(passes(0, { 'wlan.ta': `02:00:00:00:00:0${last}` }), true)
  assert.equal(filter.shed(), 1)
  assert.equal(passes(1, { 'wlan.ta': '02:00:00:00:00:03' }), false)
  assert.equal(passes(1, { 'wlan.ta': '02:00:00:00:00:01' }), true)
})

test('time that jumps back keeps the event', () => {
  const { passes } = made()
  assert.equal(passes(3000), true)
  assert.equal(passes(0), true)
  assert.equal(passes(1), false)
})
