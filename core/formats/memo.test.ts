import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memo } from './memo.ts'

test('what was asked before is not worked out again, until there is too much of it', () => {
  const asked: number[] = []
  const double = memo(2, (n: number) => {
    asked.push(n)
    return n * 2
  })
  assert.deepEqual([1, 2, 1, 2, Number.NaN].map(double), [2, 4, 2, 4, Number.NaN])
  assert.deepEqual(asked, [1, 2, Number.NaN])
  // All were forgotten for the third one.
  assert.deepEqual([1, Number.NaN].map(double), [2, Number.NaN])
  assert.deepEqual(asked, [1, 2, Number.NaN, 1])
})
