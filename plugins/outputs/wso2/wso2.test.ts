import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { systemClock } from '../../../core/clock.ts'
import { Event } from '../../../core/event/event.ts'
import { fieldTable } from '../../../core/event/fields.ts'
import { ByteWriter } from '../../../core/event/writer.ts'
import { type Output, type OutputContext, type OutputPlugin, type Payload, RetryError } from '../../../core/plugin.ts'
import { pureContext } from '../../../core/route/context.ts'
import { pipelineFields } from '../../../core/route/fields.ts'
import { checkedConfig } from '../../../test/kit/config.ts'
import { silentLog } from '../../../test/kit/log.ts'
import { publishMessage } from './bundle.ts'
import wso2 from './index.ts'
import { RECEIVERS_PATTERN, receiverGroups } from './receivers.ts'
import type { StreamConfig } from './streams.ts'
import { publishByThrift, TestReceiver } from './testing.ts'
import { readAnswer } from './wire.ts'

const client = fieldTable('client', {
  bssid: { path: 't.bssid', type: 'text', description: 'Text.' },
  type: { path: 't.type', type: 'int', description: 'Int.' },
  count: { path: 't.count', type: 'u64', description: 'U64.' },
  lat: { path: 't.lat', type: 'float', description: 'Float.' },
  locked: { path: 't.locked', type: 'bool', description: 'Bool.' },
  mac: { path: 't.mac', type: 'mac', description: 'Mac.' },
})
const STREAM: StreamConfig = {
  name: 'wifi.client',
  meta: [{ name: 'bssid', type: 'STRING', from: 't.bssid' }],
  payload: [
    { name: 'type', type: 'INT', from: 't.type', default: 7 },
    { name: 'count', type: 'LONG', from: 't.count' },
    { name: 'lat', type: 'DOUBLE', from: 't.lat' },
    { name: 'locked', type: 'BOOL', from: 't.locked' },
    { name: 'mac', type: 'STRING', from: 't.mac' },
  ],
  arbitrary: { ssid: 't.bssid' },
}
const filter = { kind: 'filter' as const, summary: '', config: {}, fields: [client], create: () => ({ apply: () => true }) }
const fields = pipelineFields([{ name: 'client', plugin: filter, config: {} }])
const LOGIN = { receivers: 'tcp://h:7611', username: 'admin', password: 'admin' }

interface Sample {
  readonly bssid?: string
  readonly type?: number
  readonly count?: bigint
  readonly lat?: number
  readonly locked?: boolean
  readonly mac?: string
}

let payloads = 0
function rows(samples: readonly Sample[], streams: readonly StreamConfig[] = [STREAM]): Payload {
  const event = new Event(fields)
  const encoder = wso2.encoder(checkedConfig(wso2 as OutputPlugin, { ...LOGIN, streams }) as never, pureContext('bam', event, { name: 's', id: 's' }))
  const into = new ByteWriter()
  const ends = samples.map((sample, i) => {
    event.open(new Uint8Array(0))
    event.record(1_700_000_000, i * 1_000_000, new Uint8Array(8), i)
    for (const [key, value] of Object.entries(sample)) if (value !== undefined) event.set(`t.${key}`, value)
    encoder.write(event, into)
    return into.pos
  })
  return {
    id: `p${++payloads}`,
    body: into.written(),
    count: ends.length,
    ends: Uint32Array.from(ends),
    records: Uint32Array.from(ends, (_, i) => i),
  }
}

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
    fc.property(fc.array(sample, { minLength: 1, maxLength: 20 }), (samples) => {
      const { body, ends } = rows(samples)
      const arbitrary = samples.flatMap(({ bssid }, i) => (bssid === undefined ? [] : [[i, { ssid: bssid }]]))
      const expected = publishByThrift({
        sessionId: 'sess',
        eventNum: samples.length,
        intAttributeList: samples.map(({ type }) => type ?? 7),
        longAttributeList: samples.flatMap(({ count }, i) => [1_700_000_000_000 + i, Number(count ?? 0n)]),
        doubleAttributeList: samples.map(({ lat }) => lat ?? Number.NaN),
        boolAttributeList: samples.map(({ locked }) => locked ?? false),
        stringAttributeList: samples.flatMap(({ bssid, mac }) => ['wifi.client:1.0.0', bssid ?? '_null', mac ?? '_null']),
        ...(arbitrary.length > 0 ? { arbitraryDataMapMap: Object.fromEntries(arbitrary) as object } : {}),
      })
      const sequence = expected.readUInt32BE(15)
      assert.equal(publishMessage(body, ends, 'sess', sequence).toString('hex'), expected.toString('hex'))
    }),
    { numRuns: 100 },
  )
})

test('what does not fit is refused with the reason, as is what no stream wants', () => {
  assert.throws(() => rows([{ type: 2 ** 31 }]), /t\.type does not fit attribute type, which is INT/)
  assert.throws(() => rows([{ count: 1n << 63n }]), /t\.count does not fit attribute count, which is LONG/)
  assert.throws(() => rows([{}], [{ ...STREAM, when: 't.type == 1' }]), /no stream of output bam takes this event/)
  assert.throws(() => rows([], [{ name: 'a', payload: [{ name: 'x', type: 'INT', from: 't.bssid' }] }]), /t\.bssid is text and cannot become/)
  assert.throws(
    () => rows([], [{ name: 'a', payload: [{ name: 'x', type: 'INT', from: 't.type', default: 'no' }] }]),
    /default of attribute x is no INT/,
  )
  assert.throws(() => rows([], [{ ...STREAM, payload: [...STREAM.payload!, ...STREAM.payload!] }]), /attribute type twice/)
  assert.throws(() => rows([], [STREAM, { ...STREAM, payload: [] }]), /defined twice, differently/)
})

test('URL sets: fail-over, load balancing, groups, logins derived and given', () => {
  const text = (receivers: string, auth?: string) =>
    receiverGroups(receivers, auth).map(
      ({ failover, receivers: members }) =>
        (failover ? '|' : ',') + members.map((member) => `${member.data.host}:${member.data.port}>${member.auth.tls}${member.auth.port}`).join(' '),
    )
  assert.deepEqual(text('tcp://a:7611'), [',a:7611>true7711'])
  assert.deepEqual(text('{tcp://a:7611|ssl://b:7712},{tcp://[::1]:1, tcp://d:2}'), ['|a:7611>true7711 b:7712>true7712', ',::1:1>true101 d:2>true102'])
  assert.deepEqual(text('tcp://a:1,tcp://b:2', 'ssl://a:9,ssl://b:8'), [',a:1>true9 b:2>true8'])
  assert.throws(() => text('tcp://a:1,tcp://b:2', 'ssl://a:9'), /as many groups/)
  const pattern = new RegExp(RECEIVERS_PATTERN)
  for (const good of ['tcp://a:1', 'tcp://a:1,tcp://b:1', '{tcp://a:1|tcp://b:1}', '{tcp://a:1}, {ssl://b:1 , tcp://c:1}'])
    assert.match(good, pattern)
  for (const bad of ['', 'a:1', 'tcp://a', '{tcp://a:1|tcp://b:1,tcp://c:1}', '{tcp://a:1', 'http://a:1', 'tcp://a:1/x'])
    assert.doesNotMatch(bad, pattern)
})

test('answers may come in pieces, and what is none is an error, not a wait', () => {
  const whole = Buffer.from('80010002000000077075626c6973680000000100', 'hex')
  for (let i = 0; i < whole.length; i++) assert.equal(readAnswer('publish', whole.subarray(0, i)), undefined)
  assert.equal(readAnswer('publish', whole), '')
  assert.throws(() => readAnswer('publish', Buffer.from('HTTP/1.1 400')), /not Thrift/)
  assert.throws(() => readAnswer('publish', Buffer.from('800100027fffffff', 'hex')), /not Thrift/)
  assert.throws(() => readAnswer('connect', whole), /the answer is to publish/)
})

async function with2(work: (a: TestReceiver, b: TestReceiver, output: (config: object) => Promise<Output>) => Promise<void>): Promise<void> {
  const [a, b] = [await new TestReceiver().listen(), await new TestReceiver().listen()]
  const outputs: Output[] = []
  try {
    await work(a, b, async (config) => {
      const checked = checkedConfig(wso2 as OutputPlugin, { ...a.config, streams: [STREAM], ...config })
      const context: OutputContext = { name: 'bam', data_dir: '', fields, log: silentLog, clock: systemClock }
      outputs.push(await wso2.create(checked as never, context))
      return outputs[outputs.length - 1]
    })
  } finally {
    for (const output of outputs) await output.close?.()
    await Promise.all([a.close(), b.close()])
  }
}
const calm = () => ({ signal: new AbortController().signal, attempt: 1 })

test('logs in, defines, publishes; a refused session is renewed and the same bundle goes again', () =>
  with2(async (a, _, make) => {
    const output = await make({})
    await output.write(rows([{ bssid: 'x', type: -45, mac: '00:13:ce:55:98:ef' }]), calm())
    a.sessions.clear()
    a.definitions.clear()
    await output.write(rows([{ bssid: 'y' }]), calm())
    const steps = ['connect', 'findStreamId', 'defineStream', 'publish']
    assert.deepEqual(a.calls, [...steps, 'publish', ...steps])
    assert.deepEqual(
      a.events.map(({ stream, time, values }) => [stream, time, values.bssid, values.type, values.lat, values.mac]),
      [
        ['wifi.client:1.0.0', 1_700_000_000_000, 'x', -45, Number.NaN, '00:13:ce:55:98:ef'],
        ['wifi.client:1.0.0', 1_700_000_000_000, 'y', 7, Number.NaN, null],
      ],
    )
  }))

test('a wrong password is tried once, said clearly, and the events are kept', () =>
  with2(async (a, _, make) => {
    const output = await make({ password: 'nope' })
    for (let i = 0; i < 3; i++)
      await assert.rejects(output.write(rows([{}]), calm()), (error: RetryError) => {
        assert.ok(error instanceof RetryError && error.after_ms === 30_000)
        assert.match(error.message, /wrong userName or password: the login of user admin is refused/)
        assert.doesNotMatch(error.message, /nope/)
        return true
      })
    assert.deepEqual(a.calls, ['connect'])
  }))

test('another definition, a missing stream, a port without logins and an unknown CA are told apart', () =>
  with2(async (a, b, make) => {
    a.definitions.set('wifi.client:1.0.0', { name: 'wifi.client', version: '1.0.0' })
    await assert.rejects((await make({})).write(rows([{}]), calm()), /another definition of a stream or attribute.*Similar event stream/)
    await assert.rejects((await make({ ...b.urls, define: false })).write(rows([{}]), calm()), /create stream wifi\.client:1\.0\.0 there/)
    await assert.rejects(
      (await make({ auth: a.urls.receivers })).write(rows([{}]), calm()),
      (error: RetryError) => error.after_ms === 30_000 && /connect.*not the port of a databridge/i.test(error.message),
    )
    await assert.rejects((await make({ tls: {} })).write(rows([{}]), calm()), /ssl:\/\/127.*self-signed certificate/)
  }))

test('a group fails over in order; another group gets every event, each once', () =>
  with2(async (a, b, make) => {
    const closed = 'tcp://127.0.0.1:1'
    const set = (kind: 'receivers' | 'auth', down: string) => `{${down}|${a.urls[kind]}},{${b.urls[kind]}}`
    const output = await make({ receivers: set('receivers', closed), auth: set('auth', 'ssl://127.0.0.1:1') })
    b.definitions.set('wifi.client:1.0.0', { name: 'wifi.client', version: '1.0.0' })
    const payload = rows([{ type: 1 }])
    await assert.rejects(output.write(payload, calm()), /another definition/)
    assert.deepEqual([a.events.length, b.events.length], [1, 0])
    const fresh = await make({ receivers: set('receivers', closed), auth: set('auth', 'ssl://127.0.0.1:1') })
    b.definitions.clear()
    await fresh.write(rows([{ type: 2 }]), calm())
    assert.deepEqual([a.events.length, b.events.length], [2, 1])
    await assert.rejects(
      (await make({ receivers: closed, auth: undefined })).write(rows([{}]), calm()),
      /tcp:\/\/127|ssl:\/\/127.0.0.1:\d+: connect ECONNREFUSED/,
    )
  }))
