/** examples/sensor.yml to examples/relay.yml, two processes: TLS, shared key, acks. What arrives is what the sensor itself would have written. */
import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { packageRoot } from '../../core/config/root.ts'
import { freePort } from '../../plugins/inputs/fluentd/testing.ts'
import { capture } from '../../plugins/inputs/generate/write.ts'
import { program } from '../program.ts'

const file = (name: string) => fileURLToPath(new URL(name, packageRoot()))
const FRAMES = 3000

/** Ids and documents of every `_bulk`, in the order of arrival. */
async function search(t: TestContext) {
  const documents: [id: string, source: string][] = []
  const http = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    if (request.method === 'GET') return void response.end('{}')
    const lines = gunzipSync(Buffer.concat(pieces)).toString().split('\n').slice(0, -1)
    for (let i = 0; i < lines.length; i += 2) documents.push([(JSON.parse(lines[i]) as { create: { _id: string } }).create._id, lines[i + 1]])
    response.end(JSON.stringify({ errors: false, items: lines.slice(lines.length / 2).map(() => ({ create: { status: 201 } })) }))
  }).listen(0, '127.0.0.1')
  await once(http, 'listening')
  t.after(() => {
    http.closeAllConnections()
    http.close()
  })
  return { documents, address: `http://127.0.0.1:${(http.address() as { port: number }).port}` }
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGINT')
  await once(child, 'exit')
}

/** An event without what only the relay adds. */
function fields(line: string): string {
  const { fluentd, ...rest } = JSON.parse(line) as { fluentd: object }
  assert.deepEqual(Object.keys(fluentd), ['tag'], line)
  return JSON.stringify(rest)
}

test('examples/sensor.yml to examples/relay.yml: the same ids and fields as without a relay', { timeout: 120_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wherry-relay-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const air = join(folder, 'air.pcap')
  const pieces = [...capture({ seed: 5, networks: 20, clients: 30, rate: 0, frames: FRAMES, start_ms: 1_800_000_000_000 })]
  writeFileSync(air, Buffer.concat(pieces.map(({ bytes }) => bytes)))
  const { documents, address } = await search(t)
  const port = await freePort()
  const env = {
    ...process.env,
    CAPTURES: air,
    RELAY: `127.0.0.1:${port}`,
    LISTEN: `127.0.0.1:${port}`,
    FORWARD_KEY: 'a long secret',
    FORWARD_CA: file('test/tls/ca.pem'),
    FORWARD_CERT: file('test/tls/server.pem'),
    FORWARD_CERT_KEY: file('test/tls/server.key'),
    ES_HOST: address,
  }
  const config = (name: string, change = (text: string) => text) => {
    const text = readFileSync(file(`examples/${name}.yml`), 'utf8').replaceAll('./data', folder)
    const path = join(folder, `${name}.yml`)
    writeFileSync(path, change(text))
    return path
  }
  const relay = spawn(process.execPath, [program, 'run', '-c', config('relay')], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  t.after(() => relay.kill('SIGKILL'))
  await promisify(execFile)(process.execPath, [program, 'run', '--once', '-c', config('sensor')], { env })
  await end(relay)

  const direct = join(folder, 'direct.ndjson')
  const plain = `
shipper: { name: pi-roof, data_dir: ${join(folder, 'sensor')} }
inputs: { again: { plugin: pcap, path: ${air} } }
filters: { decode: { plugin: ieee80211 } }
outputs: { direct: { plugin: file, path: ${direct} } }
routes: [{ from: again, through: decode, to: direct }]
`
  writeFileSync(join(folder, 'direct.yml'), plain)
  await promisify(execFile)(process.execPath, [program, 'run', '--once', '-c', join(folder, 'direct.yml')], { env })
  const lines = (text: string) => text.trimEnd().split('\n')
  const wanted = lines(readFileSync(direct, 'utf8')).sort()
  assert.equal(wanted.length, FRAMES)
  const archive = join(folder, 'relay', 'archive')
  const archived = readdirSync(archive).flatMap((name) => lines(readFileSync(join(archive, name), 'utf8')))
  assert.deepEqual(archived.map(fields).sort(), wanted)
  assert.deepEqual(documents.map(([, source]) => fields(source)).sort(), wanted)
  assert.ok(documents.every(([id, source]) => id === (JSON.parse(source) as { event: { id: string } }).event.id))
})
