/**
 * `node sender.js KIND PORT EVENTS CAPTURE OBJECTS`: sends events as PackedForward with acks, and prints seconds of wall and CPU time.
 *
 * `ours` begins with the frames of a capture in memory, which go through the pipeline as they do in a sensor; the others with the objects of an NDJSON file, in turn, as if
 * these cost nothing to make. Nobody reads or parses anything while time is taken.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { systemClock } from '../../core/clock.ts'
import { loadConfigText } from '../../core/config/load.ts'
import { streamKey } from '../../core/event/id.ts'
import { CaptureCutter, encodeContext } from '../../core/formats/capture.ts'
import type { OutputPlugin } from '../../core/plugin.ts'
import { pluginKey } from '../../core/route/pipeline.ts'
import { INDEX_WIDTH } from '../../core/route/result.ts'
import { buildPipelines } from '../../core/worker/setup.ts'
import { silentLog } from '../../test/kit/log.ts'

const BATCH = 500
/** Batches of `ours` under way, each on a connection of its own; the others pipeline on one. */
const PARALLEL = 2
const SENSOR = { name: 'bench', id: 'bench' }

const [kind, port, total, capture, file] = process.argv.slice(2)
const events = Number(total)

type Send = (events: number) => Promise<void>

interface Piece {
  readonly data: Uint8Array
  readonly context: Uint8Array
  readonly offset: number
  readonly records: number
}

/** The frames of the capture, as inputs hand them over, in batches of the size that all send. */
function* pieces(): Generator<Piece> {
  const bytes = readFileSync(capture)
  const cutter = new CaptureCutter({ maxRecord: 1024 * 1024, statistics: false })
  for (let offset = 0; ; offset = cutter.end) {
    const context = encodeContext(cutter)
    cutter.cut(bytes, offset, bytes.length, BATCH)
    const { records } = cutter
    if (records === 0) return
    yield { data: bytes.subarray(offset, cutter.end), context, offset, records }
  }
}

async function ours(): Promise<Send> {
  const text = JSON.stringify({
    inputs: { air: { plugin: 'pcap', path: capture } },
    filters: { decode: { plugin: 'ieee80211' } },
    outputs: { relay: { plugin: 'fluentd', hosts: [`127.0.0.1:${port}`] } },
    routes: [{ from: 'air', through: 'decode', to: 'relay' }],
  })
  const { config, fields, plugins, problems } = await loadConfigText('bench', text, process.cwd(), { env: {}, once: true })
  if (!config || !fields) throw new Error(problems.map(({ message }) => message).join('\n'))
  const plugin = plugins.get(pluginKey('output', 'relay')) as OutputPlugin
  const output = await plugin.create(config.outputs[0].config as never, { name: 'relay', data_dir: '.', fields, log: silentLog, clock: systemClock })
  const [pipeline] = buildPipelines({ config, sensor: SENSOR }, plugins, (bytes) => new ArrayBuffer(bytes))
  const key = streamKey(SENSOR.id, capture)
  const batches = [...pieces()]
  let next = 0
  let sent = 0
  // Used again and again, as the core does it.
  const slots = Array.from({ length: PARALLEL }, () => ({
    memory: undefined as ArrayBufferLike | undefined,
    ends: new Uint32Array(BATCH),
    records: new Uint32Array(BATCH),
    progress: new Int32Array(3),
  }))
  const { signal } = new AbortController()
  const send = async (slot: (typeof slots)[number]) => {
    const { ends, records, progress } = slot
    const { data, context, offset, records: to } = batches[next++ % batches.length]
    const request = { input: 0, stream: capture, key, data, context, offset, from: 0, to, flush: false, memory: slot.memory, progress }
    const { parts, memory = slot.memory } = pipeline.run(request)
    slot.memory = memory
    for (const { body, length, index, count, key: tag } of parts) {
      const entries = new Uint32Array(memory!, index, count * INDEX_WIDTH)
      for (let i = 0; i < count; i++) {
        ends[i] = entries[i * INDEX_WIDTH]
        records[i] = entries[i * INDEX_WIDTH + 1]
      }
      sent += count
      const payload = { id: `b-${sent}`, key: tag, body: new Uint8Array(memory!, body, length), count, ends: ends.subarray(0, count), records }
      await output.write(payload, { signal, attempt: 1 })
    }
  }
  return async (events) => {
    const until = sent + events
    const sending = async (slot: (typeof slots)[number]) => {
      while (sent < until) await send(slot)
    }
    await Promise.all(slots.map(sending))
  }
}

const objects = (): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

async function fluentOrg(): Promise<Send> {
  const { FluentClient, EventTime } = await import('@fluent-org/logger')
  const client = new FluentClient('wifi', {
    eventMode: 'PackedForward',
    // Its default of half a second is short on a busy machine.
    ack: { ackTimeout: 60_000 },
    sendQueueSyncFlushLimit: { length: BATCH, size: 100_000_000 },
    socket: { host: '127.0.0.1', port: Number(port) },
  })
  const all = objects()
  let sent = 0
  return async (events) => {
    for (let left = events; left > 0; left -= BATCH * PARALLEL)
      await Promise.all(Array.from({ length: BATCH * PARALLEL }, () => client.emit('frame', all[sent++ % all.length], EventTime.now())))
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
  const all = objects()
  let sent = 0
  const emit = () =>
    new Promise<void>((resolve, reject) => sender.emit('frame', all[sent++ % all.length], (error) => (error ? reject(error) : resolve())))
  return async (events) => {
    for (let left = events; left > 0; left -= BATCH * PARALLEL) await Promise.all(Array.from({ length: BATCH * PARALLEL }, emit))
  }
}

const KINDS: Readonly<Record<string, () => Promise<Send>>> = { ours, 'fluent-org': fluentOrg, 'fluent-logger': fluentLogger }
const send = await KINDS[kind]()
// Compiled and connected before time is taken.
await send(events)
const [start, before] = [process.hrtime.bigint(), process.cpuUsage()]
await send(events)
const { user, system } = process.cpuUsage(before)
console.log(JSON.stringify({ wall_s: Number(process.hrtime.bigint() - start) / 1e9, cpu_s: (user + system) / 1e6 }))
process.exit()
