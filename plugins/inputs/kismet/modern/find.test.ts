import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alertKey, messageKey, ssidKey } from './decode.ts'
import { keyText } from './find.ts'

test('keys are texts whatever stands in the place of a text', () => {
  assert.deepEqual([undefined, null, 0, '', 'a', 5, true].map(keyText), ['', '', '', '', 'a', '5', 'true'])
  // An object with a `toString` that is no function cannot become a text by itself; the fuzz run found it.
  const odd = { toString: 1, valueOf: 2 }
  assert.deepEqual([odd, [odd]].map(keyText), ['{"toString":1,"valueOf":2}', '[{"toString":1,"valueOf":2}]'])
  const record = {
    'dot11.advertisedssid.ssid': odd,
    'dot11.probedssid.ssid': odd,
    'kismet.alert.header': odd,
    'kismet.messagebus.message_string': odd,
  }
  for (const key of [ssidKey(record, record), alertKey(record), messageKey(record)]) assert.equal(typeof key, 'string')
})
