import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { systemClock } from '../../../core/clock.ts'
import { Fields, type Output, type OutputContext, type OutputPlugin, RejectedError, RetryError } from '../../../core/plugin.ts'
import { checkedConfig } from '../../../test/kit/config.ts'
import { silentLog } from '../../../test/kit/log.ts'
import wso2 from './index.ts'
import { receiverGroups } from './receivers.ts'
import { rows, STREAM } from './testing.ts'
import { generated, TestReceiver } from './thrift/testing.ts'

test('what does not fit is refused with the reason, and what no stream wants is left out', () => {
  assert.throws(() => rows([{ type: 2 ** 31 }]), /t\.type does not fit attribute type, which is INT/)
  assert.throws(() => rows([{ count: 1n << 63n }]), /t\.count does not fit attribute count, which is LONG/)
  const chosen = [
    { ...STREAM, when: 't.type == 1' },
    { ...STREAM, name: 'other', when: 't.type == 2' },
  ]
  assert.equal(rows([{ type: 1 }, { type: 3 }, {}, { type: 2 }], chosen).count, 2)
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
  for (const good of ['tcp://a:1', 'tcp://a:1,tcp://b:1', 'tcp://a:1|tcp://b:1', '{tcp://a:1}, {ssl://b:1 , tcp://c:1}'])
    assert.ok(text(good).length > 0)
  const wrong: [set: string, words: RegExp][] = [
    ['', /"" is not tcp:\/\/host:port/],
    ['a:1', /"a:1" is not tcp/],
    ['tcp://a', /"tcp:\/\/a" is not tcp/],
    ['tcp://a:70000', /no port between 1 and 65535/],
    ['{tcp://a:1|tcp://b:1,tcp://c:1}', /has both \| \(fail over\) and ,/],
    ['{tcp://a:1', /is not \{…\} or/],
    ['{tcp://a:1},tcp://b:1', /is not \{…\} or/],
    ['http://a:1', /"http:\/\/a:1" is not/],
    ['tcp://a:1/x', /"tcp:\/\/a:1\/x" is not/],
  ]
  for (const [set, words] of wrong) assert.throws(() => text(set), words)
})

async function with2(work: (a: TestReceiver, b: TestReceiver, output: (config: object) => Promise<Output>) => Promise<void>): Promise<void> {
  const [a, b] = [await new TestReceiver().listen(), await new TestReceiver().listen()]
  const outputs: Output[] = []
  try {
    await work(a, b, async (config) => {
      const checked = checkedConfig(wso2 as OutputPlugin, { ...a.config, streams: [STREAM], ...config })
      const context: OutputContext = { name: 'bam', data_dir: '', fields: new Fields([]), log: silentLog, clock: systemClock }
      outputs.push(await wso2.create(checked as never, context))
      return outputs[outputs.length - 1]
    })
  } finally {
    await Promise.all(outputs.map((output) => output.close?.()))
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
    await output.close?.()
    assert.deepEqual(a.calls, [...steps, 'publish', ...steps, 'disconnect'])
    assert.equal(a.sessions.size, 0)
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

test('every exception of every call is understood; events are kept', () =>
  with2(async (a, _, make) => {
    const cases = [
      ['connect', 'ThriftAuthenticationException', /the login of user admin is refused/],
      ['findStreamId', 'ThriftSessionExpiredException', /^tcp:.*: why$/],
      ['defineStream', 'ThriftSessionExpiredException', /^tcp:.*: why$/],
      ['defineStream', 'ThriftMalformedStreamDefinitionException', /why: a definition is refused/],
      ['defineStream', 'ThriftStreamDefinitionException', /why: a definition is refused/],
      ['defineStream', 'ThriftDifferentStreamDefinitionAlreadyDefinedException', /defined otherwise there \(why\)/],
    ] as const
    for (const [method, exception, words] of cases) {
      a.answers.set(method, new generated[exception]({ message: 'why' }))
      await assert.rejects(
        (await make({})).write(rows([{}]), calm()),
        (error: Error) => words.test(error.message) && !(error instanceof RejectedError),
      )
    }
    assert.equal(a.events.length, 0)
    for (const exception of ['ThriftSessionExpiredException', 'ThriftUndefinedEventTypeException']) {
      a.answers.set('publish', new generated[exception]({ message: 'why' }))
      await (await make({})).write(rows([{}]), calm())
    }
    assert.equal(a.events.length, 2)
    a.answers.set('findStreamId', new generated.ThriftNoStreamDefinitionExistException({ message: 'why' }))
    await (await make({})).write(rows([{}]), calm())
    assert.equal(a.events.length, 3)
  }))

test('another definition, a missing stream, a port without logins and an unknown CA are told apart', () =>
  with2(async (a, b, make) => {
    const payloadData = [
      { name: 'type', type: 'STRING' },
      { name: 'speed', type: 'INT' },
    ]
    a.definitions.set('wifi.client:1.0.0', { name: 'wifi.client', version: '1.0.0', payloadData })
    await assert.rejects(
      (await make({})).write(rows([{}]), calm()),
      /: stream wifi\.client:1\.0\.0 is defined otherwise there \(meta: bssid STRING only here, payload: speed INT only there, .*payload: type STRING there, INT here\)/,
    )
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
    await assert.rejects(output.write(payload, calm()), /defined otherwise/)
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

test('a stop does not wait for a login that is not answered', async () => {
  const mute = createServer((socket) => socket.on('data', () => undefined).on('error', () => undefined)).listen(0, '127.0.0.1')
  await once(mute, 'listening')
  const receivers = `tcp://127.0.0.1:${(mute.address() as AddressInfo).port}`
  const config = checkedConfig(wso2 as OutputPlugin, { receivers, auth: receivers, username: 'a', password: 'b', streams: [STREAM] })
  const output = await wso2.create(config as never, { name: 'bam', data_dir: '', fields: new Fields([]), log: silentLog, clock: systemClock })
  const stop = new AbortController()
  const began = performance.now()
  const writes = [1, 2].map(() => output.write(rows([{}]), { signal: stop.signal, attempt: 1 }))
  setTimeout(() => stop.abort(new Error('stopped')), 50)
  await Promise.all(writes.map((write) => assert.rejects(write, /stopped/)))
  await assert.rejects(output.write(rows([{}]), { signal: stop.signal, attempt: 1 }), /stopped/)
  await output.close?.()
  // The login itself would wait for ten seconds.
  assert.ok(performance.now() - began < 9000)
  mute.close()
})
