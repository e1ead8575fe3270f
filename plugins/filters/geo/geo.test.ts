import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../../core/clock.ts'
import { Event } from '../../../core/event/event.ts'
import { FeedReader, FeedWriter, feedMemory } from '../../../core/feed/memory.ts'
import { kismetGps } from '../../../core/formats/kismet-gps.ts'
import { envelope, type FeedContext, Fields, fieldTable, frame } from '../../../core/plugin.ts'
import { pureContext } from '../../../core/route/context.ts'
import { ManualClock } from '../../../test/kit/clock.ts'
import { memoryLog } from '../../../test/plugins/config.ts'
import { publishDatabase } from './feed/database.ts'
import { followGpsd } from './feed/gpsd.ts'
import { geo, geoip } from './fields.ts'
import { FIX_WIDTH } from './fix.ts'
import { openDatabase, whereabouts } from './geoip.ts'
import geoFilter from './index.ts'
import { mmdb } from './testing.ts'

const described = { description: 'x' } as const
const other = fieldTable('other', {
  ta: { path: 'wlan.ta', type: 'mac', ...described },
  signal: { path: 'wlan_radio.signal_dbm', type: 'int', ...described },
  lat: { path: 'ppi_gps.lat', type: 'float', ...described },
  lon: { path: 'ppi_gps.lon', type: 'float', ...described },
  alt: { path: 'ppi_gps.alt', type: 'float', ...described },
  source: { path: 'ip.src', type: 'ip', ...described },
  destination: { path: 'ip.dst', type: 'ip', ...described },
  kismet: { path: 'kismet.location', type: 'point', ...described },
})
const fields = new Fields([envelope, frame, other, geo, geoip, kismetGps])

function filter(options: { position?: object } & Record<string, unknown>) {
  const event = new Event(fields)
  const memory = feedMemory(FIX_WIDTH)
  const feed = new FeedReader(FIX_WIDTH, memory)
  const writer = new FeedWriter(memory, FIX_WIDTH)
  const position = { gpsd: '127.0.0.1:2947', stale_after_ms: 3000, max_age_ms: 30_000, max_speed_mps: 100, ...options.position }
  const config = { geohash: 0, country: false, fences: {}, transmitters: 0, ...options, position }
  const made = geoFilter.create(config as never, pureContext('geo', event, { name: 'pi', id: 'x' }, feed))
  /** Applies it to a record of some second with these values; answers what it set. */
  const apply = (seconds: number, values: Record<string, unknown> = {}) => {
    event.open(new Uint8Array(0))
    event.record(Math.floor(seconds), Math.round((seconds % 1) * 1e9), new Uint8Array(8), 0)
    for (const [path, value] of Object.entries(values)) event.set(path, value as never)
    made.apply(event)
    const set: Record<string, unknown> = {}
    for (const table of [geo, geoip]) for (const { path } of table.fields) if (event.get(path) !== undefined) set[path] = event.get(path)
    return set
  }
  const fix = (seconds: number, lat: number, lon: number, more: number[] = [3, 10, 4, 1, 90]) =>
    writer.publish(seconds * 1000, [more[0], lat, lon, more[1], more[2], more[3], more[4]])
  return { apply, fix, feed }
}

test('the first source that has a position is taken, in the stated order', () => {
  const { apply, fix } = filter({ position: { from: ['event', 'gpsd', 'fixed'], fixed: { lat: 1, lon: 2, alt: 3 } } })
  assert.deepEqual(apply(100), { 'observer.geo.location': { lat: 1, lon: 2 }, 'observer.geo.alt': 3, 'observer.geo.source': 'fixed' })
  fix(100, 52, 4)
  assert.equal(apply(100)['observer.geo.source'], 'gpsd')
  assert.deepEqual(apply(100, { 'ppi_gps.lat': 10, 'ppi_gps.lon': 11, 'ppi_gps.alt': 12 }), {
    'observer.geo.location': { lat: 10, lon: 11 },
    'observer.geo.alt': 12,
    'observer.geo.source': 'event',
  })
  assert.deepEqual(apply(100, { 'kismet.gps.location': { lat: 20, lon: 21 }, 'kismet.gps.fix': 2, 'kismet.gps.eph': 9 }), {
    'observer.geo.location': { lat: 20, lon: 21 },
    'observer.geo.source': 'event',
    'observer.geo.fix_mode': 2,
    'observer.geo.accuracy_m': 9,
  })
  // 0, 0 is what a receiver says that has none.
  assert.equal(apply(100, { 'ppi_gps.lat': 0, 'ppi_gps.lon': 0 })['observer.geo.source'], 'gpsd')
})

test('an event takes the fix of its own time, a stale one is marked, an old one dropped', () => {
  const { apply, fix } = filter({ position: { from: 'gpsd' } })
  fix(1000, 52, 4)
  fix(1001, 52.1, 4.1)
  assert.deepEqual(apply(1000.25), {
    'observer.geo.location': { lat: 52, lon: 4 },
    'observer.geo.alt': 10,
    'observer.geo.source': 'gpsd',
    'observer.geo.fix_mode': 3,
    'observer.geo.age_ms': 250,
    'observer.geo.accuracy_m': 4,
    'observer.geo.speed_mps': 1,
    'observer.geo.heading': 90,
  })
  // A fix that comes a little later than the record will do.
  assert.equal(apply(999)['observer.geo.age_ms'], 1000)
  assert.deepEqual([apply(1004)['observer.geo.stale'], apply(1004.5)['observer.geo.stale']], [undefined, true])
  assert.equal(apply(1031)['observer.geo.age_ms'], 30_000)
  assert.deepEqual(apply(1031.1), {})
  // A backlog does not get the place of today.
  assert.deepEqual(apply(10), {})
})

test('without any position nothing is set', () => {
  assert.deepEqual(filter({}).apply(1), {})
})

test('geohash, country, cell and fences follow from the position', () => {
  const square = (lat: number, lon: number) => [
    { lat, lon },
    { lat: lat + 1, lon },
    { lat: lat + 1, lon: lon + 1 },
    { lat, lon: lon + 1 },
  ]
  const { apply } = filter({ geohash: 6, country: true, h3: 9, fences: { home: square(52, 4), 'the hague': square(51.5, 3.5), away: square(0, 0) } })
  const set = apply(1, { 'ppi_gps.lat': 52.09, 'ppi_gps.lon': 4.31 })
  assert.deepEqual(
    [set['observer.geo.geohash'], set['observer.geo.country_iso_code'], set['geo.fence'], String(set['observer.geo.h3']).length],
    ['u17064', 'NL', ['home', 'the hague'], 15],
  )
  assert.equal(apply(1, { 'ppi_gps.lat': 50, 'ppi_gps.lon': 4.3 })['geo.fence'], undefined)
})

test('the best position of a transmitter: what Kismet says, else where it was strongest', () => {
  const { apply, fix } = filter({ position: { from: 'gpsd' }, transmitters: 10 })
  const ta = { 'wlan.ta': '00:11:22:33:44:55' }
  assert.deepEqual(apply(1, { ...ta, 'wlan_radio.signal_dbm': -40 }), {})
  fix(1, 52, 4)
  fix(60, 53, 5)
  const place = (seconds: number, signal: number) => {
    const set = apply(seconds, { ...ta, 'wlan_radio.signal_dbm': signal })
    return [set['wlan.geo.location'], set['wlan.geo.signal_dbm']]
  }
  assert.deepEqual(place(1, -60), [{ lat: 52, lon: 4 }, -60])
  assert.deepEqual(place(60, -70), [{ lat: 52, lon: 4 }, -60])
  assert.deepEqual(place(60, -50), [{ lat: 53, lon: 5 }, -50])
  // A stale fix says nothing of where it was heard.
  assert.deepEqual(place(70, -30), [{ lat: 53, lon: 5 }, -50])
  assert.deepEqual(apply(60, { 'kismet.location': { lat: 7, lon: 8 } })['wlan.geo.location'], { lat: 7, lon: 8 })
})

test('places of IP addresses, from a database that is replaced; a broken place is none', () => {
  const { apply, feed } = filter({ geoip: 'x.mmdb' })
  const ask = () => apply(1, { 'ip.src': '10.1.2.3', 'ip.dst': '192.0.2.9' })
  assert.deepEqual(ask(), {})
  const networks = {
    '10.0.0.0/8': {
      country: { iso_code: 'NL' },
      subdivisions: [{ iso_code: 'ZH' }],
      city: { names: { en: 'The Hague' } },
      location: { latitude: 52.07, longitude: 4.3 },
    },
    '192.0.2.0/24': { autonomous_system_number: 64500, autonomous_system_organization: 'Example' },
  }
  const share = (bytes: Uint8Array) => {
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
    shared.set(bytes)
    feed.bytes = shared
  }
  share(mmdb(networks))
  assert.deepEqual(ask(), {
    'source.geo.country_iso_code': 'NL',
    'source.geo.region_iso_code': 'NL-ZH',
    'source.geo.city_name': 'The Hague',
    'source.geo.location': { lat: 52.07, lon: 4.3 },
    'destination.as.number': 64500,
    'destination.as.organization.name': 'Example',
  })
  share(mmdb({ '10.0.0.0/8': { country_code: 'DE', location: { latitude: 'x', longitude: 500 } } }))
  assert.deepEqual(ask(), { 'source.geo.country_iso_code': 'DE' })
})

test('damaged databases give nothing or an answer, and never throw', () => {
  const sound = mmdb({ '10.0.0.0/8': { country: { iso_code: 'NL' } }, '12.0.0.0/8': { city: 'x' } })
  for (let at = 0; at < sound.length; at++) {
    const bytes = Buffer.from(sound)
    bytes[at] ^= 0xff
    let database: ReturnType<typeof openDatabase>
    try {
      database = openDatabase(bytes)
    } catch {
      continue
    }
    for (const address of ['10.1.1.1', '12.1.1.1', '1.1.1.1']) whereabouts(database, address)
  }
})

test('the main half keeps the last good database and says what is wrong with another', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wherry-mmdb-'))
  const stop = new AbortController()
  const clock = new ManualClock()
  const log = memoryLog()
  const published: Uint8Array[] = []
  const context = {
    name: 'geo',
    data_dir: folder,
    signal: stop.signal,
    log,
    clock,
    publish: () => assert.fail(),
    replace: (bytes: Uint8Array) => void published.push(bytes),
  }
  const file = join(folder, 'places.mmdb')
  const later = async (until: () => boolean) => {
    for (let i = 0; i < 300 && !until(); i++) {
      clock.advance(10_000)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    assert.ok(until())
  }
  try {
    await publishDatabase(file, context)
    assert.match(log.lines.join('\n'), /ENOENT/)
    await writeFile(file, mmdb({ '1.0.0.0/8': { country: { iso_code: 'NL' } } }))
    await later(() => published.length === 1)
    await writeFile(file, 'broken')
    await later(() => log.lines.length === 2)
    assert.match(log.lines[1], /places\.mmdb cannot be used: .*; what was read before stays/)
    assert.equal(published.length, 1)
    await writeFile(file, mmdb({ '1.0.0.0/8': { country: { iso_code: 'DE' } } }))
    await later(() => published.length === 2)
  } finally {
    stop.abort()
    await rm(folder, { recursive: true })
  }
})

test('gpsd is asked to report, its nonsense left out, and found again when it restarts', { timeout: 20_000 }, async () => {
  const sockets = new Set<Socket>()
  const asked: string[] = []
  let server: Server
  const listen = (port: number) =>
    new Promise<number>((resolve) => {
      server = createServer((socket) => {
        sockets.add(socket)
        socket.on('error', () => undefined)
        socket.on('data', (bytes) => void asked.push(bytes.toString()))
        socket.write('{"class":"VERSION","release":"3.22"}\n')
      })
      server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
    })
  const say = (text: string) => {
    for (const socket of sockets) socket.write(text)
  }
  const tpv = (second: number, lat: number) =>
    `${JSON.stringify({ class: 'TPV', mode: 3, time: `2026-01-01T00:00:0${second}.000Z`, lat, lon: 4 })}\r\n`
  const until = async (done: () => boolean) => {
    for (let i = 0; i < 500 && !done(); i++) await new Promise((resolve) => setTimeout(resolve, 10))
    assert.ok(done())
  }
  const stop = new AbortController()
  const log = memoryLog()
  const fixes: number[] = []
  const port = await listen(0)
  const context: FeedContext = {
    name: 'geo',
    data_dir: '',
    signal: stop.signal,
    log,
    clock: systemClock,
    publish: (at_ms, values) => {
      assert.ok(Math.abs(at_ms - Date.now()) < 1000)
      fixes.push(values[1])
    },
    replace: () => assert.fail(),
  }
  const done = followGpsd({ host: '127.0.0.1', port, max_speed: 100 }, context)
  try {
    await until(() => asked.length === 1)
    assert.match(asked[0], /^\?WATCH=\{"enable":true,"json":true\};/)
    // A fix in two pieces, one without a fix, one that is said again, NaN, 0, 0, noise, a jump, and a good one.
    const whole = tpv(1, 52)
    say(whole.slice(0, 20))
    await new Promise((resolve) => setTimeout(resolve, 20))
    say(whole.slice(20))
    say('{"class":"TPV","mode":1}\n')
    say(whole)
    say('{"class":"TPV","mode":3,"lat":nan,"lon":nan}\n{"class":"TPV","mode":3,"lat":0,"lon":0}\n$GPGGA,noise\n')
    say(tpv(2, 60))
    say(tpv(3, 52.0001))
    await until(() => fixes.length === 2)
    assert.deepEqual(fixes, [52, 52.0001])
    assert.equal(log.lines.length, 2)
    for (const socket of sockets) socket.destroy()
    sockets.clear()
    await new Promise((resolve) => server.close(resolve))
    await until(() => log.lines.some((line) => /become stale until it is there again/.test(line)))
    await listen(port)
    await until(() => asked.length === 2)
    say(tpv(4, 52.0002))
    await until(() => fixes.length === 3)
    assert.match(log.lines.at(-1)!, /info .* is there again/)
  } finally {
    stop.abort()
    for (const socket of sockets) socket.destroy()
    server!.close()
    await done
  }
})
