/** What privacy leaves of real-looking traffic, beside the same traffic without it. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readCapture, runBatches } from '../../../cli/captures.ts'
import type { FieldClass, KnownField } from '../../../core/plugin.ts'
import { builtInTables } from '../../../docs/tables.ts'
import { body, pipelineOf } from '../../../test/conformance/pipeline.ts'
import { memoryLog } from '../../../test/plugins/config.ts'
import { capture } from '../../inputs/generate/write.ts'

const folder = mkdtempSync(join(tmpdir(), 'wherry-privacy-'))
after(() => rmSync(folder, { recursive: true }))

const FRAMES = 1200
const file = join(folder, 'air.pcap')
writeFileSync(
  file,
  Buffer.concat(
    Array.from(capture({ seed: 5, networks: 12, clients: 40, rate: 0, frames: FRAMES, start_ms: 1_735_689_600_000 }), ({ bytes }) =>
      Uint8Array.from(bytes),
    ),
  ),
)

type Flat = Map<string, unknown>

async function events(emit: string, filters: Record<string, object>): Promise<{ fast: string[]; slow: string[] }> {
  const { pipeline, sensor } = await pipelineOf(emit, ['lines', 'objects'], filters)
  const fast: string[] = []
  const slow: string[] = []
  const skipped = () => assert.fail('a record was skipped')
  const options = { log: memoryLog(), signal: new AbortController().signal, max_record_bytes: 2 ** 20, statistics: false, skipped }
  for await (const ran of runBatches(pipeline, readCapture(file, options), sensor)) {
    assert.deepEqual(ran.result.bad, [])
    fast.push(...lines(body(ran, 0)))
    slow.push(...lines(body(ran, 1)))
  }
  return { fast, slow }
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '')

function flat(text: string): Flat {
  const into: Flat = new Map()
  const walk = (value: unknown, path: string): void => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && !classes.has(path))
      for (const [key, inner] of Object.entries(value)) walk(inner, path === '' ? key : `${path}.${key}`)
    else into.set(path, value)
  }
  walk(JSON.parse(text), '')
  return into
}

const classes = new Map<string, FieldClass>()
for (const table of (await builtInTables()).keys()) for (const field of table.fields as KnownField[]) classes.set(field.path, field.class ?? 'plain')

for (const emit of ['standard', 'full']) {
  test(`every value with a class is replaced or gone, all others stay, with emit: ${emit}`, async () => {
    const raw = await events(emit, {})
    const { fast, slow } = await events(emit, { hide: { plugin: 'privacy', period_s: 0 } })
    assert.deepEqual(fast, slow)
    assert.equal(fast.length, FRAMES)
    const pseudonyms = new Map<string, string>()
    const same = (before: unknown, now: unknown, path: string) => {
      const known = pseudonyms.get(String(before))
      if (known === undefined) pseudonyms.set(String(before), String(now))
      else assert.equal(now, known, `${path}: ${before} has two pseudonyms`)
    }
    let names = 0
    for (const [i, line] of raw.fast.entries()) {
      const [before, now] = [flat(line), flat(fast[i])]
      for (const path of now.keys()) assert.ok(before.has(path), `${path} was not there before`)
      const announced = before.get('wlan.fc.type_subtype') === 8 || before.get('wlan.fc.type_subtype') === 5
      for (const [path, value] of before) {
        const kind = classes.get(path)
        assert.ok(kind, `${path} is in no table`)
        if (kind === 'device_address') {
          if (Array.isArray(value)) for (const [k, one] of value.entries()) same(one, (now.get(path) as unknown[])[k], path)
          else same(value, now.get(path), path)
        } else if (kind === 'plain' || kind === 'position' || (kind === 'ssid' && announced)) assert.deepEqual(now.get(path), value, path)
        else {
          assert.equal(now.get(path), undefined, path)
          if (kind === 'ssid') names++
        }
      }
    }
    assert.ok(names > 5, 'clients look for names in this traffic')
    const raws = [...pseudonyms.keys()]
    assert.ok(raws.length > 50)
    assert.equal(new Set(pseudonyms.values()).size, raws.length)
    for (const [address, pseudonym] of pseudonyms) {
      if (address === 'ff:ff:ff:ff:ff:ff' || /^(01:00:5e|01:80:c2|33:33:00)/.test(address)) assert.equal(pseudonym, address)
      else {
        assert.ok(!raws.includes(pseudonym))
        // Locally administered, no group.
        assert.match(pseudonym, /^[0-9a-f][26ae]:/)
      }
    }
  })
}

test('a condition before privacy that looked at addresses changes nothing of what is written', async () => {
  // Whatever the networks call themselves goes too, in frames that repeat.
  const conditions = ['wlan.ta == 02:00:00:00:00:00 || wlan.ssid contains "zz"', 'wlan.fc.type_subtype == 0x3f', 'wlan.addr == 02:00:00:00:00:00']
  const cases = ['announced', 'none'].flatMap((keep_ssids) => conditions.map((condition) => [keep_ssids, condition] as const))
  for (const [keep_ssids, condition] of cases) {
    const hide = { plugin: 'privacy', period_s: 0, addresses: 'remove', keep_ssids }
    const plain = await events('standard', { hide })
    const looked = await events('standard', {
      near: { plugin: 'keep', when: `${condition} || frame.number > 0` },
      hide,
    })
    assert.deepEqual(looked.fast, looked.slow)
    assert.deepEqual(looked.fast, plain.fast)
  }
})

test('what stands behind privacy sees no raw value: a condition finds none', async () => {
  const raw = await events('standard', {})
  const transmitter = raw.fast.map((line) => flat(line).get('wlan.ta')).find((address) => address !== undefined)
  const found = await events('standard', {
    hide: { plugin: 'privacy' },
    one: { plugin: 'keep', when: `wlan.addr == ${transmitter} || wlan.ta == ${transmitter}` },
  })
  assert.deepEqual(found.fast, [])
})

test('of two such filters the second one sees what the first one left, in every frame', async () => {
  const { fast, slow } = await events('standard', {
    hide: { plugin: 'privacy', keep_ssids: 'all' },
    more: { plugin: 'privacy', addresses: 'remove', keep_ssids: 'none' },
  })
  assert.deepEqual(fast, slow)
  for (const line of fast) for (const path of flat(line).keys()) assert.ok(!['device_address', 'ssid'].includes(classes.get(path)!), path)
})

test('another period has other pseudonyms', async () => {
  // The traffic runs over several minutes of capture time.
  const { fast } = await events('standard', { hide: { plugin: 'privacy', period_s: 5 } })
  const raw = await events('standard', {})
  const byAddress = new Map<string, Map<number, Set<string>>>()
  for (const [i, line] of fast.entries()) {
    const before = flat(raw.fast[i])
    const address = before.get('wlan.bssid') as string | undefined
    if (address === undefined || address === 'ff:ff:ff:ff:ff:ff') continue
    const period = Math.floor(Date.parse((before.get('@timestamp') as string).slice(0, 19).concat('Z')) / 5000)
    const periods = byAddress.get(address) ?? new Map<number, Set<string>>()
    byAddress.set(address, periods.set(period, (periods.get(period) ?? new Set<string>()).add(flat(line).get('wlan.bssid') as string)))
  }
  let compared = 0
  for (const periods of byAddress.values()) {
    for (const names of periods.values()) assert.equal(names.size, 1)
    assert.equal(new Set([...periods.values()].map((names) => [...names][0])).size, periods.size)
    if (periods.size > 1) compared++
  }
  assert.ok(compared > 5)
})
