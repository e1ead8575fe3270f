import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse, stringify } from 'yaml'
import { substitute } from './substitute.ts'
import { ConfigTree, offsetIn } from './tree.ts'

const NOWHERE = { env: {}, folder: '/nonexistent' }
const read = (text: string, env: Record<string, string> = {}) => new ConfigTree('a.yml', text, { env, folder: '/nonexistent' })

test('data is what the YAML package reads', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const text = stringify(value).replaceAll('${', '$ {')
      const tree = read(text)
      assert.deepEqual(tree.problems, [])
      assert.deepEqual(JSON.stringify(tree.data), JSON.stringify(parse(text)))
    }),
    { numRuns: 200 },
  )
})

test('no text is a throw', () => {
  const piece = fc.constantFrom(
    'a: ',
    '- ',
    '\n',
    '  ',
    '{',
    '}',
    '[',
    ']',
    '&x ',
    '*x',
    '"',
    "'",
    '|\n',
    '? ',
    ': ',
    '<<: ',
    '\t',
    `\${A}`,
    `\${`,
    '!t ',
    '---\n',
    '#',
    'x',
    '1',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const tree = read(pieces.join(''), { A: 'x' })
      for (const { line, column } of tree.problems) assert.ok(line >= 1 && column >= 1)
    }),
    { numRuns: 500 },
  )
})

test('an anchor that holds itself, and deep nesting, end', () => {
  assert.match(read('a: &a [*a]\n').problem(read('a: &a [*a]\n').findings[0]).message, /nested too deeply/)
  assert.ok(read(`${'['.repeat(200)}${']'.repeat(200)}`).broken)
})

test('merged mappings give values and places, and own keys win', () => {
  const tree = read('base: &base\n  x: 1\n  y: 2\nuse:\n  y: 3\n  <<: *base\n')
  assert.deepEqual(tree.data, { base: { x: 1, y: 2 }, use: { x: 1, y: 3 } })
  const place = (pointer: string) => tree.problem({ pointer, message: '' })
  assert.deepEqual([place('/use/x').line, place('/use/y').line, place('/use').line], [2, 5, 5])
})

test('places of keys, values and what is inside a scalar', () => {
  const tree = read(`a:\n  plain: one two\n  single: 'it''s so'\n  double: "\\u0041\\tso"\n  list: [x, yy]\n`)
  const at = (pointer: string, more = {}) => {
    const { line, column, path } = tree.problem({ pointer, message: '', ...more })
    return `${line}:${column} ${path}`
  }
  assert.equal(at('/a/plain'), '2:10 a.plain')
  assert.equal(at('/a/plain', { key: true }), '2:3 a.plain')
  assert.equal(at('/a/plain', { offset: 4 }), '2:14 a.plain')
  assert.equal(at('/a/single', { offset: 5 }), '3:18 a.single')
  assert.equal(at('/a/double', { offset: 2 }), '4:20 a.double')
  assert.equal(at('/a/list/1'), '5:13 a.list[1]')
  assert.equal(at('/a/list/1/deeper'), '5:13 a.list[1].deeper')
})

test('offsets in quoted scalars point at the character', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 20, unit: fc.constantFrom('a', ' ', '"', "'", '\\', 'é') }), fc.nat(19), (text, n) => {
      if (n >= text.length) return
      const single = `'${text.replaceAll("'", "''")}'`
      assert.equal(single[offsetIn({ raw: single, text }, n)], text[n])
      const double = JSON.stringify(text)
      const at = offsetIn({ raw: double, text }, n)
      assert.equal(JSON.parse(`"${double.slice(at, double[at] === '\\' ? at + 2 : at + 1)}"`), text[n])
    }),
  )
})

test('variables, defaults, messages, files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wherry-'))
  try {
    writeFileSync(join(folder, 'secret'), 'from a file\n')
    const environment = { env: { A: 'x', EMPTY: '' }, folder }
    const text = (value: string) => substitute(value, environment).text
    assert.equal(text(`\${A}-\${A:y}-\${B:y}-\${EMPTY}-\${EMPTY:full}-\${B:}`), 'x-x-y--full-')
    assert.equal(text(`\${file:secret}`), 'from a file')
    assert.equal(text(`$\${A} costs $5 {}`), `\${A} costs $5 {}`)
    assert.deepEqual(substitute(`\${A} \${B:public} \${file:secret}`, environment).secrets, ['x', 'from a file'])
    const wrong = substitute(`ab \${B} \${B:?needed} \${A:?} \${file:} \${B:\${A}}`, environment).problems
    assert.deepEqual(
      wrong.map(({ offset, message }) => [offset, message]),
      [
        [3, 'environment variable B is not set'],
        [8, 'environment variable B is not set: needed'],
        [28, `"\${file:}" names no file`],
        [37, `the default of B cannot hold another "\${"`],
      ],
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('text without a dollar sign and brace stays as it is', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!text.includes('${'))
      assert.deepEqual(substitute(text, NOWHERE), { text, changed: false, secrets: [], problems: [] })
    }),
  )
})
