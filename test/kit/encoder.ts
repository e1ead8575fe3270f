/** What every encoder must do. */
import { Event } from '../../core/event/event.ts'
import { fieldTable } from '../../core/event/fields.ts'
import { ByteWriter } from '../../core/event/writer.ts'
import type { Encoder, OutputPlugin } from '../../core/plugin.ts'
import { pureContext } from '../../core/route/context.ts'
import { pipelineFields } from '../../core/route/fields.ts'
import { checkedConfig } from './config.ts'
import { eventText, openSample, randomEvents } from './events.ts'
import { checkPure, Problems, type Property, words } from './property.ts'
import { Random } from './random.ts'
import type { OutputSample, SampleEvent } from './sample.ts'

/** A field of every type, alone and in lists. */
export const everyType = fieldTable('kit', {
  bool: { path: 'kit.bool', type: 'bool', description: 'Sample of a bool.' },
  int: { path: 'kit.int', type: 'int', description: 'Sample of an int.' },
  float: { path: 'kit.float', type: 'float', description: 'Sample of a float.' },
  u64: { path: 'kit.u64', type: 'u64', description: 'Sample of a u64.' },
  mac: { path: 'kit.mac', type: 'mac', description: 'Sample of a mac.' },
  text: { path: 'kit.text', type: 'text', description: 'Sample of a text.' },
  bytes: { path: 'kit.bytes', type: 'bytes', description: 'Sample of bytes.' },
  ip: { path: 'kit.ip', type: 'ip', description: 'Sample of an ip.' },
  time: { path: 'kit.time', type: 'time', description: 'Sample of a time.' },
  name: { path: 'kit.name', type: 'name', names: { 0: 'zero', 255: 'ü"' }, description: 'Sample of a name.' },
  point: { path: 'kit.point', type: 'point', description: 'Sample of a point.' },
  ints: { path: 'kit.list.ints', type: 'int', list: true, description: 'Sample of a list.' },
  u64s: { path: 'kit.list.u64s', type: 'u64', list: true, description: 'Sample of a list.' },
  texts: { path: 'kit.list.texts', type: 'text', list: true, description: 'Sample of a list.' },
  ips: { path: 'kit.list.ips', type: 'ip', list: true, description: 'Sample of a list.' },
})

export interface EncoderTrial {
  readonly event: Event
  readonly events: readonly SampleEvent[]
  readonly format: string
  /** An encoder of its own, over the same event. */
  create(): Encoder
}

export function encoderProperties(plugin: OutputPlugin, sample: OutputSample, patience_ms: number): Property[] {
  const configs = sample.configs ?? [{}]
  return configs.flatMap((given, i) => {
    const property = (name: string, check: (trial: EncoderTrial) => string[]): Property => ({
      name: configs.length > 1 ? `${name} (config ${i + 1})` : name,
      check: () => checkPure(patience_ms, () => check(encoderTrial(plugin, given))),
    })
    return [
      property('bytes and key of an event do not depend on its neighbours', independent),
      property('the format says something and stays the same', format),
      property('JSON equals that of the object path', (trial) => json(trial, sample)),
    ]
  })
}

export function encoderTrial(plugin: OutputPlugin, given: object): EncoderTrial {
  const config = checkedConfig(plugin, given)
  const tables = { kind: 'filter' as const, summary: '', config: {}, fields: [everyType], create: () => ({ apply: () => true }) }
  const fields = pipelineFields([
    { name: 'tables', plugin: tables, config: {} },
    { name: 'output', plugin, config },
  ])
  const event = new Event(fields)
  const create = () => plugin.encoder(config as never, pureContext('output', event, { name: 'kit', id: 'kit' }))
  return { event, events: randomEvents(fields, 60), format: create().format, create }
}

/** An event encoded by itself: its key and bytes. */
function alone({ event, events, create }: EncoderTrial, index: number): { key: string | undefined; bytes: Buffer } {
  const encoder = create()
  const into = new ByteWriter()
  openSample(event, events[index], index + 1)
  const key = encoder.key?.(event)
  encoder.write(event, into)
  return { key, bytes: Buffer.from(into.written()) }
}

function independent(trial: EncoderTrial): string[] {
  const problems = new Problems()
  const expected = trial.events.map((_, i) => alone(trial, i))
  const numbers = trial.events.map((_, i) => i)
  const random = new Random(1)
  for (const order of [numbers, [...numbers].reverse(), random.shuffle(numbers)]) {
    const encoder = trial.create()
    // Shared memory that must grow at once and is full of garbage, as in a worker.
    const into = new ByteWriter({ allocate: (bytes) => new Uint8Array(new SharedArrayBuffer(bytes)).fill(0xa5) }, 1)
    const bounds: [number, number][] = []
    for (const i of order) {
      openSample(trial.event, trial.events[i], i + 1)
      const key = encoder.key?.(trial.event)
      const start = into.pos
      try {
        encoder.write(trial.event, into)
      } catch (error) {
        return [`event ${i + 1}: ${words(error)}`]
      }
      problems.same(`key of event ${i + 1}`, key, expected[i].key)
      bounds.push([start, into.pos])
    }
    // Looked at when all is written, so that bytes written behind the end of one and before the start of another show.
    order.forEach((i, k) => {
      const bytes = Buffer.from(into.buf.subarray(...bounds[k]))
      problems.same(`bytes of event ${i + 1} among others`, bytes.toString('latin1'), expected[i].bytes.toString('latin1'))
    })
  }
  return problems.list
}

function format(trial: EncoderTrial): string[] {
  const { format: again } = trial.create()
  if (typeof again !== 'string' || again === '') return [`format is ${JSON.stringify(again)}`]
  return again === trial.format ? [] : [`format is ${again} and was ${trial.format}`]
}

function json(trial: EncoderTrial, sample: OutputSample): string[] {
  const problems = new Problems()
  const read = sample.json ?? (trial.format.startsWith('ndjson') ? lineOf : undefined)
  if (!read) return []
  trial.events.forEach((event, i) => {
    const { bytes } = alone(trial, i)
    openSample(trial.event, event, i + 1)
    let text: string
    try {
      text = read(bytes)
    } catch (error) {
      problems.add(`event ${i + 1}: ${words(error)}`)
      return
    }
    problems.same(`event ${i + 1}`, text, eventText(trial.event))
  })
  return problems.list
}

function lineOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString()
  if (text.indexOf('\n') !== text.length - 1) throw new Error(`not one whole line: ${text}`)
  return text.slice(0, -1)
}
