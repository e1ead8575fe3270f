import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { Event } from '../../../core/event/event.ts'
import { envelope, Fields, fieldTable, frame } from '../../../core/plugin.ts'
import { pureContext } from '../../../core/route/context.ts'
import { checkedConfig } from '../../../test/kit/config.ts'
import { memoryLog } from '../../../test/plugins/config.ts'
import { parseCsv } from './csv.ts'
import lookup from './index.ts'
import { readTable, unpackTable } from './table.ts'

const known = fieldTable('known', {
  ta: { path: 'wlan.ta', type: 'mac', description: '' },
  floor: { path: 'site.floor', type: 'int', description: '' },
  addresses: { path: 'wlan.addr', type: 'mac', list: true, description: '' },
})
const OPTIONS = { file: 'assets.csv', field: 'wlan.ta', key: 'mac', add: { owner: 'asset.owner', floor: 'site.floor' } }

/** A filter whose main half has published these bytes. */
function made(options: object = {}) {
  const given = checkedConfig(lookup, { ...OPTIONS, ...options }) as never
  const before = new Fields([envelope, frame, known])
  const event = new Event(new Fields([envelope, frame, known, ...lookup.fields(given, (name) => before.find(name))]))
  const feed = { nearest: () => Number.NaN, values: new Float64Array(0), bytes: undefined as Uint8Array | undefined }
  const filter = lookup.create(given, pureContext('lookup', event, { name: 'test', id: 'test' }, feed))
  const found = (path: string, value: string | string[]) => {
    event.open(new Uint8Array(0))
    event.set(path, value)
    filter.apply(event)
    return [event.get('asset.owner'), event.get('site.floor')]
  }
  return { feed, found, given }
}

test('CSV: quotes, separators, line ends, empty lines', () => {
  assert.deepEqual(parseCsv('a,b\r\n1,"x, ""y""\nz"\n\n,\n', ','), [
    ['a', 'b'],
    ['1', 'x, "y"\nz'],
    ['', ''],
  ])
  assert.deepEqual(parseCsv('\ufeffa;b\n1;', ';'), [
    ['a', 'b'],
    ['1', ''],
  ])
  assert.throws(() => parseCsv('a\n"b', ','), /line 2: a quote is never closed/)
  assert.throws(() => parseCsv('a\n"b"c', ','), /line 2: "c" behind a closing quote/)
})

test('CSV: what is quoted is read as it was', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ') })
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 3 })), (rows) => {
      const text = rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')).join('\n')
      assert.deepEqual(parseCsv(text, ','), rows)
    }),
  )
})

test('tables: by header, by tab, JSON by array and by key', () => {
  const options = { key: 'mac', columns: ['owner', 'floor'] }
  const expected = [['00:1b:63:aa:bb:cc', ['Ann', '3']]]
  for (const [name, text] of [
    ['a.csv', 'mac,owner,floor\n00-1B-63-AA-BB-CC,Ann,3\n'],
    ['a.tsv', 'floor\tmac\tother\towner\n3\t001b.63aa.bbcc\tx\tAnn\n'],
    ['a.json', '[{"mac":"001B63AABBCC","owner":"Ann","floor":3}]'],
    ['a.json', '{"00:1b:63:aa:bb:cc":{"owner":"Ann","floor":3}}'],
  ])
    assert.deepEqual([...readTable(name, text, options)], expected, text)
  assert.throws(() => readTable('a.csv', 'mac,owner\n', options), /no column floor; it has mac, owner/)
  assert.throws(() => readTable('a.csv', '', options), /it is empty/)
  assert.throws(() => readTable('a.json', '[1]', options), /rows are no objects/)
  assert.throws(() => readTable('a.json', '[{"mac":"x","owner":"y"}]', options), /no row of it has floor/)
  assert.throws(() => readTable('a.json', '{', options), SyntaxError)
})

test('adds what the table says, in the type of the field', async () => {
  const { feed, found } = made()
  assert.deepEqual(found('wlan.ta', '00:1b:63:aa:bb:cc'), [undefined, undefined])
  feed.bytes = await published('mac,owner,floor\n00-1B-63-AA-BB-CC,Ann,3\n00:1b:63:00:00:01,,high\n')
  assert.deepEqual(found('wlan.ta', '00:1b:63:aa:bb:cc'), ['Ann', 3])
  assert.deepEqual(found('wlan.ta', '00:1b:63:00:00:01'), [undefined, undefined])
  assert.deepEqual(found('wlan.ta', '00:1b:63:00:00:02'), [undefined, undefined])
  feed.bytes = await published('mac,owner,floor\n00:1b:63:aa:bb:cc,Bob,4\n')
  assert.deepEqual(found('wlan.ta', '00:1b:63:aa:bb:cc'), ['Bob', 4])
})

test('of a list the first value that has a row counts', async () => {
  const { feed, found } = made({ field: 'wlan.addr' })
  feed.bytes = await published('mac,owner,floor\n00:1b:63:aa:bb:cc,Ann,3\n')
  assert.deepEqual(found('wlan.addr', ['ff:ff:ff:ff:ff:ff', '00:1b:63:aa:bb:cc']), ['Ann', 3])
})

test('odd paths, ids and times are errors of the config', () => {
  assert.throws(() => made({ add: { owner: 'a b' } }), /no path of a field/)
  assert.throws(() => made({ add: { owner: 'event.id' } }), /not to be set/)
})

test('the file is read again when it changes; a broken one leaves the last good one and is said once', async () => {
  await withFile(async (file) => {
    const { log, look, tables, stop } = await feedOf(file, 'mac,owner,floor\n00:1b:63:aa:bb:cc,Ann,3\n')
    const owner = () => tables().at(-1)?.get('00:1b:63:aa:bb:cc')?.[0]
    assert.equal(owner(), 'Ann')
    await look()
    assert.equal(tables().length, 1)
    await writeFile(file, 'mac,owner,floor\n00:1b:63:aa:bb:cc,Bobby,3\n')
    await look()
    assert.equal(owner(), 'Bobby')
    await writeFile(file, 'mac,name\n"torn')
    for (let i = 0; i < 3; i++) await look()
    assert.equal(owner(), 'Bobby')
    await rm(file)
    for (let i = 0; i < 3; i++) await look()
    await writeFile(file, 'mac,owner,floor\n00:1b:63:aa:bb:cc,Carla,3\n')
    await look()
    assert.equal(owner(), 'Carla')
    assert.deepEqual(
      log.lines.map((line) => line.replaceAll(file, 'FILE').replace(/ENOENT.*?;/, 'ENOENT;')),
      [
        'info filter assets: FILE has changed: 1 rows',
        'warn filter assets: FILE cannot be used: line 2: a quote is never closed; what was read before stays',
        'warn filter assets: FILE cannot be used: ENOENT; what was read before stays',
        'info filter assets: FILE has changed: 1 rows',
      ],
    )
    stop()
  })
})

test('without a good table to begin with the start fails', async () => {
  await withFile(async (file) => {
    await assert.rejects(feedOf(file, ''), /assets\.csv cannot be used: it is empty/)
  })
})

// --- the main half, with a clock that looks when told ---

async function feedOf(file: string, text: string) {
  await writeFile(file, text)
  const stop = new AbortController()
  const log = memoryLog()
  const replaced: Uint8Array[] = []
  let wake: () => void = () => undefined
  const clock = {
    now: () => 0,
    sleep: (_: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        wake = resolve
        signal?.addEventListener('abort', () => resolve())
      }),
  }
  const { given } = made({ file })
  await lookup.feed.start(given, {
    name: 'assets',
    data_dir: '.',
    signal: stop.signal,
    log,
    clock: clock as never,
    publish: () => assert.fail(),
    replace: (bytes) => void replaced.push(bytes),
  })
  const look = async (): Promise<void> => {
    const before = wake
    wake()
    // It sleeps again once it has looked.
    while (wake === before) await new Promise(setImmediate)
  }
  return { log, look, tables: () => replaced.map(unpackTable), stop: () => stop.abort() }
}

async function published(text: string): Promise<Uint8Array> {
  return withFile(async (file) => {
    let bytes = new Uint8Array(0)
    await writeFile(file, text)
    const stop = new AbortController()
    stop.abort()
    const { publishTable } = await import('./feed.ts')
    const context = {
      name: 'a',
      data_dir: '.',
      signal: stop.signal,
      log: memoryLog(),
      clock: { sleep: async () => undefined },
      publish: () => undefined,
    }
    await publishTable({ file, key: 'mac', columns: ['owner', 'floor'], look_s: 1 }, {
      ...context,
      replace: (of: Uint8Array) => {
        bytes = Uint8Array.from(of)
      },
    } as never)
    return bytes
  })
}

async function withFile<T>(run: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'wherry-'))
  try {
    return await run(join(folder, 'assets.csv'))
  } finally {
    await rm(folder, { recursive: true })
  }
}
