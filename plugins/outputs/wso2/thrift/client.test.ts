import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { packageRoot } from '../../../../core/config/root.ts'
import { TLS_DEFAULT } from '../../../../core/net/tls.ts'
import { Connection } from '../connection.ts'
import { speakThrift } from './client.ts'

/** What a call of `findStreamId` comes to when a server sends these pieces, and then nothing. */
async function answered(pieces: readonly Buffer[], timeout_ms = 60_000): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).setNoDelay(true)
    socket.once('data', async () => {
      for (const piece of pieces) {
        socket.write(piece)
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const signal = new AbortController().signal
  const connection = await Connection.open(
    { tls: false, host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    { tls: TLS_DEFAULT, speak: speakThrift },
    signal,
  )
  try {
    return await connection.call((databridge) => databridge.findStreamId('s', 'n', 'v'), timeout_ms, signal)
  } catch (error) {
    return (error as Error).message
  } finally {
    connection.close()
    server.close()
  }
}

test('answers may come in pieces, and what is none is an error', async () => {
  const whole = Buffer.from('800100020000000c66696e6453747265616d4964000000010b000000000003613a3100', 'hex')
  assert.equal(await answered(Array.from(whole, (byte) => Buffer.of(byte))), 'a:1')
  const head = whole.subarray(0, 24)
  const exception = Buffer.from('800100020000000c66696e6453747265616d4964000000010c00010b000100000004676f6e650000', 'hex')
  assert.equal(await answered([exception]), 'gone')
  assert.match(await answered([Buffer.from('HTTP/1.1 400 Bad Request')]), /not of a databridge: No protocol version/)
  assert.match(await answered([Buffer.from('80020002', 'hex')]), /not of a databridge: Bad version/)
  assert.match(await answered([Buffer.concat([head, Buffer.from('0f00077fffffff7fffffff', 'hex')])]), /not of a databridge/)
  assert.match(await answered([head], 300), /no answer within 0.3 s/)
  assert.match(await answered([head, Buffer.from('0b00007fffffff', 'hex'), Buffer.alloc(1 << 20)]), /has no end/)
  const other = Buffer.from(whole.toString('hex').replace('00000001', '00000002'), 'hex')
  assert.match(await answered([other], 300), /no answer within/)
})

test('the generated code is of this IDL', () => {
  const folder = new URL('plugins/outputs/wso2/thrift/', packageRoot())
  for (const line of readFileSync(new URL('generated/SOURCES', folder), 'utf8').trim().split('\n')) {
    const [sum, file] = line.split('  ')
    const now = createHash('sha256')
      .update(readFileSync(new URL(file, folder)))
      .digest('hex')
    assert.equal(now, sum, `generated code is older than ${file}: run generate.sh`)
  }
})
