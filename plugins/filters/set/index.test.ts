import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Event } from '../../../core/event/event.ts'
import { envelope, Fields, fieldTable, frame } from '../../../core/plugin.ts'
import { pureContext } from '../../../core/route/context.ts'
import set from './index.ts'

const known = fieldTable('known', {
  mac: { path: 'known.mac', type: 'mac', description: '' },
  time: { path: 'known.time', type: 'time', description: '' },
  name: { path: 'known.name', type: 'name', names: { 8: 'Beacon' }, description: '' },
  list: { path: 'known.list', type: 'text', list: true, description: '' },
})

function made(config: Parameters<typeof set.create>[0]) {
  const before = new Fields([envelope, frame, known])
  const tables = set.fields(config, (name) => before.find(name))
  const event = new Event(new Fields([envelope, frame, known, ...tables]))
  const filter = set.create(config, pureContext('set', event, { name: 'test', id: 'test' }))
  event.open(new Uint8Array(0))
  return { event, filter, tables }
}

test('declares new fields with the type of their value, and only those', () => {
  const { tables } = made({ fields: { 'site.name': 'roof', 'site.floor': -3, 'site.height': 0.5, 'site.outdoor': false, 'frame.len': 7 } })
  const types = Object.fromEntries(tables.flatMap((table) => table.fields.map(({ path, type }) => [path, type])))
  assert.deepEqual(types, { 'site.name': 'text', 'site.floor': 'int', 'site.height': 'float', 'site.outdoor': 'bool' })
})

test('sets every field, replacing what was there', () => {
  const { event, filter } = made({
    fields: { 'site.name': 'röof', 'frame.len': 7, 'known.mac': '00-1B-63-AA-BB-CC', 'known.name': 'Beacon', 'known.list': 'one' },
  })
  event.set('frame.len', 100)
  assert.notEqual(filter.apply(event), false)
  assert.deepEqual(
    ['site.name', 'frame.len', 'known.mac', 'known.name', 'known.list'].map((path) => event.get(path)),
    ['röof', 7, '00:1b:63:aa:bb:cc', 'Beacon', ['one']],
  )
})

test('with `when`, sets only where it matches, and drops nothing', () => {
  const { event, filter } = made({ fields: { 'site.long': true }, when: 'frame.len > 900' })
  for (const [length, expected] of [
    [100, undefined],
    [1000, true],
  ] as const) {
    event.open(new Uint8Array(0))
    event.set('frame.len', length)
    assert.notEqual(filter.apply(event), false)
    assert.equal(event.get('site.long'), expected)
  }
})

test('values that do not fit, ids and times, and odd paths are errors of the config', () => {
  assert.throws(() => made({ fields: { 'frame.len': 'long' } }), /frame\.len is int; "long" does not fit/)
  assert.throws(() => made({ fields: { 'known.time': 'today' } }), /known\.time is time/)
  assert.throws(() => made({ fields: { 'event.id': 'x' } }), /event\.id is not to be set/)
  assert.throws(() => made({ fields: { 'frame.time': '2026-11-23 10:00:00' } }), /frame\.time is not to be set/)
  for (const path of ['', '.', 'a..b', 'a b', '1']) assert.throws(() => made({ fields: { [path]: 1 } }), /no path of a field/, path)
})
