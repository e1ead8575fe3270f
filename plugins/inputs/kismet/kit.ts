/** Servers for the kit of contract tests. */
import { join } from 'node:path'
import sqlite from 'node-sqlite3-wasm'
import type { Sample } from '../../../test/kit/index.ts'
import { LegacyServer } from '../../../test/peers/kismet-legacy/server.ts'
import { ModernServer } from '../../../test/peers/kismet-modern/server.ts'

const NOW = Date.UTC(2026, 10, 23, 10) / 1000

const address = (n: number) =>
  `02:00:00:00:${(n >> 8).toString(16).padStart(2, '0').toUpperCase()}:${(n & 255).toString(16).padStart(2, '0').toUpperCase()}`

export default {
  cases: [
    {
      name: 'a legacy server',
      replayable: false,
      prepare: async () => {
        const server = new LegacyServer({ start: NOW - 100, now: () => NOW })
        for (let n = 0; n < 3000; n++)
          server.set('CLIENT', {
            bssid: '00:0B:86:C2:A4:85',
            mac: address(n),
            lasttime: NOW - n,
            llcpackets: n,
            manuf: 'Some, Inc.',
            freqmhz: '2437:1*',
          })
        server.set('SSID', { mac: '00:0B:86:C2:A4:85', checksum: 1, type: 0, ssid: 'caf\\303\\251', cryptset: 2097858, lasttime: NOW, packets: 3 })
        await server.listen()
        return { config: { address: server.address, generation: 'legacy' }, close: () => server.close() }
      },
    },
    {
      name: 'a log',
      prepare: async (folder) => {
        const path = join(folder, 'lab.kismet')
        const db = new sqlite.Database(path)
        db.exec('CREATE TABLE KISMET (db_version INT); CREATE TABLE devices (last_time INT, devkey TEXT, device BLOB)')
        db.exec('CREATE TABLE packets (ts_sec INT, ts_usec INT, dlt INT, packet BLOB); BEGIN')
        for (let n = 0; n < 300; n++) {
          const record = { 'kismet.device.base.key': `k_${n}`, 'kismet.device.base.mod_time': NOW, 'kismet.device.base.packets.total': n }
          db.run('INSERT INTO devices VALUES (?, ?, ?)', [NOW, `k_${n}`, Buffer.from(JSON.stringify(record))])
          db.run('INSERT INTO packets VALUES (?, ?, ?, ?)', [NOW, n, n % 100 < 90 ? 127 : 105, new Uint8Array(20 + n).fill(n)])
        }
        db.exec('COMMIT')
        db.close()
        return { config: { log: path, frames: 'all' } }
      },
    },
    {
      name: 'a modern server',
      replayable: false,
      prepare: async () => {
        const server = new ModernServer({ start: NOW - 100, now: () => NOW, token: 't' })
        for (let n = 0; n < 1000; n++)
          server.change({
            'kismet.device.base.key': `k_${n}`,
            'kismet.device.base.macaddr': address(n),
            'kismet.device.base.last_time': NOW - n,
            'kismet.device.base.packets.total': n,
            'kismet.device.base.frequency': 2437000,
          })
        server.message('hello')
        server.alert({ 'kismet.alert.header': 'X', 'kismet.alert.timestamp': NOW + 0.5, 'kismet.alert.text': 'y' })
        await server.listen()
        return { config: { address: server.address, generation: 'modern', token: 't' }, close: () => server.close() }
      },
    },
  ],
} satisfies Sample
