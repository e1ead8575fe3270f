import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { systemClock } from '../../../../core/clock.ts'
import { TLS_DEFAULT } from '../../../../core/net/tls.ts'
import { Endpoint } from '../endpoint.ts'
import { bundle, speakBinary } from './client.ts'

const u32 = (value: number) => Buffer.of(value >>> 24, value >>> 16, value >>> 8, value)
const failure = (name: string, words: string) => Buffer.concat([Buffer.of(1), u32(name.length), u32(words.length), Buffer.from(name + words)])
const login = (session: string) => Buffer.concat([Buffer.of(2), u32(session.length), Buffer.from(session)])
const EXPIRED = 'org.wso2.carbon.databridge.commons.exception.SessionTimeoutException'

/** What an output does and says when a server gives these answers in turn, a byte at a time. */
async function talk(answers: readonly Buffer[], timeout_ms = 60_000): Promise<{ sent: Buffer[]; words: string }> {
  const sent: Buffer[] = []
  const script = [...answers]
  const server = createServer((socket) => {
    socket.setNoDelay(true).on('error', () => undefined)
    socket.on('data', async (data) => {
      sent.push(data)
      for (const byte of script.shift() ?? []) {
        socket.write(Buffer.of(byte))
        await new Promise((resolve) => setTimeout(resolve, 0))
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = { tls: false, host: '127.0.0.1', port: (server.address() as AddressInfo).port }
  const login = { username: 'a', password: 'bc', define: false, session_s: 600, timeout_ms }
  const wire = { tls: TLS_DEFAULT, speak: speakBinary, bundle, streams: [], clock: systemClock }
  const endpoint = new Endpoint({ data: address, auth: address }, { ...login, ...wire })
  let words = 'delivered'
  try {
    await endpoint.publish({ body: Buffer.from('row'), ends: Uint32Array.of(3) }, new AbortController().signal)
  } catch (error) {
    words = (error as Error).message
  }
  await endpoint.close()
  server.close()
  return { sent, words }
}

test('a session that is refused is renewed, and the same bundle goes again; the session is ended', async () => {
  const { sent, words } = await talk([login('s1'), failure(EXPIRED, 's1 expired'), login('s2'), Buffer.of(0), Buffer.of(0)])
  assert.equal(words, 'delivered')
  const publish = (session: string) =>
    Buffer.concat([Buffer.of(2), u32(13), u32(2), Buffer.from(session), u32(1), Buffer.from('row')]).toString('hex')
  const hello = Buffer.concat([Buffer.of(0), u32(11), u32(1), u32(2), Buffer.from('abc')]).toString('hex')
  const goodbye = Buffer.concat([Buffer.of(1), u32(6), u32(2), Buffer.from('s2')]).toString('hex')
  assert.deepEqual(
    sent.map((data) => data.toString('hex')),
    [hello, publish('s1'), hello, publish('s2'), goodbye],
  )
})

test('other answers are errors', async () => {
  assert.match((await talk([failure('org.wso2.AuthenticationException', 'no')])).words, /: no: the login of user a is refused$/)
  assert.match((await talk([login('s'), failure('java.lang.IllegalStateException', 'full')])).words, /: IllegalStateException: full$/)
  assert.match((await talk([Buffer.of(80)])).words, /not of a databridge: an answer begins with 80/)
  assert.match((await talk([Buffer.of(2, 127, 0, 0, 0)])).words, /not of a databridge: a text of 2130706432 bytes/)
  assert.match((await talk([login('s'), Buffer.of(1, 0, 0, 0, 1)], 300)).words, /no answer within 0.3 s/)
})
