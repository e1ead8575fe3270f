import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Event, type Value } from '../../../core/event/event.ts'
import { envelope, Fields, type Filter, frame } from '../../../core/plugin.ts'
import { pureContext } from '../../../core/route/context.ts'
import { checkedConfig } from '../../../test/kit/config.ts'
import ieee80211 from '../ieee80211/index.ts'
import dedupe from './index.ts'

const fields = new Fields([envelope, frame, ...ieee80211.fields, ...dedupe.fields])

/** A filter, and what came out of it: interface, signal and copies of each event. */
function made(options: object = {}) {
  const event = new Event(fields)
  const filter: Filter & { shed(): number } = dedupe.create(
    checkedConfig(dedupe, options) as never,
    pureContext('dedupe', event, { name: 'test', id: 'test' }),
  )
  const out: string[] = []
  const tell = (of: Event) => void out.push(`${of.get('wlan.seq') ?? '-'} by ${of.get('frame.interface_id')} ×${of.get('dedupe.copies') ?? 1}`)
  const emit = (fill: (event: Event) => void) => {
    const made = new Event(fields, event)
    made.open(event.bytes)
    fill(made)
    tell(made)
  }
  const hear = (ms: number, sensor: number, signal: number, values: Record<string, Value> = {}) => {
    event.open(new Uint8Array(0))
    event.set('@timestamp', `2026-11-23T10:00:${(ms / 1000).toFixed(6).padStart(9, '0')}Z`)
    const frame = { 'wlan.fc.type_subtype': 8, 'wlan.fc.retry': false, 'wlan.ta': '02:00:00:00:00:01', 'wlan.ra': 'ff:ff:ff:ff:ff:ff', 'wlan.seq': 1 }
    for (const [path, value] of Object.entries({ ...frame, 'wlan_radio.signal_dbm': signal, 'frame.interface_id': sensor, ...values }))
      event.set(path, value)
    if (filter.due?.(event)) filter.flush?.(emit)
    if (filter.apply(event, emit) !== false) tell(event)
  }
  return { filter, out, hear, end: () => filter.flush?.(emit) }
}

test('of the copies of a frame the strongest goes on, and says how many there were', () => {
  const { out, hear, end } = made()
  hear(0, 0, -70)
  hear(1, 1, -50)
  hear(2, 2, -60)
  hear(3, 1, -55, { 'wlan.seq': 2 })
  assert.deepEqual(out, [])
  end()
  assert.deepEqual(out, ['1 by 1 ×3', '2 by 1 ×1'])
})

test('silence for a window lets all go; so does time, where there is none', () => {
  const { out, hear } = made()
  hear(0, 0, -70)
  hear(60, 0, -70, { 'wlan.seq': 2 })
  assert.deepEqual(out, ['1 by 0 ×1'])
  for (let i = 1; i <= 130; i++) hear(60 + i * 20, 0, -70, { 'wlan.seq': 2 + i })
  assert.ok(out.length > 100 && out.length < 131, String(out.length))
})

test('a second copy from one sensor is a retransmission; without a sensor it is a copy', () => {
  const { out, hear, end } = made()
  hear(0, 0, -70)
  hear(1, 1, -60)
  hear(2, 0, -70)
  hear(3, 1, -80)
  end()
  assert.deepEqual(out, ['1 by 1 ×2', '1 by 0 ×2'])
})

test('frames outside the window, of other kinds or transmitters, or without a number are no copies', () => {
  const { out, hear, end } = made({ keep: 'first', window_ms: 10 })
  hear(0, 0, -70)
  hear(5, 1, -50)
  hear(20, 1, -50)
  hear(21, 0, -50, { 'wlan.ta': '02:00:00:00:00:02' })
  hear(21, 0, -50, { 'wlan.fc.retry': true })
  assert.deepEqual(out, ['1 by 0 ×1', '1 by 1 ×1', '1 by 0 ×1', '1 by 0 ×1'])
  end()
  const bare = made()
  const event = { 'wlan.fc.type_subtype': 29 }
  bare.hear(0, 0, -70, event)
  assert.deepEqual(bare.out, [])
})

test('keep: first passes the first copy at once and drops the others', () => {
  const { out, hear } = made({ keep: 'first' })
  hear(0, 0, -70)
  assert.deepEqual(out, ['1 by 0 ×1'])
  hear(1, 1, -50)
  hear(2, 2, -50)
  assert.deepEqual(out, ['1 by 0 ×1'])
  hear(3, 0, -70)
  assert.deepEqual(out, ['1 by 0 ×1', '1 by 0 ×1'])
})

for (const keep of ['best', 'first'])
  test(`keep: ${keep} is bounded, and counts what it lets go early`, () => {
    const { filter, out, hear, end } = made({ keep, max_frames: 2 })
    for (const seq of [1, 2, 3]) hear(seq, 0, -70, { 'wlan.seq': seq })
    assert.equal(filter.shed(), 1)
    end()
    assert.equal(out.length, 3)
  })

test('the event that goes on is whole: its own id and time, lists and text', () => {
  const event = new Event(fields)
  const filter: Filter = dedupe.create(checkedConfig(dedupe, {}) as never, pureContext('dedupe', event, { name: 'test', id: 'test' }))
  event.open(new Uint8Array(0))
  const values = { '@timestamp': '2026-11-23T10:00:00.123456789Z', 'wlan.seq': 1, 'wlan.ssid': 'grüße', 'wlan.tag.number': [0, 1, 221] }
  for (const [path, value] of Object.entries(values)) event.set(path, value)
  assert.equal(
    filter.apply(event, () => undefined),
    false,
  )
  filter.flush?.((fill) => {
    const made = new Event(fields, event)
    made.open(event.bytes)
    fill(made)
    for (const [path, value] of Object.entries(values)) assert.deepEqual(made.get(path), value)
  })
})
