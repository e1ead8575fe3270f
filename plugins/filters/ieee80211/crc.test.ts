import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { envelope, frame } from '../../../core/event/envelope.ts'
import { Event } from '../../../core/event/event.ts'
import { Fields } from '../../../core/event/fields.ts'
import { Repeats } from '../../../core/event/repeats.ts'
import { crcOf, crcOfRun, type KnownCrc } from './crc.ts'

const event = new Event(new Fields([envelope, frame]))

test('the CRC is that of zlib, also where the machine sees the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), fc.boolean(), (bytes, from, seen) => {
      const at = Math.min(from, bytes.length)
      event.open(seen ? event.batch(bytes) : bytes)
      if (bytes.length > 0) assert.equal(event.place !== 0, seen)
      assert.equal(crcOf(event, at, bytes.length), crc32(bytes.subarray(at)))
    }),
  )
})

test('of a run only the bytes that vary are looked at, and the CRC is that of the whole', () => {
  const ranges = fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 12 })), { maxLength: 6 })
  const known = fc.uint8Array({ minLength: 20, maxLength: 300 })
  const others = fc.array(fc.array(fc.nat(255), { minLength: 72, maxLength: 72 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(known, ranges, others, fc.nat(15), fc.boolean(), (bytes, gaps, values, mac, seen) => {
      const repeats = new Repeats<{ crc: KnownCrc }>(event, [], () => ({ crc: { length: 0, place: 0, whole: false } }))
      event.open(bytes)
      event.end = bytes.length
      assert.equal(repeats.learn(1, 0, event, 0, bytes.length), undefined)
      const run = repeats.learn(1, 0, event, 0, bytes.length)!
      let at = 0
      const spans: [number, number][] = []
      for (const [gap, size] of gaps) {
        const from = at + gap
        at = from + size
        // A range that reaches over the beginning of the frame is no part of any capture.
        if (at > bytes.length || (from < mac && at > mac)) break
        run.vary(from, at)
        spans.push([from, at])
      }
      for (const value of values) {
        const record = bytes.slice()
        let next = 0
        for (const [from, to] of spans) for (let i = from; i < to; i++) record[i] = value[next++ % value.length]
        const lead = new Uint8Array(7 + record.length)
        lead.set(record, 7)
        event.open(seen ? event.batch(lead) : lead)
        event.start = 7
        assert.equal(crcOfRun(run, run.found.crc, event, mac), crc32(record.subarray(mac)))
      }
    }),
    { numRuns: 300 },
  )
})
