/** Bundles for WSO2: encoding events to whole `publish` calls, against the `thrift` package's encoder and a Python publisher (python3-thrift). CPU of one core. */
import { execFileSync } from 'node:child_process'
import { Event } from '../../core/event/event.ts'
import { fieldTable } from '../../core/event/fields.ts'
import { ByteWriter } from '../../core/event/writer.ts'
import { pureContext } from '../../core/route/context.ts'
import { pipelineFields } from '../../core/route/fields.ts'
import { bundler } from '../../plugins/outputs/wso2/thrift/bundle.ts'
import { rowEncoder } from '../../plugins/outputs/wso2/encode.ts'
import { streamsOf } from '../../plugins/outputs/wso2/streams.ts'
import { publishByThrift } from '../../plugins/outputs/wso2/thrift/testing.ts'
import { PYTHON, publisher } from '../../test/peers/wso2/process.ts'
import type { BenchOptions, BenchResult } from '../case.ts'
import { spread } from '../process.ts'

const BUNDLE = 200
const SESSION = '7b0ac1a8-4e5c-4fe8-bc92-ea1551ce69e2'
/** Slow ones encode fewer events. */
const EVENTS = { ours: 1_000_000, package: 40_000, python: 40_000, python_calls: 20_000 } as const

const client = fieldTable('client', {
  bssid: { path: 'c.bssid', type: 'mac', description: 'Network.' },
  mac: { path: 'c.mac', type: 'mac', description: 'Station.' },
  ssid: { path: 'c.ssid', type: 'text', description: 'Name.' },
  type: { path: 'c.type', type: 'int', description: 'Type.' },
  signal: { path: 'c.signal', type: 'int', description: 'Signal.' },
  lasttime: { path: 'c.lasttime', type: 'int', description: 'Last time.' },
  lat: { path: 'c.lat', type: 'float', description: 'Latitude.' },
  rate: { path: 'c.rate', type: 'float', description: 'Rate.' },
  locked: { path: 'c.locked', type: 'bool', description: 'Locked.' },
})
const TYPES = { bssid: 'STRING', mac: 'STRING', ssid: 'STRING', type: 'INT', signal: 'INT', lasttime: 'LONG', lat: 'DOUBLE', rate: 'FLOAT', locked: 'BOOL' } as const
/** In turn in each bundle, few since a pipeline has one event only, whose columns stay in the cache; test/peers/wso2/publisher.py has the same. */
const EXAMPLES = Array.from({ length: 8 }, (_, i) => ({
  'c.bssid': '00:0b:86:c2:a4:85',
  'c.mac': `00:13:ce:55:98:${i.toString(16).padStart(2, '0')}`,
  'c.ssid': `linksys-${i % 7}`,
  'c.type': 4,
  'c.signal': -45 - (i % 40),
  'c.lasttime': 1795462508 + i,
  'c.lat': 40.1235 + i / 1e4,
  'c.rate': 1.5,
  'c.locked': i % 2 === 0,
}))
const FIRST_MS = 1_700_000_000_000

/** Seconds of CPU that the work takes. */
function cpu(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

function ours(): () => void {
  const filter = { kind: 'filter' as const, summary: '', config: {}, fields: [client], create: () => ({ apply: () => true }) }
  const first = new Event(pipelineFields([{ name: 'client', plugin: filter, config: {} }]))
  const payload = Object.entries(TYPES).map(([name, type]) => ({ name, type, from: `c.${name}` }))
  const streams = [{ name: 'wifi.client', payload }]
  const bundle = bundler(streamsOf(streams))
  const encoder = rowEncoder(streams, 'thrift', pureContext('bam', first, { name: 's', id: 's' }))
  const into = new ByteWriter()
  const ends = new Uint32Array(BUNDLE)
  let spare: Buffer | undefined
  const events = EXAMPLES.map((values, i) => {
    const event = new Event(first.fields, first)
    event.record(FIRST_MS / 1000, 0, new Uint8Array(8), i)
    for (const [path, value] of Object.entries(values)) event.set(path, value)
    return event
  })
  return () => {
    into.pos = 0
    for (let i = 0; i < BUNDLE; i++) {
      encoder.write(events[i % events.length], into)
      ends[i] = into.pos
    }
    // A connection uses the memory of its last call again.
    spare = Buffer.from(bundle(into.written(), ends, SESSION, 1, spare).buffer)
  }
}

function byPackage(): void {
  const [ints, longs, doubles, bools, strings]: [number[], number[], number[], boolean[], string[]] = [[], [], [], [], []]
  for (let i = 0; i < BUNDLE; i++) {
    const values = EXAMPLES[i % EXAMPLES.length]
    strings.push('wifi.client:1.0.0', values['c.bssid'], values['c.mac'], values['c.ssid'])
    longs.push(FIRST_MS, values['c.lasttime'])
    ints.push(values['c.type'], values['c.signal'])
    doubles.push(values['c.lat'], values['c.rate'])
    bools.push(values['c.locked'])
  }
  const lists = { intAttributeList: ints, longAttributeList: longs, doubleAttributeList: doubles, boolAttributeList: bools, stringAttributeList: strings }
  publishByThrift({ sessionId: SESSION, eventNum: BUNDLE, ...lists })
}

export async function wso2({ rounds, say }: BenchOptions): Promise<BenchResult> {
  const bundle = ours()
  const times = (work: () => void, events: number) => cpu(() => Array.from({ length: events / BUNDLE }).forEach(work)) / events
  const python = (events: number, size: number) =>
    Number(execFileSync(PYTHON, [publisher, String(events), String(size)], { encoding: 'utf8' })) / events
  const took = { ours: [] as number[], package: [] as number[], python: [] as number[], python_calls: [] as number[] }
  times(bundle, EVENTS.ours)
  times(byPackage, EVENTS.package)
  let growth = 0
  for (let round = 0; round < rounds; round++) {
    say(`round ${round + 1}`)
    const before = process.memoryUsage().rss
    took.ours.push(times(bundle, EVENTS.ours))
    growth += process.memoryUsage().rss - before
    took.package.push(times(byPackage, EVENTS.package))
    took.python.push(python(EVENTS.python, BUNDLE))
    took.python_calls.push(python(EVENTS.python_calls, 1))
  }
  const micros = (name: keyof typeof took) => spread(took[name].map((seconds) => seconds * 1e6))
  const ratio = (name: keyof typeof took) => spread(took[name].map((seconds, i) => seconds / took.ours[i])).median
  return {
    case: 'wso2',
    metrics: {
      'ours, us CPU an event': micros('ours'),
      'thrift package, us CPU an event': micros('package'),
      'python3-thrift in bundles, us CPU an event': micros('python'),
      'python3-thrift, a call for each event, us CPU an event': micros('python_calls'),
      'ours, events/s of one core': spread(took.ours.map((seconds) => 1 / seconds)),
      'growth of memory with ours, MB': growth / 1e6,
    },
    ratios: {
      'times the thrift package': ratio('package'),
      'times python3-thrift in bundles': ratio('python'),
      'times python3-thrift with a call for each event, as in the field': ratio('python_calls'),
    },
    notes: [`bundles of ${BUNDLE} events with 9 attributes, from field values to whole publish calls; rows and columns both counted`],
  }
}
