import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as zlib from 'node:zlib'
import { FluentServer } from '@fluent-org/logger'
import { packageRoot } from '../../../core/config/root.ts'
import type { Output, Payload } from '../../../core/plugin.ts'
import { ManualClock } from '../../../test/kit/clock.ts'
import { ForwardPeer, type PeerOptions } from '../../../test/peers/fluentd/server.ts'
import { calm, FIRST, type FluentdConfig, sample } from './testing.ts'

const file = (name: string) => fileURLToPath(new URL(`test/tls/${name}`, packageRoot()))
const pem = (name: string) => readFileSync(file(name), 'utf8')
const certificate = { cert: pem('server.pem'), key: pem('server.key') }
const modes = ['message', 'forward', 'packed_forward', 'compressed_packed_forward'] as const

async function peer(t: TestContext, options: PeerOptions = {}): Promise<ForwardPeer> {
  const server = await new ForwardPeer(options).listen()
  t.after(() => server.close())
  return server
}

interface Rig {
  readonly output: Output
  readonly payload: (id: string, count: number, from?: number) => Payload
}

async function rig(t: TestContext, config: Partial<FluentdConfig>, clock?: ManualClock): Promise<Rig> {
  const { output: create, payload } = sample(config)
  const output = await create(clock)
  t.after(() => output.close?.())
  return { output, payload }
}

const numbers = ({ events }: ForwardPeer) => events.map(({ record }) => (record.frame as { number: number }).number)

/** Why one write to a server fails. */
async function failure(t: TestContext, options: PeerOptions, config: Partial<FluentdConfig> = {}): Promise<string> {
  const server = await peer(t, options)
  const { output, payload } = await rig(t, { hosts: [server.address], ...config })
  const error = await output.write(payload('p', 1), calm()).then(
    () => undefined,
    (reason: Error) => reason.message,
  )
  assert.ok(error !== undefined, 'the write went well')
  return error.replace(server.address, 'HOST')
}

for (const mode of modes) {
  test(`mode ${mode}: events, times and acks, several in flight in order [run]`, async (t) => {
    const server = await peer(t)
    const { output, payload } = await rig(t, { hosts: [server.address], mode })
    await output.write(payload('one', 40), calm())
    await output.write(payload('two', 2, 41), calm())
    assert.deepEqual(
      numbers(server),
      Array.from({ length: 42 }, (_, i) => i + 1),
    )
    const forms = { message: 'message', forward: 'forward', packed_forward: 'packed', compressed_packed_forward: 'packed gzip' }
    assert.deepEqual([...new Set(server.forms)], [forms[mode]])
    assert.deepEqual(server.events[2].time, { seconds: FIRST + 3, nanos: 3 })
    assert.equal(server.events[2].tag, 'wifi.frame')
    assert.equal(server.connections, 1, 'the connection is kept')
    assert.deepEqual([...new Set(server.chunks)].slice(0, 2), mode === 'message' ? ['one/0', 'one/1'] : ['one', 'two'])
  })
}

test('handshake with nonces in bin (Fluentd): key, and user with password; the salt is printable [run]', async (t) => {
  const security = { key: 'secret', users: { pi: 'word' } }
  const server = await peer(t, { security })
  const { output, payload } = await rig(t, { hosts: [server.address], shared_key: 'secret', username: 'pi', password: 'word' })
  await output.write(payload('p', 2), calm())
  assert.deepEqual(numbers(server), [1, 2])
  assert.match(server.pings[0][2], /^[0-9a-f]{32}$/, 'the salt is printable')
})

test('handshake with nonces in str that are no UTF-8, no keepalive key and a salt without users (Fluent Bit); PING in one read [run]', async (t) => {
  const server = await peer(t, { security: { key: 'secret', fluentBit: true } })
  const { output, payload } = await rig(t, { hosts: [server.address], shared_key: 'secret' })
  await output.write(payload('p', 2), calm())
  await output.write(payload('q', 1, 3), calm())
  assert.deepEqual(numbers(server), [1, 2, 3])
  assert.deepEqual(server.pings[0].slice(4), ['', ''])
  assert.equal(server.connections, 1, 'kept, though nobody said so')
})

test('a wrong key or password is told in the words of the server, or by the moment it hung up [run]', async (t) => {
  const right = { shared_key: 'secret', username: 'pi', password: 'word' }
  assert.match(await failure(t, { security: { key: 'other' } }, right), /^HOST: the server refuses the handshake: shared_key mismatch$/)
  assert.match(await failure(t, { security: { key: 'secret', users: { pi: 'none' } } }, right), /username\/password mismatch$/)
  assert.match(
    await failure(t, { security: { key: 'other', fluentBit: true } }, right),
    /closed the connection during the handshake: another shared key\?$/,
  )
})

test('a server that does not know the key, or repeats our own digest, gets no data', async (t) => {
  const config = { shared_key: 'secret' }
  assert.match(await failure(t, { security: { key: 'secret', proof: () => ['peer', 'f'.repeat(128)] } }, config), /does not know the shared key$/)
  const echo = ([, client, , digest]: readonly string[]) => [client, digest] as const
  assert.match(await failure(t, { security: { key: 'secret', proof: echo } }, config), /under our own name/)
})

test('a key on one side only is told', async (t) => {
  assert.match(await failure(t, { security: { key: 'secret' } }), /asks for a shared key$/)
  const clock = new ManualClock()
  const server = await peer(t)
  const { output, payload } = await rig(t, { hosts: [server.address], shared_key: 'secret' }, clock)
  const write = assert.rejects(output.write(payload('p', 1), calm()), /no connection and handshake within 10 s/)
  while (server.connections === 0) await new Promise((resolve) => setImmediate(resolve))
  clock.advance(10_000)
  await write
})

test('a lost ack is asked for again under the same chunk id', async (t) => {
  const clock = new ManualClock()
  const server = await peer(t, { judge: (_, connection) => (connection === 1 ? 'silent' : 'ack') })
  const { output, payload } = await rig(t, { hosts: [server.address], ack_timeout_ms: 500 }, clock)
  const first = assert.rejects(output.write(payload('p', 2), calm()), /no ack within 500 ms/)
  while (server.events.length < 2) await new Promise((resolve) => setImmediate(resolve))
  clock.advance(500)
  await first
  await output.write(payload('p', 2), { ...calm(), attempt: 2 })
  assert.deepEqual(numbers(server), [1, 2, 1, 2])
  assert.deepEqual(server.chunks, ['p', 'p'])
})

test('half of the acks, another ack, or a cut before the ack are no acks', async (t) => {
  let seen = 0
  assert.match(await failure(t, { judge: () => 'wrong ack' }), /acknowledges something else$/)
  assert.match(await failure(t, { judge: () => 'close' }), /closed the connection$|ECONNRESET$/)
  const server = await peer(t, { judge: (_, connection) => (connection === 1 && ++seen === 2 ? 'close' : 'ack') })
  const { output, payload } = await rig(t, { hosts: [server.address], mode: 'message' })
  await assert.rejects(output.write(payload('p', 3), calm()), /closed the connection|ECONNRESET|EPIPE/)
  await output.write(payload('p', 3), { ...calm(), attempt: 2 })
  assert.deepEqual([...new Set(numbers(server))].sort(), [1, 2, 3])
})

test('without acks a write ends when all is handed over, and no chunk id is sent', async (t) => {
  const server = await peer(t, { judge: () => 'silent' })
  const { output, payload } = await rig(t, { hosts: [server.address], ack: false })
  await output.write(payload('p', 2), calm())
  while (server.events.length < 2) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual([numbers(server), server.chunks], [[1, 2], [undefined]])
})

test('zstd where this Node has it, and words where it has not', async (t) => {
  const { output: create, payload } = sample({ mode: 'compressed_packed_forward', compression: 'zstd' })
  if (!('zstdCompress' in zlib)) return assert.rejects(create(), /has no zstd: take gzip/)
  let body: unknown
  const server = await peer(t, {
    judge: (message) => {
      body = message[1]
      return 'close'
    },
  })
  const output = await sample({ hosts: [server.address], mode: 'compressed_packed_forward', compression: 'zstd' }).output()
  t.after(() => output.close?.())
  await assert.rejects(output.write(payload('p', 1), calm()))
  assert.equal(Buffer.from(body as Uint8Array).readUInt32LE(0), 0xfd2fb528)
})

test('a kept connection that the server has closed meanwhile costs no failure', async (t) => {
  const server = await peer(t)
  const { output, payload } = await rig(t, { hosts: [server.address] })
  await output.write(payload('p', 1), calm())
  server.cut()
  await output.write(payload('q', 1, 2), calm())
  assert.deepEqual(numbers(server), [1, 2])
})

test('keepalive false in HELO: a connection for each payload', async (t) => {
  const server = await peer(t, { security: { key: 'secret' }, keepalive: false })
  const { output, payload } = await rig(t, { hosts: [server.address], shared_key: 'secret' })
  await output.write(payload('p', 1), calm())
  await output.write(payload('q', 1, 2), calm())
  assert.equal(server.connections, 2)
  assert.deepEqual(numbers(server), [1, 2])
})

test('where a host fails the next takes over in the same write, and standby only when all fail', async (t) => {
  const [first, second, third] = [await peer(t), await peer(t), await peer(t)]
  const { output, payload } = await rig(t, { hosts: [first.address, second.address], standby: [third.address] })
  for (let i = 1; i <= 4; i++) await output.write(payload(`a${i}`, 1, i), calm())
  assert.deepEqual([first.events.length, second.events.length, third.events.length], [2, 2, 0])
  await first.close()
  for (let i = 5; i <= 8; i++) await output.write(payload(`b${i}`, 1, i), calm())
  assert.deepEqual([first.events.length, second.events.length, third.events.length], [2, 6, 0])
  await second.close()
  await output.write(payload('c', 1, 9), calm())
  assert.equal(third.events.length, 1)
})

test('weights are shares of the turns; one that names no server is the mistake of the config', async (t) => {
  const [first, second] = [await peer(t), await peer(t)]
  const { output, payload } = await rig(t, { hosts: [first.address, second.address], weights: { [first.address]: 180 } })
  for (let i = 1; i <= 8; i++) await output.write(payload(`a${i}`, 1, i), calm())
  assert.deepEqual([first.events.length, second.events.length], [6, 2])
  assert.throws(() => sample({ hosts: ['a'], weights: { b: 1 } }), /weights names b, which is neither in hosts nor in standby/)
})

test('heartbeats find a server that is back, however long it was to rest; standby takes over without waiting for it', async (t) => {
  const clock = new ManualClock()
  const [gone, spare] = [await peer(t), await peer(t)]
  const port = Number(gone.address.split(':')[1])
  const { output, payload } = await rig(t, { hosts: [gone.address], standby: [spare.address] }, clock)
  await gone.close()
  await output.write(payload('a', 1), calm())
  for (let i = 0; i < 6; i++) {
    clock.advance(1000)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await output.write(payload('b', 1, 2), calm())
  assert.deepEqual(numbers(spare), [1, 2])
  const back = await peer(t, { listen: { port, host: '127.0.0.1' } })
  clock.advance(1000)
  while (back.connections === 0) await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setTimeout(resolve, 20))
  await output.write(payload('c', 1, 3), calm())
  assert.deepEqual([numbers(back), back.connections], [[3], 1], 'the heartbeat left its connection')
})

test('an open, as check --connect does it, connects and shakes hands with one that works', async (t) => {
  const [first, second] = [await peer(t, { security: { key: 'other' } }), await peer(t, { security: { key: 'secret' } })]
  const one = await rig(t, { hosts: [first.address, second.address], shared_key: 'secret' })
  await one.output.open!(calm().signal)
  const none = await rig(t, { hosts: [first.address], shared_key: 'secret' })
  await assert.rejects(none.output.open!(calm().signal), /shared_key mismatch/)
})

test('TLS is checked; a client certificate is shown', async (t) => {
  const tls = { ...certificate, requestCert: true, rejectUnauthorized: true, ca: pem('ca.pem') }
  const server = await peer(t, { tls, security: { key: 'secret' } })
  const options = { ca_file: file('ca.pem'), cert_file: file('client.pem'), key_file: file('client.key') } as FluentdConfig['tls']
  const { output, payload } = await rig(t, { hosts: [server.address], shared_key: 'secret', tls: options })
  await output.write(payload('p', 2), calm())
  assert.deepEqual(numbers(server), [1, 2])
  assert.match(await failure(t, { tls: certificate }, { tls: {} as FluentdConfig['tls'] }), /self-signed certificate in certificate chain/)
})

test('over a Unix socket', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wherry-fluentd-'))
  t.after(() => rm(folder, { recursive: true }))
  const path = join(folder, 'socket')
  const server = await peer(t, { listen: { path } })
  const { output, payload } = await rig(t, { hosts: [`unix:${path}`] })
  await output.write(payload('p', 2), calm())
  assert.deepEqual(numbers(server), [1, 2])
})

for (const mode of modes) {
  test(`the server of @fluent-org/logger takes mode ${mode} with key, user and TLS`, async (t) => {
    const entries: [string, number][] = []
    class Receiver extends FluentServer {
      override onEntry(tag: string, _: unknown, record: Record<string, unknown>): void {
        entries.push([tag, (record.frame as { number: number }).number])
      }
    }
    const security = { serverHostname: 'receiver', sharedKey: 'secret', authorize: true, userDict: { pi: 'word' } }
    const server = new Receiver({ security, tlsOptions: certificate, listenOptions: { port: 0, host: '127.0.0.1' } })
    await server.listen()
    const tls = { ca_file: file('ca.pem') } as FluentdConfig['tls']
    const { output, payload } = sample({ hosts: [`127.0.0.1:${server.port}`], mode, shared_key: 'secret', username: 'pi', password: 'word', tls })
    const sender = await output()
    t.after(async () => {
      await sender.close?.()
      await server.close()
    })
    await sender.write(payload('p', 3), calm())
    assert.deepEqual(
      entries,
      [1, 2, 3].map((number) => ['wifi.frame', number]),
    )
  })
}
