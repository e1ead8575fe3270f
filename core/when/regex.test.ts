/** Regular expressions: the same answers as a backtracking engine, in linear time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compilePattern, PatternError } from './regex.ts'

function matches(pattern: string, subject: string): boolean {
  const bytes = Buffer.from(`..${subject}..`)
  return compilePattern(Buffer.from(pattern))(bytes, 2, bytes.length - 2)
}

const TABLE: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
  ['', ['', 'x'], []],
  ['abc', ['abc', 'xABCx'], ['ab', 'a bc']],
  ['(?-i)abc', ['abc'], ['ABC']],
  ['a(?i:b)(?-i:c)', ['ABc', 'abc'], ['abC']],
  ['^abc$', ['abc', 'abc\n'], ['xabc', 'abcx', 'abc\n\n']],
  ['^$', ['', '\n'], ['x']],
  ['\\Aabc\\z', ['abc'], ['abc\n']],
  ['abc\\Z', ['abc\n'], ['abcd']],
  ['(?m)^b$', ['a\nb\nc', 'b'], ['ab']],
  ['(?m)^$', ['', '\n', 'a\n\nb'], ['a\n', 'a']],
  ['a.c', ['abc', 'a\rc'], ['a\nc', 'ac']],
  ['(?s)a.c', ['a\nc'], ['ac']],
  ['m.sli', ['musli'], ['müsli']],
  ['m..sli', ['müsli'], []],
  ['m[ü]+sli', ['müsli'], ['musli']],
  ['ab*c', ['ac', 'abbbc'], ['adc']],
  ['ab+?c', ['abc'], ['ac']],
  ['^a{2,3}$', ['aa', 'aaa'], ['a', 'aaaa']],
  ['^a{2}$', ['aa'], ['a', 'aaa']],
  ['^a{2,}$', ['aa', 'aaaaa'], ['a']],
  ['a{,2}', ['a{,2}'], ['aa']],
  ['a{x', ['a{x'], ['a']],
  ['cat|dog|', ['', 'cat'], []],
  ['^(cat|dog)s?$', ['cat', 'dogs'], ['catdog']],
  ['^(?:a|b(c|d))+$', ['abcbd'], ['abe']],
  ['(?<name>a)(?P<n2>b)', ['ab'], []],
  ['a(?#comment)b', ['ab'], []],
  ['(?x) a b # c', ['ab'], ['a b']],
  ['[a-c]x', ['bx', 'BX'], ['dx']],
  ['[^a-c]x', ['dx'], ['bx', 'BX']],
  ['[]a]', [']', 'a'], ['[']],
  ['[^]a]', ['b'], [']a']],
  ['[a-]', ['-'], ['b']],
  ['[\\d_]', ['5', '_'], ['x']],
  ['^[\\w.-]+$', ['a.b-c_1'], ['a b']],
  ['[[:alpha:]][[:^digit:]]', ['ab', 'a '], ['a1']],
  ['\\d\\D\\w\\W\\s\\S', ['1aa  x'], ['aaa  x']],
  ['\\bfoo\\b', ['foo', 'a foo b', 'foo-bar'], ['foobar', 'xfoo']],
  ['\\Boo', ['foo'], ['oo']],
  ['\\x41\\x{42}\\103', ['ABC'], []],
  ['\\t\\n\\0', ['\t\n\0'], []],
  ['\\.\\*\\[', ['.*['], ['xx[']],
  ['\\Qa.b\\E+', ['a.b', 'a.bb'], ['axb']],
  ['(a*)*b', ['b', 'aab'], ['a']],
  ['(|a)+b', ['b', 'aab'], ['c']],
  ['(^|x)a', ['a', 'bxa'], ['ba']],
]

test('what matches and what does not', () => {
  for (const [pattern, yes, no] of TABLE) {
    for (const subject of yes) assert.equal(matches(pattern, subject), true, `${pattern} on ${JSON.stringify(subject)}`)
    for (const subject of no) assert.equal(matches(pattern, subject), false, `${pattern} on ${JSON.stringify(subject)}`)
  }
})

test('wrong and unsupported patterns are refused', () => {
  const wrong = [
    '(',
    ')',
    '[',
    '[z-a]',
    '*a',
    'a**',
    'a{2}{3}',
    '(?',
    '(?<=a)b',
    '(?=a)',
    '(?>a)',
    'a++',
    '(a)\\1',
    '\\k<x>',
    '\\p{L}',
    '\\',
    '(*UTF)',
    '(?R)',
    '(?q)a',
    '[[:nope:]]',
    'a{3,2}',
    'a{1001}',
    '(a{1000}){1000}',
    '(((){1000}){1000}){1000}',
    `${'('.repeat(101)}a${')'.repeat(101)}`,
  ]
  for (const pattern of wrong) assert.throws(() => compilePattern(Buffer.from(pattern)), PatternError, pattern)
})

test('patterns that make a backtracking engine hang are linear here', () => {
  const subject = new Uint8Array(200_000).fill(0x61)
  for (const pattern of ['^(a+)+$', '^(a|a)*b', '(a*)*(a*)*b', '^(a?){50}a{50}b', '(.*a){20}b', '^(([a-z])+.)+[A-Z]([a-z])+$']) {
    const matcher = compilePattern(Buffer.from(`${pattern}!`))
    assert.equal(matcher(subject, 0, subject.length), false, pattern)
  }
})

test('a table of states that overflows is made anew', () => {
  // Whether the 12th byte from the end is an a takes 2^12 states.
  const matcher = compilePattern(Buffer.from('a.{11}$'))
  let seed = 1
  const subject = Uint8Array.from({ length: 20_000 }, () => ((seed = (seed * 1103515245 + 12345) & 0x7fffffff) & 0x10000 ? 0x61 : 0x62))
  for (let end = 12; end < subject.length; end += 997) assert.equal(matcher(subject, 0, end), subject[end - 12] === 0x61, String(end))
})

const leaf = fc.constantFrom('a', 'b', 'c', '.', '[ab]', '[^a]', '\\w', '\\b', '^', '$', '(?:)')
const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => a + b),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(?:${a}|${b})`),
    fc.tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '*?')).map(([a, quantifier]) => `(?:${a})${quantifier}`),
  ),
}))

test('the same answer as the engine of JavaScript', () => {
  fc.assert(
    fc.property(pattern, fc.array(fc.constantFrom('a', 'b', 'B', 'c', ' ', '-'), { maxLength: 12 }), (pattern, chars) => {
      const subject = chars.join('')
      assert.equal(matches(pattern, subject), new RegExp(pattern, 'i').test(subject))
    }),
    { numRuns: 1000 },
  )
})
