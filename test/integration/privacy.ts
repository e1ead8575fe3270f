/**
 * `node dist/test/integration/privacy.js [CAPTURE…]`: ships captures through `privacy` to every kind of output, with records that fail, a thread that ends and
 * events that are refused, and looks for raw addresses and for names that clients looked for in all that is left: what receivers got, logs on every level,
 * dead letters and all other state, what is printed. Base64 is looked into; addresses are looked for as text in every spelling and as bytes.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { readCapture, runBatches } from '../../cli/captures.ts'
import { DeadLetters } from '../../core/delivery/dead-letters.ts'
import { pcapHeader, pcapRecord } from '../../core/formats/pcap-write.ts'
import { isOfNobody } from '../../plugins/filters/privacy/addresses.ts'
import { capture } from '../../plugins/inputs/generate/write.ts'
import { TestReceiver } from '../../plugins/outputs/wso2/thrift/testing.ts'
import { body, pipelineOf } from '../conformance/pipeline.ts'
import { ForwardPeer } from '../peers/fluentd/server.ts'
import { memoryLog } from '../plugins/config.ts'
import { program } from '../program.ts'
import { Raw } from './raw.ts'

const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const path = (name: string) => new URL(`../${name}${extension}`, import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'wherry-privacy-'))
const FRAMES = 3000
/** LINKTYPE_IEEE802_11 */
const BARE = 105

/** Clients that look for networks which nobody announces, by name and by address. */
function lookers(): Buffer {
  const frames = Array.from({ length: 200 }, (_, i) => {
    const name = Buffer.from(`home of number ${i % 40}`)
    const client = [0x02 + (i % 3) * 4, 0x77, 0x1a, 0x2b, i, 0x3c]
    const network = i % 5 === 0 ? [0x00, 0x77, 0x1a, 0x2b, 0x3c, i] : new Array(6).fill(0xff)
    return Buffer.from([0x40, 0, 0, 0, ...network, ...client, ...network, i << 4, i >> 4, 0, name.length, ...name, 1, 1, 2])
  })
  return Buffer.concat([pcapHeader(BARE), ...frames.map((frame, i) => pcapRecord(frame, 1_735_689_600 + i, 0))])
}

/** What the captures hold that may not come out, by the classes of the fields. */
async function rawOf(files: readonly string[]): Promise<Raw> {
  const raw = new Raw(isOfNobody)
  for (const file of files) {
    const { pipeline, sensor } = await pipelineOf('full', ['lines'])
    const options = { log: memoryLog(), signal: new AbortController().signal, max_record_bytes: 2 ** 20, statistics: false, skipped: () => undefined }
    for await (const ran of runBatches(pipeline, readCapture(file, options), sensor))
      for (const line of body(ran, 0).split('\n')) if (line !== '') await raw.add(line)
  }
  raw.learnt()
  return raw
}

/** Takes bulks, refuses some of their events, and keeps all it was sent. */
async function search(received: Buffer[]) {
  const http = createServer(async (request, response) => {
    if (request.method === 'GET') return void response.end('{}')
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece)
    const text = gunzipSync(Buffer.concat(pieces))
    received.push(text)
    const items = Array.from({ length: text.toString().split('\n').length >> 1 }, (_, i) => ({
      create: { status: i % 97 === 5 ? 400 : 201, error: { type: 'x', reason: 'refused' } },
    }))
    response.end(JSON.stringify({ errors: true, items }))
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return { port: (http.address() as { port: number }).port, close: () => void http.close().closeAllConnections() }
}

function* filesBelow(at: string): Generator<string> {
  for (const name of readdirSync(at)) {
    const path = join(at, name)
    if (statSync(path).isDirectory()) yield* filesBelow(path)
    else yield path
  }
}

async function main(): Promise<string[]> {
  const generated = join(folder, 'air.pcap')
  const pieces = Array.from(capture({ seed: 11, networks: 30, clients: 100, rate: 0, frames: FRAMES, start_ms: 1_735_689_600_000 }), ({ bytes }) =>
    Uint8Array.from(bytes),
  )
  writeFileSync(generated, Buffer.concat(pieces))
  const probes = join(folder, 'probes.pcap')
  writeFileSync(probes, lookers())
  const files = [generated, probes, ...process.argv.slice(2)]
  const raw = await rawOf(files)

  const received: Buffer[] = []
  const es = await search(received)
  const fluentd = await new ForwardPeer({ security: { key: 'secret' } }).listen()
  const wso2 = await new TestReceiver().listen()
  const out = join(folder, 'out')
  const config = {
    shipper: { name: 'scan', data_dir: join(out, 'data'), threads: 1 },
    inputs: Object.fromEntries(files.map((file, i) => [`air${i}`, { plugin: 'pcap', path: file.replace(/[*?[{]/g, '[$&]') }])),
    filters: {
      decode: { plugin: 'ieee80211', emit: 'full' },
      leaky: { plugin: path('plugins/leaky'), every: 400, deadly: 1234 },
      truth: { plugin: 'assoc' },
      vendor: { plugin: 'vendor', of: ['wlan.ta', 'wlan.bssid'] },
      where: { plugin: 'geo', position: { fixed: { lat: 52, lon: 4 } }, transmitters: 1000 },
      hide: { plugin: 'privacy' },
      count: { plugin: 'privacy', counts_only: { interval_s: 10, min_devices: 2 } },
    },
    outputs: {
      file: { plugin: 'file', path: join(out, 'frames.ndjson') },
      packed: { plugin: 'file', path: join(out, 'frames.ndjson.gz') },
      screen: { plugin: 'stdout' },
      search: { plugin: 'elasticsearch', hosts: [`http://127.0.0.1:${es.port}`] },
      forward: { plugin: 'fluentd', hosts: [fluentd.address], shared_key: 'secret', mode: 'compressed_packed_forward' },
      bam: {
        plugin: 'wso2',
        ...wso2.config,
        streams: [
          {
            name: 'frames',
            payload: ['wlan.ta', 'wlan.bssid', 'wlan.ssid', 'wlan.ssid_hex', 'assoc.client', 'wlan.addr'].map((from) => ({
              name: from.replaceAll('.', '_'),
              type: 'STRING',
              from,
            })),
          },
        ],
      },
      counts: { plugin: 'file', path: join(out, 'counts.ndjson') },
    },
    routes: files.flatMap((_, i) => [
      {
        from: `air${i}`,
        through: ['decode', 'leaky', 'truth', 'vendor', 'where', 'hide'],
        to: ['file', 'packed', 'screen', 'search', 'forward', 'bam'],
      },
      { from: `air${i}`, through: ['decode', 'count'], to: 'counts' },
    ]),
  }
  const file = join(folder, 'shipper.json')
  writeFileSync(file, JSON.stringify(config))
  const args = [program, 'run', '--once', '-c', file, '--log-level', 'debug']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const printed: Buffer[] = []
  const logged: Buffer[] = []
  child.stdout.on('data', (bytes) => void printed.push(bytes))
  child.stderr.on('data', (bytes) => void logged.push(bytes))
  const [code] = await once(child, 'close')
  es.close()
  await fluentd.close()
  await wso2.close()

  const places: [name: string, bytes: Buffer][] = [
    ['stdout', Buffer.concat(printed)],
    ['logs', Buffer.concat(logged)],
    ['elasticsearch', Buffer.concat(received)],
    ['fluentd', Buffer.from(JSON.stringify(fluentd.events, plain))],
    ['wso2', Buffer.from(JSON.stringify(wso2.events, plain))],
    ...[...filesBelow(out)].map((at): [string, Buffer] => [
      at.slice(out.length + 1),
      at.endsWith('.gz') ? gunzipSync(readFileSync(at)) : readFileSync(at),
    ]),
  ]
  const letters = (await Promise.all((await DeadLetters.list(join(out, 'data'))).map(({ path }) => DeadLetters.read(path)))).flatMap(
    (read) => read.letters,
  )
  const wrong = places.flatMap(([name, bytes]) => raw.find(bytes).map((words) => `${name}: ${words}`))
  for (const [name, bytes] of places) if (bytes.length < 3) wrong.push(`${name} is empty: nothing was looked at`)
  const records = letters.filter(({ kind }) => kind === 'record')
  const deliveries = letters.length - records.length
  if (records.length < FRAMES / 400 || deliveries === 0)
    wrong.push(`only ${records.length} record letters and ${deliveries} of deliveries: too little went wrong`)
  if (code !== 0) wrong.push(`wherry ended with ${code}: ${Buffer.concat(logged).toString().slice(-500)}`)
  // The same look at the captures themselves finds what it should.
  if (raw.find(readFileSync(generated)).length === 0) wrong.push('the look finds nothing even in the capture')
  console.log(
    `privacy: ${raw.addresses} addresses and ${raw.names} names looked for in ${places.length} places, ${places.reduce((sum, [, { length }]) => sum + length, 0)} bytes; ` +
      `${records.length} record letters, ${deliveries} of deliveries`,
  )
  return wrong
}

function plain(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

let wrong: string[]
try {
  wrong = await main()
} finally {
  rmSync(folder, { recursive: true })
}
for (const words of wrong.slice(0, 10)) console.log(words)
console.log(wrong.length === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed')
process.exit(wrong.length === 0 ? 0 : 1)
