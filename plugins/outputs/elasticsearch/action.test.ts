import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { actionUpToId, indexesOf } from './action.ts'

const name = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,9}$/)

test('the indexes of a body are those of its action lines, whatever stands in the documents', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('air', 'air-2', 'air-20') as fc.Arbitrary<string>, fc.string())),
      fc.array(fc.tuple(name, fc.string())),
      (few, many) => {
        const lines = [...few, ...many].map(([index, text]) => Buffer.from(`${actionUpToId(index)}1"}}\n${JSON.stringify({ text })}\n`))
        let end = 0
        const ends = Uint32Array.from(lines, ({ length }) => (end += length))
        assert.deepEqual(indexesOf({ body: Buffer.concat(lines), ends }), new Set([...few, ...many].map(([index]) => index)))
      },
    ),
  )
})
