import assert from 'node:assert/strict'
import { test } from 'node:test'
import { envelope, frame } from '../../../core/event/envelope.ts'
import { Event } from '../../../core/event/event.ts'
import { ByteWriter } from '../../../core/event/writer.ts'
import { Fields, fieldTable } from '../../../core/plugin.ts'
import { pureContext } from '../../../core/route/context.ts'
import { ManualClock } from '../../../test/kit/clock.ts'
import { heardEncoder } from './encode.ts'
import { liveOutput } from './output.ts'

const wlan = fieldTable('wlan', {
  ta: { path: 'wlan.ta', type: 'mac', description: 'transmitter' },
  bssid: { path: 'wlan.bssid', type: 'mac', description: 'network' },
  ssid: { path: 'wlan.ssid', type: 'text', description: 'name' },
  signal: { path: 'wlan_radio.signal_dbm', type: 'int', description: 'signal' },
  channel: { path: 'wlan_radio.channel', type: 'int', description: 'channel' },
})
const AP = '02:00:00:00:00:01'
const STATION = '06:00:00:00:00:02'

function body(tables: ConstructorParameters<typeof Fields>[0], events: Record<string, string | number>[]) {
  const event = new Event(new Fields(tables))
  const encoder = heardEncoder(pureContext('live', event, { name: 'test', id: 'test' }))
  const into = new ByteWriter()
  const ends = events.map((values) => {
    event.open(new Uint8Array(0))
    for (const [path, value] of Object.entries(values)) event.set(path, value)
    encoder.write(event, into)
    return into.pos
  })
  return { id: '1', body: into.written().slice(), ends: Uint32Array.from(ends), records: new Uint32Array(ends.length), count: ends.length }
}

test('prints one line per second and what came at the end', async () => {
  const clock = new ManualClock(Date.UTC(2026, 10, 23, 10))
  const lines: string[] = []
  const output = liveOutput({ interval_ms: 1000, clock, print: (line) => lines.push(line) })
  const context = { signal: new AbortController().signal, attempt: 1 }
  await output.open!(context.signal)
  const beacon = { 'wlan.ta': AP, 'wlan.bssid': AP, 'wlan.ssid': 'Café', 'wlan_radio.signal_dbm': -40, 'wlan_radio.channel': 11 }
  const data = { 'wlan.ta': STATION, 'wlan.bssid': AP, 'wlan_radio.signal_dbm': -30 }
  await output.write(body([envelope, frame, wlan], [beacon, data, data, {}]), context)
  await clock.advance(1000)
  await output.write(body([envelope, frame, wlan], [data]), context)
  await output.close!()
  assert.deepEqual(lines, [
    '10:00:01  4 frames/s  1 network  1 client  4 delivered  strongest "Café" channel 11 -40 dBm\n',
    '10:00:01  1,000 frames/s  1 network  1 client  5 delivered\n',
  ])
})

test('without a decoder in the route frames are counted', async () => {
  const clock = new ManualClock()
  const lines: string[] = []
  const output = liveOutput({ interval_ms: 1000, clock, print: (line) => lines.push(line) })
  await output.write(body([envelope, frame], [{}, {}]), { signal: new AbortController().signal, attempt: 1 })
  await clock.advance(1000)
  await output.close!()
  assert.match(lines[0], /2 frames\/s {2}0 networks {2}0 clients {2}2 delivered/)
})
