/** Wrong conditions: what is said, about which part of the text, and what was probably meant. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { envelope, frame } from '../event/envelope.ts'
import { Fields, fieldTable } from '../event/fields.ts'
import { compileWhen, WhenError } from './index.ts'

const wlan = fieldTable('wlan', {
  ta: { path: 'wlan.ta', type: 'mac', description: '' },
  ssid: { path: 'wlan.ssid', type: 'text', description: '' },
  hex: { path: 'wlan.hex', type: 'bytes', description: '' },
  retry: { path: 'wlan.fc.retry', type: 'bool', description: '' },
  subtype: { path: 'wlan.fc.type_subtype', type: 'name', names: { 8: 'Beacon' }, description: '' },
  tsf: { path: 'wlan.tsf', type: 'u64', description: '' },
  noise: { path: 'noise', type: 'float', description: '' },
  source: { path: 'source.ip', type: 'ip', description: '' },
  place: { path: 'place', type: 'point', description: '' },
})
const fields = new Fields([envelope, frame, wlan])

/** The expression, with the part that the error points at between « and » (nothing between: the end). */
const WRONG: readonly (readonly [marked: string, message: RegExp, hint?: RegExp])[] = [
  ['«»', /empty/],
  ['frame.len ==«»', /too early/],
  ['frame.len «=» 1', /"=" means nothing/, /^==$/],
  ['wlan.ssid «|» wlan.ta', /"\|"/, /^\|\|$/],
  ['wlan.ta«#»1 == 0', /"#"/, /layers/],
  ['wlan.t«ä»', /means nothing/],
  ['frame.len == 1 «frame.len»', /not expected/, /and, or/],
  ['«(»frame.len == 1', /never closed/],
  ['(frame.len == 1 «}»', /not expected/],
  ['frame.len == 1«)»', /not expected/],
  ['frame.len == «)»', /not expected/],
  ['frame.len in «(»1)', /set/],
  ['frame.len in {1 «2»}', /commas/],
  ['frame.len in {«}»', /not expected/],
  ['wlan.ta«[»0:3 == 00', /closing bracket/],
  ['wlan.ta[«x»]', /no slice/],
  ['wlan.ta[«0:0»]', /length/],
  ['wlan.ta[«3-1»]', /before it begins/],
  ['wlan.ta[«»]', /no slice/],
  ['wlan.ssid == «"abc»', /closing quote/],
  ['wlan.ssid matches "«\\d»"', /no escape/, /r"/],
  ['wlan.ssid == "«\\777»"', /larger/],
  ['wlan.ssid == "«\\ud800»"', /no character/],
  ["wlan.ssid == «'ab'»", /one byte/, /double quotes/],
  ['«all wlan.ssid»', /comparison/],
  ['«(frame.len == 1)» + 1', /a test is no value/],
  // names
  ['«wlan.sid» == "x"', /no field wlan\.sid/, /^wlan\.ssid$/],
  ['«Wlan.SSID»', /no field/, /^wlan\.ssid$/],
  ['«frame.len-4» > 1', /no field/, /frame\.len - 4/],
  ['wlan.ssid == «Guest»', /no field/, /quotes|"Guest"/],
  ['«true»', /no field true/],
  ['«lenn»(wlan.ssid) > 1', /no function lenn/, /^len$/],
  ['«constructor»(wlan.ssid) == 1', /no function/],
  // types
  ['frame.len == «"100"»', /an integer/, /quotes/],
  ['frame.len == «1.5»', /not an integer/],
  ['frame.len == «aa»', /not an integer/],
  ['frame.len > «99999999999999999999»', /out of range/],
  ['wlan.tsf > «18446744073709551616»', /out of range/],
  ['wlan.tsf > «-1»', /- is not for/],
  ['noise > «"loud"»', /a number/],
  ['wlan.ta == «00:1b»', /MAC address/],
  ['wlan.ta == «"00:1b:63:aa:bb:cc"»', /MAC address/, /quotes/],
  ['wlan.ta == «00:1b:63:aa:bb:cc/24»', /MAC address/],
  ['wlan.ssid == «5555»', /text/, /^"5555"$/],
  ['wlan.hex == 0:1b:«x»', /not expected/],
  ['wlan.hex == «123»', /bytes/],
  ['wlan.fc.retry == «"true"»', /true or false/],
  ['wlan.fc.retry == «aa»', /true or false/],
  ['wlan.fc.type_subtype == «"Becon"»', /none of the names/, /^"Beacon"$/],
  ['source.ip == «10.0.0.256»', /address/],
  ['source.ip == «10.0.0.0/33»', /32 bits/],
  ['source.ip in {«10.0.0.0/8»..11.0.0.0}', /network/],
  ['frame.time > «"yesterday"»', /a time/, /UTC/],
  ['frame.time > «"2026-02-30"»', /a time/],
  ['event.id == «"abc"»', /32 characters/],
  ['place == «1»', /point/],
  ['«wlan.ta == wlan.tsf»', /cannot be compared/],
  ['«frame.len == wlan.fc.retry»', /cannot be compared/],
  ['«noise == wlan.tsf»', /cannot be compared/],
  ['«wlan.ssid == source.ip»', /cannot be compared/],
  ['«1 == 1»', /constants/],
  ['«1»', /constant/],
  ['«"x"»', /constant/],
  ['«1» in {1}', /field/],
  ['«frame.len» contains "1"', /contains/, /string\(frame\.len\)/],
  ['«frame.len» matches "1"', /matches/, /string\(frame\.len\)/],
  ['wlan.ssid matches «wlan.ta»', /regular expression/],
  ['wlan.ssid contains «frame.len»', /neither text nor bytes/],
  ['«frame.len»[0] == 1', /no slices/],
  ['«"abc"»[0] == 1', /no slices/],
  ['frame.len in {«wlan.ta»}', /cannot be compared/],
  ['«wlan.ssid» + 1 == 2', /\+ is not for text/],
  ['«frame.time» + 1 == 2', /\+ is not for a time/],
  ['«noise» & 1', /& is not for a number/],
  ['frame.len / «0» == 1', /division/],
  ['frame.len == {5 / «0»}', /division/],
  ['len(«frame.len») == 1', /len\(\) is for/],
  ['upper(«wlan.ta») == "x"', /upper\(\) is for/],
  ['string(«wlan.ssid») == "x"', /string\(\) is for/],
  ['max(«wlan.ta») == 00:00:00:00:00:00', /max\(\) is for/],
  ['«len()» == 1', /one argument/],
  ['«len(wlan.ssid, wlan.hex)» == 1', /one argument/],
  ['«len("abc")» == 1', /constant/],
  ['«len(wlan.ssid)»', /alone/, /> 0/],
  // regular expressions
  ['wlan.ssid matches «"("»', /never closed/],
  ['wlan.ssid matches «"(a)\\\\1"»', /backreferences/],
  ['wlan.ssid matches «"^(?!x)"»', /look-around/],
]

test('every mistake is named and pointed at', () => {
  for (const [marked, message, hint] of WRONG) {
    const offset = marked.indexOf('«')
    const expression = marked.replace('«', '').replace('»', '')
    const error = thrown(expression)
    assert.match(error.message, message, expression)
    if (hint) assert.match(error.hint ?? '', hint, expression)
    if (offset < 0) continue
    assert.deepEqual([error.offset, error.length], [offset, marked.indexOf('»') - offset - 1], `${expression}: ${error.message}`)
  }
})

test('deep or endless conditions are refused, not run out of stack', () => {
  for (const [start, end] of [
    ['(', ')'],
    ['!', ''],
    ['{', '}'],
    ['len(', ')'],
  ])
    assert.match(thrown(`${start.repeat(100_000)}frame.len == 1${end.repeat(100_000)}`).message, /nested too deeply/)
  assert.match(thrown(`frame.len == ${'-'.repeat(100_000)}1`).message, /nested too deeply/)
  assert.match(thrown(`frame.len${' + 1'.repeat(100_000)} == 1`).message, /too much arithmetic/)
  assert.match(thrown(`wlan.ssid${'[0:1]'.repeat(100_000)} == "x"`).message, /too many slices/)
})

test('thousands of alternatives are fine', () => {
  compileWhen(Array.from({ length: 20_000 }, (_, i) => `frame.len == ${i}`).join(' or '), fields)
})

function thrown(expression: string): WhenError {
  try {
    compileWhen(expression, fields)
  } catch (error) {
    assert.ok(error instanceof WhenError, `${expression.slice(0, 80)}: ${error}`)
    return error
  }
  return assert.fail(`no error: ${expression}`)
}
