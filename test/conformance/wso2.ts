/**
 * `node dist/test/conformance/wso2.js FOLDER`: the bundles of the official agent in FOLDER (`official-agent-wire.jsonl`), made again from the same events and
 * compared byte by byte.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Event } from '../../core/event/event.ts'
import { fieldTable } from '../../core/event/fields.ts'
import { ByteWriter } from '../../core/event/writer.ts'
import { pureContext } from '../../core/route/context.ts'
import { pipelineFields } from '../../core/route/fields.ts'
import { bundle } from '../../plugins/outputs/wso2/binary/client.ts'
import { rowEncoder, type Transport } from '../../plugins/outputs/wso2/encode.ts'
import { type StreamConfig, streamsOf } from '../../plugins/outputs/wso2/streams.ts'
import { bundler } from '../../plugins/outputs/wso2/thrift/bundle.ts'

const folder = process.argv[2]
if (folder === undefined) {
  console.error('usage: wso2 FOLDER')
  process.exit(2)
}

const client = fieldTable('client', {
  bssid: { path: 'c.bssid', type: 'text', description: 'Network.' },
  mac: { path: 'c.mac', type: 'text', description: 'Station.' },
  type: { path: 'c.type', type: 'int', description: 'Type.' },
  lasttime: { path: 'c.lasttime', type: 'int', description: 'Last time.' },
  signal: { path: 'c.signal_dbm', type: 'int', description: 'Signal.' },
  bestlat: { path: 'c.bestlat', type: 'float', description: 'Latitude.' },
  locked: { path: 'c.locked', type: 'bool', description: 'Locked.' },
  rate: { path: 'c.rate', type: 'float', description: 'Rate.' },
  ssid: { path: 'c.ssid', type: 'text', description: 'SSID.' },
  arbitrary: { path: 'c.arbitrary', type: 'text', description: 'Beside the definition.' },
})
const from = (name: string, type: NonNullable<StreamConfig['payload']>[number]['type']) => ({ name, type, from: `c.${name}` })
const stream: StreamConfig = {
  name: 'wifi.client',
  meta: [from('bssid', 'STRING')],
  payload: [
    from('mac', 'STRING'),
    from('type', 'INT'),
    from('lasttime', 'LONG'),
    from('signal_dbm', 'INT'),
    from('bestlat', 'DOUBLE'),
    from('locked', 'BOOL'),
    from('rate', 'FLOAT'),
    from('ssid', 'STRING'),
  ],
  arbitrary: { ssid: 'c.arbitrary' },
}
const VALUES = {
  'c.bssid': '00:0B:86:C2:A4:85',
  'c.mac': '00:13:CE:55:98:EF',
  'c.type': 4,
  'c.lasttime': 1795462508,
  'c.signal_dbm': -45,
  'c.bestlat': 40.1235,
  'c.locked': true,
  'c.rate': 1.5,
}

const filter = { kind: 'filter' as const, summary: '', config: {}, fields: [client], create: () => ({ apply: () => true }) }
const event = new Event(pipelineFields([{ name: 'client', plugin: filter, config: {} }]))

/** How each transport is told apart, and where the session and the sequence number are in the agent's messages. */
const TRANSPORTS = [
  { transport: 'thrift', protocol: 'thrift-plain', bundle: bundler(streamsOf([stream])), session: 25, sequence: 15 },
  { transport: 'binary', protocol: 'binary-plain', bundle, session: 5, sequence: 5 },
] as const

/** Rows of the events from the first to before the last; the second has something beside its definition. */
function rows(transport: Transport, first: number, last: number): { body: Uint8Array; ends: Uint32Array } {
  const encoder = rowEncoder([stream], transport, pureContext('bam', event, { name: 's', id: 's' }))
  const into = new ByteWriter()
  const ends: number[] = []
  for (let i = first; i < last; i++) {
    event.open(new Uint8Array(0))
    event.record(1_700_000_000, i * 1_000_000, new Uint8Array(8), i)
    for (const [path, value] of Object.entries(VALUES)) event.set(path, value)
    if (i === 1) event.set('c.arbitrary', 'linksys')
    encoder.write(event, into)
    ends.push(into.pos)
  }
  return { body: into.written(), ends: Uint32Array.from(ends) }
}

const lines = readFileSync(join(folder, 'official-agent-wire.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { protocol: string; dir: string; hex: string })
let different = 0
for (const { transport, protocol, bundle, session, sequence } of TRANSPORTS) {
  const bundles = lines.filter((line) => line.protocol === protocol && line.dir === 'C')
  const ours = [rows(transport, 0, 2), rows(transport, 2, 3)]
  if (bundles.length !== ours.length) different++
  bundles.forEach(({ hex }, i) => {
    const theirs = Buffer.from(hex, 'hex')
    const id = theirs.toString('latin1', session + 4, session + 4 + theirs.readUInt32BE(session))
    const made = bundle(ours[i].body, ours[i].ends, id, theirs.readUInt32BE(sequence))
    const same = made.equals(theirs)
    if (!same) different++
    console.log(`${transport} bundle ${i + 1}: ${theirs.length} bytes, ${same ? 'equal' : `ours are ${made.length}: ${made.toString('hex')}`}`)
  })
}
console.log(different === 0 ? 'all bundles of the official agent are reproduced byte by byte' : `${different} differences`)
process.exitCode = different === 0 ? 0 : 1
