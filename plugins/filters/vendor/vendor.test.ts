import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { packageRoot } from '../../../core/config/root.ts'
import { Event } from '../../../core/event/event.ts'
import { FeedReader } from '../../../core/feed/memory.ts'
import { envelope, type FeedContext, Fields, fieldTable, frame } from '../../../core/plugin.ts'
import { pureContext } from '../../../core/route/context.ts'
import { ManualClock } from '../../../test/kit/clock.ts'
import { memoryLog } from '../../../test/plugins/config.ts'
import { publishVendors } from './feed.ts'
import { vendors } from './fields.ts'
import vendor from './index.ts'
import { type Assignment, parseRegistry } from './registry.ts'
import { packTable, VendorTable } from './table.ts'

const nameOf = (table: VendorTable, address: number) => {
  const found = table.find(address)
  return found < 0 ? undefined : Buffer.from(table.name(found)).toString()
}

test('an address belongs to its longest prefix, as a plain search finds it', () => {
  const digits = fc.constantFrom(6, 7, 9)
  // Few different prefixes, so that longer ones lie within shorter ones.
  const prefix = digits.chain((length) =>
    fc.array(fc.constantFrom('0', '1', 'f'), { minLength: 4, maxLength: 4 }).map((end) =>
      end
        .join('')
        .padStart(9, '0a')
        .slice(9 - 9, length),
    ),
  )
  const assignment = fc.tuple(prefix, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }))
  fc.assert(
    fc.property(fc.array(assignment, { maxLength: 40 }), fc.array(fc.tuple(prefix, fc.nat(0xffffff)), { maxLength: 20 }), (list, asked) => {
      const byPrefix = new Map(list)
      const table = new VendorTable(packTable(list, 5))
      assert.equal(table.date_ms, 5)
      assert.equal(table.prefixes, byPrefix.size)
      for (const [start, rest] of asked) {
        const text = (start + rest.toString(16).padStart(6, '0')).padEnd(12, '0').slice(0, 12)
        const expected = byPrefix.get(text.slice(0, 9)) ?? byPrefix.get(text.slice(0, 7)) ?? byPrefix.get(text.slice(0, 6))
        for (let again = 0; again < 2; again++) assert.equal(nameOf(table, Number.parseInt(text, 16)), expected)
      }
    }),
  )
})

test('cut or strange bytes are no table', () => {
  const bytes = packTable([['00000c', 'Cisco Systems, Inc']], 0)
  for (let length = 0; length < bytes.length; length++) assert.throws(() => new VendorTable(bytes.slice(0, length)), /vendors/)
  assert.throws(() => new VendorTable(new Uint8Array(100)), /no table of vendors/)
})

test('the published forms of the registry are read', () => {
  const expected: Assignment[] = [
    ['00000c', 'Cisco Systems, Inc'],
    ['1006480', 'FLEX "X" Ltd'],
    ['70b3d5123', 'Lab'],
  ]
  const csv =
    'Registry,Assignment,Organization Name,Organization Address\r\nMA-L,00000C,"Cisco Systems, Inc",80 West Tasman Drive San Jose CA US 94568 \r\n' +
    'MA-M,1006480,"FLEX ""X"" Ltd","Plot 3, x"\r\nMA-S,70B3D5123,Lab,y\r\nMA-L,AABBCC,Private,\r\n'
  assert.deepEqual(parseRegistry(csv), expected)
  const manuf =
    '# a comment\n00:00:0C\tCisco\tCisco Systems, Inc\n10:06:48:00:00:00/28\tFlex\tFLEX "X" Ltd\n70:B3:D5:12:30:00/36\tLab\n00:00:00:00/12 odd\n'
  assert.deepEqual(parseRegistry(manuf), expected)
  const json = '{"00000C":"Cisco Systems, Inc\\n80 West","1006480":"FLEX \\"X\\" Ltd","70B3D5123":"Lab","xyz":"no","AABBCC":"Private"}'
  assert.deepEqual(new Map(parseRegistry(json)), new Map(expected))
  for (const text of ['', 'hello', '{}', '[1]']) assert.throws(() => parseRegistry(text), /no list of vendors/)
})

test('the table that comes with Wherry knows well-known vendors, and says of when it is', async () => {
  const bytes = Uint8Array.from(gunzipSync(await readFile(new URL('plugins/filters/vendor/vendors.bin.gz', packageRoot()))))
  const table = new VendorTable(bytes)
  assert.ok(table.prefixes > 50_000 && bytes.length < 1_500_000)
  assert.match(nameOf(table, 0x00000c123456) ?? '', /Cisco/)
  assert.match(nameOf(table, 0x001b63123456) ?? '', /Apple/)
  assert.ok(table.date_ms > Date.parse('2026-01-01'))
})

function filter(options: object, bytes: Uint8Array | undefined) {
  const address = { type: 'mac', class: 'device_address', description: 'x' } as const
  const table = fieldTable('x', {
    ta: { path: 'wlan.ta', ...address },
    bssid: { path: 'wlan.bssid', ...address },
    random: { path: 'wlan.ta_random', type: 'bool', description: 'x' },
  })
  const event = new Event(new Fields([envelope, frame, table, vendors]))
  const feed = new FeedReader(0)
  feed.bytes = bytes
  const made = vendor.create({ of: ['wlan.ta', 'kismet.mac'], ...options } as never, pureContext('vendor', event, { name: 'pi', id: 'x' }, feed))
  return { event, made, feed }
}

test('tells the vendor of real addresses and the randomness of others; groups have neither', () => {
  const { event, made } = filter({ of: ['wlan.ta', 'wlan.bssid'] }, packTable([['00000c', 'Cisco Systems, Inc']], 0))
  const run = (ta: string, bssid: string) => {
    event.open(new Uint8Array(0))
    event.set('wlan.ta', ta)
    event.set('wlan.bssid', bssid)
    made.apply(event)
    return ['wlan.ta_vendor', 'wlan.bssid_vendor', 'wlan.ta_random', 'wlan.bssid_random'].map((path) => event.get(path))
  }
  // What ieee80211 says of the transmitter is left to it.
  assert.deepEqual(run('00:00:0c:01:02:03', '02:00:0c:01:02:03'), ['Cisco Systems, Inc', undefined, undefined, true])
  assert.deepEqual(run('00:00:0d:01:02:03', '00:00:0c:01:02:03'), [undefined, 'Cisco Systems, Inc', undefined, false])
  assert.deepEqual(run('01:00:0c:01:02:03', 'ff:ff:ff:ff:ff:ff'), [undefined, undefined, undefined, undefined])
})

test('without a table only randomness is told; a newer table takes over', () => {
  const { event, made, feed } = filter({ of: ['wlan.bssid'] }, undefined)
  const run = () => {
    event.open(new Uint8Array(0))
    event.set('wlan.bssid', '00:00:0c:01:02:03')
    made.apply(event)
    return event.get('wlan.bssid_vendor')
  }
  assert.equal(run(), undefined)
  feed.bytes = packTable([['00000c', 'Old']], 0)
  assert.equal(run(), 'Old')
  feed.bytes = packTable([['00000c', 'New']], 0)
  assert.equal(run(), 'New')
})

test('the main half takes the own table, keeps the last good one when it breaks, and takes the next one', async () => {
  const data_dir = await mkdtemp(join(tmpdir(), 'wherry-oui-'))
  const stop = new AbortController()
  const clock = new ManualClock()
  const log = memoryLog()
  const published: VendorTable[] = []
  const context = {
    name: 'vendor',
    data_dir,
    signal: stop.signal,
    log,
    clock,
    publish: () => assert.fail(),
    replace: (bytes: Uint8Array) => void published.push(new VendorTable(Uint8Array.from(bytes))),
  } satisfies FeedContext
  const path = join(data_dir, 'oui.bin')
  const later = async (until: () => boolean) => {
    for (let i = 0; i < 200 && !until(); i++) {
      clock.advance(60_000)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    assert.ok(until())
  }
  try {
    await publishVendors(undefined, context)
    assert.ok(published[0].prefixes > 50_000)
    await writeFile(path, 'broken')
    await later(() => log.lines.length === 1)
    assert.match(log.lines[0], /oui\.bin cannot be used: no table of vendors; the table before it stays/)
    assert.equal(published.length, 1)
    await writeFile(path, packTable([['00000c', 'Mine']], 0))
    await later(() => published.length === 2)
    assert.equal(nameOf(published[1], 0x00000c000001), 'Mine')
    published.length = 0
    await publishVendors(undefined, context)
    assert.equal(published[0].prefixes, 1)
  } finally {
    stop.abort()
    await rm(data_dir, { recursive: true })
  }
})
