import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { channelOf, frequencyOf, PHY } from './radio.ts'
import {
  AP,
  ascii,
  be16,
  beacon,
  bytesOf,
  data,
  decoder,
  eapolKey,
  element,
  ipv4,
  le16,
  le32,
  mac,
  management,
  RATES,
  RSN,
  radiotap,
  STATION,
  udp,
  withFcs,
} from './testing.ts'

const { event, decode } = decoder()

const address = fc.uint8Array({ minLength: 6, maxLength: 6 }).map((bytes) =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/..(?!$)/g, '$&:'),
)
const byte = fc.integer({ min: 0, max: 255 })
const word = fc.integer({ min: 0, max: 0xffff })
const signed = fc.integer({ min: -128, max: 127 })

/** Radiotap fields that can be given a value and read back: bit, alignment, path, and how a value becomes bytes. */
const TAP_FIELDS = [
  {
    bit: 0,
    align: 8,
    path: 'radiotap.mactime',
    value: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    bytes: (v: bigint) => [...le32(Number(v & 0xffffffffn)), ...le32(Number(v >> 32n))],
  },
  { bit: 2, align: 1, path: 'radiotap.datarate', value: byte.map((v) => v / 2), bytes: (v: number) => [v * 2] },
  { bit: 3, align: 2, path: 'radiotap.channel.freq', value: word, bytes: (v: number) => [...le16(v), 0, 0] },
  { bit: 5, align: 1, path: 'radiotap.dbm_antsignal', value: signed.map((v) => [v]), bytes: ([v]: number[]) => [v & 255] },
  { bit: 6, align: 1, path: 'radiotap.dbm_antnoise', value: signed.map((v) => [v]), bytes: ([v]: number[]) => [v & 255] },
  { bit: 7, align: 2, path: 'radiotap.quality', value: word, bytes: le16 },
  { bit: 10, align: 1, path: 'radiotap.txpower', value: signed, bytes: (v: number) => [v & 255] },
  { bit: 11, align: 1, path: 'radiotap.antenna', value: byte.map((v) => [v]), bytes: (v: number[]) => v },
  { bit: 15, align: 2, path: 'radiotap.txflags', value: word, bytes: le16 },
  {
    bit: 20,
    align: 4,
    path: 'radiotap.ampdu.reference',
    value: fc.integer({ min: 0, max: 0x7fffffff }),
    bytes: (v: number) => [...le32(v), 0, 0, 0, 0],
  },
  { bit: 22, align: 8, path: 'radiotap.timestamp.ts', value: word.map(BigInt), bytes: (v: bigint) => [...le32(Number(v)), ...new Array(8).fill(0)] },
] as const

const tapRecord = fc
  .subarray([...TAP_FIELDS])
  .chain((chosen) =>
    fc
      .tuple(...chosen.map(({ value }) => value as fc.Arbitrary<unknown>))
      .map((values) => chosen.map((field, i) => ({ ...field, value: values[i], bytes: (field.bytes as (value: unknown) => number[])(values[i]) }))),
  )

describe('properties', () => {
  test('radiotap: every combination of fields reads back, whatever it is aligned to', () => {
    fc.assert(
      fc.property(tapRecord, (chosen) => {
        decode(bytesOf(radiotap(chosen), beacon(element(0, ascii('x')))), { link: 127 })
        for (const { path, value } of chosen) assert.deepEqual(event.get(path), value, path)
        for (const { path } of TAP_FIELDS) if (!chosen.some((field) => field.path === path)) assert.equal(event.get(path), undefined, path)
        assert.equal(event.get('wlan.ssid'), 'x')
      }),
      { numRuns: 300 },
    )
  })

  test('radiotap: one signal for each antenna in further present words', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(signed, byte), { minLength: 1, maxLength: 4 }), (antennas) => {
        const next = (last: boolean) => 0x20000000 | (last ? 0 : 0x80000000)
        const words = [(1 << 5) | next(false), ...antennas.map((_, i) => (1 << 5) | (1 << 11) | next(i === antennas.length - 1))]
        const parts = [
          { bit: 5, align: 1, bytes: [0xc4] },
          ...antennas.flatMap(([signal, antenna]) => [{ bit: 5, align: 1, bytes: [signal & 255, antenna] }]),
        ]
        decode(bytesOf(radiotap(parts, words), beacon()), { link: 127 })
        assert.deepEqual(event.get('radiotap.dbm_antsignal'), [-60, ...antennas.map(([signal]) => signal)])
        assert.deepEqual(
          event.get('radiotap.antenna'),
          antennas.map(([, antenna]) => antenna),
        )
        // The last one, as in Wireshark.
        assert.equal(event.get('wlan_radio.signal_dbm'), antennas[antennas.length - 1][0])
      }),
      { numRuns: 100 },
    )
  })

  test('data frames: addresses by the direction bits, QoS and HT control stepped over', () => {
    const frames = fc.record({
      ds: fc.integer({ min: 0, max: 3 }),
      qos: fc.boolean(),
      htc: fc.boolean(),
      a: fc.array(address, { minLength: 4, maxLength: 4 }),
      sequence: word,
    })
    fc.assert(
      fc.property(frames, ({ ds, qos, htc, a, sequence }) => {
        const control = 0x08 | (qos ? 0x80 : 0) | (ds << 8) | (qos && htc ? 0x8000 : 0)
        const packet = [0xaa, 0xaa, 3, 0, 0, 0, ...be16(0x0800), ...ipv4(6, [...be16(1), ...be16(2)])]
        const fourth = ds === 3 ? mac(a[3]) : []
        const rest = [...(qos ? le16(5) : []), ...(qos && htc ? le32(0x12345678) : [])]
        decode(bytesOf(le16(control), le16(0), mac(a[0]), mac(a[1]), mac(a[2]), le16(sequence), fourth, rest, packet))
        const [da, sa, bssid] = [
          [a[0], a[1], a[2]],
          [a[2], a[1], a[0]],
          [a[0], a[2], a[1]],
          [a[2], a[3], undefined],
        ][ds]
        assert.equal(event.get('wlan.ra'), a[0])
        assert.equal(event.get('wlan.ta'), a[1])
        assert.equal(event.get('wlan.da'), da)
        assert.equal(event.get('wlan.sa'), sa)
        assert.equal(event.get('wlan.bssid'), bssid)
        assert.equal(event.get('wlan.seq'), sequence >> 4)
        assert.equal(event.get('wlan.frag'), sequence & 15)
        assert.equal(event.get('wlan.qos.tid'), qos ? 5 : undefined)
        assert.equal(event.get('wlan.htc.value'), qos && htc ? 0x12345678 : undefined)
        assert.equal(event.get('ip.dst'), (sequence & 15) === 0 ? '10.0.0.2' : undefined)
      }),
      { numRuns: 300 },
    )
  })

  test('elements: each is found whatever stands around it', () => {
    const others = fc.array(
      fc.tuple(fc.integer({ min: 150, max: 170 }), fc.uint8Array({ maxLength: 40 })).map(([id, content]) => element(id, [...content])),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(
        others,
        others,
        fc.string({ unit: 'grapheme', maxLength: 8 }),
        fc.uint8Array({ minLength: 1, maxLength: 8 }),
        (before, after, name, rates) => {
          decode(beacon(...before, element(0, ascii(name)), element(1, [...rates]), ...after))
          assert.equal(event.get('wlan.ssid_hex') ?? '', ascii(name).length > 32 ? '' : Buffer.from(name).toString('hex'))
          assert.deepEqual(event.get('wlan.supported_rates'), [...rates])
          assert.equal(event.get('error.type'), undefined)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('block acks, announcements and trigger frames read back', () => {
    const control = (subtype: number, ...body: (readonly number[])[]) =>
      bytesOf(le16((subtype << 4) | 4), le16(0), mac(AP), mac(STATION), body.flat())
    const stations = fc.array(fc.record({ aid: fc.integer({ min: 1, max: 0x7d7 }), columns: fc.integer({ min: 0, max: 7 }) }), {
      minLength: 1,
      maxLength: 8,
    })
    const users = fc.array(
      fc.record({
        aid: fc.integer({ min: 0, max: 2007 }),
        ru: fc.integer({ min: 0, max: 127 }),
        mcs: fc.integer({ min: 0, max: 11 }),
        signal: fc.integer({ min: 0, max: 127 }),
      }),
      { minLength: 1, maxLength: 8 },
    )
    fc.assert(
      fc.property(
        fc.nat({ max: 4095 }),
        fc.nat({ max: 15 }),
        fc.uint8Array({ minLength: 8, maxLength: 8 }),
        stations,
        users,
        (start, tid, bitmap, list, asked) => {
          decode(control(9, le16((tid << 12) | 5), le16(start << 4), [...bitmap]))
          assert.equal(event.get('wlan.ba.control.ba_type'), 2)
          assert.equal(event.get('wlan.ba.basic.tidinfo'), tid)
          assert.equal(event.get('wlan.fixed.ssc.sequence'), start)
          assert.equal(event.get('wlan.ba.bm'), Buffer.from(bitmap).toString('hex'))
          decode(control(5, [4], ...list.map(({ aid, columns }) => le16(aid | 0x1000 | (columns << 13)))))
          assert.deepEqual(
            event.get('wlan.vht_ndp.sta_info.aid12'),
            list.map(({ aid }) => aid),
          )
          assert.deepEqual(
            event.get('wlan.vht_ndp.sta_info.nc_index'),
            list.map(({ columns }) => columns),
          )
          const bits = ({ aid, ru, mcs, signal }: (typeof asked)[number]) => {
            const word = BigInt(aid) | (BigInt(ru) << 13n) | (BigInt(mcs) << 21n) | (BigInt(signal) << 32n)
            return [0n, 8n, 16n, 24n, 32n].map((shift) => Number((word >> shift) & 255n))
          }
          decode(control(2, [3, 0, 0, 0, 0, 0, 0, 0], ...asked.map(bits), [0xff, 0xff]))
          for (const [path, key] of [
            ['wlan.trigger.he.user_info.aid12', 'aid'],
            ['wlan.trigger.he.ru_allocation', 'ru'],
            ['wlan.trigger.he.mcs', 'mcs'],
            ['wlan.trigger.he.target_rssi', 'signal'],
          ] as const)
            assert.deepEqual(
              event.get(path),
              asked.map((user) => user[key]),
            )
        },
      ),
      { numRuns: 200 },
    )
  })

  test('neighbour reports: entries of every length that has an address, whatever follows it', () => {
    const sets = fc.array(
      fc.record({
        channel: byte,
        length: fc.constantFrom(7, 8, 9, 11, 12, 13, 16, 20),
        addresses: fc.array(address, { minLength: 1, maxLength: 4 }),
      }),
      { maxLength: 2 },
    )
    fc.assert(
      fc.property(sets, (all) => {
        const content = all.flatMap(({ channel, length, addresses }) => [
          (addresses.length - 1) << 4,
          length,
          81,
          channel,
          ...addresses.flatMap((each) => [7, ...mac(each), ...new Array(length - 7).fill(1)]),
        ])
        decode(beacon(element(201, content)))
        const expected = all.flatMap(({ addresses }) => addresses)
        assert.deepEqual(event.get('wlan.rnr.tbtt_info.bssid') ?? [], expected)
        assert.deepEqual(
          event.get('wlan.rnr.tbtt_info.channel_num') ?? [],
          all.map(({ channel }) => channel),
        )
      }),
      { numRuns: 200 },
    )
  })

  test('multiple BSSID: the other networks by their place', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), byte, (bits, index) => {
        decode(beacon(element(71, [bits, ...element(0, [...element(83, [1, 4]), ...element(0, ascii('x')), ...element(85, [index])])])))
        const size = 2 ** bits
        const low = 0x0a
        const last = low - (low % size) + ((low + index) % size)
        assert.deepEqual(event.get('wlan.multiple_bssid.bssid'), [`02:00:00:00:00:${last.toString(16).padStart(2, '0')}`])
        assert.deepEqual(event.get('wlan.multiple_bssid.ssid'), ['x'])
      }),
      { numRuns: 100 },
    )
  })

  test('channels and frequencies belong together', () => {
    for (const channel of [1, 6, 13, 14, 36, 100, 165]) assert.equal(channelOf(frequencyOf(channel, channel > 14 ? PHY.a : PHY.g)), channel)
    assert.equal(channelOf(5955), 1)
    assert.ok(Number.isNaN(channelOf(2400)))
  })
})

describe('broken frames', () => {
  const tap = radiotap([
    { bit: 0, align: 8, bytes: [1, 2, 3, 4, 5, 6, 7, 8] },
    { bit: 1, align: 1, bytes: [0x10] },
    { bit: 3, align: 2, bytes: [...le16(2437), 0x80, 0] },
    { bit: 5, align: 1, bytes: [0xc8] },
    { bit: 23, align: 2, bytes: new Array(12).fill(0xff) },
  ])
  const wps = element(221, [0, 0x50, 0xf2, 4, ...be16(0x1011), ...be16(4), ...ascii('name'), ...be16(0x1047), ...be16(16), ...new Array(16).fill(1)])
  const capabilities = [
    element(45, new Array(26).fill(1)),
    element(61, new Array(22).fill(5)),
    element(192, [1, 42, 0, 0, 0]),
    element(255, [35, ...new Array(24).fill(9)]),
  ]
  const neighbors = [
    element(71, [2, 0, 6, 83, 2, 0, 0, 0, 2]),
    element(201, [0x00, 13, 81, 6, ...new Array(13).fill(2)]),
    element(55, new Array(90).fill(1)),
  ]
  const seeds: { link: number; bytes: Uint8Array }[] = [
    { link: 105, bytes: beacon(element(0, ascii('net')), RATES, RSN, wps, ...capabilities, ...neighbors) },
    { link: 127, bytes: bytesOf(tap, withFcs(beacon(element(0, ascii('net')), RSN))) },
    { link: 105, bytes: data(0x888e, eapolKey(0x10a, RSN)) },
    { link: 105, bytes: data(0x0800, ipv4(17, udp(68, 67, [...new Array(236).fill(0), 0x63, 0x82, 0x53, 0x63, 53, 1, 1, 12, 2, 65, 66, 255]))) },
    { link: 105, bytes: data(0x0800, ipv4(17, udp(53, 53, [0, 1, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1, 65, 0, 0, 1, 0, 1, 1, 66, 0, 0, 1, 0, 1]))) },
    { link: 105, bytes: management(13, [10, 7, 1, 0x1c, 5, 0, 1, ...new Array(12).fill(0), 2, 65, 66, ...element(52, new Array(13).fill(3))]) },
    { link: 105, bytes: management(11, [...le16(3), ...le16(1), ...le16(126), ...le16(19), ...new Array(98).fill(4)]) },
    { link: 105, bytes: bytesOf(le16(0x0094), le16(0), mac(AP), mac(STATION), le16(4), le16(0x10), new Array(8).fill(1)) },
    { link: 192, bytes: bytesOf([0, 0], le16(32), le32(105), le16(2), le16(20), new Array(20).fill(1), beacon()) },
    { link: 119, bytes: bytesOf(le32(0x44), le32(36), new Array(16).fill(0), le32(0x60044), le16(0), le16(4), le32(0xffffffd8), beacon()) },
    { link: 163, bytes: bytesOf([0x80, 0x21, 0x10, 1, 0, 0, 0, 64], new Array(56).fill(1), beacon()) },
  ]

  test('flipped, cut and stretched anywhere: no throw, nothing read from outside the record', () => {
    const mutations = fc.record({
      seed: fc.integer({ min: 0, max: seeds.length - 1 }),
      flips: fc.array(fc.tuple(fc.nat(), byte), { maxLength: 6 }),
      cut: fc.option(fc.nat()),
      longer: fc.nat({ max: 40 }),
    })
    fc.assert(
      fc.property(mutations, ({ seed, flips, cut, longer }) => {
        const { link, bytes: whole } = seeds[seed]
        const bytes = whole.slice(0, cut === null ? whole.length : cut % (whole.length + 1))
        for (const [at, value] of flips) if (bytes.length > 0) bytes[at % bytes.length] = value
        decode(bytes, { link, length: bytes.length + (longer > 20 ? longer : 0) })
        const { start, end } = event
        for (const [field] of event.hold().values) {
          const [a, b] = [event.a[field.number], event.b[field.number]]
          const pairs = field.type === 'text' || field.type === 'bytes' || field.type === 'ip'
          const width = pairs || field.type === 'u64' ? 2 : 1
          const values = field.list ? [...event.list.subarray(a, a + b * width)] : [a, b].slice(0, width)
          for (const value of values) assert.ok(Number.isFinite(value), `${field.path} is ${value}`)
          for (let i = 0; pairs && i < values.length; i += 2)
            if (values[i] >= 0) assert.ok(values[i] >= start && values[i] + values[i + 1] <= end, `${field.path} at ${values[i]}, of ${start}…${end}`)
        }
      }),
      { numRuns: 20_000 },
    )
  })
})
