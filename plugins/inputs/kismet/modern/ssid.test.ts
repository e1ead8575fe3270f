import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import { test } from 'node:test'
import fc from 'fast-check'
import { ssidBytes } from './ssid.ts'

/** As releases print bytes that are not to be shown. */
const OCTAL = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) =>
    byte === 0x5c ? '\\\\' : byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`,
  ).join('')
const JSON_LIKE = (bytes: Uint8Array) => JSON.stringify(Buffer.from(bytes).toString('utf8')).slice(1, -1)

const name = fc.oneof(
  fc.uint8Array({ maxLength: 32 }),
  fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => Uint8Array.from(Buffer.from(text))),
)

test('a name comes back from what any release makes of it', () => {
  fc.assert(
    fc.property(name, (bytes) => {
      assert.deepEqual(Uint8Array.from(ssidBytes(OCTAL(bytes), bytes.length) ?? []), bytes)
      if (!isUtf8(bytes)) return
      assert.deepEqual(Uint8Array.from(ssidBytes(JSON_LIKE(bytes), bytes.length) ?? []), bytes)
      // A release that escapes nothing, and says how long it is; where both readings are as long nobody can tell.
      const text = Buffer.from(bytes).toString('utf8')
      if (ssidBytes(text, 0)?.length !== bytes.length) assert.deepEqual(Uint8Array.from(ssidBytes(text, bytes.length) ?? []), bytes)
    }),
  )
})

test('bytes that the server lost are not made up', () => {
  assert.equal(ssidBytes('xB2', 8), undefined)
  assert.deepEqual(ssidBytes('xB2', 3), Buffer.from('xB2'))
  assert.deepEqual(ssidBytes('caf\\xe9', 4), Buffer.from([0x63, 0x61, 0x66, 0xe9]))
  assert.deepEqual(ssidBytes('a\\q', 0), Buffer.from('a\\q'))
})
