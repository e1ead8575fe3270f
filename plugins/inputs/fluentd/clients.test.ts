/** Clients of others, as they come from their packages. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { FluentClient } from '@fluent-org/logger'
import { packageRoot } from '../../../core/config/root.ts'
import { rig } from './testing.ts'

const file = (name: string) => fileURLToPath(new URL(`test/tls/${name}`, packageRoot()))
const tls = { cert_file: file('server.pem'), key_file: file('server.key'), min_version: 'TLSv1.2' } as const
const ca = readFileSync(file('ca.pem'))
const numbers = (records: readonly string[]) =>
  records.map((text) => (JSON.parse(text) as { frame: { number: number } }).frame.number).sort((a, b) => a - b)
const wanted = Array.from({ length: 50 }, (_, n) => n)

for (const eventMode of ['Message', 'Forward', 'PackedForward', 'CompressedPackedForward'] as const) {
  test(`@fluent-org/logger in mode ${eventMode}: TLS, key, user, acks`, { timeout: 20_000 }, async (t) => {
    const made = await rig({ tls, shared_key: 'secret', users: { pi: 'word' } })
    t.after(() => made.stop())
    const client = new FluentClient('app', {
      eventMode,
      ack: {},
      security: { clientHostname: 'client', sharedKey: 'secret', username: 'pi', password: 'word' },
      socket: { host: 'localhost', port: made.port, tls: { ca } },
    })
    await Promise.all(wanted.map((number) => client.emit('log', { frame: { number }, message: 'm' })))
    await client.disconnect()
    assert.deepEqual(numbers(made.records), wanted)
    assert.match(made.records[0], /"fluentd":\{"tag":"app\.log","record":"\{\\"message\\":\\"m\\"\}"\}/)
  })
}

interface Sender {
  emit(record: object, done: (error?: Error) => void): void
  end(label: null, record: null, done: () => void): void
}
const { createFluentSender } = createRequire(import.meta.url)('fluent-logger') as { createFluentSender(tag: string, options: object): Sender }

for (const eventMode of ['Message', 'PackedForward', 'CompressedPackedForward']) {
  test(`fluent-logger in mode ${eventMode}: TLS, key, user, acks`, { timeout: 20_000 }, async (t) => {
    const made = await rig({ tls, shared_key: 'secret', users: { pi: 'word' } })
    t.after(() => made.stop())
    const sender = createFluentSender('app', {
      host: 'localhost',
      port: made.port,
      eventMode,
      requireAckResponse: true,
      security: { clientHostname: 'client', sharedKey: 'secret', username: 'pi', password: 'word' },
      tls: true,
      tlsOptions: { ca },
      flushInterval: 10,
      // It may come before we listen.
      reconnectInterval: 50,
      internalLogger: { error: () => undefined, info: () => undefined },
    })
    await Promise.all(
      wanted.map(
        (number) => new Promise<void>((resolve, reject) => sender.emit({ frame: { number } }, (error) => (error ? reject(error) : resolve()))),
      ),
    )
    await new Promise<void>((resolve) => sender.end(null, null, resolve))
    await made.count(wanted.length)
    assert.deepEqual(numbers(made.records), wanted)
  })
}

const PYTHON = '/usr/bin/python3'
const lacks = spawnSync(PYTHON, ['-c', 'import fluent.sender']).status === 0 ? false : 'python3-fluent-logger is not installed'
const SCRIPT = `
import socket
import sys
import time
from fluent import sender
# It may come before we listen, and gives up what it cannot send at once.
for _ in range(100):
    try:
        socket.create_connection(('127.0.0.1', int(sys.argv[1]))).close()
        break
    except OSError:
        time.sleep(0.05)
for precise in (False, True):
    logger = sender.FluentSender('app', host='127.0.0.1', port=int(sys.argv[1]), nanosecond_precision=precise)
    for number in range(25):
        assert logger.emit_with_time('log', 1800000000.25 if precise else 1800000000, {'frame': {'number': number + (25 if precise else 0)}})
    logger.close()
`

test('python3-fluent-logger: whole seconds and EventTime', { skip: lacks, timeout: 20_000 }, async (t) => {
  const made = await rig({})
  t.after(() => made.stop())
  const python = spawn(PYTHON, ['-c', SCRIPT, String(made.port)], { stdio: 'inherit' })
  assert.equal((await once(python, 'exit'))[0], 0)
  await made.count(wanted.length)
  assert.deepEqual(numbers(made.records), wanted)
  assert.match(made.records[0], /"@timestamp":"2027-01-15T08:00:00\.000000000Z"/)
  assert.match(made.records[49], /"@timestamp":"2027-01-15T08:00:00\.250000000Z"/)
})
