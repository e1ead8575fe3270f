/** What is generated is read back by a small walker of its own, written from the standard and not from the generator. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Options, Traffic } from './traffic.ts'

const START_MS = 1_764_000_000_123
const NORMAL: Options = { seed: 1, networks: 40, clients: 120, rate: 0 }

interface Frame {
  readonly ns: bigint
  readonly adapterUs: bigint
  readonly signal: number
  readonly mpdu: Uint8Array
  /** Type and subtype as tshark numbers them: type << 4 | subtype. */
  readonly kind: number
  readonly retry: boolean
  /** Body behind all header fields, without FCS. */
  readonly body: Uint8Array
}

/** CRC-32 of IEEE 802.3, bit by bit. */
function fcs(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return ~crc >>> 0
}

/** Alignment and size of radiotap fields by bit. */
const RADIOTAP: { readonly [bit: number]: readonly [number, number] } = {
  0: [8, 8],
  1: [1, 1],
  2: [1, 1],
  3: [2, 4],
  5: [1, 1],
  6: [1, 1],
  11: [1, 1],
  14: [2, 2],
  19: [1, 3],
  20: [4, 8],
  21: [2, 12],
  23: [2, 12],
}

function readFrame(record: Uint8Array): Frame {
  const view = new DataView(record.buffer, record.byteOffset, record.length)
  assert.equal(view.getUint32(8, true), record.length - 16)
  assert.equal(view.getUint32(12, true), record.length - 16)
  const nanos = view.getUint32(4, true)
  assert.ok(nanos < 1e9)
  const length = view.getUint16(18, true)
  assert.equal(view.getUint16(16, true), 0)
  const words: number[] = []
  let at = 20
  do {
    words.push(view.getUint32(at, true))
    at += 4
  } while (words[words.length - 1] >>> 31)
  const found = new Map<number, number>()
  for (const word of words) {
    for (let bit = 0; bit < 29; bit++) {
      if (!(word & (1 << bit))) continue
      const [align, size] = RADIOTAP[bit]
      while ((at - 16) % align !== 0) at++
      if (!found.has(bit)) found.set(bit, at)
      at += size
    }
  }
  assert.equal(at - 16, length, 'radiotap fields fill the header')
  assert.equal(record[found.get(1) ?? 0], 0x10, 'flags: FCS at end')
  const mpdu = record.subarray(16 + length, record.length - 4)
  assert.equal(view.getUint32(record.length - 4, true), fcs(mpdu), 'FCS')
  const type = (mpdu[0] >> 2) & 3
  const kind = (type << 4) | (mpdu[0] >> 4)
  assert.equal(mpdu[0] & 3, 0, 'protocol version')
  return {
    ns: BigInt(view.getUint32(0, true)) * 1_000_000_000n + BigInt(nanos),
    adapterUs: view.getBigUint64(found.get(0) ?? 0, true),
    signal: view.getInt8(found.get(5) ?? 0),
    mpdu,
    kind,
    retry: (mpdu[1] & 8) !== 0,
    body: mpdu.subarray(type === 1 ? 16 : kind === 0x28 ? 26 : 24),
  }
}

/** Reads elements; fails when one runs past the end. */
function elements(bytes: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    assert.ok(at + 2 <= bytes.length && at + 2 + bytes[at + 1] <= bytes.length, 'element is whole')
    found.push(bytes.subarray(at, at + 2 + bytes[at + 1]))
    at += 2 + bytes[at + 1]
  }
  return found
}

/** Bytes of records first … last. */
function bytesOf(traffic: Traffic, first: number, count: number): Uint8Array {
  const into = new Uint8Array(traffic.offset(first + count) - traffic.offset(first))
  assert.deepEqual(traffic.fill(into, first, count), { frames: count, bytes: into.length })
  return into
}

function framesOf(traffic: Traffic, first: number, count: number): Frame[] {
  const bytes = bytesOf(traffic, first, count)
  const frames: Frame[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + 16 + new DataView(bytes.buffer, at + 8).getUint32(0, true)
    frames.push(readFrame(bytes.subarray(at, end)))
    at = end
  }
  assert.equal(frames.length, count)
  return frames
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** More than one period, so that the seam between two is in it. */
const FRAMES = 40_000
const traffic = new Traffic(NORMAL, START_MS)
const frames = framesOf(traffic, 0, FRAMES)

test('beacons describe their network in whole elements, about 15 to 20 of them', () => {
  const fixed: { readonly [kind: number]: number } = { 0: 4, 1: 6, 4: 0, 5: 12, 8: 12 }
  let counted = 0
  let sum = 0
  for (const { kind, body } of frames) {
    if (fixed[kind] === undefined) continue
    const found = elements(body.subarray(fixed[kind]))
    if (kind !== 0x08) continue
    const ids = found.map(([id]) => id)
    assert.equal(ids[0], 0)
    assert.ok(found[0].length <= 34)
    for (const id of [0, 1, 3, 5, 7, 45, 48, 61]) assert.ok(ids.filter((other) => other === id).length <= 1, `element ${id} once`)
    assert.ok(ids.includes(5) && ids.includes(221))
    counted++
    sum += ids.length
  }
  assert.ok(sum / counted > 15 && sum / counted < 20, `${sum / counted} elements`)
})

test('names: hidden ones, and some that are not UTF-8', () => {
  const shown = new Set(frames.filter(({ kind }) => kind === 0x08).map(({ body }) => hex(elements(body.subarray(12))[0].subarray(2))))
  assert.ok(shown.has(''), 'no name')
  assert.ok(
    [...shown].some((name) => /^(00)+$/.test(name)),
    'zeros for a name',
  )
  const broken = [...shown].filter((name) => !Buffer.from(name, 'hex').equals(Buffer.from(Buffer.from(name, 'hex').toString('utf8'))))
  assert.ok(broken.length >= 2)
  assert.ok(shown.size > 20)
})

test('timers run with capture time; beacons come as their interval says and count down to the DTIM', () => {
  const tsf = new Map<string, bigint>()
  const dtim = new Map<string, number>()
  const offset = frames[0].adapterUs - frames[0].ns / 1000n
  let changing = 0
  for (const { kind, mpdu, body, ns, adapterUs } of frames) {
    assert.equal(adapterUs - ns / 1000n, offset)
    if (kind !== 0x08) continue
    const bssid = hex(mpdu.subarray(16, 22))
    const view = new DataView(body.buffer, body.byteOffset)
    const time = view.getBigUint64(0, true)
    assert.equal(view.getUint16(8, true), 100)
    assert.ok(time % 102_400n < 12_900n, 'soon after its TBTT')
    const behind = time - ns / 1000n
    assert.equal(tsf.get(bssid) ?? behind, behind)
    tsf.set(bssid, behind)
    const tim = elements(body.subarray(12)).find(([id]) => id === 5) ?? assert.fail('TIM')
    const before = dtim.get(bssid)
    assert.ok(tim[2] < tim[3])
    if (before !== undefined) assert.equal(tim[2], before === 0 ? tim[3] - 1 : before - 1)
    if (before !== undefined && before !== tim[2]) changing++
    dtim.set(bssid, tim[2])
  }
  assert.equal(tsf.size, NORMAL.networks)
  assert.ok(changing > 1000)
})

test('numbers of each transmitter count up, over the seam of periods as well', () => {
  const last = new Map<string, number>()
  let retries = 0
  for (const { kind, mpdu, retry } of frames) {
    if (kind >> 4 === 1 || kind === 0x0c) continue // control frames have none; injected ones have others than the real sender
    const tid = kind === 0x28 ? mpdu[24] & 15 : 'all'
    const key = `${hex(mpdu.subarray(10, 16))} ${tid}${kind === 0x28 ? hex(mpdu.subarray(4, 10)) : ''}`
    const number = (mpdu[22] | (mpdu[23] << 8)) >> 4
    assert.equal(mpdu[22] & 15, 0)
    const before = last.get(key)
    if (before !== undefined) assert.equal((number - before) & 4095, retry ? 0 : 1, key)
    if (retry) retries++
    last.set(key, number)
  }
  assert.ok(retries > 50)
  assert.ok(last.size > 300)
})

test('the mix and the size are as benchmarks expect', () => {
  const share = (...kinds: number[]): number => frames.filter(({ kind }) => kinds.includes(kind)).length / FRAMES
  const near = (value: number, wanted: number): void => assert.ok(Math.abs(value - wanted) < 0.02, `${value} for ${wanted}`)
  const keys = frames.filter(({ kind, mpdu, body }) => kind === 0x28 && !(mpdu[1] & 0x40) && body[6] === 0x88 && body[7] === 0x8e)
  near(share(0x08), 0.6)
  near(share(0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d), 0.2)
  near(share(0x00, 0x01, 0x04, 0x05, 0x0b, 0x0c, 0x0d) + keys.length / FRAMES, 0.1)
  near(share(0x20, 0x24, 0x28) - keys.length / FRAMES, 0.1)
  for (const kind of [0, 1, 4, 5, 8, 0x0b, 0x0c, 0x0d, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x20, 0x24, 0x28])
    assert.ok(share(kind) > 0, `kind ${kind}`)
  const mean = traffic.offset(FRAMES) / FRAMES
  assert.ok(mean > 250 && mean < 280, `${mean} bytes`)
})

test('four-way handshakes are whole: messages in order, nonces and replay counters that fit', () => {
  const under = new Map<string, { message: number; anonce: string }>()
  let whole = 0
  for (const { kind, mpdu, body } of frames) {
    if (kind !== 0x28 || mpdu[1] & 0x40 || body[6] !== 0x88 || body[7] !== 0x8e) continue
    const eapol = body.subarray(8)
    assert.equal((eapol[2] << 8) | eapol[3], eapol.length - 4)
    const information = (eapol[5] << 8) | eapol[6]
    const message = information & 0x80 ? (information & 0x40 ? 3 : 1) : information & 0x200 ? 4 : 2
    const pair = [hex(mpdu.subarray(4, 10)), hex(mpdu.subarray(10, 16))].sort().join()
    const nonce = hex(eapol.subarray(17, 49))
    const before = under.get(pair)
    assert.equal(message, before ? before.message + 1 : 1)
    assert.equal(eapol[16], message < 3 ? 1 : 2)
    if (message === 3) assert.equal(nonce, before?.anonce)
    else if (message !== 4) assert.notEqual(nonce, before?.anonce)
    if (message === 4) {
      under.delete(pair)
      whole++
    } else under.set(pair, { message, anonce: message === 1 ? nonce : (before?.anonce ?? '') })
  }
  assert.ok(whole > 20)
})

test('times ascend, and signals are those of their transmitter', () => {
  const levels = new Map<string, number>()
  for (const [i, { ns, kind, mpdu, signal }] of frames.entries()) {
    if (i > 0) assert.ok(ns > frames[i - 1].ns)
    assert.ok(signal < -25 && signal > -95)
    if (kind !== 0x08) continue
    const bssid = hex(mpdu.subarray(10, 16))
    const usual = levels.get(bssid) ?? signal
    assert.ok(Math.abs(signal - usual) <= 3)
    levels.set(bssid, usual)
  }
  assert.equal(Number(frames[0].ns / 1_000_000n), Math.floor(traffic.time(0)))
})

test('the same seed gives the same bytes, another seed others', () => {
  const again = bytesOf(new Traffic(NORMAL, START_MS), 0, 3000)
  assert.deepEqual(again, bytesOf(traffic, 0, 3000))
  assert.notDeepEqual(bytesOf(new Traffic({ ...NORMAL, seed: 2 }, START_MS), 0, 10), bytesOf(traffic, 0, 10))
})

test('reading can go on at any frame, and any lengths of pieces give the same bytes', () => {
  const whole = bytesOf(traffic, 0, FRAMES)
  fc.assert(
    fc.property(fc.nat(FRAMES - 400), fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 }), (first, pieces) => {
      let frame = first
      for (const piece of pieces) {
        assert.deepEqual(bytesOf(traffic, frame, piece), whole.slice(traffic.offset(frame), traffic.offset(frame + piece)))
        frame += piece
      }
    }),
    { numRuns: 60 },
  )
  const small = new Uint8Array(5000)
  const { frames: fitting, bytes } = traffic.fill(small, 0, 100)
  assert.equal(bytes, traffic.offset(fitting))
  assert.ok(traffic.offset(fitting + 1) > small.length)
})

test('a rate is kept in capture time, below and above what is natural', () => {
  for (const rate of [200, 5000, 20_000]) {
    const paced = new Traffic({ seed: 3, networks: 40, clients: 10, rate }, START_MS)
    const count = rate * 20
    const seconds = (paced.time(count) - paced.time(0)) / 1000
    assert.ok(Math.abs(seconds - 20) < 3, `${rate}: ${seconds} s`)
    assert.equal(framesOf(paced, 0, 200).length, 200)
  }
})

test('one network with one client is enough', () => {
  const lonely = framesOf(new Traffic({ seed: 9, networks: 1, clients: 1, rate: 0 }, START_MS), 0, 2000)
  assert.equal(new Set(lonely.filter(({ kind }) => kind === 0x08).map(({ mpdu }) => hex(mpdu.subarray(16, 22)))).size, 1)
})

test('far from the start numbers stay exact', () => {
  const far = 10_000_000_000
  const [one, two] = framesOf(traffic, far, 2)
  assert.ok(two.ns > one.ns)
  assert.ok(Math.abs(Number(one.ns / 1_000_000n) - traffic.time(far)) <= 1)
  assert.equal(one.adapterUs - one.ns / 1000n, frames[0].adapterUs - frames[0].ns / 1000n)
})
