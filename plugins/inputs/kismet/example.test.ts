/** The examples that need no other server: from a scripted Kismet, and from a log, to lines of files. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import sqlite from 'node-sqlite3-wasm'
import { loadConfigText } from '../../../core/config/load.ts'
import { packageRoot } from '../../../core/config/root.ts'
import { Shipper } from '../../../core/shipper.ts'
import { LegacyServer } from '../../../test/peers/kismet-legacy/server.ts'
import { memoryLog } from '../../../test/plugins/config.ts'

test('the 14 values of the stream rpi_kismet_stream_in, in order and typed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wherry-kismet-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const server = await new LegacyServer({ start: 1_795_462_415 }).listen()
  t.after(() => server.close())
  server.set('CLIENT', {
    bssid: 'B0:B9:8A:56:8D:EA',
    mac: '2C:F0:A2:DD:BC:D0',
    lasttime: 1_795_462_416,
    type: 5,
    llcpackets: 4,
    datapackets: 39,
    cryptpackets: 21,
    signal_dbm: -51,
    bestlat: 40.1235,
    bestlon: -74.6543,
    bestalt: 55,
    channel: 6,
    datasize: 3410,
    newpackets: 64,
  })
  // As in the transcript: without radio header there is neither signal nor position, and no channel.
  server.set('CLIENT', {
    bssid: 'B0:B9:8A:56:8D:EA',
    mac: 'B0:B9:8A:56:8D:E8',
    lasttime: 1_795_462_415,
    type: 1,
    datapackets: 28,
    cryptpackets: 28,
    datasize: 3096,
  })
  const file = new URL('examples/kismet-2016.yml', packageRoot())
  const text = readFileSync(file, 'utf8').replace('127.0.0.1:2501', server.address).replaceAll('./data/kismet-2016', folder)
  const { config, problems } = await loadConfigText('kismet-2016.yml', text, folder, { env: {}, once: true })
  assert.ok(config, problems.map(({ message }) => message).join('; '))
  await new Shipper({ config, log: memoryLog(), once: true }).run(new AbortController().signal)
  const lines = readFileSync(join(folder, 'rpi_kismet_stream_in.ndjson'), 'utf8').trim().split('\n')
  const values = lines.map((line) => {
    const { '@timestamp': time, event, observer, ...rest } = JSON.parse(line)
    assert.ok(time && event.id && observer.name === 'rpi')
    return Object.entries(rest)
  })
  assert.deepEqual(values, [
    [
      ['bssid', 'b0:b9:8a:56:8d:ea'],
      ['mac', '2c:f0:a2:dd:bc:d0'],
      ['lasttime', 1_795_462_416],
      ['type', 5],
      ['llcpackets', 4],
      ['datapackets', 39],
      ['cryptpackets', 21],
      ['signal_dbm', -51],
      ['bestlat', 40.1235],
      ['bestlon', -74.6543],
      ['bestalt', 55],
      ['channel', 6],
      ['datasize', 3410],
      ['newpackets', 64],
    ],
    [
      ['bssid', 'b0:b9:8a:56:8d:ea'],
      ['mac', 'b0:b9:8a:56:8d:e8'],
      ['lasttime', 1_795_462_415],
      ['type', 1],
      ['llcpackets', 0],
      ['datapackets', 28],
      ['cryptpackets', 28],
      ['datasize', 3096],
      ['newpackets', 0],
    ],
  ])
})

test('a log gives devices and decoded frames', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wherry-kismet-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'lab.kismet')
  const db = new sqlite.Database(path)
  db.exec('CREATE TABLE KISMET (db_version INT); CREATE TABLE devices (last_time INT, devkey TEXT, device BLOB)')
  db.exec('CREATE TABLE packets (ts_sec INT, ts_usec INT, dlt INT, packet BLOB)')
  const device = { 'kismet.device.base.key': 'k_1', 'kismet.device.base.macaddr': '02:00:00:00:00:01', 'kismet.device.base.mod_time': 1_795_462_416 }
  db.run('INSERT INTO devices VALUES (?, ?, ?)', [1_795_462_416, 'k_1', Buffer.from(JSON.stringify(device))])
  // A radiotap header without fields, and an acknowledgement.
  const frame = Uint8Array.of(0, 0, 8, 0, 0, 0, 0, 0, 0xd4, 0, 0, 0, 2, 0, 0, 0, 0, 1)
  db.run('INSERT INTO packets VALUES (?, ?, ?, ?)', [1_795_462_417, 5, 127, frame])
  db.close()
  const text = readFileSync(new URL('examples/kismet-log.yml', packageRoot()), 'utf8').replaceAll('./data/kismet-log', folder)
  const { config, problems } = await loadConfigText('kismet-log.yml', text, folder, { env: { KISMET_LOG: path }, once: true })
  assert.ok(config, problems.map(({ message }) => message).join('; '))
  await new Shipper({ config, log: memoryLog(), once: true }).run(new AbortController().signal)
  const only = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'))
  assert.equal(only('devices.ndjson').kismet.mac, '02:00:00:00:00:01')
  const { frame: about, wlan } = only('frames.ndjson')
  assert.deepEqual([about.len, wlan.fc.name, wlan.ra], [18, 'Ack', '02:00:00:00:00:01'])
})
