import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digest } from './digest.ts'
import { envelope, frame } from './envelope.ts'
import { Event, type Value } from './event.ts'
import { Fields, fieldTable } from './fields.ts'

const table = fieldTable('t', {
  text: { path: 't.text', type: 'text', description: '' },
  texts: { path: 't.texts', type: 'text', list: true, description: '' },
  mac: { path: 't.mac', type: 'mac', description: '' },
  wide: { path: 't.wide', type: 'u64', description: '' },
  float: { path: 't.float', type: 'float', description: '' },
})
const fields = new Fields([envelope, frame, table])
const sum = digest(table.fields.map(({ path }) => fields.find(path)!))

function of(values: Record<string, Value>): number {
  const event = new Event(fields)
  event.open(new Uint8Array(0))
  for (const [path, value] of Object.entries(values)) event.set(path, value)
  return sum(event)
}

test('the same values give the same, others another', () => {
  const all: Record<string, Value>[] = [
    {},
    { 't.text': '' },
    { 't.text': 'a' },
    { 't.texts': [] },
    { 't.texts': ['a'] },
    { 't.texts': ['', 'a'] },
    { 't.texts': ['a', ''] },
    { 't.mac': '00:00:00:00:00:00' },
    { 't.mac': '00:00:00:00:00:01' },
    { 't.mac': '00:01:00:00:00:00' },
    { 't.wide': 1 },
    { 't.wide': 2n ** 32n },
    { 't.float': 0 },
    { 't.float': 0.5 },
  ]
  assert.equal(new Set(all.map(of)).size, all.length)
  for (const values of all) assert.equal(of(values), of(values))
  assert.equal(of({ 't.float': 0 }), of({ 't.float': -0 }))
})

test('neighbouring addresses do not collide', () => {
  const seen = new Set<number>()
  for (let i = 0; i < 20_000; i++)
    seen.add(
      of({
        't.mac': i
          .toString(16)
          .padStart(12, '0')
          .replace(/(..)(?=.)/g, '$1:'),
      }),
    )
  assert.equal(seen.size, 20_000)
})
