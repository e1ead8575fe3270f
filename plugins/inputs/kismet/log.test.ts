/** Logs of Kismet, written by SQLite itself. */
import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import sqlite from 'node-sqlite3-wasm'
import { Event } from '../../../core/event/event.ts'
import { streamKey } from '../../../core/event/id.ts'
import { CaptureCutter } from '../../../core/formats/capture.ts'
import { captureIdentity } from '../../../core/formats/capture-identity.ts'
import { pcapHeader, pcapRecord } from '../../../core/formats/pcap-write.ts'
import { pureContext } from '../../../core/route/context.ts'
import { pipelineFields } from '../../../core/route/fields.ts'
import { ModernServer } from '../../../test/peers/kismet-modern/server.ts'
import pcap from '../pcap/index.ts'
import { OpenLog } from './log/open.ts'
import { type Got, NOW, Run, type RunOptions } from './testing.ts'

const START = NOW - 5000
const BASE = 'kismet.device.base.'

/** As of version 9, without what is not looked at. */
const SCHEMA = `
  CREATE TABLE KISMET (kismet_version TEXT, db_version INT, db_module TEXT);
  CREATE TABLE devices (first_time INT, last_time INT, devkey TEXT, phyname TEXT, devmac TEXT, strongest_signal INT, min_lat REAL, bytes_data INT, type TEXT, device BLOB, UNIQUE(phyname, devmac) ON CONFLICT REPLACE);
  CREATE TABLE packets (ts_sec INT, ts_usec INT, phyname TEXT, sourcemac TEXT, frequency REAL, packet_len INT, signal INT, datasource TEXT, dlt INT, packet BLOB, error INT, packet_full_len INT);
  CREATE TABLE alerts (ts_sec INT, ts_usec INT, phyname TEXT, devmac TEXT, lat REAL, lon REAL, header TEXT, json BLOB);
  CREATE TABLE snapshots (ts_sec INT, ts_usec INT, lat REAL, lon REAL, snaptype TEXT, json BLOB);`

const device = (n: number, total: number) => ({
  [`${BASE}key`]: `4202770D00000000_${n}`,
  [`${BASE}macaddr`]: `02:00:00:00:00:0${n}`,
  [`${BASE}mod_time`]: NOW + n,
  [`${BASE}last_time`]: NOW + n,
  [`${BASE}packets.total`]: total,
  [`${BASE}signal`]: { 'kismet.common.signal.last_signal': -50 - n },
})
const ALERT = { 'kismet.alert.header': 'DEAUTHFLOOD', 'kismet.alert.timestamp': NOW + 0.25, 'kismet.alert.text': 'flood' }
const packet = (n: number) => new Uint8Array(40 + n).fill(n).fill(0, 0, 8).fill(8, 2, 3)

class Log {
  readonly path: string
  readonly db: InstanceType<typeof sqlite.Database>

  constructor(t: TestContext) {
    const folder = mkdtempSync(join(tmpdir(), 'wherry-kismetdb-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    this.path = join(folder, 'lab.kismet')
    this.db = new sqlite.Database(this.path)
    this.db.exec(SCHEMA)
    this.db.run('INSERT INTO KISMET VALUES (?, ?, ?)', ['2025.09.0', 9, 'kismetlog'])
    const system = JSON.stringify({ 'kismet.system.timestamp.sec': NOW, 'kismet.system.timestamp.start_sec': START })
    this.db.run('INSERT INTO snapshots VALUES (?, 0, 0, 0, ?, ?)', [NOW, 'SYSTEM', Buffer.from(system)])
  }

  device(n: number, total: number): void {
    const { db } = this
    const json = Buffer.from(JSON.stringify(device(n, total)))
    db.run('INSERT INTO devices VALUES (?, ?, ?, ?, ?, -50, 0, 0, ?, ?)', [
      NOW,
      NOW + n,
      `4202770D00000000_${n}`,
      'IEEE802.11',
      `02:00:00:00:00:0${n}`,
      'Wi-Fi AP',
      json,
    ])
  }

  alert(): void {
    this.db.run('INSERT INTO alerts VALUES (?, 250000, ?, ?, 0, 0, ?, ?)', [
      NOW,
      'IEEE802.11',
      '00:00:00:00:00:00',
      'DEAUTHFLOOD',
      Buffer.from(JSON.stringify(ALERT)),
    ])
  }

  packet(n: number, dlt = 127): void {
    const bytes = packet(n)
    this.db.run('INSERT INTO packets VALUES (?, ?, ?, ?, 2437000, ?, -50, ?, ?, ?, 0, ?)', [
      NOW + n,
      n,
      'IEEE802.11',
      '02:00:00:00:00:01',
      bytes.length,
      'u',
      dlt,
      bytes,
      bytes.length + 4,
    ])
  }
}

async function read(t: TestContext, path: string, options: RunOptions = {}, frames: 'all' | 'none' = 'all'): Promise<Run> {
  const input = new Run({ log: path, frames } as never, { once: true, ...options }).start()
  t.after(() => input.stop())
  await input.until(() => input.done)
  return input
}

test('devices and alerts come as from the running Kismet, under the same ids', async (t) => {
  const log = new Log(t)
  log.device(1, 3)
  log.device(2, 4)
  log.alert()
  log.db.close()
  const server = new ModernServer({ start: START, now: () => NOW + 10, deaf: true })
  for (const n of [1, 2]) server.change(device(n, n + 2))
  server.alert(ALERT)
  await server.listen()
  t.after(() => server.close())
  const live = new Run({ address: server.address, generation: 'modern' }, { once: true }).start()
  await live.until(() => live.done)
  const input = await read(t, log.path)
  assert.equal(input.got.length, 3)
  for (const dataset of ['kismet.device', 'kismet.alert']) {
    // What only a running one knows: how many packets are new.
    assert.deepEqual(
      input.of(dataset),
      live.of(dataset).map(({ 'kismet.newpackets': _, ...rest }) => rest),
    )
  }
  assert.equal(input.of('kismet.device')[1]['kismet.signal_dbm'], -52)
})

test('packets come as from a capture file, of any link type', async (t) => {
  const log = new Log(t)
  for (const n of [1, 2, 3]) log.packet(n)
  log.packet(4, 105)
  log.packet(5)
  log.db.close()
  const input = await read(t, log.path)
  const frames = input.of('wifi.frame')
  assert.deepEqual(
    frames.map((one) => [one['frame.number'], one['frame.cap_len'], one['frame.len']]),
    [1, 2, 3, 4, 5].map((n) => [n, 40 + n, 44 + n]),
  )
  assert.deepEqual(frames.slice(0, 3), fromFile([1, 2, 3]))
})

test('a copy under another name gives the same; what was read is not read again, what Kismet added is', async (t) => {
  const log = new Log(t)
  log.device(1, 3)
  log.packet(1)
  const first = await read(t, log.path)
  log.device(1, 9)
  log.packet(2)
  log.db.close()
  renameSync(log.path, `${log.path}.old`)
  const whole = await read(t, `${log.path}.old`)
  const second = await read(t, `${log.path}.old`, { positions: first.positions })
  const ids = (events: readonly Got[]) => events.map((event) => event['event.id'])
  assert.deepEqual(
    ids(second.got),
    ids(whole.got).filter((id) => !ids(first.got).includes(id)),
  )
  assert.equal(second.of('kismet.device')[0]['kismet.packets'], 9)
  assert.equal(second.of('wifi.frame')[0]['frame.number'], 2)
  assert.deepEqual((await read(t, `${log.path}.old`, { positions: second.positions })).got, [])
})

test('a log that is changed while it is read is noticed', async (t) => {
  const log = new Log(t)
  log.packet(1)
  const file = new OpenLog(log.path)
  file.check()
  log.packet(2)
  assert.throws(() => file.check(), /being written/)
  file.close()
  log.db.close()
})

test('what cannot be read is said', async (t) => {
  const log = new Log(t)
  log.device(1, 3)
  log.db.close()
  writeFileSync(`${log.path}-journal`, 'x')
  assert.match((await read(t, log.path)).logs.join(), /being written, or its Kismet was killed.*kismetdb_clean/)
  for (const [path, words] of [
    [join(log.path, '..', 'no.kismet'), /no\.kismet/],
    [import.meta.filename, /not an SQLite database/],
  ] as const)
    assert.match(await read(t, path).then((input) => input.logs.join()), words)
})

test('the capture reader says where a log goes', () => {
  const cutter = new CaptureCutter({ maxRecord: 1000, statistics: false })
  const begin = Buffer.from('SQLite format 3\0')
  cutter.cut(begin, 0, begin.length, 1)
  assert.match(cutter.reason, /input kismet, with log/)
})

function fromFile(numbers: readonly number[]): Got[] {
  const config = { statistics: false, path: 'x' } as never
  const event = new Event(pipelineFields([{ name: 'air', plugin: pcap, config }]))
  const records = numbers.map((n) => pcapRecord(packet(n), NOW + n, n * 1000, { original: 44 + n }))
  const data = Buffer.concat([pcapHeader(127), ...records])
  const key = streamKey('sensor', captureIdentity(data.subarray(0, 24 + records[0].length)))
  const events: Got[] = []
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
