import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { munge } from '../../../../test/peers/kismet-legacy/render.ts'
import { withNumbers } from './intake.ts'
import { isMunged, tokenise, unmunge } from './tokenise.ts'

const Q = '\x01'

test('empty fields are fields, wherever they stand', () => {
  assert.deepEqual(tokenise('*CLIENT: a  b '), { name: 'CLIENT', fields: ['a', '', 'b'], broken: undefined })
  assert.deepEqual(tokenise('*CLIENT: a b  ')?.fields, ['a', 'b', ''])
  assert.deepEqual(tokenise(`*CLIENT:  ${Q}${Q} ${Q} ${Q} `)?.fields, ['', '', ' '])
  assert.deepEqual(tokenise('*TIME: 1795462380')?.fields, ['1795462380'])
  assert.deepEqual(tokenise(`*ACK: 1 ${Q}OK${Q} `)?.fields, ['1', 'OK'])
})

test('what cannot be trusted is said', () => {
  // `wps` of 1 is the byte of the quote, which then runs over all that follows.
  assert.equal(tokenise(`*SSID: 00:0D ${Q}tmpAP${Q} ${Q} AVM FBox FBox 0000 2097858 `)?.broken, 'a quote is not closed')
  assert.equal(tokenise(`*SSID: ${Q}a${Q}b `)?.broken, 'something other than a space follows a closing quote')
  for (const line of ['', 'CLIENT: a', '*CLIENT a', '* a', '*: a']) assert.equal(tokenise(line), undefined)
})

/** Fields of any kind as a server writes them: bare words without spaces and quotes, possibly empty; quoted text without the quote. */
const word = fc.stringMatching(/^[!-~]{0,12}$/)
const text = fc.stringMatching(/^[ -~]{0,20}$/)
const field = fc.oneof(
  word.map((value) => ({ value, written: value })),
  text.map((value) => ({ value, written: `${Q}${value}${Q}` })),
)

test('any fields come back, with a space behind the last one', () => {
  fc.assert(
    fc.property(fc.array(field, { maxLength: 20 }), (fields) => {
      const line = `*NAME: ${fields.map(({ written }) => `${written} `).join('')}`
      assert.deepEqual(tokenise(line), { name: 'NAME', fields: fields.map(({ value }) => value), broken: undefined })
    }),
  )
})

test('any bytes are taken apart without a throw, and nothing is invented', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const line = `*X: ${Buffer.from(bytes).toString('latin1').replaceAll('\n', '')}`
      const sentence = tokenise(line)
      assert.ok(sentence)
      const given = sentence.fields.reduce((sum, one) => sum + one.length, 0)
      assert.ok(given <= line.length)
      for (const one of sentence.fields) assert.ok(line.includes(one))
    }),
  )
})

test('numbers are replaced in place, all else stays', () => {
  fc.assert(
    fc.property(fc.array(field, { minLength: 1, maxLength: 12 }), fc.nat(), fc.nat(1e6), (fields, pick, number) => {
      const at = pick % fields.length
      const numbered = fields.map((one, i) => (i === at ? { value: '7', written: '7' } : one))
      const line = `*NAME: ${numbered.map(({ written }) => `${written} `).join('')}`
      const expected = numbered.map(({ value }, i) => (i === at ? String(number) : value))
      assert.deepEqual(tokenise(withNumbers(line, [at], [number]))?.fields, expected)
    }),
  )
})

test('munged text gives the bytes that were munged, but for names that hold backslashes themselves', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 32 }), (bytes) => {
      fc.pre(!bytes.includes(0x5c))
      const munged = munge(bytes)
      assert.deepEqual(Uint8Array.from(unmunge(munged)), bytes)
      assert.equal(
        isMunged(munged),
        bytes.some((byte) => byte < 0x20 || byte > 0x7e),
      )
    }),
  )
})
