/** Frames of every form that the machine has code of its own for, compared with the slow path and with the object path. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { fileHeader } from '../../plugins/inputs/generate/write.ts'
import { batchesOf, bothWays } from './testing.ts'

const le16 = (n: number) => [n & 255, (n >> 8) & 255]
const le32 = (n: number) => [...le16(n), ...le16(n >>> 16)]
const be16 = (n: number) => [(n >> 8) & 255, n & 255]

/** Radiotap headers: present words, and the bytes behind them with and without an FCS in the frame. `wild` bytes are any. */
interface Header {
  readonly words: readonly number[]
  readonly fields: (fcs: boolean, wild: () => number) => number[]
}
const flags = (fcs: boolean) => (fcs ? 0x10 : 0)
const HEADERS: readonly Header[] = [
  { words: [0x2], fields: (fcs) => [flags(fcs)] },
  // Flags, rate, channel, signal, quality, antenna, decibels, RX flags; behind them what some drivers leave.
  { words: [0x588e], fields: (fcs, wild) => [flags(fcs), 2, 0x6c, 9, 0xa0, 0, wild(), wild(), 1, wild(), wild(), wild(), ...[0, 0, 0, 0].map(wild)] },
  { words: [0x2e], fields: (fcs, wild) => [flags(fcs), 12, 0x6c, 9, 0xa0, 0, wild()] },
  // A signal for each of five antennas, whose words follow the first one.
  {
    words: [0xa000002e, 0xa0000820, 0xa0000820, 0xa0000820, 0xa0000820, 0x820],
    fields: (fcs, wild) => [flags(fcs), 12, 0x6c, 9, 0xa0, 0, wild(), ...[0, 1, 2, 3, 4].flatMap((n) => [wild(), n])],
  },
  // A time stamp, of which the accuracy is known or not, and VHT.
  {
    words: [0x600002],
    fields: (fcs, wild) => [
      ...[flags(fcs), 0, 0x44, 0, 4, 4, 0x92, 0, 0, 0, 1, 5, 0, 0],
      ...[0, 0, ...Array.from({ length: 10 }, wild), 0x21, wild() < 128 ? 3 : 1],
    ],
  },
]

/** What stands behind LLC, by EtherType, and whether the machine reads it; more bytes follow. */
const PAYLOADS: readonly { readonly read: boolean; readonly bytes: (wild: () => number) => number[] }[] = [
  { read: true, bytes: (wild) => [8, 6, 0, 1, 8, 0, 6, 4, 0, 1, ...Array.from({ length: 20 }, wild)] },
  ...[6, 17, 1].map((protocol) => ({ read: true, bytes: (wild: () => number) => ipv4(wild, { protocol }) })),
  { read: true, bytes: (wild) => ipv4(wild, { protocol: 6, total: 0 }) },
  { read: true, bytes: (wild) => ipv4(wild, { protocol: 6, offset: 5 }) },
  { read: false, bytes: (wild) => ipv4(wild, { protocol: 6, total: 22 }) },
  { read: false, bytes: (wild) => ipv4(wild, { protocol: 6, words: 6 }) },
  ...[53, 67, 68, 5353].map((port) => ({ read: false, bytes: (wild: () => number) => ipv4(wild, { protocol: 17, port }) })),
  ...[6, 17, 58].map((next) => ({ read: true, bytes: (wild: () => number) => ipv6(wild, next) })),
  ...[0, 43, 44, 60].map((next) => ({ read: false, bytes: (wild: () => number) => ipv6(wild, next) })),
  { read: false, bytes: (wild) => [0x88, 0xcc, ...Array.from({ length: 40 }, wild)] },
]

function ipv4(wild: () => number, { protocol = 6, total = 60, offset = 0, words = 5, port = -1 }): number[] {
  const ports = [...(port < 0 ? [9, wild()] : be16(port)), 1, wild()]
  const [ttl, ...addresses] = Array.from({ length: 9 }, wild)
  return [
    8,
    0,
    0x40 | words,
    0,
    ...be16(total),
    wild(),
    wild(),
    ...be16(offset),
    ttl,
    protocol,
    0,
    0,
    ...addresses,
    ...new Array((words - 5) * 4).fill(1),
    ...ports,
  ]
}

function ipv6(wild: () => number, next: number): number[] {
  // Rows of zeros, which the text leaves out.
  const address = () => Array.from({ length: 8 }, () => (wild() < 110 ? [0, 0] : wild() < 60 ? [0, wild()] : [wild(), wild()])).flat()
  return [0x86, 0xdd, 0x60, 0, wild(), wild(), 0, 40, next, 64, ...address(), ...address(), 7, wild(), 3, wild(), 0, 0, 0, 0, 0, 0]
}

/** What an encrypted body begins with: WEP, CCMP, TKIP; or less than that. */
const ENCRYPTED: readonly ((wild: () => number) => number[])[] = [
  (wild) => [wild(), wild(), wild(), wild() & 0xdf],
  (wild) => [0x81, 0, 0, 0x20 | (wild() & 0xc0), wild(), wild(), wild(), wild()],
  (wild) => [0x03, 0x23, wild(), 0x20 | (wild() & 0xc0), wild(), wild(), wild(), wild()],
  (wild) => [wild(), 0, 0],
]

/** Control frames by subtype, with what is behind two addresses; others have one. */
const CONTROLS: Readonly<Record<string, readonly [subtype: number, bytes: (wild: () => number) => number[]]>> = {
  'block ack': [9, (wild) => [4 | (wild() & 1), wild() & 0xf0, wild() & 0xf0, wild(), ...Array.from({ length: 8 }, wild)]],
  'long block ack': [9, (wild) => [4, 0, 2, wild(), ...Array.from({ length: 16 }, wild)]],
  'other block ack': [9, (wild) => [wild() & 0x1e, wild(), wild(), wild(), ...Array.from({ length: 8 }, wild)]],
  request: [8, (wild) => [4, wild() & 0xf0, wild(), wild()]],
  'other request': [8, (wild) => [wild(), wild(), wild(), wild()]],
  'ready to send': [11, () => []],
  poll: [10, () => []],
}

const BEACON = [...le32(5), ...le32(9), 100, 0, 0x11, 4, 0, 2, 0x61, 0x62, 1, 2, 0x82, 0x84, 5, 4, 0, 1, 0, 0, 221, 6, 0, 0x50, 0xf2, 9, 1, 2]

const flow = fc.record({
  header: fc.nat(HEADERS.length - 1),
  /** Bytes behind the header's fields, so that layouts are many. */
  padding: fc.constantFrom(0, 0, 4, 9),
  kind: fc.oneof(
    fc.nat(PAYLOADS.length - 1),
    fc.constantFrom('beacon', 'acknowledgement', 'deauthentication', 'encrypted', 'empty', ...Object.keys(CONTROLS)),
  ),
  direction: fc.constantFrom(0, 1, 2, 3),
  qos: fc.boolean(),
  htc: fc.boolean(),
  fcs: fc.boolean(),
  /** Bytes that are missing. */
  cut: fc.constantFrom(0, 0, 0, 2, 30),
  times: fc.integer({ min: 10, max: 40 }),
  seed: fc.nat(),
})
type Flow = typeof flow extends fc.Arbitrary<infer T> ? T : never

function record({ header, padding, kind, direction, qos, htc, fcs, cut, seed }: Flow, turn: number): Buffer {
  let state = seed + turn * 7919
  const wild = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 24
  const address = (last: number) => [2, 0, 0, wild() & 3, wild() & 3, last]
  const frame = () => {
    if (kind === 'acknowledgement') return [0xd4, 0, 0, 0, ...address(1)]
    if (typeof kind === 'string' && kind in CONTROLS) {
      const [subtype, behind] = CONTROLS[kind]
      return [(subtype << 4) | 4, 0, wild(), 0, ...address(1), ...address(wild() & 1 ? 1 : 2), ...behind(wild)]
    }
    const [control, second] =
      kind === 'beacon'
        ? [0x80, 0]
        : kind === 'deauthentication'
          ? [0xc0, 0]
          : [(qos ? 0x88 : 0x08) | (kind === 'empty' ? 0x40 : 0), direction | (kind === 'encrypted' ? 0x40 : 0) | (htc ? 0x80 : 0)]
    // Beacons are an access point's own.
    const addresses = kind === 'beacon' ? [...new Array(6).fill(255), 2, 0, 0, 0, 0, seed & 7, 2, 0, 0, 0, 0, seed & 7] : [1, 2, 3].flatMap(address)
    const head = [control, second, wild(), 0, ...addresses, (wild() & 0xf0) | (turn % 7 === 6 ? 1 : 0), wild()]
    if (kind === 'beacon') return [...head, ...BEACON]
    if (kind === 'deauthentication') return [...head, 3 + (wild() & 1), 0]
    const whole = [
      ...head,
      ...(direction === 3 ? address(4) : []),
      ...(qos ? [seed & 7, wild()] : []),
      ...(qos && htc ? [wild(), wild(), wild(), wild()] : []),
    ]
    if (kind === 'empty') return whole
    if (kind === 'encrypted') return [...whole, ...ENCRYPTED[seed % ENCRYPTED.length](wild), ...Array.from({ length: wild() & 15 }, wild)]
    return [...whole, 0xaa, 0xaa, 3, 0, 0, 0, ...PAYLOADS[kind as number].bytes(wild), ...Array.from({ length: wild() & 7 }, wild)]
  }
  const mac = Buffer.from(frame())
  const { words, fields } = HEADERS[header]
  const tap = [...words.flatMap(le32), ...fields(fcs, wild), ...new Array(padding).fill(0).map(wild)]
  const whole = Buffer.concat([Buffer.from([0, 0, ...le16(tap.length + 4), ...tap]), mac, Buffer.from(fcs ? le32(crc32(mac)) : [])])
  const kept = whole.subarray(0, Math.max(1, whole.length - cut))
  return Buffer.concat([Buffer.from([...le32(1_700_000_000 + turn), ...le32(wild() * 1000), ...le32(kept.length), ...le32(whole.length)]), kept])
}

/** Records of flows in turns, as the air has them. */
function captured(flows: readonly Flow[]): Buffer {
  const turns = flows.flatMap((one) => Array.from({ length: one.times }, (_, turn) => ({ one, turn })))
  turns.sort((a, b) => a.turn - b.turn)
  return Buffer.concat([fileHeader(), ...turns.map(({ one, turn }) => record(one, turn))])
}

/** Made once: pipelines share the machine's memory, which is enough for four. */
const ways = { standard: bothWays('standard'), full: bothWays('full') }

for (const [emit, least] of [
  ['standard', 1 / 5],
  // More fields, of which it takes a record each to see that they vary.
  ['full', 1 / 8],
] as const)
  test(`all ways give the same for frames of all forms, showing ${emit}`, async () => {
    const compare = await ways[emit]
    let taken = 0
    let records = 0
    fc.assert(
      fc.property(fc.array(flow, { minLength: 1, maxLength: 12 }), (flows) => {
        records += flows.reduce((sum, { times }) => sum + times, 0)
        taken += compare(batchesOf(captured(flows), 40))
      }),
      { numRuns: 100 },
    )
    assert.ok(taken > records * least, `${taken} of ${records} took the fast path`)
  })

test('the machine reads what stands at the same places in all such frames, and leaves the rest', async () => {
  const compare = await ways.full
  const kinds = [
    ...PAYLOADS.map(({ read }, kind) => ({ kind, read })),
    ...['beacon', 'acknowledgement', 'deauthentication', 'encrypted', 'empty'].map((kind) => ({ kind, read: true })),
    ...['block ack', 'request', 'ready to send', 'poll'].map((kind) => ({ kind, read: true })),
    { kind: 'long block ack', read: false },
  ]
  for (const { kind, read } of kinds) {
    const flows = [0, 1].map(
      (header): Flow => ({ header, padding: 0, kind, direction: 1, qos: true, htc: false, fcs: true, cut: 0, times: 40, seed: 4 }),
    )
    const taken = compare(batchesOf(captured(flows), 20))
    assert.equal(taken > 20, read, `payload ${kind}: ${taken} of 80`)
    if (!read) assert.equal(taken, 0)
  }
})
