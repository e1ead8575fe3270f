import assert from 'node:assert/strict'
import { test } from 'node:test'
import { envelope, frame } from '../event/envelope.ts'
import { Fields, fieldTable } from '../event/fields.ts'
import { explainWhen } from './index.ts'

const wlan = fieldTable('wlan', {
  ta: { path: 'wlan.ta', type: 'mac', description: '' },
  ssid: { path: 'wlan.ssid', type: 'text', description: '' },
  subtype: { path: 'wlan.fc.type_subtype', type: 'int', names: { 8: 'Beacon frame' }, description: '' },
  tags: { path: 'wlan.tag.number', type: 'int', list: true, description: '' },
  ip: { path: 'source.ip', type: 'ip', alias: ['ip.src'], description: '' },
})
const fields = new Fields([envelope, frame, wlan])

const CASES: readonly (readonly [expression: string, ...words: string[]])[] = [
  ['wlan.fc.type_subtype == "beacon frame"', 'wlan.fc.type_subtype equals 8'],
  ['wlan.tag.number != 221', 'wlan.tag.number differs from 221, for all of its values'],
  ['wlan.tag.number > 1', 'wlan.tag.number is greater than 1, for any of its values'],
  ['count(wlan.tag.number) >= 3', 'count(wlan.tag.number) is at least 3'],
  ['not wlan.ssid', 'this does not hold:', '  wlan.ssid is there'],
  [
    'wlan.ssid or frame.len < 5 and wlan.ta',
    'any of these holds:',
    '  wlan.ssid is there',
    '  all of these hold:',
    '    frame.len is less than 5',
    '    wlan.ta is there',
  ],
  ['wlan.ta[0:3] == 00:1b:63', 'bytes 0 to 2 of wlan.ta equals the bytes 00:1b:63'],
  ['wlan.ta[1] == 5 xor wlan.ta', 'an odd number of these hold:', '  bytes 1 of wlan.ta equals the bytes 05', '  wlan.ta is there'],
  ['ip.src == 10.0.0.0/8', 'source.ip equals the network 10.0.0.0/8'],
  ['frame.len in {1, 3..5}', 'frame.len is one of 1, 3 to 5'],
  ['frame.len & 4', '(frame.len & 4) is not 0'],
  ['wlan.ssid contains "a\\"b"', 'wlan.ssid contains "a\\"b"'],
  ['wlan.ssid matches "^a"', 'wlan.ssid matches the regular expression'],
  ['wlan.ta == 00-1B-63-AA-BB-CC', 'wlan.ta equals 00:1b:63:aa:bb:cc'],
  ['frame.time > "2026-11-23"', '@timestamp is greater than 2026-11-23T00:00:00.000000000Z'],
]

test('conditions are told in words', () => {
  for (const [expression, ...words] of CASES) assert.deepEqual(explainWhen(expression, fields).words, words, expression)
})

test('the text groups as it was read, and the fields are those that are read', () => {
  const { text, fields: read } = explainWhen('wlan.ssid || wlan.ta && frame.len - 1 > wlan.fc.type_subtype', fields)
  assert.equal(text, 'wlan.ssid or (wlan.ta and {frame.len - 1} > wlan.fc.type_subtype)')
  assert.deepEqual(
    read.map(({ path }) => path),
    ['wlan.ssid', 'wlan.ta', 'frame.len', 'wlan.fc.type_subtype'],
  )
})
