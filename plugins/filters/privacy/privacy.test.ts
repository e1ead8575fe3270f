import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { Event } from '../../../core/event/event.ts'
import { FeedReader } from '../../../core/feed/memory.ts'
import { createdId, envelope, type FeedContext, Fields, fieldTable, frame, idText } from '../../../core/plugin.ts'
import { pureContext } from '../../../core/route/context.ts'
import { addressMatcher, isOfNobody } from './addresses.ts'
import { publishKey } from './feed.ts'
import { counts } from './fields.ts'
import privacy from './index.ts'
import { Pseudonyms, periodKey } from './pseudonyms.ts'

const master = new Uint8Array(32).fill(1)
const all = { keep_oui: false, exempt: () => false }
const address = fc.nat({ max: 2 ** 48 - 1 })

/** A filter over a few fields of its own, with a known key. */
function filter(options: object, tables: Parameters<typeof fieldTable>[1] = {}) {
  const fields = new Fields([envelope, frame, fieldTable('some', tables), counts])
  const event = new Event(fields)
  const feed = new FeedReader(0)
  feed.bytes = master
  const defaults = { addresses: 'pseudonym', keep_oui: false, period_s: 0, exempt: [], keep_ssids: 'announced', network_addresses: 'remove' }
  const made = privacy.create({ ...defaults, ...options } as never, pureContext('hide', event, { name: 'pi', id: 'x' }, feed))
  return { event, fields, filter: made }
}

test('pseudonyms are addresses of nobody: locally administered, no group, the same for the same address and key', () => {
  const one = new Pseudonyms(periodKey(master, 1), all)
  const again = new Pseudonyms(periodKey(master, 1), all)
  fc.assert(
    fc.property(address, (mac) => {
      const pseudonym = one.mac(mac)
      assert.equal(again.mac(mac), pseudonym)
      assert.equal(one.mac(mac), pseudonym)
      if (!isOfNobody(mac)) assert.equal(Math.floor(pseudonym / 2 ** 40) % 4, 2)
    }),
  )
})

test('the table of remembered pseudonyms never gives one of another address', () => {
  const remembered = new Pseudonyms(periodKey(master, 2), all)
  const macs = Array.from({ length: 60_000 }, (_, i) => 0x001122000000 + i * 4097)
  const first = macs.map((mac) => remembered.mac(mac))
  assert.equal(new Set(first).size, macs.length)
  for (const [i, mac] of macs.entries()) if (i % 97 === 0) assert.equal(remembered.mac(mac), first[i])
})

test('a period tells nothing of another one, and keep_oui keeps the vendor of what has one', () => {
  const mac = 0x001b63aabbcc
  assert.notEqual(new Pseudonyms(periodKey(master, 1), all).mac(mac), new Pseudonyms(periodKey(master, 2), all).mac(mac))
  const kept = new Pseudonyms(periodKey(master, 1), { ...all, keep_oui: true })
  assert.equal(Math.floor(kept.mac(mac) / 2 ** 24), 0x001b63)
  assert.notEqual(kept.mac(mac), mac)
  assert.notEqual(Math.floor(kept.mac(0x021b63aabbcc) / 2 ** 24), 0x021b63)
})

test('groups that tell of nobody stay; those that hold the end of an address do not', () => {
  for (const mac of [0xffffffffffff, 0, 0x01005e0000fb, 0x0180c2000000, 0x333300000001]) assert.ok(isOfNobody(mac))
  // A solicited-node group, and a transmitter's own address with the group bit set.
  for (const mac of [0x3333ffaabbcc, 0x011b63aabbcc]) assert.ok(!isOfNobody(mac))
})

test('exempt takes addresses, first bytes and prefixes', () => {
  const exempt = addressMatcher(['00:11:22:33:44:55', 'aa-bb-cc', '10:20:30:40:00:00/28'])
  for (const mac of [0x001122334455, 0xaabbcc000000, 0xaabbccffffff, 0x10203040abcd, 0x1020304fffff]) assert.ok(exempt(mac), mac.toString(16))
  for (const mac of [0x001122334456, 0xaabbcd000000, 0x102030500000]) assert.ok(!exempt(mac), mac.toString(16))
  for (const text of ['roof', 'aa:b', 'aa:bb:cc/0', 'aa:bb:cc/49', '']) assert.throws(() => addressMatcher([text]), /is no address/)
})

test('plain hashing is refused, with the reason', () => {
  assert.throws(() => filter({ addresses: 'sha256' }), /a hash without a secret key hides no address/)
  assert.throws(() => filter({ addresses: 'none' }), /must be pseudonym or remove, not "none"/)
})

test('each class is treated as the options say, lists and other types too', () => {
  const described = { description: 'x' } as const
  const { event, filter: hide } = filter(
    { network_addresses: 'truncate', position_decimals: 1, exempt: ['00:00:5e'] },
    {
      own: { path: 'x.own', type: 'mac', class: 'device_address', ...described },
      macs: { path: 'x.macs', type: 'mac', list: true, class: 'device_address', ...described },
      key: { path: 'x.key', type: 'text', class: 'device_address', ...described },
      keys: { path: 'x.keys', type: 'text', list: true, class: 'device_address', ...described },
      ips: { path: 'x.ips', type: 'ip', list: true, class: 'network_address', ...described },
      ip6: { path: 'x.ip6', type: 'ip', class: 'network_address', ...described },
      name: { path: 'x.name', type: 'text', class: 'ssid', ...described },
      names: { path: 'x.names', type: 'bytes', list: true, class: 'ssid', ...described },
      who: { path: 'x.who', type: 'text', class: 'identity', ...described },
      what: { path: 'x.what', type: 'bytes', class: 'payload', ...described },
      where: { path: 'x.where', type: 'point', class: 'position', ...described },
      rest: { path: 'x.rest', type: 'text', ...described },
    },
  )
  event.open(new Uint8Array(0))
  const values = {
    'x.own': '00:00:5e:00:53:01',
    'x.macs': ['00:11:22:33:44:55', 'ff:ff:ff:ff:ff:ff'],
    'x.key': 'key of 001122334455',
    'x.keys': ['001122334455'],
    'x.ips': ['10.1.2.3', '2001:db8:1:2::5'],
    'x.ip6': 'fe80::211:22ff:fe33:4455',
    'x.name': 'home',
    'x.names': ['686f6d65'],
    'x.who': 'anna',
    'x.what': '00',
    'x.where': { lat: 52.1234, lon: -4.3456 },
    'x.rest': 'plain',
  }
  for (const [path, value] of Object.entries(values)) event.set(path, value)
  hide.apply(event, () => undefined)
  const now = Object.fromEntries(Object.keys(values).map((path) => [path, event.get(path)]))
  const { 'x.macs': macs, 'x.key': key, ...others } = now
  assert.match(String((macs as string[])[0]), /^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/)
  assert.equal((macs as string[])[1], 'ff:ff:ff:ff:ff:ff')
  assert.match(String(key), /^[0-9a-f]{16}$/)
  assert.deepEqual(others, {
    'x.own': '00:00:5e:00:53:01',
    'x.keys': undefined,
    'x.ips': ['10.1.2.0', '2001:db8:1::'],
    'x.ip6': 'fe80::',
    'x.name': undefined,
    'x.names': undefined,
    'x.who': undefined,
    'x.what': undefined,
    'x.where': { lat: 52.1, lon: -4.3 },
    'x.rest': 'plain',
  })
})

test('ids of captured frames stay; others, which may be made of addresses, become keyed', () => {
  const { event, filter: hide, fields } = filter({})
  const id = fields.base(envelope) + envelope.at.id
  const run = (captured: boolean) => {
    event.open(new Uint8Array(0))
    const bytes = createdId(1_700_000_000, 5, 'device', '00:11:22:33:44:55', '', '')
    event.put(id, event.keep(bytes), bytes.length)
    if (captured) event.set('frame.cap_len', 10)
    hide.apply(event, () => undefined)
    return { before: idText(bytes), now: String(event.get('event.id')) }
  }
  assert.equal(run(true).now, run(true).before)
  const { before, now } = run(false)
  assert.notEqual(now, before)
  // The time is kept, so that ids still sort by it; and a repeat has the same id.
  assert.equal(now.slice(0, 10), before.slice(0, 10))
  assert.equal(run(false).now, now)
})

test('counts_only emits numbers for each interval and channel, none of too few devices, and no address', () => {
  const {
    event,
    filter: count,
    fields,
  } = filter(
    { counts_only: { interval_s: 60, min_devices: 2, max_devices: 4 } },
    {
      type: { path: 'wlan.fc.type_subtype', type: 'int', description: 'x' },
      ta: { path: 'wlan.ta', type: 'mac', class: 'device_address', description: 'x' },
      channel: { path: 'wlan_radio.channel', type: 'int', description: 'x' },
    },
  )
  const made: Record<string, unknown>[] = []
  const emit = (fill: (event: Event) => void) => {
    const out = new Event(fields, event)
    out.open(new Uint8Array(0))
    fill(out)
    made.push(
      Object.fromEntries(fields.all.flatMap((field) => (field && out.get(field.path) !== undefined ? [[field.path, out.get(field.path)]] : []))),
    )
  }
  const frames: [seconds: number, type: number, ta: string, channel: number][] = [
    [60, 8, '00:00:00:00:00:0a', 6],
    [61, 4, '00:00:00:00:00:01', 6],
    [61, 4, '00:00:00:00:00:01', 6],
    [62, 4, '00:00:00:00:00:02', 6],
    [63, 4, '00:00:00:00:00:01', 11],
    [64, 4, '00:00:00:00:00:03', 11],
    [121, 4, '00:00:00:00:00:01', 6],
  ]
  for (const [i, [seconds, type, ta, channel]] of frames.entries()) {
    event.open(new Uint8Array(0))
    event.record(seconds, 0, new Uint8Array(8), i)
    event.set('wlan.fc.type_subtype', type)
    event.set('wlan.ta', ta)
    event.set('wlan_radio.channel', channel)
    if (count.due!(event)) count.flush!(emit)
    assert.equal(count.apply(event, emit), false)
  }
  count.flush!(emit)
  const told = made.map((values) => Object.fromEntries(Object.entries(values).filter(([path]) => path.startsWith('privacy.'))))
  const from = (seconds: number) => ({ 'privacy.counts.from': `1970-01-01T00:0${seconds / 60}:00.000000000Z`, 'privacy.counts.interval_s': 60 })
  assert.deepEqual(told, [
    {
      ...from(60),
      'privacy.counts.channel': 6,
      'privacy.counts.devices': 2,
      'privacy.counts.access_points': 1,
      'privacy.counts.frames': 4,
    },
    // The fifth device is beyond the limit, and one alone is no group.
    { ...from(60), 'privacy.counts.channel': 11, 'privacy.counts.suppressed': true, 'privacy.counts.shed': 1 },
    { ...from(120), 'privacy.counts.channel': 6, 'privacy.counts.suppressed': true },
  ])
  assert.equal(new Set(made.map((values) => values['event.id'])).size, 3)
  assert.ok(!JSON.stringify(made).includes('00:00:00'.concat(':00')))
})

test('the key file is made once, for nobody else to read, and a short one is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wherry-key-'))
  try {
    const published: Uint8Array[] = []
    const context = { replace: (bytes: Uint8Array) => void published.push(bytes) } as unknown as FeedContext
    const path = join(folder, 'key')
    await publishKey(path, context)
    await publishKey(path, context)
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    assert.deepEqual(published[0], published[1])
    assert.deepEqual(published[0], await readFile(path))
    await publishKey(undefined, context)
    await publishKey(undefined, context)
    assert.notDeepEqual(published[2], published[3])
    await writeFile(join(folder, 'short'), 'secret')
    await assert.rejects(publishKey(join(folder, 'short'), context), /has 6 bytes; a key has 32 or more/)
  } finally {
    await rm(folder, { recursive: true })
  }
})
