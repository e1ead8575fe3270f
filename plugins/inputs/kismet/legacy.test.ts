/** The input against a scripted legacy server. */
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { LegacyServer, type LegacyServerOptions, type Row } from '../../../test/peers/kismet-legacy/server.ts'
import type { KismetConfig } from './config.ts'
import { type Got, NOW, Run, type RunOptions } from './testing.ts'

const START = NOW - 5000
const AP = '00:0B:86:C2:A4:85'
const STATION = '2C:F0:A2:DD:BC:D0'

/** A server whose clock moves with `tick`. */
class Server extends LegacyServer {
  clock: { now: number }
  constructor(options: Partial<LegacyServerOptions> = {}, clock = { now: NOW }) {
    super({ start: START, now: () => clock.now, ...options })
    this.clock = clock
  }
  second(): void {
    this.clock.now++
    this.tick()
  }
}

async function serve(t: TestContext, options: Partial<LegacyServerOptions> = {}): Promise<Server> {
  const server = new Server(options)
  await server.listen()
  t.after(() => server.close())
  return server
}

function run(t: TestContext, server: Server, config: Partial<KismetConfig> = {}, options: RunOptions = {}): Run {
  const started = new Run({ address: server.address, ...config }, options).start()
  t.after(() => started.stop())
  return started
}

const client = (more: Row = {}): Row => ({ bssid: AP, mac: STATION, type: 2, lasttime: NOW, llcpackets: 1, newpackets: 1, signal_dbm: -50, ...more })
const online = (one: Run): boolean => one.of('sensor.online').length > 0
/** Lets the pause before the next connection pass; from then on time stands still again. */
const reconnected = (input: Run, server: Server): Promise<void> => input.until(() => server.clients > 0, 100)
/** As many subscriptions as questions for fields. */
const ready = (server: Server): boolean => {
  const count = (command: string) => server.commands.filter((one) => one.startsWith(command)).length
  return count('ENABLE') > 0 && count('ENABLE') === count('CAPABILITY')
}
const pick = (events: readonly Got[], ...names: string[]) => events.map((event) => names.map((name) => event[`kismet.${name}`]))

test('the snapshot comes out, then each change once, typed', async (t) => {
  const server = await serve(t)
  server.set(
    'CLIENT',
    client({ manuf: 'Apple, Inc.', freqmhz: '2437:3*2462:1*', datasize: 3410, channel: 6, bestlat: 40.1235, bestlon: -74.6543, bestalt: 55 }),
  )
  server.tick()
  const input = run(t, server)
  await input.until(() => input.of('kismet.client').length === 1)
  const [first] = input.of('kismet.client')
  assert.equal(first['kismet.mac'], '2c:f0:a2:dd:bc:d0')
  assert.equal(first['kismet.bssid'], '00:0b:86:c2:a4:85')
  assert.equal(first['@timestamp'], new Date(NOW * 1000).toISOString().replace('.000', '.000000000'))
  assert.deepEqual(first['kismet.freq_mhz'], [2437, 2462])
  assert.deepEqual(first['kismet.freq_packets'], [3, 1])
  assert.deepEqual(first['kismet.location'], { lat: 40.1235, lon: -74.6543 })
  assert.equal(first['kismet.type_name'], 'wireless')
  assert.equal(first['kismet.maxsignal_dbm'], undefined)
  assert.equal(first['kismet.minlat'], undefined)
  assert.equal(first['event.kind'], 'state')
  assert.equal(first['observer.name'], 'pi')
  await input.until(() => ready(server))
  server.second()
  server.set('CLIENT', client({ lasttime: NOW + 1, llcpackets: 4, newpackets: 3 }))
  server.second()
  server.second()
  await input.until(() => input.of('kismet.client').length === 2)
  assert.deepEqual(pick(input.of('kismet.client'), 'llcpackets', 'newpackets'), [
    [1, 0],
    [4, 3],
  ])
  assert.deepEqual(input.rejected, [])
})

test('what was handed over is not repeated after a reconnect or a restart; what changed meanwhile comes with its gap', async (t) => {
  const server = await serve(t)
  for (let i = 0; i < 20; i++) server.set('CLIENT', client({ mac: `02:00:00:00:00:${(16 + i).toString(16)}`, lasttime: NOW - (i < 10 ? 100 : 0) }))
  server.tick()
  const first = run(t, server)
  await first.until(() => first.of('kismet.client').length === 20)
  await first.until(() => ready(server))
  server.second()
  server.cut()
  await first.until(() => first.of('sensor.offline').length === 1)
  server.set('CLIENT', client({ mac: '02:00:00:00:00:10', lasttime: NOW + 1, llcpackets: 9 }))
  await reconnected(first, server)
  await first.until(() => first.of('sensor.online').length === 2)
  await first.until(() => first.of('kismet.client').length === 21)
  await first.until(() => first.of('wherry.gap').length === 1)
  const [gap] = first.of('wherry.gap')
  assert.equal(gap['gap.stream'], 'records')
  assert.match(String(gap['gap.reason']), /last state/)
  server.second()
  server.push('STATUS', { text: 'here', flags: 2 })
  await first.until(() => first.of('kismet.status').length === 1)
  await first.stop()

  const second = run(t, server, {}, { positions: first.positions })
  await second.until(() => second.of('wherry.gap').length === 1)
  assert.deepEqual(second.of('kismet.client'), [])
  assert.equal(second.of('wherry.gap')[0]['gap.from'], new Date(NOW * 1000).toISOString().replace('.000', '.000000000'))
})

test('a server that was started again is another run: all is new, ids differ, the gap says so', async (t) => {
  const server = await serve(t)
  server.set('CLIENT', client())
  server.tick()
  const first = run(t, server)
  await first.until(() => first.of('kismet.client').length === 1)
  await server.terminate()
  await first.until(() => first.of('sensor.offline').length === 1)
  assert.equal(first.of('sensor.offline')[0]['kismet.server.reason'], 'Kismet server terminating.')
  server.start = NOW + 50
  server.clock.now = NOW + 57
  await server.listen()
  server.set('CLIENT', client())
  server.tick()
  await reconnected(first, server)
  await first.until(() => first.of('kismet.client').length === 2)
  const [one, two] = first.of('kismet.client')
  assert.notEqual(one['event.id'], two['event.id'])
  assert.equal(first.of('sensor.online')[1]['kismet.server.restarted'], true)
  // What the run before saw last, and what this one saw before it was asked.
  await first.until(() => first.of('wherry.gap').length === 2)
  const [before, since] = first.of('wherry.gap')
  assert.match(String(before['gap.reason']), /started again/)
  assert.match(String(since['gap.reason']), /nobody was reading/)
  assert.equal(since['gap.from'], before['gap.to'])
  assert.equal(since['gap.to'], new Date((NOW + 58) * 1000).toISOString().replace('.000', '.000000000'))
})

test('counts since the last push come out exactly once', async (t) => {
  const server = await serve(t)
  const fields = ['bssid', 'mac', 'lasttime', 'llcpackets', 'newpackets']
  // Five packets that have not been pushed yet: in the snapshot, and again in the next push.
  server.set('CLIENT', client({ llcpackets: 5, newpackets: 5 }))
  const input = run(t, server, { sentences: { CLIENT: fields } })
  await input.until(() => input.of('kismet.client').length === 1)
  server.set('CLIENT', client({ lasttime: NOW + 1, llcpackets: 7, newpackets: 2 }))
  server.second()
  await input.until(() => input.of('kismet.client').length === 2)
  assert.deepEqual(pick(input.of('kismet.client'), 'llcpackets', 'newpackets'), [
    [5, 5],
    [7, 2],
  ])
  // Again at a second connection, where the snapshot holds what nobody has counted; the push comes with the same record and is left out.
  server.set('CLIENT', client({ lasttime: NOW + 2, llcpackets: 10, newpackets: 3 }))
  server.cut()
  await input.until(() => input.of('sensor.offline').length === 1)
  await reconnected(input, server)
  await input.until(() => input.of('kismet.client').length === 3)
  server.second()
  server.set('CLIENT', client({ lasttime: NOW + 3, llcpackets: 11, newpackets: 1 }))
  server.second()
  await input.until(() => input.of('kismet.client').length === 4)
  const counts = pick(input.of('kismet.client'), 'llcpackets', 'newpackets') as number[][]
  assert.deepEqual(counts.slice(2), [
    [10, 0],
    [11, 4],
  ])
  assert.equal(
    counts.reduce((sum, [, fresh]) => sum + fresh, 0),
    11,
  )
  assert.equal(new Set(input.of('kismet.client').map((event) => event['event.id'])).size, 4)
})

test('exactly the fields that are wanted are subscribed, in order, without those that are broken', async (t) => {
  const server = await serve(t)
  const fields = 'bssid,mac,lasttime,type,llcpackets,datapackets,cryptpackets,signal_dbm,bestlat,bestlon,bestalt,channel,datasize,newpackets'
  run(t, server, { sentences: { client: fields.split(','), SSID: '*' } })
  const other = run(t, server, { sentences: { CLIENT: ['manuf'] } })
  await other.until(() => server.commands.filter((command) => command.startsWith('ENABLE')).length === 3)
  assert.ok(server.commands.includes(`ENABLE CLIENT ${fields}`))
  assert.ok(server.commands.includes('ENABLE CLIENT manuf,bssid,mac,lasttime,llcpackets,datapackets,cryptpackets,datasize'))
  const [ssid] = server.commands.filter((command) => command.startsWith('ENABLE SSID'))
  assert.ok(ssid.endsWith(',beacons,dot11d'), ssid)
})

test('what is misspelt in sentences is said with what there is; the protocol itself cannot be subscribed', async (t) => {
  const server = await serve(t)
  const input = run(t, server, { sentences: { CLIENT: ['bssid', 'signal_dmb', 'dot11d'], CLEINT: '*', TIME: '*' } })
  await input.until(() => ready(server))
  await input.until(() => input.logs.length === 3)
  const said = input.logs.join('\n')
  assert.match(said, /no sentence CLEINT; it has .*CLIENT/)
  assert.match(said, /CLIENT has no field signal_dmb; it has .*signal_dbm/)
  assert.match(said, /CLIENT is read without dot11d/)
  assert.ok(server.commands.every((command) => !command.includes('TIME')))
})

test('another service on the port is said at once', async (t) => {
  const other = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.write('SSH-2.0-OpenSSH_9.6\r\n')
  })
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  t.after(() => other.close())
  const input = new Run({ address: `127.0.0.1:${(other.address() as { port: number }).port}` }).start()
  t.after(() => input.stop())
  await input.until(() => input.of('sensor.offline').length === 1)
  assert.match(String(input.of('sensor.offline')[0]['kismet.server.reason']), /not as Kismet/)
})

test('the id says which state of which thing it is, not what was asked for or when it came', async (t) => {
  const server = await serve(t)
  server.set('CLIENT', client())
  server.tick()
  const all = run(t, server)
  const few = run(t, server, { sentences: { CLIENT: ['mac', 'signal_dbm'] } })
  await all.until(() => all.of('kismet.client').length === 1)
  await few.until(() => few.of('kismet.client').length === 1)
  assert.equal(all.of('kismet.client')[0]['event.id'], few.of('kismet.client')[0]['event.id'])
})

test('alerts and tags of the backlog are not repeated; equal messages are two', async (t) => {
  const server = await serve(t)
  const alert = { sec: NOW - 10, usec: 721139, header: 'APSPOOF', bssid: AP, source: STATION, dest: AP, channel: 6, text: 'spoofed' }
  server.alert(alert)
  server.set('NETTAG', { bssid: AP, tag: 'my tag', value: 'some value' })
  const first = run(t, server)
  await first.until(() => first.of('kismet.alert').length === 1 && first.of('kismet.nettag').length === 1)
  await first.until(() => ready(server))
  server.push('STATUS', { text: 'twice', flags: 2 })
  server.push('STATUS', { text: 'twice', flags: 2 })
  await first.until(() => first.of('kismet.status').length === 2)
  const [one, two] = first.of('kismet.status')
  assert.notEqual(one['event.id'], two['event.id'])
  assert.equal(first.of('kismet.alert')[0]['@timestamp'], `${new Date((NOW - 10) * 1000).toISOString().slice(0, 19)}.721139000Z`)
  assert.equal(first.of('kismet.alert')[0]['event.kind'], 'alert')
  assert.equal(first.of('kismet.alert')[0]['kismet.other'], undefined)
  assert.equal(first.of('kismet.nettag')[0]['kismet.value'], 'some value')
  server.cut()
  await first.until(() => first.of('sensor.offline').length === 1)
  await reconnected(first, server)
  await first.until(() => first.of('sensor.online').length === 2)
  await first.until(() => first.of('wherry.gap').length === 1)
  await first.stop()
  const second = run(t, server, {}, { positions: first.positions })
  await second.until(() => second.of('wherry.gap').length === 1)
  for (const one of [first, second]) assert.ok(one.of('kismet.alert').length + one.of('kismet.nettag').length <= 2)
  assert.deepEqual(second.of('kismet.alert'), [])
  assert.deepEqual(second.of('kismet.nettag'), [])
})

test('half lines, garbage and lines that are too long are counted, all others go on', async (t) => {
  const server = await serve(t)
  const input = run(t, server, { sentences: { CLIENT: ['bssid', 'mac', 'lasttime', 'newpackets'] } }, { max_record_bytes: 800 })
  await input.until(() => ready(server) && online(input))
  const tail = `${NOW} 1 0 0 0 0 \n`
  server.raw(`*CLIENT: ${AP} ${STATION} ${NOW}\n`)
  server.raw(`*CLIENT: ${AP} \x01${STATION} ${tail}`)
  server.raw('rubbish\n*CLIE')
  server.raw(`NT: ${AP} ${STATION} ${NOW} 1 1 0 0 0 \n`)
  server.raw(`*CLIENT: ${'x'.repeat(1000)}\n\n*CLIENT: ${AP} 00:00:00:00:00:01 ${NOW} 1 1 0 0 0 \n`)
  await input.until(() => input.of('kismet.client').length === 2)
  assert.deepEqual(input.rejected, ['CLIENT: 3 fields instead of 8', 'CLIENT: a quote is not closed', 'not a sentence of the legacy protocol'])
  assert.deepEqual(input.skipped, ['records 1009 longer than max_record_bytes'])
})

test('an SSID of any bytes: text only when it is UTF-8, its bytes always', async (t) => {
  const server = await serve(t)
  server.set('SSID', { mac: AP, checksum: 1, type: 0, ssid: '\\262\\342\\312\\324', cryptset: 2097858, lasttime: NOW, packets: 1 })
  server.set('SSID', { mac: AP, checksum: 2, type: 0, ssid: 'caf\\303\\251', cryptset: 0, lasttime: NOW, packets: 1 })
  server.set('SSID', { mac: AP, checksum: 3, type: 2, ssid: '', lasttime: NOW, packets: 1 })
  const input = run(t, server)
  await input.until(() => input.of('kismet.ssid').length === 3)
  assert.deepEqual(pick(input.of('kismet.ssid'), 'ssid', 'ssid_hex', 'ssid_raw', 'type_name'), [
    [undefined, 'b2e2cad4', '\\262\\342\\312\\324', 'beacon'],
    ['café', '636166c3a9', 'caf\\303\\251', 'beacon'],
    [undefined, undefined, undefined, 'probe request'],
  ])
  assert.deepEqual(pick(input.of('kismet.ssid'), 'crypt'), [[['WPA', 'PSK', 'AES-CCM', 'WPA version 2']], [['none']], [['none']]])
})

test('a full server closes before a word, which is said once, and tried again', async (t) => {
  const server = await serve(t, { clients: 0 })
  const input = run(t, server)
  await input.until(() => input.of('sensor.offline').length === 1)
  assert.match(String(input.of('sensor.offline')[0]['kismet.server.reason']), /too many clients/)
  await input.until(() => input.clock.now() > (NOW + 300) * 1000, 1000)
  assert.equal(input.of('sensor.offline').length, 1)
})

test('a dead link is noticed when TIME stays away', async (t) => {
  const server = await serve(t)
  const input = run(t, server)
  await input.until(() => ready(server))
  await input.until(() => input.of('sensor.offline').length === 1, 200)
  assert.match(String(input.of('sensor.offline')[0]['kismet.server.reason']), /no line for/)
})

test('sources that fail and frames that stay away become events with the likely cause', async (t) => {
  const server = await serve(t)
  const source = (error: number): Row => ({
    interface: 'wlan0',
    type: 'linux',
    uuid: 'u-1',
    hop: 0,
    channel: 6,
    packets: 7,
    error,
    warning: error ? 'gone' : '',
  })
  const input = run(t, server, { silent_s: 5 })
  await input.until(() => ready(server))
  server.push('SOURCE', source(0))
  server.push('INFO', { packets: 7 })
  await input.until(() => input.of('kismet.source').length === 1 && input.of('kismet.info').length === 1)
  for (let i = 0; i < 8; i++) {
    input.clock.advance(1000)
    server.second()
    await input.until(() => input.clock.sleepers > 0)
  }
  await input.until(() => input.of('sensor.silent').length === 1)
  assert.match(String(input.of('sensor.silent')[0]['kismet.server.reason']), /wlan0 stays on channel 6/)
  server.push('SOURCE', source(1))
  server.push('INFO', { packets: 8 })
  await input.until(() => input.of('source.error').length === 1 && input.of('sensor.heard').length === 1)
  assert.equal(input.of('source.error')[0]['kismet.warning'], 'gone')
  server.push('SOURCE', source(0))
  await input.until(() => input.of('source.ok').length === 1)
})

test('sentences of plugins are read by the names the server gives', async (t) => {
  const server = await serve(t, { plugins: { DRONE: ['one', 'two'] } })
  const input = run(t, server)
  await input.until(() => server.commands.some((command) => command === 'ENABLE DRONE one,two'))
  server.push('DRONE', { one: 'x', two: 2 })
  await input.until(() => input.of('kismet.drone').length === 1)
  assert.deepEqual(input.of('kismet.drone')[0]['kismet.values'], ['one=x', 'two=2'])
})

test('a server that has more than it can send at once drops the rest and its answer: that is said, and reading goes on', async (t) => {
  const server = await serve(t)
  const address = (n: number) => `02:00:00:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`.toUpperCase()
  for (let n = 0; n < 8000; n++) server.set('CLIENT', client({ mac: address(n), newpackets: 0 }))
  server.set('BSSID', { bssid: AP, lasttime: NOW })
  server.tick()
  const input = run(t, server)
  await input.until(() => input.of('kismet.client').length > 5000)
  assert.ok(server.dropped > 2000)
  assert.equal(input.of('kismet.bssid').length, 1)
  // What is pushed before it is known that the answer was dropped is counted as a push, once.
  const last = address(4000)
  for (let i = 0; i < 7 && !ready(server); i++) {
    if (i > 0) server.set('CLIENT', client({ mac: last, llcpackets: 10 + i, newpackets: 1 }))
    server.second()
    await new Promise<void>((resolve) => setTimeout(resolve, 20))
  }
  await input.until(() => ready(server) && input.of('wherry.gap').length === 1)
  assert.match(String(input.of('wherry.gap')[0]['gap.reason']), /dropped the rest of what it has of CLIENT/)
  const pushed = pick(
    input.of('kismet.client').filter((event) => event['kismet.mac'] === last.toLowerCase()),
    'newpackets',
  ).flat()
  assert.equal(
    pushed.reduce<number>((sum, count) => sum + Number(count), 0),
    pushed.length - 1,
  )
  server.set('CLIENT', client({ mac: address(7999), llcpackets: 9, newpackets: 2 }))
  server.second()
  await input.until(() => pick(input.of('kismet.client'), 'llcpackets', 'newpackets').some(([total, fresh]) => total === 9 && fresh === 2))
})

test('once: the snapshot, then the end', async (t) => {
  const server = await serve(t)
  server.set('BSSID', { bssid: AP, lasttime: NOW, datasize: '5000000000' })
  const input = run(t, server, {}, { once: true })
  await input.until(() => input.done)
  assert.equal(input.of('kismet.bssid')[0]['kismet.datasize'], 5_000_000_000)
  await input.until(() => server.clients === 0)
})

test('while nobody asks, the socket is read until the backlog is full, and what is lost then is said', async (t) => {
  const server = await serve(t)
  const input = run(t, server, { sentences: { STATUS: '*' } }, { batches: 1 })
  await input.until(() => input.batches === 1 && ready(server))
  const text = 'x'.repeat(900)
  const lines = Buffer.concat(Array.from({ length: 1000 }, (_, i) => Buffer.from(`*STATUS: \x01${i} ${text}\x01 2 \n`))).toString('latin1')
  for (let i = 0; i < 12; i++) {
    server.raw(lines)
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  // 12 MB are below the limit: all of it is taken in though nobody asks, and the server has dropped nothing.
  assert.equal(server.dropped, 0)
  assert.equal(input.of('kismet.status').length, 0)
})
