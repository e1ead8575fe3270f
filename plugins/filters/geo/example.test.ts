/** The example does what it says, with the program itself, on a drive with positions in PPI headers. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { packageRoot } from '../../../core/config/root.ts'
import { pcapHeader, pcapRecord } from '../../../core/formats/pcap-write.ts'
import { program } from '../../../test/program.ts'

/** LINKTYPE_PPI: a header of its own in front, which can hold a position. */
const PPI = 192
const SECONDS = 1_735_689_600

/** A frame with PPI's header: a GPS field with latitude and longitude, the common field with channel and signal. */
function packet(lat: number, lon: number, signal: number, frame: Buffer): Buffer {
  const gps = Buffer.alloc(8 + 8)
  gps[0] = 2
  gps.writeUInt16LE(16, 2)
  gps.writeUInt32LE(0x6, 4)
  gps.writeUInt32LE(Math.round((lat + 180) * 1e7), 8)
  gps.writeUInt32LE(Math.round((lon + 180) * 1e7), 12)
  const common = Buffer.alloc(20)
  common.writeUInt16LE(2, 10)
  common.writeUInt16LE(2412, 12)
  common.writeInt8(signal, 18)
  common.writeInt8(-95, 19)
  const field = (type: number, data: Buffer) => Buffer.concat([Buffer.from([type & 255, type >> 8, data.length, 0]), data])
  const fields = Buffer.concat([field(30002, gps), field(2, common)])
  const head = Buffer.from([0, 0, 0, 0, 105, 0, 0, 0])
  head.writeUInt16LE(8 + fields.length, 2)
  return Buffer.concat([head, fields, frame])
}

function beacon(network: number): Buffer {
  const address = [0x00, 0x1b, 0x63, 0, 0, network]
  const name = Buffer.from(`net ${network}`)
  const fixed = [0, 0, 0, 0, 0, 0, 0, 0, 100, 0, 0x11, 0]
  return Buffer.from([0x80, 0, 0, 0, 255, 255, 255, 255, 255, 255, ...address, ...address, 0, 0, ...fixed, 0, name.length, ...name, 3, 1, 1])
}

interface Line {
  readonly wlan: {
    readonly bssid: string
    readonly bssid_vendor: string
    readonly ssid: string
    readonly geo: { readonly location: object; readonly signal_dbm: number }
  }
  readonly wlan_radio: { readonly signal_dbm: number }
  readonly observer: {
    readonly geo: { readonly location: object; readonly source: string; readonly country_iso_code: string; readonly geohash: string }
  }
}

test('examples/wardriving.yml writes networks with the places where they were heard, and heard best', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wherry-drive-'))
  try {
    const records: Uint8Array[] = [pcapHeader(PPI)]
    // Past ten networks, a hundred metres apart; each is strongest where it is.
    for (let step = 0; step < 200; step++) {
      const lat = 52 + step * 0.00005
      const network = Math.floor(step / 20)
      const signal = -50 - Math.abs((step % 20) - 10) * 2
      records.push(pcapRecord(packet(lat, 4.3, signal, beacon(network)), SECONDS + step, 0))
    }
    // No position, and no network.
    records.push(pcapRecord(packet(0, 0, -40, beacon(1)), SECONDS + 300, 0))
    records.push(pcapRecord(packet(52, 4.3, -40, Buffer.from([0xd4, 0, 0, 0, 1, 2, 3, 4, 5, 6])), SECONDS + 301, 0))
    await mkdir(join(folder, 'captures'))
    await writeFile(join(folder, 'captures', 'drive.pcap'), Buffer.concat(records))
    const file = join(folder, 'shipper.yml')
    const example = await readFile(new URL('examples/wardriving.yml', packageRoot()), 'utf8')
    await writeFile(file, example.replaceAll('./data/wardriving', join(folder, 'out')).replace('event, gpsd]', 'event]'))
    await promisify(execFile)(process.execPath, [program, 'run', '--once', '-c', file], {
      env: { ...process.env, CAPTURES: join(folder, 'captures/*.pcap') },
    })
    const [name] = (await readdir(join(folder, 'out'))).filter((each) => each.endsWith('.ndjson'))
    assert.equal(name, '2025-01-01.ndjson')
    const lines = (await readFile(join(folder, 'out', name), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
    assert.equal(lines.length, 200)
    for (const [step, { wlan, observer, wlan_radio }] of lines.entries()) {
      assert.equal(wlan.ssid, `net ${Math.floor(step / 20)}`)
      assert.match(wlan.bssid_vendor, /Apple/)
      assert.deepEqual([observer.geo.source, observer.geo.country_iso_code, observer.geo.geohash.length], ['event', 'NL', 8])
      assert.ok(wlan.geo.signal_dbm >= wlan_radio.signal_dbm)
    }
    const last = new Map(lines.map(({ wlan }) => [wlan.bssid, wlan.geo]))
    assert.equal(last.size, 10)
    for (const [i, { location, signal_dbm }] of [...last.values()].entries()) {
      assert.equal(signal_dbm, -50)
      const { lat } = location as { lat: number }
      assert.ok(Math.abs(lat - (52 + (i * 20 + 10) * 0.00005)) < 1e-6)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})
