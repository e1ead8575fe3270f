import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type StreamConfig, streamsOf } from '../streams.ts'
import { rows, type Sample, STREAM } from '../testing.ts'
import { bundler } from './bundle.ts'
import { publishByThrift } from './testing.ts'

/** Its last text may be the last of a bundle: nothing but the stream's id. */
const SHORT: StreamConfig = { name: 'short', when: 't.type < 0', payload: [{ name: 'count', type: 'LONG', from: 't.count' }] }
const STREAMS = [SHORT, STREAM]
const publish = bundler(streamsOf(STREAMS))

test('bundles are byte for byte what the thrift package makes of the same values', () => {
  const sample = fc.record(
    {
      bssid: fc.string({ unit: 'binary', maxLength: 80 }).filter((text) => Buffer.from(text).toString() === text),
      type: fc.integer(),
      count: fc.bigInt({ min: 0n, max: (1n << 53n) - 1n }),
      // The package writes -0 as 0.
      lat: fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => value + 0),
      locked: fc.boolean(),
      mac: fc.constantFrom('00:13:ce:55:98:ef', 'ff:ff:ff:ff:ff:ff'),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 20 }), fc.nat(4000), (samples, spare) => {
      const { body, ends } = rows(samples, STREAMS)
      const short = ({ type }: Sample) => type !== undefined && type < 0
      const long = samples.filter((each) => !short(each))
      const arbitrary = samples.flatMap((each, i) => (each.bssid === undefined || short(each) ? [] : [[i, { ssid: each.bssid }]]))
      const expected = publishByThrift({
        sessionId: 'sess',
        eventNum: samples.length,
        ...(long.length > 0 ? { intAttributeList: long.map(({ type }) => type ?? 7) } : {}),
        longAttributeList: samples.flatMap(({ count }, i) => [1_700_000_000_000 + i, Number(count ?? 0n)]),
        ...(long.length > 0 ? { doubleAttributeList: long.map(({ lat }) => lat ?? Number.NaN) } : {}),
        ...(long.length > 0 ? { boolAttributeList: long.map(({ locked }) => locked ?? false) } : {}),
        stringAttributeList: samples.flatMap((each) =>
          short(each) ? ['short:1.0.0'] : ['wifi.client:1.0.0', each.bssid ?? '_null', each.mac ?? '_null'],
        ),
        ...(arbitrary.length > 0 ? { arbitraryDataMapMap: Object.fromEntries(arbitrary) as object } : {}),
      })
      const sequence = expected.readUInt32BE(15)
      assert.equal(publish(body, ends, 'sess', sequence, Buffer.alloc(spare, 0xa5)).toString('hex'), expected.toString('hex'))
    }),
    { numRuns: 100 },
  )
})
