import assert from 'node:assert/strict'
import { test } from 'node:test'
import { envelope, frame } from './envelope.ts'
import { Event } from './event.ts'
import { Fields, fieldTable } from './fields.ts'
import { Text, Texts } from './texts.ts'

const names = fieldTable('names', { name: { path: 'name', type: 'text', description: 'a name' } })
const fields = new Fields([envelope, frame, names])
const number = fields.base(names) + names.at.name

function put(texts: Texts, event: Event, text: Text): number {
  event.open(new Uint8Array(0))
  const place = texts.place(event, text)
  event.put(number, place, text.bytes.length)
  assert.equal(event.get('name'), Buffer.from(text.bytes).toString())
  return place
}

test('a text is a constant from the next record on, also when many are asked for in turn', () => {
  const event = new Event(fields)
  const texts = new Texts(event)
  const all = Array.from({ length: 40 }, (_, i) => new Text(Buffer.from(`maker ${'x'.repeat(i * 7)}${i}`)))
  for (const text of all) assert.equal(event.isConstant(put(texts, event, text)), false)
  event.open(new Uint8Array(0))
  const places = all.map((text) => put(texts, event, text))
  for (const place of places) assert.equal(event.isConstant(place), true)
  assert.deepEqual(
    all.map((text) => put(texts, event, text)),
    places,
  )
})

test('asked for twice in a record it is kept twice, and becomes one constant', () => {
  const event = new Event(fields)
  const texts = new Texts(event)
  const text = new Text(Buffer.from('a maker'))
  event.open(new Uint8Array(0))
  const [first, second] = [texts.place(event, text), texts.place(event, text)]
  assert.notEqual(first, second)
  event.put(number, second, text.bytes.length)
  assert.equal(event.get('name'), 'a maker')
  assert.equal(event.isConstant(put(texts, event, text)), true)
})

test('there are 512 constants; further texts, and those of events that filters make, are kept for their record', () => {
  const event = new Event(fields)
  const texts = new Texts(event)
  const all = Array.from({ length: 513 }, (_, i) => new Text(Buffer.from(`maker ${i}`)))
  for (const text of all) put(texts, event, text)
  assert.equal(event.isConstant(put(texts, event, all[511])), true)
  assert.equal(event.isConstant(put(texts, event, all[512])), false)
  assert.equal(new Event(fields).isConstant(put(texts, new Event(fields), all[0])), false)
})
