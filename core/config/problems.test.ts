import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { distance, nearest } from './nearest.ts'
import { type Problem, pathText, pointer, pointerParts, problemText, sortProblems } from './problems.ts'
import { masker } from './secrets.ts'
import { parseSize } from './size.ts'

const problem = (line: number, column: number, message: string, more: Partial<Problem> = {}): Problem => {
  return { severity: 'error', file: 'a.yml', line, column, path: 'inputs.air', message, ...more }
}

test('a problem is one line that editors can jump to', () => {
  assert.equal(problemText(problem(3, 7, 'unknown option', { hint: 'path' })), 'a.yml:3:7 inputs.air: unknown option (did you mean path?)')
  assert.equal(problemText(problem(3, 7, 'wrong', { hint: 'leave out the quotes' })), 'a.yml:3:7 inputs.air: wrong (leave out the quotes)')
  assert.equal(problemText(problem(3, 7, 'no route uses it', { severity: 'warning' })), 'a.yml:3:7 inputs.air: warning: no route uses it')
  assert.equal(problemText(problem(0, 0, 'does not exist', { path: '' })), 'a.yml: does not exist')
})

test('problems are sorted by place, and none is said twice', () => {
  const sorted = sortProblems([problem(10, 1, 'c'), problem(9, 20, 'b'), problem(9, 3, 'a'), problem(10, 1, 'c')])
  assert.deepEqual(
    sorted.map(({ message }) => message),
    ['a', 'b', 'c'],
  )
})

test('pointers hold any key', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (parts) => {
      assert.deepEqual(pointerParts(pointer(...parts)), parts)
    }),
  )
  assert.equal(pathText(['inputs', 'my air', 'path', '0']), 'inputs["my air"].path[0]')
})

test('the nearest word is the one that was meant', () => {
  const words = ['path', 'exclude', 'follow', 'start_at', 'after', 'move_to', 'command']
  for (const [written, meant] of [
    ['folow', 'follow'],
    ['fololw', 'follow'],
    ['start-at', 'start_at'],
    ['Path', 'path'],
    ['exclud', 'exclude'],
    ['comm', 'command'],
  ])
    assert.equal(nearest(written, words), meant)
  for (const written of ['zzz', '', 'x', 'y'.repeat(10_000)]) assert.equal(nearest(written, words), undefined)
})

test('the distance of words is a distance', () => {
  const word = fc.string({ maxLength: 8 })
  fc.assert(
    fc.property(word, word, (x, y) => {
      assert.equal(distance(x, y), distance(y, x))
      assert.equal(distance(x, y) === 0, x === y)
      assert.ok(distance(x, y) <= Math.max(x.length, y.length))
      assert.ok(distance(x, y) >= Math.abs(x.length - y.length))
    }),
  )
})

test('sizes have a unit', () => {
  const sizes = { '64KB': 64_000, '64KiB': 65_536, '256MiB': 268_435_456, '1.5 GiB': 1_610_612_736, '10b': 10, '2gb': 2e9 }
  for (const [text, bytes] of Object.entries(sizes)) assert.equal(parseSize(text), bytes)
  for (const text of ['64', '64K', 'MiB', '-1KB', '1e3KB', '12 parsecs', '']) assert.equal(parseSize(text), undefined)
})

test('a secret is nowhere in a masked text, also not in JSON or a URL', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ minLength: 4, unit: 'grapheme' }).filter((text) => !/^[*]/.test(text) && !'***'.includes(text)),
        { minLength: 1, maxLength: 4 },
      ),
      fc.string(),
      (secrets, around) => {
        const mask = masker(secrets)
        for (const secret of secrets) {
          const rest = around.replaceAll(secret, '')
          for (const shown of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
            assert.ok(!mask(`${rest}\n${shown}\n${rest}`).includes(`\n${shown}\n`))
        }
      },
    ),
    { numRuns: 50 },
  )
})

test('a short secret is masked only where it stands alone', () => {
  const mask = masker(['pi', ''])
  assert.equal(mask('ping pi pi-roof user:pi@host'), 'ping *** ***-roof user:***@host')
})

test('a longer secret leaves no rest of itself', () => {
  assert.equal(masker(['hunter', 'hunter2hunter'])('x hunter2hunter hunter'), 'x *** ***')
})
