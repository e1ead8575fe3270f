import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { madeFrames } from '../../../test/conformance/made-frames.ts'
import { ascii, decoder, element, management, RATES } from './testing.ts'

const { event, decode } = decoder()

describe('fingerprint', () => {
  const probe = (...elements: readonly (readonly number[])[]) => decode(management(4, elements.flat())).get('wlan.fingerprint')
  const HT = element(45, new Array(26).fill(3))

  test('is FNV-1a over ids, and over what describes the device', () => {
    const input = [0, 1, 4, 0x82, 0x84, 0x0b, 0x16, 59, 2, 81, 82, 221, 4, 0, 0x50, 0xf2, 8, 255, 35, 1, 9]
    const expected = input.reduce((hash, byte) => BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n), 0xcbf29ce484222325n)
    const frame = [element(0, ascii('net')), RATES, element(59, [81, 81, 82]), element(221, [0, 0x50, 0xf2, 8, 1, 2]), element(255, [35, 9])]
    assert.equal(probe(...frame), expected.toString(16).padStart(16, '0'))
  })

  test('does not depend on name, channel and what vendors add; but on order and capabilities', () => {
    const vendor = (last: number) => element(221, [0, 0x50, 0xf2, 4, last])
    const one = probe(element(0, []), RATES, element(3, [1]), HT, vendor(1))
    assert.equal(probe(element(0, ascii('net')), RATES, element(3, [11]), HT, vendor(2)), one)
    assert.notEqual(probe(element(0, []), element(3, [1]), RATES, HT, vendor(1)), one)
    assert.notEqual(probe(element(0, []), RATES, element(3, [1]), element(45, new Array(26).fill(4)), vendor(1)), one)
  })

  test('is of requests that are whole', () => {
    assert.equal(decode(management(8, new Array(12).fill(0))).get('wlan.fingerprint'), undefined)
    assert.equal(decode(management(4, [...RATES, 45, 26, 1])).get('wlan.fingerprint'), undefined)
    assert.match(String(decode(management(0, [...new Array(4).fill(0), ...RATES])).get('wlan.fingerprint')), /^[0-9a-f]{16}$/)
  })
})

describe('frames of every kind', () => {
  test('cut at every byte: no throw, nothing read from behind the record', () => {
    for (const [link, frames] of madeFrames()) {
      for (const frame of frames) {
        for (let length = 0; length <= frame.length; length++) {
          for (const whole of [length, frame.length]) {
            decode(frame.subarray(0, length), { link, length: whole })
            for (const [field] of event.hold().values) {
              const [a, b] = [event.a[field.number], event.b[field.number]]
              const octets = field.type === 'text' || field.type === 'bytes'
              const places = !octets ? [] : field.list ? [...event.list.subarray(a, a + 2 * b)] : [a, b]
              for (let i = 0; i < places.length; i += 2)
                if (places[i] >= 0) assert.ok(places[i] >= event.start && places[i] + places[i + 1] <= event.end, `${field.path} of ${length} bytes`)
            }
          }
        }
      }
    }
  })
})
