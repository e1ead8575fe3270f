/** The capture stream of a modern server. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Event } from '../../../core/event/event.ts'
import { streamKey } from '../../../core/event/id.ts'
import { captureIdentity } from '../../../core/formats/capture-identity.ts'
import { ENHANCED_PACKET } from '../../../core/formats/pcapng.ts'
import { block, interfaceBlock, type Option, sectionBlock } from '../../../core/formats/pcapng-write.ts'
import { pureContext } from '../../../core/route/context.ts'
import { pipelineFields } from '../../../core/route/fields.ts'
import { ModernServer } from '../../../test/peers/kismet-modern/server.ts'
import pcap from '../pcap/index.ts'
import { framesPath } from './modern/frames.ts'
import { type Got, NOW, Run } from './testing.ts'

const BEGIN = Buffer.concat([
  sectionBlock(false, [[4, Buffer.from('Kismet')]]),
  interfaceBlock({ linkType: 127, snaplen: 65535, name: 'wlan0' }, false),
])

/** Kismet's position, as it writes it on packets. */
function gps(lon: number, lat: number, alt: number, more: readonly number[] = [], mask = 0xe): Option {
  const values = [Math.round((lon + 180) * 1e7), Math.round((lat + 180) * 1e7), Math.round((alt + 180_000) * 1e4), ...more]
  const bytes = new Uint8Array(12 + 4 * values.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, 55922, true)
  view.setUint8(4, 0x47)
  view.setUint8(5, 1)
  view.setUint16(6, 4 * values.length, true)
  view.setUint32(8, mask, true)
  for (const [i, value] of values.entries()) view.setUint32(12 + 4 * i, value, true)
  return [2989, bytes]
}

function frame(n: number, options: readonly Option[] = [], length = 40): Uint8Array {
  const packet = new Uint8Array(length).fill(n)
  packet.set([0, 0, 8, 0, 0, 0, 0, 0])
  const body = new Uint8Array(20 + length)
  const view = new DataView(body.buffer)
  const micros = BigInt(NOW + n) * 1_000_000n
  view.setUint32(4, Number(micros >> 32n), true)
  view.setUint32(8, Number(micros & 0xffffffffn), true)
  view.setUint32(12, length, true)
  view.setUint32(16, length, true)
  body.set(packet, 20)
  return block(ENHANCED_PACKET, body, false, options)
}

async function serve(t: TestContext): Promise<ModernServer> {
  const server = new ModernServer({ start: NOW - 100, now: () => NOW })
  server.begin = BEGIN
  await server.listen()
  t.after(() => server.close())
  return server
}

function run(t: TestContext, server: ModernServer, options: ConstructorParameters<typeof Run>[1] = {}): Run {
  const started = new Run({ address: server.address, frames: 'all', records: false }, options).start()
  t.after(() => started.stop())
  return started
}

/** What the pcap input makes of the same bytes. */
function fromFile(data: Uint8Array, beginning: number): Got[] {
  const config = { statistics: false, path: 'x' } as never
  const event = new Event(pipelineFields([{ name: 'air', plugin: pcap, config }]))
  const events: Got[] = []
  const key = streamKey('sensor', captureIdentity(data.subarray(0, beginning)))
  pcap.decoder(config, pureContext('air', event, { name: 'pi', id: 'sensor' })).decode(
    { stream: 'x', data, offset: 0, context: new Uint8Array(0), key },
    {
      open: () => {
        event.open(data)
        return event
      },
      emit: () => void events.push(Object.fromEntries(event.hold().values.map(([field, value]) => [field.path, value]))),
      reject: (reason) => assert.fail(reason),
    },
  )
  return events
}

test('equal frames give equal events, id and position included, as through the pcap input', async (t) => {
  const server = await serve(t)
  const input = run(t, server)
  await input.until(() => server.streams === 1)
  const frames = [
    frame(1, [gps(-74.654321, 40.123456, 55)]),
    frame(2, [[3, Uint8Array.of(2, 1, 2, 3, 4)], gps(0, 0, 0)]),
    frame(3, [gps(8.5, 47.25, -3.5, [12_500_000, 418_000, 3_700_000_000], 0xc8e)]),
    frame(4, [[2989, Uint8Array.of(1, 2, 3)]]),
    frame(5),
  ]
  const bytes = Buffer.concat(frames)
  // In pieces that cut blocks anywhere.
  for (let at = 0; at < bytes.length; at += 33) {
    server.frames(bytes.subarray(at, at + 33))
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  await input.until(() => input.of('wifi.frame').length === 5)
  const events = input.of('wifi.frame')
  assert.deepEqual(events, fromFile(Buffer.concat([BEGIN, bytes]), BEGIN.length + frames[0].length))
  assert.deepEqual(events[0]['kismet.gps.location'], { lat: 40.123456, lon: -74.654321 })
  assert.equal(events[0]['kismet.gps.alt'], 55)
  assert.equal(events[1]['kismet.gps.location'], undefined)
  assert.equal(events[2]['kismet.gps.eph'], 12.5)
  assert.equal(events[2]['kismet.gps.alt'], -3.5)
  assert.equal(
    events[2]['kismet.gps.time'],
    `${new Date(418_000 * 4294967.296 + 3_700_000).toISOString().slice(0, 19)}.${String(((418_000 * 4294967296 + 3_700_000_000) % 1e6) * 1000).padStart(9, '0')}Z`,
  )
  assert.equal(events[3]['kismet.gps.alt'], undefined)
  assert.equal(events[4]['frame.number'], 5)
})

test('a stream that breaks is asked for again; what was sent in between is a gap with its bounds', async (t) => {
  const server = await serve(t)
  const input = run(t, server)
  await input.until(() => server.streams === 1)
  server.frames(Buffer.concat([frame(1), frame(2), frame(3).subarray(0, 20)]))
  await input.until(() => input.of('wifi.frame').length === 2)
  server.cut()
  await input.until(() => input.logs.length > 0)
  await input.until(() => server.streams === 1, 50)
  server.frames(frame(9))
  await input.until(() => input.of('wifi.frame').length === 3)
  const time = (seconds: number) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}.000000000Z`
  const bounds = (one: Run) => one.of('wherry.gap').map((gap) => [gap['gap.stream'], gap['gap.from'], gap['gap.to']])
  assert.deepEqual(bounds(input), [['frames', time(NOW + 2), time(NOW + 9)]])
  await input.stop()
  await input.until(() => server.streams === 0)
  const again = run(t, server, { positions: input.positions })
  await again.until(() => server.streams === 1)
  server.frames(frame(20))
  await again.until(() => again.of('wifi.frame').length === 1)
  assert.deepEqual(bounds(again), [['frames', time(NOW + 9), time(NOW + 20)]])
})

test('a stream that is no capture, or has a block that is too long, is said and tried again', async (t) => {
  const server = await serve(t)
  server.begin = Buffer.from('<html>no capture</html>')
  const input = run(t, server)
  await input.until(() => input.logs.length > 0)
  assert.match(input.logs[0], /frames: the capture stream is damaged/)
  server.begin = BEGIN
  await input.until(() => server.streams === 1, 50)
  await input.stop()
  await input.until(() => server.streams === 0)
  const short = run(t, server, { max_record_bytes: 1000 })
  await short.until(() => server.streams === 1)
  server.frames(frame(1, [], 3000))
  await short.until(() => short.skipped.length === 1)
  assert.match(short.skipped[0], /^frames 3032 longer/)
})

test('paths of the filtered streams', () => {
  assert.deepEqual(['all', 'source/u-1', 'device/k_1', 'bssid/00:11:22:33:44:55'].map(framesPath), [
    '/pcap/all_packets.pcapng',
    '/datasource/pcap/by-uuid/u-1/packets.pcapng',
    '/devices/pcap/by-key/k_1/packets.pcapng',
    '/phy/phy80211/pcap/by-bssid/00:11:22:33:44:55/packets.pcapng',
  ])
})
