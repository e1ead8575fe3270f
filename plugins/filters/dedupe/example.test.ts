/** The example does what it says, with the program itself. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { packageRoot } from '../../../core/config/root.ts'
import { interfaceBlock, packetBlock, sectionBlock } from '../../../core/formats/pcapng-write.ts'
import { program } from '../../../test/program.ts'
import { LINK } from '../ieee80211/link.ts'
import { AP, ascii, beacon, bytesOf, element, mac, OTHER, radiotap } from '../ieee80211/testing.ts'

const MINUTES = 5
/** Between beacons, in microseconds. */
const PERIOD = 102_400

interface Line {
  readonly frame: { readonly interface_id: number }
  readonly wlan: { readonly bssid: string; readonly ssid: string; readonly seq: number }
  readonly wlan_radio: { readonly signal_dbm: number }
  readonly dedupe: { readonly copies: number }
  readonly asset?: { readonly owner: string }
}

/** Two networks, one heard by both sensors, the yard's with 20 dB more and 300 µs later; one heard by the roof alone. */
function relayed(): Uint8Array {
  const blocks = [sectionBlock(false), ...['roof', 'yard'].map((name) => interfaceBlock({ linkType: LINK.radiotap, name }, false))]
  const heard = (sensor: number, time: number, dbm: number, bssid: string, seq: number, ssid: string): void => {
    const frame = beacon(element(0, ascii(ssid)))
    frame.set(mac(bssid), 10)
    frame.set(mac(bssid), 16)
    frame.set([(seq << 4) & 0xff, (seq >> 4) & 0xff], 22)
    const packet = bytesOf(radiotap([{ bit: 5, align: 1, bytes: [dbm & 0xff] }]), frame)
    blocks.push(packetBlock({ interface: sensor, time: BigInt(1_700_000_000_000_000 + time), packet }, false))
  }
  for (let i = 0; i * PERIOD < MINUTES * 60e6; i++) {
    heard(0, i * PERIOD, -70, AP, i % 4096, 'ours')
    heard(1, i * PERIOD + 300, -50, AP, i % 4096, 'ours')
    heard(0, i * PERIOD + 900, -80, OTHER, i % 4096, 'theirs')
  }
  return bytesOf(...blocks)
}

test('examples/relay-dedupe.yml writes each frame once, as it was heard best, beacons once a minute, and who owns the network', {
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wherry-relay-'))
  try {
    await mkdir(join(folder, 'relay'))
    await writeFile(join(folder, 'relay', 'air.pcapng'), relayed())
    await writeFile(join(folder, 'assets.csv'), `bssid,owner\n${AP.toUpperCase()},IT\n`)
    await writeFile(join(folder, 'shipper.yml'), await readFile(new URL('examples/relay-dedupe.yml', packageRoot()), 'utf8'))
    await promisify(execFile)(process.execPath, [program, 'run', '--once'], { cwd: folder })
    const lines = async (name: string) =>
      (await readFile(join(folder, 'archive', `${name}.ndjson`), 'utf8'))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Line)
    const all = await lines('frames')
    const strangers = await lines('strangers')
    const ours = all.filter(({ wlan }) => wlan.bssid === AP)
    assert.equal(ours.length, MINUTES)
    for (const { frame, wlan, wlan_radio, dedupe, asset } of ours)
      assert.deepEqual([frame.interface_id, wlan.ssid, wlan_radio.signal_dbm, dedupe.copies, asset?.owner], [1, 'ours', -50, 2, 'IT'])
    assert.equal(strangers.length, MINUTES)
    for (const { frame, wlan, dedupe, asset } of strangers)
      assert.deepEqual([frame.interface_id, wlan.bssid, dedupe.copies, asset], [0, OTHER, 1, undefined])
    assert.equal(all.length, ours.length + strangers.length)
  } finally {
    await rm(folder, { recursive: true })
  }
})
