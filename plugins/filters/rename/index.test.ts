import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Event } from '../../../core/event/event.ts'
import { envelope, Fields, fieldTable, frame } from '../../../core/plugin.ts'
import { pureContext } from '../../../core/route/context.ts'
import rename from './index.ts'

const known = fieldTable('known', {
  mac: { path: 'known.mac', type: 'mac', class: 'device_address', alias: ['known.address'], description: 'An address.' },
  wait: { path: 'known.wait', type: 'int', unit: 'us', list: true, description: 'Waits.' },
  name: { path: 'known.name', type: 'name', names: { 8: 'Beacon' }, description: 'A name.' },
})

function made(fields: Record<string, string>) {
  const before = new Fields([envelope, frame, known])
  const tables = rename.fields({ fields }, (name) => before.find(name))
  const event = new Event(new Fields([envelope, frame, known, ...tables]))
  const filter = rename.create({ fields }, pureContext('rename', event, { name: 'test', id: 'test' }))
  event.open(new Uint8Array(0))
  return { event, filter, tables }
}

test('the new field has type, list, unit, class and names of the old one', () => {
  const { tables } = made({ 'known.address': 'client.mac', 'known.wait': 'waits', 'known.name': 'frame_type', 'frame.len': 'frame.cap_len' })
  assert.deepEqual(
    tables.flatMap(({ fields }) => fields),
    [
      { path: 'client.mac', type: 'mac', class: 'device_address', description: 'An address.', source: 'rename' },
      { path: 'waits', type: 'int', list: true, unit: 'us', description: 'Waits.', source: 'rename' },
      { path: 'frame_type', type: 'name', names: { 8: 'Beacon' }, description: 'A name.', source: 'rename' },
    ],
  )
})

test('values move; absent ones leave the target as it is', () => {
  const { event, filter } = made({ 'known.address': 'client.mac', 'known.wait': 'waits', 'frame.len': 'frame.cap_len' })
  event.set('known.mac', '00:1b:63:aa:bb:cc')
  event.set('known.wait', [1, 2])
  event.set('frame.cap_len', 60)
  assert.notEqual(filter.apply(event), false)
  assert.deepEqual(
    ['known.mac', 'client.mac', 'known.wait', 'waits', 'frame.len', 'frame.cap_len'].map((path) => event.get(path)),
    [undefined, '00:1b:63:aa:bb:cc', undefined, [1, 2], undefined, 60],
  )
})

test('names can be swapped', () => {
  const { event, filter } = made({ 'frame.len': 'frame.cap_len', 'frame.cap_len': 'frame.len' })
  event.set('frame.len', 100)
  event.set('frame.cap_len', 60)
  filter.apply(event)
  assert.deepEqual([event.get('frame.len'), event.get('frame.cap_len')], [60, 100])
})

test('what cannot be renamed is an error of the config', () => {
  assert.throws(() => made({ 'known.mak': 'x' }), /there is no field known\.mak/)
  assert.throws(() => made({ 'known.mac': 'frame.len' }), /known\.mac is mac, but frame\.len is int/)
  assert.throws(() => made({ 'known.wait': 'frame.len' }), /known\.wait is list of int, but frame\.len is int/)
  assert.throws(() => made({ 'known.mac': 'x', 'known.wait': 'x' }), /both known\.mac and known\.wait would become x/)
  assert.throws(() => made({ 'event.id': 'x' }), /event\.id keeps its name/)
  assert.throws(() => made({ 'known.mac': 'frame.time' }), /@timestamp keeps its name/)
  assert.throws(() => made({ 'known.mac': 'a b' }), /a b is no path/)
  assert.throws(() => made({ 'known.mac': 'known.name.mac' }), /cannot have a value and the child/)
})
