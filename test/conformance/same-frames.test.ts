/** The same frames give the same events, whatever capture header and file format they come in. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { PCAP_RECORD_BYTES, pcapHeader, pcapRecord } from '../../core/formats/pcap-write.ts'
import { interfaceBlock, packetBlock, sectionBlock } from '../../core/formats/pcapng-write.ts'
import { capture } from '../../plugins/inputs/generate/write.ts'
import { FRAMINGS, type Framing, RADIO } from './capture-headers.ts'
import { comparableEvents, difference } from './mac-events.ts'

const FILE_HEADER = 24
const FCS = 4
const SECOND = 1_735_689_600

let folder = ''
/** Frames with their FCS. */
const frames: Buffer[] = []

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wherry-same-'))
  const pieces: Buffer[] = []
  // A piece is overwritten by the next one.
  for (const { bytes } of capture({ seed: 7, networks: 20, clients: 40, rate: 0, frames: 800, start_ms: SECOND * 1000 }))
    pieces.push(Buffer.from(bytes))
  const all = Buffer.concat(pieces)
  for (let at = FILE_HEADER; at < all.length; ) {
    const end = at + PCAP_RECORD_BYTES + all.readUInt32LE(at + 8)
    const packet = all.subarray(at + PCAP_RECORD_BYTES, end)
    frames.push(packet.subarray(packet.readUInt16LE(2)))
    at = end
  }
})

after(() => rm(folder, { recursive: true }))

function packetOf(frame: Uint8Array, { fcs, header }: Framing): Buffer {
  const kept = fcs ? frame : frame.subarray(0, -FCS)
  return Buffer.from([...header(kept.length), ...kept])
}

async function written(name: string, parts: readonly Uint8Array[]): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, Buffer.concat(parts))
  return file
}

function pcap(framing: Framing, of: readonly Uint8Array[] = frames): Promise<string> {
  const records = of.map((frame, i) => pcapRecord(packetOf(frame, framing), SECOND + i, i * 1000))
  return written(`${framing.name}.pcap`, [pcapHeader(framing.link), ...records])
}

test('under every capture header', async () => {
  const [bare, ...others] = FRAMINGS
  const expected = await comparableEvents(await pcap(bare), 'frames')
  assert.equal(expected.length, frames.length)
  assert.ok(expected.every((event) => event.includes('"type_subtype"')))
  for (const framing of others) assert.equal(difference(expected, await comparableEvents(await pcap(framing), 'frames')), undefined, framing.name)
})

test('and the comparison sees a single bit', async () => {
  const [bare] = FRAMINGS
  const one = frames.slice(0, 3)
  const other = one.map((frame) => Buffer.from(frame))
  other[1][4] ^= 2
  const [expected, actual] = [await comparableEvents(await pcap(bare, one), 'frames'), await comparableEvents(await pcap(bare, other), 'frames')]
  assert.match(difference(expected, actual) ?? '', /^event 2:/)
  assert.match(difference(expected, actual.slice(1)) ?? '', /^3 and 2 events/)
})

test('every header says the same of the radio', async () => {
  for (const framing of FRAMINGS) {
    const [event] = await comparableEvents(await pcap(framing, frames.slice(0, 1)), 'records')
    const { wlan_radio: radio } = JSON.parse(event) as { wlan_radio?: Record<string, unknown> }
    if (!framing.radio) assert.equal(radio, undefined, framing.name)
    else assert.deepEqual(Object.fromEntries(Object.keys(RADIO).map((key) => [key, radio?.[key]])), RADIO, framing.name)
  }
})

test('in pcap and pcapng, in both byte orders, to the nanosecond or microsecond', async () => {
  const framing = FRAMINGS[2]
  const packets = frames.slice(0, 300).map((frame) => packetOf(frame, framing))
  const expected = await comparableEvents(await pcap(framing, frames.slice(0, 300)), 'records')
  for (const bigEndian of [false, true]) {
    for (const nanos of [false, true]) {
      const records = packets.map((packet, i) => pcapRecord(packet, SECOND + i, i * 1000, { nanos, bigEndian }))
      const plain = await written('other.pcap', [pcapHeader(framing.link, { nanos, bigEndian }), ...records])
      assert.equal(difference(expected, await comparableEvents(plain, 'records')), undefined)
      const units = nanos ? 1_000_000_000n : 1_000_000n
      const blocks = packets.map((packet, i) =>
        packetBlock({ interface: 0, time: BigInt(SECOND + i) * units + (BigInt(i) * units) / 1_000_000n, packet }, bigEndian),
      )
      const head = [sectionBlock(bigEndian), interfaceBlock({ linkType: framing.link, resolution: nanos ? 9 : 6 }, bigEndian)]
      const ng = await written('other.pcapng', [...head, ...blocks])
      assert.equal(difference(expected, await comparableEvents(ng, 'records')), undefined)
    }
  }
})
