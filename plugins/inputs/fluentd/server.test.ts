/** What clients see: modes, times, acks, the handshake. Names of tests with [run] are statements about real servers or clients that hold here too. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as zlib from 'node:zlib'
import { ExtData } from '@msgpack/msgpack'
import { packageRoot } from '../../../core/config/root.ts'
import { type Credentials, eventTime, ForwardClient, pack, packArray, str32 } from '../../../test/peers/fluentd/client.ts'
import { type FluentdInputConfig, type Rig, rig } from './testing.ts'

const SECONDS = 1_800_000_000
const entry = (n: number, time: unknown = eventTime(SECONDS, n)) => [time, { frame: { number: n } }]

async function input(t: TestContext, config: Partial<FluentdInputConfig> = {}, options = {}): Promise<Rig> {
  const made = await rig(config, options)
  t.after(() => made.stop())
  return made
}

async function client(t: TestContext, { port }: Rig, credentials?: Credentials): Promise<ForwardClient> {
  const made = await ForwardClient.open({ port })
  t.after(() => made.close())
  if (credentials) assert.equal(await made.shakeHands(credentials), undefined)
  return made
}

interface Seen {
  readonly '@timestamp': string
  readonly event: { readonly id: string }
  readonly frame?: { readonly number: number }
  readonly fluentd?: { readonly tag?: string; readonly record?: string; readonly metadata?: string }
}
const events = ({ records }: Rig) => records.filter((text) => text.startsWith('{')).map((text) => JSON.parse(text) as Seen)
const numbers = (made: Rig) => events(made).map(({ frame }) => frame?.number)
const time = (nanos: number) => `2027-01-15T08:00:00.${String(nanos).padStart(9, '0')}Z`

const packed = (...entries: unknown[]) => Buffer.concat(entries.map(pack))
const modes: [string, (tag: string, chunk: string) => Buffer][] = [
  ['Message', (tag, chunk) => pack([tag, ...entry(1), { chunk }])],
  ['Forward', (tag, chunk) => pack([tag, [entry(1), entry(2)], { chunk, size: 2 }])],
  ['PackedForward as bin', (tag, chunk) => pack([tag, packed(entry(1), entry(2)), { chunk }])],
  [
    'PackedForward as str32 of bytes that are no UTF-8',
    (tag, chunk) => packArray(pack(tag), str32(packed(entry(1), entry(2))), pack({ chunk, compressed: 'text' })),
  ],
  ['CompressedPackedForward, gzip', (tag, chunk) => pack([tag, zlib.gzipSync(packed(entry(1), entry(2))), { chunk, compressed: 'gzip' }])],
  [
    'gzip of several members, in str32 as Fluentd writes it [run]',
    (tag, chunk) =>
      packArray(pack(tag), str32(Buffer.concat([entry(1), entry(2)].map((one) => zlib.gzipSync(pack(one))))), pack({ chunk, compressed: 'gzip' })),
  ],
]
for (const [name, message] of modes) {
  test(`${name}: events under their tag, and an ack`, async (t) => {
    const made = await input(t)
    const from = await client(t, made)
    from.send(message('app.one', 'c1'))
    assert.deepEqual(await from.acks(1), ['c1'])
    const wanted = name === 'Message' ? [1] : [1, 2]
    assert.deepEqual([numbers(made), events(made)[0]['@timestamp'], events(made)[0].fluentd?.tag], [wanted, time(1), 'app.one'])
  })
}

test('zstd where this Node has it; else it is kept as a dead letter', async (t) => {
  const made = await input(t)
  const from = await client(t, made)
  const { zstdCompressSync } = zlib as { zstdCompressSync?: (body: Uint8Array) => Buffer }
  from.send(pack(['a', zstdCompressSync?.(packed(entry(1))) ?? Buffer.of(1), { chunk: 'c', compressed: 'zstd' }]))
  assert.deepEqual(await from.acks(1), ['c'])
  if (zstdCompressSync) assert.deepEqual(numbers(made), [1])
  else assert.match(made.records[0], /^rejected: a body compressed with zstd, which is not known here$/)
})

test('times: EventTime as fixext8 and ext8 [run], and whole seconds', async (t) => {
  const made = await input(t)
  const from = await client(t, made)
  const ext8 = Buffer.concat([Buffer.of(0xc7, 8, 0), Buffer.from((eventTime(SECONDS, 5) as { data: Uint8Array }).data)])
  from.send(pack(['a', eventTime(SECONDS, 4), {}]), packArray(pack('a'), ext8, pack({})), pack(['a', SECONDS, {}]))
  from.send(pack(['a', eventTime(4294967295, 0), {}]))
  await made.count(4)
  assert.deepEqual(
    events(made).map((event) => event['@timestamp']),
    [time(4), time(5), time(0), '2106-02-07T06:28:15.000000000Z'],
  )
})

test('a time that the protocol does not have is a dead letter, not the end of all others [run: both servers close on a float]', async (t) => {
  const made = await input(t)
  const from = await client(t, made)
  const times = [1.5, 'now', null, 1_800_000_000_000n, new ExtData(1, new Uint8Array(8))]
  from.send(pack(['a', [entry(1), ...times.map((bad) => entry(9, bad)), entry(2)], { chunk: 'c' }]))
  assert.deepEqual(await from.acks(1), ['c'])
  assert.deepEqual(numbers(made), [1, 2])
  assert.deepEqual(made.records.slice(1, 6), [
    'rejected: the time of an entry is a float, which the protocol does not have',
    'rejected: the time of an entry is neither an EventTime nor an integer',
    'rejected: the time of an entry is neither an EventTime nor an integer',
    'rejected: the time of an entry is 1800000000000, beyond the year 9999: are these milliseconds?',
    'rejected: the time of an entry is an extension that is no EventTime',
  ])
})

test('the metadata form of Fluent Bit since 5.0.5, plain and in gzip, and metadata in the options of Message [run]', async (t) => {
  const made = await input(t)
  const from = await client(t, made)
  const withMetadata = [[eventTime(SECONDS, 1), { from: 'x' }], { frame: { number: 1 } }]
  const empty = [[eventTime(SECONDS, 2), {}], { frame: { number: 2 } }]
  from.send(pack(['a', [withMetadata, empty], { size: 2, fluent_signal: 0 }]))
  from.send(pack(['a', zlib.gzipSync(packed(withMetadata)), { compressed: 'gzip' }]))
  from.send(pack(['a', ...entry(4), { metadata: { k: 1 } }]))
  await made.count(4)
  assert.deepEqual(numbers(made), [1, 2, 1, 4])
  assert.deepEqual(
    events(made).map(({ fluentd }) => fluentd?.metadata),
    ['{"from":"x"}', undefined, '{"from":"x"}', '{"k":1}'],
  )
})

test('chunk ids come back as they are: with a newline at the end (Fluentd), as bin, longer than 255 bytes [run]', async (t) => {
  const made = await input(t)
  const from = await client(t, made)
  const ids = ['q83vEjRWeJCrze8SNFZ4kA==\n', Buffer.of(0xff, 0xfe), 'x'.repeat(300)]
  for (const chunk of ids) from.send(pack(['a', [entry(1)], { chunk }]))
  assert.deepEqual(await from.acks(3), ids)
})

test('unknown options, nil options (old Docker driver), a wrong size, a chunk of nil: taken [run]', async (t) => {
  const made = await input(t)
  const from = await client(t, made)
  from.send(pack(['a', [entry(1)], { own: [1, { x: 2 }], size: 99 }]), pack(['a', ...entry(2), null]), pack(['a', [entry(3)], { chunk: null }]))
  from.send(pack(['a', [entry(4)], { chunk: 'c' }]))
  assert.deepEqual(await from.acks(1), ['c'], 'and the only ack is that of the chunk')
  assert.deepEqual(numbers(made), [1, 2, 3, 4])
})

test('two clients, each with three chunks in flight: acks in the order of each [run]', async (t) => {
  const made = await input(t, {}, { settles: false })
  const [one, two] = [await client(t, made), await client(t, made)]
  for (let i = 1; i <= 3; i++) {
    one.send(pack(['one', [entry(i)], { chunk: `one ${i}` }]))
    two.send(pack(['two', [entry(i)], { chunk: `two ${i}` }]))
  }
  await made.count(6)
  made.settle()
  assert.deepEqual(await one.acks(3), ['one 1', 'one 2', 'one 3'])
  assert.deepEqual(await two.acks(3), ['two 1', 'two 2', 'two 3'])
})

test('no ack before all of a chunk is settled', async (t) => {
  const made = await input(t, {}, { settles: false })
  const from = await client(t, made)
  from.send(pack(['a', [entry(1)], { chunk: 'c' }]))
  await made.count(1)
  const ack = from.acks(1)
  assert.equal(await Promise.race([ack, new Promise((resolve) => setTimeout(resolve, 50, 'none'))]), 'none')
  made.settle()
  assert.deepEqual(await ack, ['c'])
})

test('a chunk that comes again is acknowledged and not taken in again: settled, under way, on another connection', async (t) => {
  const made = await input(t, {}, { settles: false })
  const [one, two] = [await client(t, made), await client(t, made)]
  const message = pack(['a', [entry(1), entry(2)], { chunk: 'c' }])
  one.send(message, message)
  two.send(message)
  await made.count(2)
  made.settle()
  assert.deepEqual([await one.acks(2), await two.acks(1)], [['c', 'c'], ['c']])
  two.send(message)
  assert.deepEqual(await two.acks(1), ['c'])
  assert.deepEqual(numbers(made), [1, 2])
  // The same id over something else is something else.
  two.send(pack(['a', [entry(3)], { chunk: 'c' }]))
  assert.deepEqual(await two.acks(1), ['c'])
  assert.deepEqual(numbers(made), [1, 2, 3])
})

test('event ids: of a chunk the same whoever takes it, else different; that of a record stays', async (t) => {
  const [first, second] = [await input(t), await input(t)]
  const message = pack(['a', [entry(1), entry(1)], { chunk: 'c' }])
  const id = '5DfGXo_YI8NHNOAJfM2xPk-------Jek'
  for (const made of [first, second]) {
    const from = await client(t, made)
    from.send(message, pack(['a', ...entry(2)]), pack(['a', SECONDS, { event: { id } }]))
    await made.count(4)
  }
  const [one, two] = [first, second].map((made) => events(made).map(({ event }) => event.id))
  assert.deepEqual(one.slice(0, 2), two.slice(0, 2))
  assert.equal(new Set([...one, ...two]).size, 5)
  assert.deepEqual([one[3], two[3]], [id, id])
})

test('nil is ignored and a map is a dead letter; the connection stays open [run: as Fluentd]', async (t) => {
  const made = await input(t)
  const from = await client(t, made)
  from.send(pack(null), pack({ a: 1 }), pack(null), pack(['a', [entry(1)], { chunk: 'c' }]))
  assert.deepEqual(await from.acks(1), ['c'])
  assert.deepEqual([made.records[0], numbers(made)], ['rejected: a message is no array', [1]])
})

test('an empty list, an empty body and an empty tag are acknowledged [run: as Fluentd]', async (t) => {
  const made = await input(t)
  const from = await client(t, made)
  from.send(pack(['a', [], { chunk: '1' }]), pack(['a', Buffer.alloc(0), { chunk: '2' }]), pack(['', [entry(1)], { chunk: '3' }]))
  assert.deepEqual(await from.acks(3), ['1', '2', '3'])
  assert.deepEqual(events(made)[0].fluentd, { tag: '' })
})

test('metrics and traces of Fluent Bit, what is no gzip, and a body cut inside an entry are kept as a whole, said and acknowledged', async (t) => {
  const made = await input(t)
  const from = await client(t, made)
  const bodies: [unknown, object][] = [
    [packed(entry(1)), { fluent_signal: 1 }],
    [packed(entry(1)), { fluent_signal: 2 }],
    [randomBytes(50), { compressed: 'gzip' }],
    [packed(entry(1), entry(2)).subarray(0, -3), {}],
    [Buffer.of(0xc1), {}],
    [packed(entry(1)), { compressed: 'lz4' }],
  ]
  from.send(...bodies.map(([body, option], i) => pack(['a', body, { ...option, chunk: `${i}` }])))
  assert.deepEqual(await from.acks(6), ['0', '1', '2', '3', '4', '5'])
  const said = made.records.map((text) => text.replace(/^rejected: /, ''))
  assert.match(said[0], /^metrics of Fluent Bit, not logs/)
  assert.match(said[1], /^traces of Fluent Bit, not logs/)
  assert.match(said[2], /^a body that is no gzip/)
  assert.deepEqual(said.slice(3), [
    'a body that ends inside an entry',
    'a body that is no MessagePack: 0xc1 begins no value',
    'a body compressed with lz4, which is not known here',
  ])
})

test('a bad entry inside Forward is a dead letter; those around it arrive, once [run: Fluentd closes, Fluent Bit takes half]', async (t) => {
  const made = await input(t)
  const from = await client(t, made)
  from.send(pack(['a', [entry(1), ['no time', {}], [SECONDS], [SECONDS, 7], 'x', entry(2)], { chunk: 'c' }]))
  assert.deepEqual(await from.acks(1), ['c'])
  assert.deepEqual([numbers(made), made.records.length], [[1, 2], 6])
})

test('JSON, HTTP and bytes that are no MessagePack are hung up on, and said', async (t) => {
  const made = await input(t)
  for (const bytes of ['["tag",1,{"a":1}]', 'GET / HTTP/1.1\r\n\r\n', Buffer.of(0xc1)]) {
    const from = await client(t, made)
    from.socket.write(bytes)
    assert.equal(await from.answer(), undefined)
  }
  assert.deepEqual(
    made.words.map((words) => words.replace(/^.*127\.0\.0\.1: /, '')),
    ['it does not speak the forward protocol', '0xc1 begins no value'],
  )
})

test('heartbeats of Fluentd: to connect, shake hands and hang up is nothing to speak of [run]', async (t) => {
  const open = await input(t)
  const closed = await input(t, { shared_key: 'secret' })
  for (let i = 0; i < 3; i++) {
    await (await client(t, open)).close()
    await (await client(t, closed, { key: 'secret' })).close()
    await (await client(t, closed)).close()
  }
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.deepEqual([open.words, closed.words, open.records], [[], [], []])
})

test('the handshake: key, user and password; a salt of raw bytes in str (Fluent Bit), a PING in pieces of one byte [run]', async (t) => {
  const made = await input(t, { shared_key: 'secret', users: { pi: 'word' } })
  for (const more of [{}, { rawSalt: true }, { slow: true }]) {
    const from = await client(t, made, { key: 'secret', user: 'pi', password: 'word', ...more })
    from.send(pack(['a', [entry(1)], { chunk: JSON.stringify(more) }]))
    assert.deepEqual(await from.acks(1), [JSON.stringify(more)])
  }
})

test('a wrong key, user or password: PONG says which, then the connection ends [run]; nothing is taken from who has not proved himself', async (t) => {
  const made = await input(t, { shared_key: 'secret', users: { pi: 'word' } })
  const wrong: [Credentials, string][] = [
    [{ key: 'other', user: 'pi', password: 'word' }, 'shared_key mismatch'],
    [{ key: 'secret', user: 'pi', password: 'other' }, 'username/password mismatch'],
    [{ key: 'secret', user: 'toString', password: 'word' }, 'username/password mismatch'],
    [{ key: 'secret' }, 'username/password mismatch'],
  ]
  for (const [credentials, reason] of wrong) {
    const from = await ForwardClient.open(made)
    assert.equal(await from.shakeHands(credentials), reason)
    from.send(pack(['a', [entry(1)], { chunk: 'c' }]))
    assert.equal(await from.answer(), undefined)
  }
  const impatient = await client(t, made)
  impatient.send(pack(['a', [entry(1)], { chunk: 'c' }]))
  assert.equal(((await impatient.answer()) as unknown[])[0], 'HELO')
  assert.equal(await impatient.answer(), undefined)
  assert.deepEqual(made.records, [])
  assert.ok(made.words.some((words) => /handshake refused: shared_key mismatch/.test(words)))
})

test('a message larger than max_message_bytes, before or after decompression, ends the connection without an ack', async (t) => {
  const made = await input(t, { max_message_bytes: 100_000 })
  const from = await client(t, made)
  from.send(pack(['a', zlib.gzipSync(Buffer.alloc(200_000)), { chunk: 'c', compressed: 'gzip' }]))
  assert.equal(await from.answer(), undefined)
  const other = await client(t, made)
  other.send(Buffer.concat([Buffer.of(0x92, 0xa1, 0x61, 0xc6, 0, 0x10, 0, 0), Buffer.alloc(150_000)]))
  assert.equal(await other.answer(), undefined)
  assert.deepEqual([made.records, made.words.length], [[], 2])
})

test('an event larger than max_record_bytes is counted, and its neighbours arrive', async (t) => {
  const made = await input(t, {}, { max_record_bytes: 1000 })
  const from = await client(t, made)
  from.send(pack(['a', [entry(1), [SECONDS, { text: 'x'.repeat(1000) }], entry(2)], { chunk: 'c' }]))
  assert.deepEqual(await from.acks(1), ['c'])
  assert.deepEqual([numbers(made), made.skipped.length], [[1, 2], 1])
})

test('a client that is cut inside a message leaves nothing behind', async (t) => {
  const made = await input(t)
  const from = await client(t, made)
  from.send(pack(['a', [entry(1)], { chunk: 'c' }]).subarray(0, -2))
  await new Promise((resolve) => setTimeout(resolve, 20))
  await from.close()
  const again = await client(t, made)
  again.send(pack(['a', [entry(1)], { chunk: 'c' }]))
  assert.deepEqual(await again.acks(1), ['c'])
  assert.deepEqual(numbers(made), [1])
})

test('a client that says no more still gets its acks', async (t) => {
  const made = await input(t, {}, { settles: false })
  const from = await client(t, made)
  from.send(pack(['a', [entry(1)], { chunk: 'c' }]))
  from.socket.end()
  await made.count(1)
  await new Promise((resolve) => setTimeout(resolve, 20))
  made.settle()
  assert.deepEqual(await from.acks(1), ['c'])
  assert.equal(await from.answer(), undefined)
})

test('a client that says no more and then is gone, with acks due, harms nobody', async (t) => {
  const made = await input(t, {}, { settles: false })
  const from = await client(t, made)
  from.send(pack(['a', [entry(1)], { chunk: 'c' }]))
  from.socket.end()
  await made.count(1)
  await new Promise((resolve) => setTimeout(resolve, 20))
  from.socket.resetAndDestroy()
  await new Promise((resolve) => setTimeout(resolve, 20))
  made.settle()
  const other = await client(t, made)
  other.send(pack(['a', [entry(2)], { chunk: 'd' }]))
  assert.deepEqual(await other.acks(1), ['d'])
})

test('after a stop the acks of what is settled still go out, and nothing more is taken', async (t) => {
  const made = await rig({}, { settles: false })
  const from = await client(t, made)
  from.send(pack(['a', [entry(1)], { chunk: '1' }]))
  await made.count(1)
  await made.stop()
  from.send(pack(['a', [entry(2)], { chunk: '2' }]))
  await new Promise((resolve) => setTimeout(resolve, 20))
  made.settle()
  assert.deepEqual(await from.acks(2), ['1', undefined])
  await assert.rejects(ForwardClient.open({ path: '/nowhere/at/all' }, { timeout: 1 }).then(undefined, (error) => Promise.reject(error)))
  assert.deepEqual(numbers(made), [1])
})

const file = (name: string) => fileURLToPath(new URL(`test/tls/${name}`, packageRoot()))

test('TLS, with certificates of clients', async (t) => {
  const made = await input(t, {
    tls: { cert_file: file('server.pem'), key_file: file('server.key'), client_ca_file: file('ca.pem'), min_version: 'TLSv1.2' },
  })
  const ca = readFileSync(file('ca.pem'))
  const own = { cert: readFileSync(file('client.pem')), key: readFileSync(file('client.key')) }
  const from = await ForwardClient.open(made, { ca, ...own })
  t.after(() => from.close())
  from.send(pack(['a', [entry(1)], { chunk: 'c' }]))
  assert.deepEqual(await from.acks(1), ['c'])
  const stranger = await ForwardClient.open(made, { ca })
  stranger.send(pack(['a', [entry(2)], { chunk: 'd' }]))
  assert.equal(await stranger.answer(), undefined)
  const plain = await client(t, made)
  plain.send(pack(['a', [entry(3)], { chunk: 'e' }]))
  assert.equal(await plain.answer(), undefined)
  assert.deepEqual(numbers(made), [1])
})

test('a UNIX socket, also where that of a killed process stayed behind; a file in its place is left alone', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wherry-forward-'))
  t.after(() => rm(folder, { recursive: true }))
  const path = join(folder, 'socket')
  const { spawnSync } = await import('node:child_process')
  spawnSync(process.execPath, ['-e', `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`])
  assert.ok(existsSync(path))
  const made = await rig({ listen: [`unix:${path}`] })
  const from = await ForwardClient.open({ path })
  from.send(pack(['a', [entry(1)], { chunk: 'c' }]))
  assert.deepEqual(await from.acks(1), ['c'])
  await from.close()
  await made.stop()
  const other = join(folder, 'file')
  await writeFile(other, 'mine')
  const wrong = await rig({ listen: [`unix:${other}`] })
  await assert.rejects(wrong.stop(), /EADDRINUSE|ENOTSOCK/)
  assert.equal(readFileSync(other, 'utf8'), 'mine')
})

test('who listens beyond this machine without a key, or with one but without TLS, is told', async () => {
  const made = [await rig({ listen: ['0.0.0.0:0'] }), await rig({ listen: ['0.0.0.0:0'], shared_key: 'k' }), await rig({ shared_key: 'k' })]
  for (const one of made) await one.stop()
  assert.match(made[0].words[0], /without shared_key anyone who reaches the port can send/)
  assert.match(made[1].words[0], /without tls/)
  assert.deepEqual(made[2].words, [])
})
