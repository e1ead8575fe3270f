/**
 * `node dist/test/integration/wso2.js`: what the WSO2 output says to peers it cannot talk to, and that it can talk to an old one (TLS 1.0, RSA 1024, SHA-1). Each trouble
 * is one clear message, and the bundle is kept: the error is none of a rejection.
 */
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../core/clock.ts'
import { packageRoot } from '../../core/config/root.ts'
import { Event } from '../../core/event/event.ts'
import { ByteWriter } from '../../core/event/writer.ts'
import { type OutputPlugin, RejectedError } from '../../core/plugin.ts'
import { pureContext } from '../../core/route/context.ts'
import { pipelineFields } from '../../core/route/fields.ts'
import wso2 from '../../plugins/outputs/wso2/index.ts'
import { checkedConfig } from '../kit/config.ts'
import { silentLog } from '../kit/log.ts'
import { CA, PythonReceiver } from '../peers/wso2/process.ts'

const pin = (name: string) => new X509Certificate(readFileSync(fileURLToPath(new URL(`test/tls/${name}.pem`, packageRoot())))).fingerprint256
const folder = mkdtempSync(join(tmpdir(), 'wherry-wso2-'))
const today = await new PythonReceiver(join(folder, 'today')).listen()
const old = await new PythonReceiver(join(folder, 'old'), { cert: 'stock', more: ['--tls1'] }).listen()
// Reads and never answers, as a server that waits for the rest of a frame.
const mute = createServer((socket) => socket.on('data', () => undefined).on('error', () => undefined)).listen(0, '127.0.0.1')
await once(mute, 'listening')
const framed = `tcp://127.0.0.1:${(mute.address() as AddressInfo).port}`

const event = new Event(pipelineFields([]))
const streams = [{ name: 'wifi', payload: [{ name: 'id', type: 'STRING', from: 'event.id' }] }]

today.tell(`define ${JSON.stringify({ name: 'wifi', version: '2.0.0', payloadData: [{ name: 'id', type: 'STRING' }] })}`)

async function said(options: object): Promise<string> {
  const login = { receivers: today.receivers, auth: today.auth, username: 'admin', password: 'admin', tls: { ca_file: CA } }
  const config = checkedConfig(wso2 as OutputPlugin, { ...login, streams, ...options }) as never
  const into = new ByteWriter()
  event.open(new Uint8Array(0))
  event.record(1_700_000_000, 0, new Uint8Array(8), 0)
  wso2.encoder(config, pureContext('bam', event, { name: 's', id: 's' })).write(event, into)
  const output = await wso2.create(config, { name: 'bam', data_dir: folder, fields: pipelineFields([]), log: silentLog, clock: systemClock })
  const payload = { id: 'p', body: into.written(), count: 1, ends: Uint32Array.of(into.pos), records: Uint32Array.of(0) }
  try {
    await output.write(payload, { signal: new AbortController().signal, attempt: 1 })
    return 'delivered'
  } catch (error) {
    return error instanceof RejectedError ? `LOST: ${error.message}` : (error as Error).message
  } finally {
    await output.close?.()
  }
}

const oldOnes = { receivers: old.receivers, auth: old.auth }
const binary = { ...today.binary, transport: 'binary', streams: [{ ...streams[0], version: '2.0.0' }] }
const weak = { min_version: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }
const cases: readonly (readonly [name: string, options: object, expected: RegExp])[] = [
  ['all is well', {}, /^delivered$/],
  ['data over TLS', { receivers: today.auth, auth: undefined }, /^delivered$/],
  ['the binary protocol', binary, /^delivered$/],
  ['the binary protocol over TLS', { ...binary, receivers: today.binary.auth, auth: undefined }, /^delivered$/],
  ['the binary protocol, a wrong password', { ...binary, password: 'secret' }, /wrong userName or password: the login of user admin is refused$/],
  ['the binary protocol on a port of Thrift', { ...binary, auth: today.auth }, /no answer within 10 s|closed the connection|not of a databridge/],
  ['Thrift on a port of the binary protocol', { auth: today.binary.auth }, /no answer within 10 s|closed the connection|not of a databridge/],
  ['an old server, pinned', { ...oldOnes, tls: { ...weak, fingerprint_sha256: pin('stock') } }, /^delivered$/],
  ['an old server, unchecked', { ...oldOnes, tls: { ...weak, insecure: true } }, /^delivered$/],
  ['an old server, as if it were new', { ...oldOnes, tls: { fingerprint_sha256: pin('stock') } }, /protocol|alert|unsupported/i],
  ['a wrong CA', { tls: {} }, /self-signed certificate|unable to verify/],
  ['a wrong pin', { tls: { fingerprint_sha256: pin('client') } }, /no certificate with fingerprint_sha256/],
  ['a wrong password', { password: 'secret' }, /wrong userName or password: the login of user admin is refused$/],
  ['a closed port', { receivers: 'tcp://127.0.0.1:1', auth: 'ssl://127.0.0.1:1' }, /ECONNREFUSED/],
  ['a port without logins', { auth: today.receivers }, /Invalid method|unknown function|not the port of a databridge/i],
  [
    'another definition',
    { streams: [{ ...streams[0], payload: [{ name: 'id', type: 'LONG', from: 'frame.len' }] }] },
    /defined otherwise there \(payload: id STRING there, LONG here\)/,
  ],
  [
    'another type in another version',
    { streams: [{ ...streams[0], version: '1.0.1', payload: [{ name: 'id', type: 'LONG', from: 'frame.len' }] }] },
    /Attribute type mismatch payload id type:LONG .* in another version of stream wifi;/,
  ],
  ['a stream that is not there', { define: false, streams: [{ ...streams[0], name: 'nowhere' }] }, /create stream nowhere:1\.0\.0 there/],
  ['a framed server', { receivers: framed, auth: framed }, /no answer within 10 s; a receiver that never answers is framed/],
]
let failed = 0
for (const [name, options, expected] of cases) {
  const words = await said(options)
  if (!expected.test(words)) failed++
  console.log(`${expected.test(words) ? 'ok  ' : 'FAIL'} ${name}: ${words}`)
}
mute.close()
await Promise.all([today.counted(), old.counted()])
rmSync(folder, { recursive: true })
process.exit(failed === 0 ? 0 : 1)
