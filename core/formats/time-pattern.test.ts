import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { timePattern } from './time-pattern.ts'

const at = (text: string) => Date.parse(text) / 1000

test('directives are the UTC time of the event', () => {
  const path = timePattern('a/%Y-%m-%d/%H%M%S.%j.100%%')
  assert.equal(path(at('2026-11-23T10:05:09Z')), 'a/2026-11-23/100509.327.100%')
  assert.equal(path(at('2024-12-31T23:59:59Z')), 'a/2024-12-31/235959.366.100%')
  assert.equal(path(at('1969-07-20T20:17:40Z')), 'a/1969-07-20/201740.201.100%')
})

test('an event without a usable time has a path of its own', () => {
  assert.equal(timePattern('a/%Y/%m/%d.ndjson')(Number.NaN), 'a/unknown-time.ndjson')
  assert.equal(timePattern('a/%%Y-%Y.ndjson')(Number.NaN), 'a/%Y-unknown-time.ndjson')
  assert.equal(timePattern('a/%Y.ndjson')(at('+010000-01-01T00:00:00Z')), 'a/unknown-time.ndjson')
  assert.equal(timePattern('a/%Y.ndjson')(1e300), 'a/unknown-time.ndjson')
  assert.equal(timePattern('a/100%%.ndjson')(Number.NaN), 'a/100%.ndjson')
})

test('what is remembered from the event before never shows', () => {
  const seconds = fc.integer({ min: at('1960-01-01T00:00:00Z'), max: at('2100-01-01T00:00:00Z') })
  const near = fc.tuple(seconds, fc.array(fc.integer({ min: -90_000, max: 90_000 }), { maxLength: 20 }))
  const patterns = ['%Y', '%Y-%m', '%Y-%m-%d', '%Y.%j', '%Y-%m-%dT%H', '%Y-%m-%dT%H%M', '%Y-%m-%dT%H%M%S', '%j', '%S']
  fc.assert(
    fc.property(fc.constantFrom(...patterns), near, (pattern, [first, steps]) => {
      const path = timePattern(pattern)
      for (const step of [0, ...steps]) assert.equal(path(first + step), timePattern(pattern)(first + step))
    }),
    { numRuns: 200 },
  )
})
