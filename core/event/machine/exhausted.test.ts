/** In a file, and so in a process, of its own: the memory is gone for good. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { envelope, frame } from '../envelope.ts'
import { Event } from '../event.ts'
import { Fields, fieldTable } from '../fields.ts'
import { jsonWriter } from '../json.ts'
import { exactJson, toObject } from '../object.ts'
import { Repeats } from '../repeats.ts'
import { ByteWriter } from '../writer.ts'
import { machine, machineMemory } from './machine.ts'

const steady = fieldTable('steady', { is: { path: 'steady.is', type: 'int', description: 'a byte' } }, { repeats: true })
const fields = new Fields([envelope, frame, steady])

test('without memory of the machine nothing repeats, and all is written', () => {
  for (let bytes = 2 ** 25; bytes >= 64; bytes /= 2) while (machine().has(bytes)) assert.notEqual(machine().take(bytes), 0)
  assert.equal(machine().take(64), 0)
  const event = new Event(fields)
  const lazy = event.lazy(steady, (e) => e.put(fields.base(steady), e.bytes[0]))
  const repeats = new Repeats(event, [steady], () => ({}))
  const write = jsonWriter(fields)
  for (let i = 0; i < 5; i++) {
    const batch = new Uint8Array(40).fill(9)
    assert.equal(event.batch(batch), batch)
    event.open(batch)
    event.end = 40
    event.repeat = repeats.find(1, 0, event, 0)
    assert.equal(event.repeat, undefined)
    assert.equal(repeats.learn(1, 0, event, 0, 40), undefined)
    event.defer(lazy)
    event.record(1_700_000_000 + i, 5, new Uint8Array(8), i)
    const out = new ByteWriter(machineMemory, 8)
    write(event, out)
    assert.equal(Buffer.from(out.written()).toString(), exactJson(toObject(event)))
  }
})
