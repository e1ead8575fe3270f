/**
 * `node sender.js KIND PORT EVENTS FILE`: sends the records of an NDJSON file, in turn, as PackedForward with acks, and prints seconds of wall and CPU time.
 *
 * `ours` begins with events as filters leave them, the others with objects as their users have them: nobody reads or parses anything while time is taken.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { systemClock } from '../../core/clock.ts'
import { Event, type Value } from '../../core/event/event.ts'
import { ByteWriter } from '../../core/event/writer.ts'
import { pureContext } from '../../core/route/context.ts'
import { pipelineFields } from '../../core/route/fields.ts'
import ieee80211 from '../../plugins/filters/ieee80211/index.ts'
import plugin from '../../plugins/outputs/fluentd/index.ts'
import { checkedConfig } from '../../test/kit/config.ts'
import { silentLog } from '../../test/kit/log.ts'

const BATCH = 500
/** Batches of `ours` under way, each on a connection of its own; the others pipeline on one. */
const PARALLEL = 2

const [kind, port, total, file] = process.argv.slice(2)
const events = Number(total)
const objects = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Record<string, unknown>)

type Send = (events: number) => Promise<void>

async function ours(): Promise<Send> {
  const config = checkedConfig(plugin, { hosts: [`127.0.0.1:${port}`] }) as never
  // The tables of a sensor.
  const fields = pipelineFields([{ name: 'decode', plugin: ieee80211, config: {} }])
  const first = new Event(fields)
  // As decoders do it.
  const dataset = first.constant(Buffer.from('wifi.frame'))
  const all = objects.map((object) => {
    const event = new Event(fields, first)
    event.open(new Uint8Array(0))
    fill(event, object, '')
    event.put(fields.find('event.dataset')!.number, dataset, 'wifi.frame'.length)
    return event
  })
  const encoder = plugin.encoder(config, pureContext('bench', all[0], { name: 's', id: 's' }))
  const output = await plugin.create(config, { name: 'bench', data_dir: '.', fields, log: silentLog, clock: systemClock })
  let sent = 0
  // Used again and again, as the core does it.
  const memory = Array.from({ length: PARALLEL }, () => ({ body: new ByteWriter(undefined, 1024 * 1024), ends: new Uint32Array(BATCH) }))
  const batch = async ({ body, ends }: (typeof memory)[number]) => {
    let key = ''
    body.pos = 0
    for (let i = 0; i < BATCH; i++) {
      const event = all[sent++ % all.length]
      key = encoder.key!(event)
      encoder.write(event, body)
      ends[i] = body.pos
    }
    const payload = { id: `b-${sent}`, key, body: body.written(), count: BATCH, ends, records: ends }
    await output.write(payload, { signal: new AbortController().signal, attempt: 1 })
  }
  return async (events) => {
    for (let left = events; left > 0; left -= BATCH * PARALLEL) await Promise.all(memory.map(batch))
  }
}

function fill(event: Event, object: Record<string, unknown>, path: string): void {
  for (const [key, value] of Object.entries(object)) {
    const field = event.fields.find(path + key)
    if (field?.path === path + key) event.setField(field, field.type === 'u64' ? BigInt(value as number) : (value as Value))
    else fill(event, value as Record<string, unknown>, `${path}${key}.`)
  }
}

async function fluentOrg(): Promise<Send> {
  const { FluentClient, EventTime } = await import('@fluent-org/logger')
  const client = new FluentClient('wifi', {
    eventMode: 'PackedForward',
    // Its default of half a second is short on a busy machine.
    ack: { ackTimeout: 60_000 },
    sendQueueSyncFlushLimit: { length: BATCH, size: 100_000_000 },
    socket: { host: '127.0.0.1', port: Number(port) },
  })
  let sent = 0
  return async (events) => {
    for (let left = events; left > 0; left -= BATCH * PARALLEL)
      await Promise.all(Array.from({ length: BATCH * PARALLEL }, () => client.emit('frame', objects[sent++ % objects.length], EventTime.now())))
  }
}

async function fluentLogger(): Promise<Send> {
  const { createFluentSender } = createRequire(import.meta.url)('fluent-logger') as {
    createFluentSender(tag: string, options: object): { emit(label: string, record: object, done: (error?: Error) => void): void }
  }
  const sender = createFluentSender('wifi', {
    host: '127.0.0.1',
    port: Number(port),
    eventMode: 'PackedForward',
    requireAckResponse: true,
    flushInterval: 1,
  })
  let sent = 0
  const emit = () =>
    new Promise<void>((resolve, reject) => sender.emit('frame', objects[sent++ % objects.length], (error) => (error ? reject(error) : resolve())))
  return async (events) => {
    for (let left = events; left > 0; left -= BATCH * PARALLEL) await Promise.all(Array.from({ length: BATCH * PARALLEL }, emit))
  }
}

const KINDS: Readonly<Record<string, () => Promise<Send>>> = { ours, 'fluent-org': fluentOrg, 'fluent-logger': fluentLogger }
const send = await KINDS[kind]()
// Compiled and connected before time is taken.
await send(Math.min(events, 10_000))
const [start, before] = [process.hrtime.bigint(), process.cpuUsage()]
await send(events)
const { user, system } = process.cpuUsage(before)
console.log(JSON.stringify({ wall_s: Number(process.hrtime.bigint() - start) / 1e9, cpu_s: (user + system) / 1e6 }))
process.exit()
