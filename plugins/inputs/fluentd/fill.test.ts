/** Records as fields: those of a Wherry come out as they went in; of anything else nothing is lost. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { builtInTables } from '../../../core/config/plugins.ts'
import { Event } from '../../../core/event/event.ts'
import { jsonWriter } from '../../../core/event/json.ts'
import { msgpackWriter } from '../../../core/event/msgpack.ts'
import { ByteWriter } from '../../../core/event/writer.ts'
import { pureContext } from '../../../core/route/context.ts'
import { pipelineFields } from '../../../core/route/fields.ts'
import { openSample, randomEvents } from '../../../test/kit/events.ts'
import plugin from './index.ts'
import { ENTRY, encodeTags, HEADER_BYTES, putHeader } from './records.ts'

const fields = pipelineFields([{ name: 'relay', plugin, config: {} }], await builtInTables())
const event = new Event(fields)
const decoder = plugin.decoder({} as never, pureContext('relay', event, { name: 'relay', id: 'relay' }))
const toJson = jsonWriter(fields)
const KEY = new Uint8Array(8)

/** What a record becomes: the event's JSON, or why it was rejected. */
function relayed(record: Uint8Array): string {
  const entry = Buffer.concat([Buffer.of(0x92, 0), record])
  // In shared memory, where batches lie.
  const data = new Uint8Array(new SharedArrayBuffer(HEADER_BYTES + entry.length))
  putHeader(data, 0, data.length, { kind: ENTRY, tag: 0, key: KEY, number: 1 })
  data.set(entry, HEADER_BYTES)
  let result = 'nothing'
  decoder.decode(
    { stream: 's', data, offset: 0, context: encodeTags(['tag']), key: KEY },
    {
      open: () => {
        event.open(data)
        return event
      },
      emit: () => {
        const out = new ByteWriter()
        toJson(event, out)
        result = Buffer.from(out.written()).toString('utf8')
      },
      reject: (reason) => (result = `rejected: ${reason}`),
    },
  )
  return result
}

test('events with all fields of all plugins come out as they went in, in JSON to the byte', () => {
  const source = new Event(fields)
  const [toMsgpack, direct] = [msgpackWriter(fields), new ByteWriter()]
  randomEvents(fields, 90, 7).forEach((sample, i) => {
    openSample(source, sample, i + 1)
    source.set('event.kind', 'event')
    source.set('event.dataset', 'wifi.frame')
    source.set('observer.name', 'pi')
    source.set('fluentd.tag', 'tag')
    const packed = new ByteWriter()
    toMsgpack(source, packed)
    direct.pos = 0
    toJson(source, direct)
    assert.equal(relayed(packed.written()), Buffer.from(direct.written()).toString('utf8'))
  })
})

/** The record again: fields and what had none, over each other. */
function whole(json: string): unknown {
  const {
    fluentd,
    event: _,
    observer: __,
    '@timestamp': ___,
    ...typed
  } = JSON.parse(json) as { fluentd: { record?: string }; [key: string]: unknown }
  return merged(typed, JSON.parse(fluentd.record ?? '{}'))
}

function merged(a: unknown, b: unknown): unknown {
  const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isObject(a) || !isObject(b)) return b ?? a
  return Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])].map((key) => [key, key in a && key in b ? merged(a[key], b[key]) : (a[key] ?? b[key])]),
  )
}

const key = fc.oneof(
  fc.constantFrom('frame', 'wlan', 'number', 'len', 'ssid', 'bssid', 'fc', 'type_subtype', 'comment', 'x'),
  fc.string({ unit: 'grapheme' }),
)
const { record } = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
    fc.string({ unit: 'grapheme' }),
    fc.constant('24:a4:3c:4a:4d:7d'),
  ),
  value: fc.oneof({ maxDepth: 3 }, tie('leaf'), fc.array(tie('leaf'), { maxLength: 4 }), tie('record')),
  record: fc.dictionary(key, tie('value'), { maxKeys: 6 }),
}))

test('whatever a record holds is in the fields or in fluentd.record', () => {
  const clean = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (name, inner) => (name === '__proto__' ? undefined : inner)))
  // An object that holds nothing leaves nothing behind where fields are known.
  const pruned = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const members = Object.entries(value).map(([name, inner]) => [name, pruned(inner)] as const)
    return Object.fromEntries(
      members.filter(([, inner]) => !(typeof inner === 'object' && !Array.isArray(inner) && Object.keys(inner as object).length === 0)),
    )
  }
  fc.assert(
    fc.property(record, (made) => {
      const given = clean(made) as Record<string, unknown>
      if (Object.keys(given).some((name) => name.includes('.') || ['event', 'observer', 'fluentd', '@timestamp'].includes(name))) return
      assert.deepEqual(pruned(whole(relayed(encode(given)))), pruned(given))
    }),
  )
})

const cases: [name: string, given: unknown, fields: object, rest: string | undefined][] = [
  [
    'fields by path',
    { frame: { number: 7, len: 60 }, wlan: { bssid: '24:A4:3C:4A:4D:7D' } },
    { frame: { number: 7, len: 60 }, wlan: { bssid: '24:a4:3c:4a:4d:7d' } },
    undefined,
  ],
  ['what has no field', { message: 'hello', level: 3, a: { b: [1, null, true] } }, {}, '{"message":"hello","level":3,"a":{"b":[1,null,true]}}'],
  [
    'values that do not fit',
    { frame: { number: 'seven', len: 1.5 }, wlan: { bssid: 'x' } },
    {},
    '{"frame":{"number":"seven","len":1.5},"wlan":{"bssid":"x"}}',
  ],
  ['dotted keys', { 'frame.number': 7, 'log.level': 'info', frame: { cap_len: 9 } }, { frame: { number: 7, cap_len: 9 } }, '{"log.level":"info"}'],
  ['a field twice: the first counts', { 'frame.number': 7, frame: { number: 8 } }, { frame: { number: 7 } }, '{"frame":{"number":8}}'],
  ['integers as floats', { frame: { number: 7.0 } }, { frame: { number: 7 } }, undefined],
  ['a list that does not fit as a whole', { frame: { comment: ['a', 7] } }, {}, '{"frame":{"comment":["a",7]}}'],
  ['an object where a value belongs, and the other way', { frame: 7, wlan: { bssid: { a: 1 } } }, {}, '{"frame":7,"wlan":{"bssid":{"a":1}}}'],
  ['bytes that are text', { message: Buffer.from('grüße') }, {}, '{"message":"grüße"}'],
  ['bytes that are none', { frame: { interface_name: Buffer.of(0xff) } }, {}, '{"frame":{"interface_name":{"hex":"ff"}}}'],
  ['numbers beyond 2^53', { n: 2n ** 64n - 1n, m: -(2n ** 63n) }, {}, '{"n":18446744073709551615,"m":-9223372036854775808}'],
  ['a relay behind a relay', { fluentd: { tag: 'first', record: '{"a":1}' } }, {}, undefined],
  ['a relay that knows less', { fluentd: { record: '{"a":1}' }, b: 2 }, {}, '{"b":2,"fluentd":{"record":"{\\"a\\":1}"}}'],
]
for (const [name, given, typed, rest] of cases) {
  test(`of a record: ${name}`, () => {
    const { fluentd, event, observer, '@timestamp': time, ...found } = JSON.parse(relayed(encode(given, { useBigInt64: true })))
    assert.deepEqual(found, typed)
    if (name === 'a relay behind a relay') assert.deepEqual(fluentd, { tag: 'first', record: '{"a":1}' })
    else assert.deepEqual([fluentd.tag, fluentd.record], ['tag', rest])
    assert.deepEqual([event.kind, event.dataset, observer.name, time], ['event', 'fluentd.record', 'relay', '1970-01-01T00:00:00.000000000Z'])
  })
}

test('the time of the record counts, where it has one', () => {
  const event = JSON.parse(relayed(encode({ '@timestamp': '2026-11-23T10:00:00.5Z' })))
  assert.equal(event['@timestamp'], '2026-11-23T10:00:00.500000000Z')
  const other = JSON.parse(relayed(encode({ '@timestamp': 'yesterday' })))
  assert.deepEqual([other['@timestamp'], other.fluentd.record], ['1970-01-01T00:00:00.000000000Z', '{"@timestamp":"yesterday"}'])
})

test('a record nested too deeply is rejected, keys of any type are kept', () => {
  const deep = Buffer.concat([Buffer.of(0x81, 0xa1, 0x61), Buffer.alloc(1000, 0x91), Buffer.of(1)])
  assert.match(relayed(deep), /^rejected: nested more than 64 deep/)
  assert.equal(JSON.parse(relayed(Buffer.of(0x82, 7, 1, 0xc0, 2))).fluentd.record, '{"7":1,"null":2}')
})
