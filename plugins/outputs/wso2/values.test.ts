/** Every type of field as every type of attribute that it can become, over both transports, against the slow way out of an event's columns. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../../core/clock.ts'
import { ByteWriter } from '../../../core/event/writer.ts'
import { type Event, Fields, type OutputPlugin, type Payload, type Value } from '../../../core/plugin.ts'
import { checkedConfig } from '../../../test/kit/config.ts'
import { encoderTrial } from '../../../test/kit/encoder.ts'
import { openSample } from '../../../test/kit/events.ts'
import { silentLog } from '../../../test/kit/log.ts'
import wso2 from './index.ts'
import { STREAMS } from './kit.ts'
import { TestReceiver } from './thrift/testing.ts'

const [{ meta, correlation, payload }] = STREAMS
const ATTRIBUTES = [...meta, ...correlation, ...payload]
const CODES: Readonly<Record<string, number>> = { zero: 0, 'ü"': 255 }

function plain(value: Value): string {
  if (Array.isArray(value)) return value.map((item: Value) => plain(item)).join(',')
  if (typeof value === 'object') return Object.values(value).join(',')
  return String(value)
}

/** What an attribute must arrive as. */
function expected(event: Event, from: string, type: string): unknown {
  const value = event.get(from)
  if (type === 'STRING') return value === undefined ? null : plain(value)
  if (type === 'DOUBLE') return value === undefined ? Number.NaN : value
  if (value === undefined) return type === 'BOOL' ? false : 0
  if (type === 'BOOL') return value
  switch (from) {
    case 'kit.mac':
      return Number.parseInt(String(value).replaceAll(':', ''), 16)
    case 'kit.time':
      return Date.parse(`${String(value).slice(0, 23)}Z`)
    case 'kit.name':
      return CODES[String(value)] ?? Number(value)
    default:
      return Number(value)
  }
}

function encoded(transport: string): { payload: Payload; wanted: Record<string, unknown>[]; config: object } {
  const config = { receivers: 'tcp://127.0.0.1:1', username: 'kit', password: 'kit', transport, streams: STREAMS }
  const { event, events, create } = encoderTrial(wso2 as OutputPlugin, config)
  const encoder = create()
  const into = new ByteWriter(undefined, 1)
  const wanted: Record<string, unknown>[] = []
  const ends = events.map((sample, i) => {
    openSample(event, sample, i + 1)
    encoder.write(event, into)
    wanted.push(Object.fromEntries(ATTRIBUTES.map(({ name, from, type }) => [name, expected(event, from, type)])))
    return into.pos
  })
  const records = Uint32Array.from(ends, (_, i) => i)
  return { payload: { id: 'p', body: into.written(), count: ends.length, ends: Uint32Array.from(ends), records }, wanted, config }
}

test('over Thrift', async () => {
  const receiver = await new TestReceiver().listen()
  const { payload, wanted } = encoded('thrift')
  const config = checkedConfig(wso2 as OutputPlugin, { ...receiver.config, streams: STREAMS })
  const output = await wso2.create(config as never, { name: 'bam', data_dir: '', fields: new Fields([]), log: silentLog, clock: systemClock })
  try {
    await output.write(payload, { signal: new AbortController().signal, attempt: 1 })
    assert.equal(receiver.events.length, wanted.length)
    for (const [i, { values }] of receiver.events.entries()) assert.deepEqual(values, wanted[i], `event ${i + 1}`)
  } finally {
    await output.close?.()
    await receiver.close()
  }
})

test('over the binary protocol', () => {
  const { payload, wanted } = encoded('binary')
  const view = new DataView(payload.body.buffer, payload.body.byteOffset, payload.body.length)
  let at = 0
  const text = () => {
    const length = view.getInt32(at)
    at += 4 + length
    return Buffer.from(payload.body.subarray(at - length, at)).toString()
  }
  const read: Readonly<Record<string, () => unknown>> = {
    STRING: () => text() || null,
    LONG: () => Number(view.getBigInt64((at += 8) - 8)),
    DOUBLE: () => view.getFloat64((at += 8) - 8),
    BOOL: () => view.getUint8(at++) === 1,
  }
  wanted.forEach((values, i) => {
    assert.equal(view.getInt32(at), payload.ends[i] - at - 4)
    at += 12
    assert.equal(text(), 'kit:1.0.0')
    for (const { name, type } of ATTRIBUTES) {
      const value = values[name]
      // An empty text cannot be told from none.
      assert.deepEqual(read[type](), value === '' ? null : value, `event ${i + 1}: ${name}`)
    }
    while (at < payload.ends[i]) text()
    assert.equal(at, payload.ends[i])
  })
})
