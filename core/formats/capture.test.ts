import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Event } from '../event/event.ts'
import { envelope, Fields, frame } from '../plugin.ts'
import { CaptureCutter, captureDecoder, captureStatistics, encodeContext } from './capture.ts'
import { lastTime } from './capture-time.ts'
import { pcapHeader, pcapRecord } from './pcap-write.ts'
import { ENHANCED_PACKET, PACKET } from './pcapng.ts'
import { block, interfaceBlock, packetBlock, sectionBlock, simplePacketBlock, statisticsBlock } from './pcapng-write.ts'

const fields = new Fields([envelope, frame, captureStatistics])
const event = new Event(fields)

interface Read {
  events: Record<string, unknown>[]
  packets: string[]
  rejected: string[]
  stop: string
  end: number
}

interface How {
  /** Bytes that are there at once. */
  window?: number
  most?: number
  maxRecord?: number
  statistics?: boolean
  /** Whether every batch is decoded by a decoder that saw nothing before, and cut by a cutter that was restored. */
  fresh?: boolean
}

/** Cuts and decodes as the input and the worker do. */
function read(data: Uint8Array, { window = data.length, most = 2048, maxRecord = 1 << 20, statistics = true, fresh = false }: How = {}): Read {
  const result: Read = { events: [], packets: [], rejected: [], stop: '', end: 0 }
  let cutter = new CaptureCutter({ maxRecord, statistics })
  let decoder = captureDecoder({ event, observer: 'pi', statistics })
  for (let at = 0; ; ) {
    const context = encodeContext(cutter)
    let to = Math.min(data.length, at + window)
    cutter.cut(data, at, to, most)
    if (cutter.end === at && cutter.stop === 'more' && to < data.length) cutter.cut(data, at, (to = data.length), most)
    const batch = data.subarray(at, cutter.end)
    let opened = 0
    decoder.decode(
      { stream: 's', data: batch, offset: at, context, key: new Uint8Array(8) },
      {
        open: () => {
          opened++
          event.open(batch)
          return event
        },
        emit: () => {
          const values: Record<string, unknown> = {}
          for (const field of fields.all) if (field && event.present(field.number)) values[field.path] = event.get(field.path)
          result.events.push(values)
          result.packets.push(Buffer.from(batch.subarray(event.start, event.end)).toString('hex'))
        },
        reject: (reason) => void result.rejected.push(reason),
      },
    )
    assert.equal(opened, cutter.records)
    result.end = at = cutter.end
    if (cutter.records === 0 && batch.length === 0) break
    if (fresh) {
      const { blocks, frames } = cutter
      cutter = new CaptureCutter({ maxRecord, statistics })
      cutter.restore(blocks, frames)
      decoder = captureDecoder({ event, observer: 'pi', statistics })
    }
  }
  result.stop = cutter.stop
  return result
}

const time = fc.record({ seconds: fc.integer({ min: 0, max: 0xffffffff }), nanos: fc.integer({ min: 0, max: 999_999_999 }) })
const packetBytes = fc.uint8Array({ minLength: 1, maxLength: 80 })
const classic = fc.record({
  nanos: fc.boolean(),
  bigEndian: fc.boolean(),
  linkType: fc.constantFrom(105, 127, 192),
  records: fc.array(fc.record({ time, packet: packetBytes }), { maxLength: 12 }),
})

test('classic captures: every byte order and precision, cut at every byte, batched anyhow', () => {
  fc.assert(
    fc.property(classic, fc.nat(), fc.integer({ min: 1, max: 5 }), fc.boolean(), ({ records, linkType, ...form }, cutAt, most, fresh) => {
      const parts = records.map(({ time, packet }) => pcapRecord(packet, time.seconds, time.nanos, { ...form, original: packet.length + 5 }))
      const file = Buffer.concat([pcapHeader(linkType, form), ...parts])
      const cut = cutAt % (file.length + 1)
      const whole = read(file)
      assert.deepEqual(
        whole.packets,
        records.map(({ packet }) => Buffer.from(packet).toString('hex')),
      )
      whole.events.forEach((one, i) => {
        const { seconds, nanos } = records[i].time
        const digits = String(form.nanos ? nanos : Math.floor(nanos / 1000) * 1000).padStart(9, '0')
        assert.equal(one['@timestamp'], `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${digits}Z`)
        assert.deepEqual(
          [one['frame.number'], one['frame.cap_len'], one['frame.len'], one['frame.link_type'], one['observer.name'], one['event.dataset']],
          [i + 1, records[i].packet.length, records[i].packet.length + 5, linkType, 'pi', 'wifi.frame'],
        )
      })
      const torn = read(file.subarray(0, cut), { most, window: 60, fresh })
      let held = 0
      for (let end = 24; held < parts.length && (end += parts[held].length) <= cut; ) held++
      assert.deepEqual(torn.events, whole.events.slice(0, held))
      assert.equal(torn.stop, 'more')
    }),
    { numRuns: 150 },
  )
})

const section = fc.record({
  bigEndian: fc.boolean(),
  interfaces: fc.array(
    fc.record({
      linkType: fc.constantFrom(105, 127),
      name: fc.option(fc.string({ maxLength: 12, unit: 'grapheme' }), { nil: undefined }),
      resolution: fc.constantFrom(undefined, 0, 3, 6, 9, 0x80 | 10, 0x80 | 30, 12),
      offset: fc.option(fc.integer({ min: -1000, max: 1000 }), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  blocks: fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constantFrom('enhanced' as const, 'old' as const),
        of: fc.nat(2),
        time: fc.integer({ min: 1000, max: 4_000_000_000 }),
        part: fc.double({ min: 0, max: 0.999, noNaN: true }),
        packet: packetBytes,
        comments: fc.array(fc.string({ maxLength: 10, unit: 'grapheme' }), { maxLength: 2 }),
      }),
      fc.record({ kind: fc.constant('simple' as const), packet: packetBytes }),
      fc.record({ kind: fc.constant('other' as const), type: fc.constantFrom(4, 10, 0x0bad, 0x40000bad, 0x1234), body: packetBytes }),
      fc.record({ kind: fc.constant('statistics' as const), of: fc.nat(2), count: fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }) }),
    ),
    { maxLength: 8 },
  ),
})

/** Units in a second, exactly. */
function unitsOf(resolution = 6): bigint {
  return resolution & 0x80 ? 2n ** BigInt(resolution & 0x7f) : 10n ** BigInt(resolution)
}

test('pcapng: several sections of either order, all packet blocks, unknown blocks, cut at every byte', () => {
  fc.assert(
    fc.property(
      fc.array(section, { minLength: 1, maxLength: 3 }),
      fc.nat(),
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      (sections, cutAt, most, fresh) => {
        const parts: Uint8Array[] = []
        const expected: Record<string, unknown>[] = []
        /** Ends of the records. */
        const ends: number[] = []
        let number = 0
        let end = 0
        const add = (bytes: Uint8Array): number => {
          parts.push(bytes)
          return (end += bytes.length)
        }
        for (const { bigEndian, interfaces, blocks } of sections) {
          add(sectionBlock(bigEndian, [[4, new TextEncoder().encode('test')]]))
          for (const one of interfaces) add(interfaceBlock(one, bigEndian))
          for (const one of blocks) {
            if (one.kind === 'other') {
              add(block(one.type, one.body, bigEndian))
              // Wireshark gives custom blocks a number.
              if (one.type === 0x0bad || one.type === 0x40000bad) number++
              continue
            }
            const id = one.kind === 'simple' ? 0 : one.of % interfaces.length
            const from = interfaces[id]
            const about = { 'frame.interface_id': id, ...(from.name ? { 'frame.interface_name': from.name } : {}) }
            if (one.kind === 'statistics') {
              ends.push(add(statisticsBlock(id, unitsOf(from.resolution) * 5000n, { 4: one.count, 5: 7n, 99: 1n }, bigEndian)))
              expected.push({
                ...about,
                'event.dataset': 'pcap.statistics',
                'event.kind': 'metric',
                'pcap.statistics.received': Number(one.count),
                'pcap.statistics.dropped': 7,
              })
              continue
            }
            number++
            const what = {
              ...about,
              'event.dataset': 'wifi.frame',
              'frame.number': number,
              'frame.cap_len': one.packet.length,
              'frame.link_type': from.linkType,
            }
            if (one.kind === 'simple') {
              ends.push(add(simplePacketBlock(one.packet, bigEndian)))
              expected.push({ ...what, '@timestamp': undefined })
              continue
            }
            const perSecond = unitsOf(from.resolution)
            const fraction = BigInt(Math.floor(one.part * Number(perSecond)))
            const units = BigInt(one.time) * perSecond + fraction
            ends.push(
              add(
                packetBlock(
                  { interface: id, time: BigInt.asUintN(64, units), packet: one.packet, comments: one.comments },
                  bigEndian,
                  one.kind === 'old' ? PACKET : ENHANCED_PACKET,
                ),
              ),
            )
            const whole = BigInt.asUintN(64, units)
            const seconds = whole / perSecond + BigInt(from.offset ?? 0)
            const nanos = ((whole % perSecond) * 1_000_000_000n) / perSecond
            const good = seconds >= 0n && seconds < 253_402_300_800n
            const iso = good
              ? `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${String(nanos).padStart(9, '0')}Z`
              : '1970-01-01T00:00:00.000000000Z'
            expected.push({
              ...what,
              '@timestamp': iso,
              'frame.comment': one.comments.length > 0 ? one.comments : undefined,
              'error.type': good ? undefined : 'timestamp',
            })
          }
        }
        const file = Buffer.concat(parts)
        const whole = read(file)
        assert.deepEqual(whole.rejected, [])
        assert.equal(whole.events.length, expected.length)
        whole.events.forEach((one, i) => {
          for (const [key, value] of Object.entries(expected[i])) assert.deepEqual(one[key], value, key)
        })
        const cut = cutAt % (file.length + 1)
        const torn = read(file.subarray(0, cut), { most, window: 100, fresh })
        assert.deepEqual(torn.events, whole.events.slice(0, ends.filter((place) => place <= cut).length))
        const packets = read(file, { statistics: false, most: 1 })
        assert.deepEqual(
          packets.events.map((one) => one['frame.number']),
          expected.flatMap((one) => one['frame.number'] ?? []),
        )
      },
    ),
    { numRuns: 150 },
  )
})

test('no bytes make it throw, hang, or read outside', () => {
  const start = Buffer.concat([sectionBlock(false), interfaceBlock({ linkType: 127 }, false)])
  const bytes = fc.uint8Array({ maxLength: 400 })
  fc.assert(
    fc.property(fc.constantFrom(pcapHeader(127), pcapHeader(127, { bigEndian: true }), start, Buffer.alloc(0)), bytes, (head, rest) => {
      const data = Buffer.concat([head, rest])
      const { end } = read(data, { window: 64, most: 2 })
      assert.ok(end <= data.length)
      // What the cutter would never give out is survived as well.
      const decoder = captureDecoder({ event, observer: 'pi' })
      const records = {
        open: (at: number, length: number) => {
          assert.ok(at >= 0 && at + length <= data.length)
          event.open(data)
          return event
        },
        emit: () => assert.ok(event.start <= event.end && event.end <= data.length),
        reject: () => {},
      }
      decoder.decode({ stream: 's', data, offset: 0, context: new Uint8Array(0), key: new Uint8Array(8) }, records)
      decoder.decode({ stream: 's', data: rest, offset: 0, context: encodeContext({ frames: 0, blocks: head }), key: new Uint8Array(8) }, records)
    }),
    { numRuns: 500 },
  )
})

test('one flipped byte in a pcapng: nothing thrown, at most what it hit is lost or rejected', () => {
  const bigEndian = false
  const file = Buffer.concat([
    sectionBlock(bigEndian),
    interfaceBlock({ linkType: 127, name: 'wlan0' }, bigEndian),
    ...Array.from({ length: 5 }, (_, i) =>
      packetBlock({ interface: 0, time: BigInt(i) * 1000000n, packet: new Uint8Array(30).fill(i), comments: ['a'] }, bigEndian),
    ),
  ])
  for (let at = 0; at < file.length; at++) {
    for (const flip of [0x01, 0x80, 0xff]) {
      const broken = Buffer.from(file)
      broken[at] ^= flip
      const { end, stop } = read(broken)
      assert.ok(end === broken.length || ['corrupt', 'foreign', 'more', 'long'].includes(stop), `${at}: ${stop} at ${end}`)
    }
  }
})

test('files put one behind another are read as one, the other with its own byte order', () => {
  const a = Buffer.concat([pcapHeader(127), pcapRecord(Uint8Array.of(1), 10, 5000)])
  const b = Buffer.concat([pcapHeader(105, { bigEndian: true, nanos: true }), pcapRecord(Uint8Array.of(2), 20, 7, { bigEndian: true, nanos: true })])
  for (const most of [1, 9]) {
    const { events } = read(Buffer.concat([a, b]), { most, fresh: true })
    assert.deepEqual(
      events.map((one) => [one['frame.number'], one['@timestamp'], one['frame.link_type']]),
      [
        [1, '1970-01-01T00:00:10.000005000Z', 127],
        [2, '1970-01-01T00:00:20.000000007Z', 105],
      ],
    )
  }
})

test('the modified form has longer record headers', () => {
  const header = pcapHeader(127)
  header.set([0x34, 0xcd, 0xb2, 0xa1])
  const record = Buffer.concat([pcapRecord(new Uint8Array(0), 1, 2000, { original: 3 }), new Uint8Array(8), Uint8Array.of(7, 8, 9)])
  record[8] = 3
  assert.deepEqual(read(Buffer.concat([header, record, record])).packets, ['070809', '070809'])
})

test('a fraction of more than a second runs over into the seconds', () => {
  const { events } = read(Buffer.concat([pcapHeader(127), pcapRecord(Uint8Array.of(1), 10, 1_500_000_000)]))
  assert.equal(events[0]['@timestamp'], '1970-01-01T00:00:11.500000000Z')
})

test('records that cannot be, or are too long, stop the cutter with a reason', () => {
  const stopOf = (bytes: Uint8Array, maxRecord = 1 << 20): string => {
    const cutter = new CaptureCutter({ maxRecord, statistics: true })
    cutter.cut(bytes, 0, bytes.length, 100)
    return cutter.stop
  }
  const long = pcapRecord(new Uint8Array(2000), 1, 0)
  assert.equal(stopOf(Buffer.concat([pcapHeader(127), long]), 1000), 'long')
  const impossible = pcapRecord(new Uint8Array(0), 1, 0)
  impossible.set([0xff, 0xff, 0xff, 0x7f], 8)
  assert.equal(stopOf(Buffer.concat([pcapHeader(127), impossible])), 'corrupt')
  assert.equal(stopOf(Buffer.concat([pcapHeader(127), new Uint8Array(100)])), 'corrupt')
  const start = [sectionBlock(true), interfaceBlock({ linkType: 127 }, true)]
  assert.equal(stopOf(Buffer.concat([...start, packetBlock({ interface: 0, time: 0n, packet: new Uint8Array(2000) }, true)]), 1000), 'long')
  const blockOf = (change: (bytes: Uint8Array) => void): Uint8Array => {
    const bytes = packetBlock({ interface: 0, time: 0n, packet: new Uint8Array(20) }, true)
    change(bytes)
    return Buffer.concat([...start, bytes])
  }
  assert.equal(stopOf(blockOf((bytes) => void (bytes[7] = 9))), 'corrupt')
  assert.equal(stopOf(blockOf((bytes) => void (bytes[bytes.length - 1] ^= 4))), 'corrupt')
  assert.equal(stopOf(blockOf((bytes) => void (bytes[4] = 1))), 'corrupt')
  assert.equal(stopOf(new TextEncoder().encode('GET / HTTP/1.1')), 'foreign')
})

test('packets that contradict their block or have no interface are rejected, and count', () => {
  const start = [sectionBlock(false), interfaceBlock({ linkType: 127 }, false)]
  const lying = packetBlock({ interface: 0, time: 0n, packet: new Uint8Array(20) }, false)
  lying[20] = 60
  const { rejected, events } = read(
    Buffer.concat([
      ...start,
      packetBlock({ interface: 3, time: 0n, packet: Uint8Array.of(1) }, false),
      lying,
      simplePacketBlock(Uint8Array.of(2), false),
    ]),
  )
  assert.deepEqual(rejected, [
    'the packet is of interface 3, which the section does not describe',
    'captured length 60 is more than its block of 52 bytes holds',
  ])
  assert.deepEqual(
    events.map((one) => one['frame.number']),
    [3],
  )
})

test('the limit of an interface cuts simple packets', () => {
  const file = Buffer.concat([
    sectionBlock(false),
    interfaceBlock({ linkType: 127, snaplen: 4 }, false),
    simplePacketBlock(Uint8Array.of(1, 2, 3, 4), false, 9),
  ])
  const { packets, events } = read(file)
  assert.deepEqual(packets, ['01020304'])
  assert.equal(events[0]['frame.len'], 9)
  assert.equal('@timestamp' in events[0], false)
})

test('descriptions without end do not grow the context without end', () => {
  const names = Array.from({ length: 5000 }, () => interfaceBlock({ linkType: 127, name: 'x'.repeat(200) }, false))
  const cutter = new CaptureCutter({ maxRecord: 1 << 20, statistics: true })
  const file = Buffer.concat([sectionBlock(false), ...names])
  cutter.cut(file, 0, file.length, 100)
  assert.equal(cutter.end, file.length)
  assert.ok(cutter.blocks.length <= 65536)
})

test('the time of the last record, for those who only cut', () => {
  const cutter = new CaptureCutter({ maxRecord: 1 << 20, statistics: true })
  const file = Buffer.concat([
    sectionBlock(true),
    interfaceBlock({ linkType: 127, resolution: 9 }, true),
    packetBlock({ interface: 0, time: 1_700_000_000_123_456_789n, packet: Uint8Array.of(1) }, true),
  ])
  cutter.cut(file, 0, file.length, 100)
  assert.deepEqual(lastTime(cutter, file), { seconds: 1_700_000_000, nanos: 123_456_789 })
})

test('times are exact at the edges of a second, for every unit', () => {
  for (const resolution of [0, 3, 6, 7, 9, 12, 0x80 | 10, 0x80 | 32]) {
    const perSecond = unitsOf(resolution)
    for (const second of [0n, 1n, 1_700_000_000n, 4_294_967_296n, 16_000_000_000n, 253_402_300_799n]) {
      for (const units of [second * perSecond, second * perSecond + perSecond - 1n]) {
        if (units >= 1n << 64n) continue
        const file = Buffer.concat([
          sectionBlock(false),
          interfaceBlock({ linkType: 127, resolution }, false),
          packetBlock({ interface: 0, time: units, packet: Uint8Array.of(1) }, false),
        ])
        const nanos = ((units % perSecond) * 1_000_000_000n) / perSecond
        const iso = `${new Date(Number(second) * 1000).toISOString().slice(0, 19)}.${String(nanos).padStart(9, '0')}Z`
        assert.equal(read(file).events[0]['@timestamp'], iso, `${resolution} ${units}`)
      }
    }
  }
})
