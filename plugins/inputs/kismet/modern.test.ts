/** The input against a scripted modern server. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../../core/config/root.ts'
import { TLS_DEFAULT } from '../../../core/net/tls.ts'
import type { Json } from '../../../test/peers/kismet-modern/choose.ts'
import { ModernServer, type ModernServerOptions } from '../../../test/peers/kismet-modern/server.ts'
import type { KismetConfig } from './config.ts'
import { type Got, NOW, Run, type RunOptions } from './testing.ts'

const START = NOW - 5000
const BASE = 'kismet.device.base.'

/** A server whose clock moves with `second`. */
class Server extends ModernServer {
  clock: { now: number }
  constructor(options: Partial<ModernServerOptions> = {}, clock = { now: NOW }) {
    super({ start: START, now: () => clock.now, ...options })
    this.clock = clock
  }
  second(): void {
    this.clock.now++
    this.tick()
  }
}

async function serve(t: TestContext, options: Partial<ModernServerOptions> = {}): Promise<Server> {
  const server = new Server(options)
  await server.listen()
  t.after(() => server.close())
  return server
}

function run(t: TestContext, server: Server, config: Partial<KismetConfig> = {}, options: RunOptions = {}): Run {
  const started = new Run({ address: server.address, generation: 'modern', ...config }, options).start()
  t.after(() => started.stop())
  return started
}

function device(n: number, total: number, more: Record<string, Json> = {}): Record<string, Json> {
  const mac = `02:00:00:00:00:${n.toString(16).padStart(2, '0').toUpperCase()}`
  return {
    [`${BASE}key`]: `4202770D00000000_${n}`,
    [`${BASE}macaddr`]: mac,
    [`${BASE}type`]: 'Wi-Fi Client',
    [`${BASE}last_time`]: NOW,
    [`${BASE}packets.total`]: total,
    ...more,
  }
}

/** Connected, and all that was missed has been read. */
async function settled(input: Run, server: Server): Promise<void> {
  await input.until(() => server.connections === 2)
  // The first round of the monitor is over some seconds after its last device.
  await input.until(() => input.clock.sleepers > 0)
  for (let i = 0; i < 5; i++) {
    server.second()
    input.clock.advance(1000)
    await input.until(() => input.clock.sleepers > 0)
  }
}

async function reconnected(input: Run, server: Server): Promise<void> {
  await input.until(() => input.of('sensor.offline').length > 0)
  await input.until(() => server.connections === 2, 20)
}

const totals = (events: readonly Got[]) => events.map((event) => [event['kismet.mac'], event['kismet.packets'], event['kismet.newpackets']])

test('devices come from the list, then each change from the monitor, once', async (t) => {
  const server = await serve(t)
  server.change(
    device(1, 109, {
      [`${BASE}frequency`]: 2437000,
      [`${BASE}channel`]: '6HT40',
      [`${BASE}manuf`]: 'Hewlett Packard',
      [`${BASE}crypt`]: 'WPA2 WPA2-PSK',
      [`${BASE}freq_khz_map`]: { 2437000: 109 },
      [`${BASE}signal`]: {
        'kismet.common.signal.last_signal': -46,
        'kismet.common.signal.peak_loc': { 'kismet.common.location.geopoint': [-74.654321, 40.123456], 'kismet.common.location.alt': 55 },
      },
      'dot11.device': { 'dot11.device.last_bssid': '00:0B:86:C2:A4:85', 'dot11.device.bss_timestamp': 160057656936 },
    }),
  )
  server.change(device(2, 5, { [`${BASE}signal`]: 0, [`${BASE}location`]: 0 }))
  const input = run(t, server)
  await input.until(() => input.of('kismet.device').length === 2)
  const [ap, silent] = input.of('kismet.device')
  const shown = [
    'mac',
    'channel',
    'channel_name',
    'frequency_mhz',
    'manuf',
    'signal_dbm',
    'bestlat',
    'bestlon',
    'bestalt',
    'bssid',
    'packets',
    'bsstimestamp',
  ]
  assert.deepEqual(
    shown.map((name) => ap[`kismet.${name}`]),
    ['02:00:00:00:00:01', 6, '6HT40', 2437, 'Hewlett Packard', -46, 40.123456, -74.654321, 55, '00:0b:86:c2:a4:85', 109, 160057656936n],
  )
  assert.deepEqual(ap['kismet.crypt'], ['WPA2', 'WPA2-PSK'])
  assert.deepEqual(ap['kismet.location'], { lat: 40.123456, lon: -74.654321 })
  for (const name of ['signal_dbm', 'bestlat', 'location', 'bssid', 'odd_fields']) assert.equal(silent[`kismet.${name}`], undefined, name)
  await settled(input, server)
  server.change(device(1, 112))
  server.second()
  server.second()
  await input.until(() => input.of('kismet.device').length === 3)
  assert.deepEqual(totals(input.of('kismet.device')), [
    ['02:00:00:00:00:01', 109, undefined],
    ['02:00:00:00:00:02', 5, undefined],
    ['02:00:00:00:00:01', 112, 3],
  ])
  assert.deepEqual(input.rejected, [])
})

test('after a cut in the middle of a frame, what changed meanwhile is fetched, also of lagging sources; nothing else comes again', async (t) => {
  const server = await serve(t)
  for (let i = 1; i <= 20; i++) server.change(device(i, 10))
  server.message('before')
  const input = run(t, server)
  await input.until(() => input.of('kismet.device').length === 20)
  await settled(input, server)
  server.cut()
  // A remote source: the packet is two hours old, the change is now.
  server.change(device(3, 11, { [`${BASE}last_time`]: NOW - 7200 }))
  server.change(device(4, 12, { [`${BASE}last_time`]: NOW + 1 }))
  server.message('meanwhile')
  server.message('meanwhile')
  server.alert({
    'kismet.alert.header': 'APSPOOF',
    'kismet.alert.timestamp': NOW + 1.026491,
    'kismet.alert.text': 'x',
    'kismet.alert.class': 'SPOOF',
  })
  await reconnected(input, server)
  await input.until(() => input.of('kismet.device').length === 22 && input.of('kismet.status').length === 3 && input.of('kismet.alert').length === 1)
  assert.deepEqual(totals(input.of('kismet.device').slice(20)).sort(), [
    ['02:00:00:00:00:03', 11, 1],
    ['02:00:00:00:00:04', 12, 2],
  ])
  assert.deepEqual(
    input.of('kismet.status').map((event) => event['kismet.text']),
    ['before', 'meanwhile', 'meanwhile'],
  )
  assert.equal(new Set(input.of('kismet.status').map((event) => event['event.id'])).size, 3)
  const [alert] = input.of('kismet.alert')
  assert.equal(alert['@timestamp'], `${new Date((NOW + 1) * 1000).toISOString().slice(0, 19)}.026491000Z`)
  await settled(input, server)
  await input.until(() => input.of('wherry.gap').length === 1)
  await input.stop()

  const again = run(t, server, {}, { positions: input.positions })
  await settled(again, server)
  await again.until(() => again.of('wherry.gap').length === 1)
  for (const kind of ['kismet.device', 'kismet.status', 'kismet.alert']) assert.deepEqual(again.of(kind), [], kind)
})

test('a message that is both in the list and on the bus, because it was said while the list was asked for, is one', async (t) => {
  const server = await serve(t)
  const input = run(t, server)
  // Subscribed; the list is not asked for yet, or just now.
  await input.until(() => server.connections >= 1)
  while (!server.requests.some((path) => path.startsWith('/messagebus'))) {
    server.message('again')
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  const said = server.messages.length
  await settled(input, server)
  await input.until(() => input.of('kismet.status').length >= said)
  assert.equal(input.of('kismet.status').length, said)
})

test('more alerts than Kismet keeps: a gap with its bounds', async (t) => {
  const server = await serve(t)
  const alert = (n: number) => server.alert({ 'kismet.alert.header': 'X', 'kismet.alert.timestamp': NOW + n, 'kismet.alert.text': String(n) })
  alert(0)
  const input = run(t, server)
  await settled(input, server)
  server.cut()
  for (let n = 1; n <= 60; n++) alert(n)
  await reconnected(input, server)
  await input.until(() => input.of('kismet.alert').length === 51 && input.of('wherry.gap').length > 0)
  const [gap] = input.of('wherry.gap')
  assert.deepEqual(
    [gap['gap.stream'], gap['gap.from'], gap['gap.to']],
    [
      'alerts',
      `${new Date(NOW * 1000).toISOString().slice(0, 19)}.000000000Z`,
      `${new Date((NOW + 11) * 1000).toISOString().slice(0, 19)}.000000000Z`,
    ],
  )
})

test('topics of the bus become events: SSIDs, positions, battery, sources', async (t) => {
  const server = await serve(t)
  const uuid = '4E1D07C3-0000-0000-0000-00004A9E076A'
  const source = (error: number): Record<string, Json> => ({
    'kismet.datasource.uuid': uuid,
    'kismet.datasource.interface': 'wlan0',
    'kismet.datasource.running': error ? 0 : 1,
    'kismet.datasource.error': error,
    'kismet.datasource.error_reason': error ? 'it is gone' : '',
    'kismet.datasource.num_packets': 7,
    'kismet.datasource.type_driver': { 'kismet.datasource.driver.type': 'linuxwifi' },
  })
  server.sources = [source(0)]
  const input = run(t, server)
  await settled(input, server)
  assert.deepEqual(
    input.of('kismet.source').map((event) => [event['kismet.uuid'], event['kismet.source_type'], event['kismet.packets'], event['kismet.running']]),
    [[uuid, 'linuxwifi', 7, true]],
  )
  server.publish('DOT11_ADVERTISED_SSID', {
    DOT11_NEW_SSID_BASEDEV: { 'kismet.device.base.key': 'k', 'kismet.device.base.macaddr': '00:24:01:8D:C0:84' },
    DOT11_ADVERTISED_SSID: {
      'dot11.advertisedssid.ssid': 'café',
      'dot11.advertisedssid.crypt_string': 'Open',
      'dot11.advertisedssid.first_time': NOW,
    },
  })
  const place = (lon: number) => ({
    GPS_LOCATION: {
      'kismet.common.location.geopoint': [lon, 40.5],
      'kismet.common.location.alt': 55,
      'kismet.common.location.fix': 3,
      'kismet.common.location.time_sec': NOW,
      'kismet.common.location.time_usec': 600434,
    },
  })
  for (const lon of [-74, -74, -75]) server.publish('GPS_LOCATION', place(lon))
  server.publish('GPS_LOCATION', { GPS_LOCATION: { 'kismet.common.location.geopoint': [0, 0], 'kismet.common.location.fix': 0 } })
  server.publish('BATTERY', {
    BATTERY: { 'kismet.system.battery.percentage': 80, 'kismet.system.battery.charging': 'charged', 'kismet.system.battery.ac': 1 },
  })
  await input.until(() => input.of('kismet.battery').length === 1)
  const [ssid] = input.of('kismet.ssid')
  assert.deepEqual(
    [ssid['kismet.ssid'], ssid['kismet.ssid_hex'], ssid['kismet.mac'], ssid['kismet.type_name']],
    ['café', '636166c3a9', '00:24:01:8d:c0:84', 'beacon'],
  )
  assert.deepEqual(
    input.of('kismet.gps').map((event) => event['kismet.gps.location']),
    [{ lat: 40.5, lon: -74 }, { lat: 40.5, lon: -75 }, undefined],
  )
  assert.equal(input.of('kismet.battery')[0]['kismet.charging'], 'charged')
  server.sources = [source(1)]
  server.publish('DATASOURCE_ERROR', { DATASOURCE_ERROR: source(1) })
  await input.until(() => input.of('kismet.source').length === 2)
  input.clock.advance(1000)
  await input.until(() => input.of('source.error').length === 1)
  assert.equal(input.of('source.error')[0]['kismet.warning'], 'it is gone')
})

test('logins: a token, a user, none; what is refused is said without the secret', async (t) => {
  const server = await serve(t, { token: 'sesame-token', login: { user: 'lab', password: 'labpass' }, uri_prefix: '/kismet' })
  for (const login of [{ token: 'sesame-token' }, { user: 'lab', password: 'labpass' }]) {
    const input = run(t, server, { ...login, uri_prefix: '/kismet' })
    await input.until(() => server.connections === 2)
    await input.stop()
    await input.until(() => server.connections === 0)
  }
  const wrong = [
    [{ token: 'wrong-token', uri_prefix: '/kismet' }, /refuses the token or password \(401\)/],
    [{ uri_prefix: '/kismet' }, /wants a token/],
    [{ token: 'sesame-token' }, /uri_prefix/],
  ] as const
  for (const [login, words] of wrong) {
    const input = run(t, server, login)
    await input.until(() => input.of('sensor.offline').length === 1)
    const said = JSON.stringify([input.got, input.logs])
    assert.match(said, words)
    assert.doesNotMatch(said, /wrong-token|sesame-token/)
  }
  assert.ok(server.requests.every((path) => !path.includes('token')))
})

test('a password begins one session; when the server forgets it, the password goes again', async (t) => {
  const server = await serve(t, { login: { user: 'lab', password: 'labpass' } })
  const input = run(t, server, { user: 'lab', password: 'labpass' })
  await settled(input, server)
  assert.equal(server.sessions.size, 1)
  server.sessions.clear()
  const asked = () => server.requests.filter((path) => path === '/datasource/all_sources.json').length
  const before = asked()
  await input.until(() => asked() > before + 1, 20)
  assert.equal(server.sessions.size, 1)
  assert.equal(input.of('sensor.offline').length, 0)
})

test('a server that does not understand fields sends whole records, which are read all the same', async (t) => {
  const server = await serve(t, { deaf: true })
  server.change(device(1, 3, { 'dot11.device': { 'dot11.device.last_bssid': '00:0B:86:C2:A4:85' }, padding: 'x'.repeat(20_000) }))
  server.change(device(2, 3, { padding: 'x'.repeat(40_000) }))
  const input = run(t, server, {}, { max_record_bytes: 30_000 })
  await input.until(() => input.of('kismet.device').length === 1)
  assert.equal(input.of('kismet.device')[0]['kismet.bssid'], '00:0b:86:c2:a4:85')
  await input.until(() => input.skipped.length > 0)
  assert.match(input.skipped[0], /records 40\d\d\d longer than max_record_bytes/)
})

test('fields of another type are left out and named; unknown ones too', async (t) => {
  const server = await serve(t)
  server.change(device(1, 3, { [`${BASE}manuf`]: 7, [`${BASE}channel`]: { a: 1 }, [`${BASE}datasize`]: 'many', [`${BASE}crypt`]: [] }))
  const input = run(t, server)
  await input.until(() => input.of('kismet.device').length === 1)
  assert.deepEqual(input.of('kismet.device')[0]['kismet.odd_fields'], [`${BASE}manuf`, `${BASE}datasize`, `${BASE}channel`])
})

test('releases without websockets are asked again and again', async (t) => {
  const server = await serve(t, { sockets: 'none' })
  server.change(device(1, 3))
  const input = run(t, server)
  await input.until(() => input.of('kismet.device').length === 1)
  server.clock.now += 10
  server.change(device(1, 5, { [`${BASE}last_time`]: NOW + 10 }))
  server.message('hello')
  await input.until(() => input.of('kismet.device').length === 2 && input.of('kismet.status').length === 1, 20)
  assert.deepEqual(totals(input.of('kismet.device'))[1], ['02:00:00:00:00:01', 5, 2])
})

test('what a release does not have is said once, and all else is read', async (t) => {
  const server = await serve(t, { sockets: 'refused', without: ['messagebus', 'datasource'] })
  server.change(device(1, 3))
  const input = run(t, server)
  await input.until(() => input.of('kismet.device').length === 1)
  await input.until(() => input.of('kismet.gps').length === 1, 20)
  assert.deepEqual(input.of('kismet.gps')[0]['kismet.gps.location'], { lat: 40.123456, lon: -74.654321 })
  const said = input.logs.filter((line) => line.startsWith('warn'))
  assert.deepEqual(
    said.map((line) => /no \/(\w+)\//.exec(line)?.[1]),
    ['messagebus', 'datasource'],
  )
  assert.equal(input.of('sensor.offline').length, 0)
})

test('which generation it is shows by who speaks first', async (t) => {
  const server = await serve(t)
  server.change(device(1, 3))
  const input = run(t, server, { generation: 'auto' })
  await input.until(() => input.of('kismet.device').length === 1, 20)
  assert.equal(input.of('sensor.online')[0]['kismet.server.generation'], 'modern')
})

test('a server that was started again: all is new, with other ids, and a gap', async (t) => {
  const server = await serve(t)
  server.change(device(1, 3))
  const input = run(t, server)
  await settled(input, server)
  server.restart(NOW + 100)
  server.change(device(1, 3))
  await reconnected(input, server)
  await input.until(() => input.of('kismet.device').length === 2)
  const [one, two] = input.of('kismet.device')
  assert.notEqual(one['event.id'], two['event.id'])
  assert.match(String(input.of('wherry.gap')[0]['gap.reason']), /started again/)
})

test('names of networks: bytes where Kismet gives them, its own text where it lost them', async (t) => {
  const server = await serve(t)
  const ssid = (n: number, text: string, length: number) =>
    device(n, 1, {
      'dot11.device': { 'dot11.device.last_beaconed_ssid_record': { 'dot11.advertisedssid.ssid': text, 'dot11.advertisedssid.ssidlen': length } },
    })
  server.change(ssid(1, 'caf\u00e9', 5))
  server.change(ssid(2, 'xB2', 8))
  server.change(ssid(3, '\\262\\342', 2))
  const input = run(t, server)
  await input.until(() => input.of('kismet.device').length === 3)
  assert.deepEqual(
    input.of('kismet.device').map((event) => [event['kismet.ssid'], event['kismet.ssid_hex'], event['kismet.ssid_raw']]),
    [
      ['caf\u00e9', '636166c3a9', undefined],
      [undefined, undefined, 'xB2'],
      [undefined, 'b2e2', '\\262\\342'],
    ],
  )
})

test('silence of the bus is a dead link', async (t) => {
  const server = await serve(t)
  const input = run(t, server)
  await settled(input, server)
  await input.until(() => input.of('sensor.offline').length === 1, 200)
  assert.match(String(input.of('sensor.offline')[0]['kismet.server.reason']), /nothing came/)
})

test('once: all that Kismet has, then the end', async (t) => {
  const server = await serve(t)
  server.change(device(1, 3))
  const input = run(t, server, {}, { once: true })
  await input.until(() => input.done)
  assert.equal(input.of('kismet.device').length, 1)
})

test('over TLS the certificate is checked, for requests and websockets', async (t) => {
  const file = (name: string) => fileURLToPath(new URL(`test/tls/${name}`, packageRoot()))
  const pem = (name: string) => readFileSync(file(name), 'utf8')
  const server = await serve(t, { token: 't', tls: { cert: pem('server.pem'), key: pem('server.key') } })
  server.change(device(1, 5))
  const trusting = run(t, server, { https: true, tls: { ...TLS_DEFAULT, ca_file: file('ca.pem') }, token: 't' })
  await settled(trusting, server)
  assert.equal(trusting.of('kismet.device').length, 1)
  const asked = server.requests.length
  const careful = run(t, server, { https: true, token: 't' })
  await careful.until(() => careful.logs.length > 0)
  assert.match(careful.logs.join(), /self-signed certificate in certificate chain/)
  assert.equal(server.requests.length, asked)
})
