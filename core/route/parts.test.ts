import assert from 'node:assert/strict'
import { test } from 'node:test'
import { envelope, frame } from '../event/envelope.ts'
import { Event } from '../event/event.ts'
import { Fields } from '../event/fields.ts'
import type { Encoder } from '../plugin.ts'
import { Parts } from './parts.ts'

const event = new Event(new Fields([envelope, frame]))

/** Writes events of these keys, which are letters, and answers the parts by key, with what is in them. */
function written(keys: string, mixes: boolean, refused = ''): [key: string | undefined, text: string][] {
  let now = ''
  const encoder: Encoder = {
    format: 'letters/1',
    key: () => now,
    mixes,
    write(_, into) {
      if (refused.includes(now)) return false
      into.byte(now.charCodeAt(0))
    },
  }
  const parts = new Parts(1, (bytes) => new ArrayBuffer(bytes))
  parts.begin()
  for (const [record, key] of [...keys].entries()) {
    now = key
    parts.write(0, encoder, event, record, 0)
  }
  const { parts: made, memory } = parts.end(undefined)
  return made.map(({ key, body, length }) => [key, Buffer.from(memory!, body, length).toString()])
}

test('each key has a part of its own', () => {
  assert.deepEqual(written('aba', false), [
    ['a', 'aa'],
    ['b', 'b'],
  ])
})

test('where keys mix there is one part, in the order of the events, with a key only if all have it', () => {
  assert.deepEqual(written('aaa', true), [['a', 'aaa']])
  assert.deepEqual(written('aba', true), [[undefined, 'aba']])
  assert.deepEqual(written('abb', true, 'a'), [[undefined, 'bb']])
})
