import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { connect, createServer, type TlsOptions } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { silentLog } from '../../test/kit/log.ts'
import { packageRoot } from '../config/root.ts'
import { TLS_DEFAULT, type TlsConfig, tlsOptions, warnInsecure } from './tls.ts'

const file = (name: string) => fileURLToPath(new URL(`test/tls/${name}`, packageRoot()))
const pem = (name: string) => readFileSync(file(name), 'utf8')
const fingerprint = (name: string) => new X509Certificate(pem(name)).fingerprint256

async function serve(t: TestContext, name: string, options: TlsOptions = {}): Promise<number> {
  const server = createServer({ cert: pem(`${name}.pem`), key: pem(`${name}.key`), ...options }, (socket) => {
    socket.on('error', () => {})
    socket.end(`hello ${socket.getPeerCertificate().subject?.CN ?? ''}`)
  })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}

/** What the server said, or why there was no connection. */
async function greet(port: number, config: Partial<TlsConfig>, host = '127.0.0.1'): Promise<string> {
  try {
    const socket = connect({ host, port, ...(await tlsOptions({ ...TLS_DEFAULT, ...config }, host, port)) })
    socket.setEncoding('utf8')
    let said = ''
    for await (const part of socket) said += part
    return said
  } catch (error) {
    return (error as Error).message
  }
}

test('a certificate is checked against the CA, and by name', async (t) => {
  const port = await serve(t, 'server')
  assert.equal(await greet(port, { ca_file: file('ca.pem') }), 'hello ')
  assert.equal(await greet(port, { ca_file: file('ca.pem'), server_name: 'localhost' }), 'hello ')
  assert.match(await greet(port, {}), /self-signed certificate in certificate chain/)
  assert.match(await greet(port, { ca_file: file('ca.pem'), server_name: 'other.example' }), /other\.example.*not in the cert's altnames/)
  assert.match(await greet(port, { ca_file: file('none.pem') }), /ENOENT.*none\.pem/)
  assert.equal(await greet(port, { insecure: true }), 'hello ')
})

test('a fingerprint pins the CA, with the name checked, or the certificate itself, whatever its name', async (t) => {
  const port = await serve(t, 'server')
  assert.equal(await greet(port, { fingerprint_sha256: fingerprint('ca.pem') }), 'hello ')
  assert.equal(await greet(port, { fingerprint_sha256: fingerprint('ca.pem').replaceAll(':', '').toLowerCase() }), 'hello ')
  assert.match(await greet(port, { fingerprint_sha256: fingerprint('ca.pem'), server_name: 'other.example' }), /altnames/)
  assert.equal(await greet(port, { fingerprint_sha256: fingerprint('server.pem'), server_name: 'other.example' }), 'hello ')
  assert.match(await greet(port, { fingerprint_sha256: fingerprint('client.pem') }), /no certificate with fingerprint_sha256/)
})

test('a server can ask for our certificate', async (t) => {
  const port = await serve(t, 'server', { requestCert: true, ca: pem('ca.pem'), maxVersion: 'TLSv1.2' })
  const trusted = { ca_file: file('ca.pem') }
  assert.equal(await greet(port, { ...trusted, cert_file: file('client.pem'), key_file: file('client.key') }), 'hello client')
  assert.notEqual(await greet(port, trusted), 'hello client')
})

test('a server of before 2015 is reached when its weaknesses are allowed, and only then', async (t) => {
  const port = await serve(t, 'stock', { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' })
  const pinned = { fingerprint_sha256: fingerprint('stock.pem') }
  assert.equal(await greet(port, { ...pinned, min_version: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }), 'hello ')
  assert.match(await greet(port, pinned), /unsupported|alert|protocol/i)
})

test('a connection that ends during the handshake has a reason', async (t) => {
  const port = await serve(t, 'server', { pskCallback: () => null, ciphers: 'PSK', maxVersion: 'TLSv1.2' })
  assert.match(await greet(port, { fingerprint_sha256: fingerprint('ca.pem') }), /alert|hung up/)
})

test('who checks nothing says so, once and by name', () => {
  const said: string[] = []
  const log = { ...silentLog, warn: (words: string) => void said.push(words) }
  warnInsecure('output a', TLS_DEFAULT, log)
  warnInsecure('output b', { ...TLS_DEFAULT, insecure: true }, log)
  assert.equal(said.length, 1)
  assert.match(said[0], /^output b checks no certificates/)
})
