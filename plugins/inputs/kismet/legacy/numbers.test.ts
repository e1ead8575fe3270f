import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { floatAt, macAt, wholeAt } from './numbers.ts'

const read = (of: (bytes: Uint8Array, from: number, to: number) => number, text: string) => of(Buffer.from(`<${text}>`, 'latin1'), 1, 1 + text.length)

test('whole numbers are read as their text, up to 15 digits', () => {
  fc.assert(fc.property(fc.integer({ min: -(1e15 - 1), max: 1e15 - 1 }), (n) => assert.equal(read(wholeAt, String(n)), n)))
  for (const text of ['', '-', '1 ', '+1', '1.0', '0x1', '1234567890123456']) assert.ok(Number.isNaN(read(wholeAt, text)), text)
})

test('other numbers are read as JavaScript reads them, however C++ prints them', () => {
  const printed = fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .chain((n) => fc.constantFrom(String(n), n.toPrecision(6), n.toExponential(5), n.toFixed(4)))
  const text = fc.oneof(printed, fc.stringMatching(/^-?\d{1,12}\.\d{0,8}$/))
  fc.assert(
    fc.property(text, (one) => {
      const value = Number(one)
      assert.equal(read(floatAt, one), Number.isFinite(value) ? value : Number.NaN)
    }),
  )
  assert.equal(read(floatAt, '1e+06'), 1e6)
  assert.equal(read(floatAt, '-7.5e-05'), -7.5e-5)
  for (const one of ['', '-', '.', '-.', 'nan', 'inf', '1..2', '1,5', 'e5', ' 1']) assert.ok(Number.isNaN(read(floatAt, one)), one)
})

test('addresses in either case; anything else is none', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), fc.boolean(), (n, upper) => {
      const text = n
        .toString(16)
        .padStart(12, '0')
        .replace(/..(?!$)/g, '$&:')
      assert.equal(read(macAt, upper ? text.toUpperCase() : text), n)
    }),
  )
  for (const text of ['', '00:11:22:33:44', '00-11-22-33-44-55', '00:11:22:33:44:5g', '00:11:22:33:44:555']) assert.equal(read(macAt, text), -1, text)
})
