/** What every output must do, told by a receiver that says what arrived. */

import { systemClock } from '../../core/clock.ts'
import { ByteWriter } from '../../core/event/writer.ts'
import type { Output, OutputPlugin, Payload } from '../../core/plugin.ts'
import { pipelineFields } from '../../core/route/fields.ts'
import { checkedConfig } from './config.ts'
import { encoderTrial } from './encoder.ts'
import { openSample } from './events.ts'
import { silentLog } from './log.ts'
import { openedSince, openThings } from './open-things.ts'
import { Oracle } from './oracle.ts'
import { inFolder, type Property, settled, words } from './property.ts'
import type { OutputSample, Receiver } from './sample.ts'

const EVENTS_EACH = 5

interface Rig {
  readonly output: Output
  readonly receiver: Receiver
  readonly parallel: number
  readonly patience_ms: number
  /** The payloads that hold the next so many numbered events, one for each key. */
  next(events: number): readonly Payload[]
  /** Their numbers so far. */
  readonly sent: readonly number[]
}

export function outputProperties(plugin: OutputPlugin, sample: OutputSample, patience_ms: number): Property[] {
  const { receiver } = sample
  if (!receiver) return []
  const property = (name: string, check: (rig: Rig) => Promise<string[]>): Property => ({
    name,
    check: () => inFolder(async (folder) => withOutput(plugin, await receiver(folder), folder, patience_ms, check)),
  })
  return [
    property('write resolves once the events have arrived', durable),
    property('as many writes as it says go on at once', parallel),
    property('the same payload twice does no harm', twice),
    property('an aborted write ends soon and can be tried again', abort),
    { name: 'nothing is open after close', check: () => inFolder(async (folder) => closes(plugin, await receiver(folder), folder, patience_ms)) },
  ]
}

async function withOutput(
  plugin: OutputPlugin,
  receiver: Receiver,
  folder: string,
  patience_ms: number,
  check: (rig: Rig) => Promise<string[]>,
): Promise<string[]> {
  const config = checkedConfig(plugin, receiver.config)
  const context = { name: 'kit', data_dir: folder, fields: pipelineFields([]), log: silentLog, clock: systemClock }
  const output = await plugin.create(config as never, context)
  const parallel = typeof plugin.parallel === 'function' ? plugin.parallel(config as never) : (plugin.parallel ?? 1)
  try {
    await output.open?.(new AbortController().signal)
    return await settled(check({ output, receiver, parallel, patience_ms, ...numbered(plugin, receiver.config) }), 3 * patience_ms, [
      'a write never ends',
    ])
  } catch (error) {
    return [words(error)]
  } finally {
    await output.close?.()
    await receiver.close?.()
  }
}

/** Payloads of events that are numbered from 1 in `frame.number`. */
function numbered(plugin: OutputPlugin, config: object): Pick<Rig, 'next' | 'sent'> {
  const { event, create } = encoderTrial(plugin, config)
  const encoder = create()
  const sent: number[] = []
  let payloads = 0
  return {
    sent,
    next: (count) => {
      const keys = new Map<string | undefined, { body: ByteWriter; ends: number[] }>()
      for (let i = 0; i < count; i++) {
        const number = sent.length + 1
        sent.push(number)
        openSample(event, { fill: (opened) => opened.set('frame.number', number) }, number)
        const key = encoder.key?.(event)
        let part = keys.get(key)
        if (!part) keys.set(key, (part = { body: new ByteWriter(), ends: [] }))
        encoder.write(event, part.body)
        part.ends.push(part.body.pos)
      }
      return [...keys].map(([key, { body, ends }]) => ({
        id: `kit-${++payloads}`,
        key,
        body: body.written(),
        count: ends.length,
        ends: Uint32Array.from(ends),
        records: Uint32Array.from(ends, (_, i) => i),
      }))
    },
  }
}

const calm = () => ({ signal: new AbortController().signal, attempt: 1 })

async function durable({ output, receiver, next, sent }: Rig): Promise<string[]> {
  for (let round = 0; round < 3; round++) {
    for (const payload of next(EVENTS_EACH)) await output.write(payload, calm())
    const problems = await judge(receiver, sent, false)
    if (problems.length > 0) return problems
  }
  return []
}

async function parallel({ output, receiver, next, sent, parallel: most }: Rig): Promise<string[]> {
  const payloads = Array.from({ length: Math.min(most, 100) }, () => next(1)).flat()
  await Promise.all(payloads.map((payload) => output.write(payload, calm())))
  return judge(receiver, sent, false)
}

async function twice({ output, receiver, next, sent }: Rig): Promise<string[]> {
  const payloads = [...next(EVENTS_EACH), ...next(EVENTS_EACH)]
  for (const payload of payloads) await output.write(payload, calm())
  for (const payload of payloads) await output.write(payload, { ...calm(), attempt: 2 })
  return judge(receiver, sent, true)
}

async function abort({ output, receiver, next, sent, patience_ms }: Rig): Promise<string[]> {
  const attempts: AbortController[] = [new AbortController(), new AbortController()]
  attempts[0].abort(new Error('aborted by the kit'))
  for (const controller of attempts) {
    for (const payload of next(EVENTS_EACH)) {
      const write = output.write(payload, { signal: controller.signal, attempt: 1 }).then(
        () => 'done',
        () => 'done',
      )
      if (!controller.signal.aborted) controller.abort(new Error('aborted by the kit'))
      if ((await settled(write, patience_ms, 'late')) === 'late') return ['an aborted write does not end']
      await output.write(payload, { ...calm(), attempt: 2 })
    }
  }
  return judge(receiver, sent, true)
}

async function closes(plugin: OutputPlugin, receiver: Receiver, folder: string, patience_ms: number): Promise<string[]> {
  // Sockets of the receiver close with their other end, so it is asked last.
  const before = openThings()
  const problems = await withOutput(plugin, { ...receiver, close: undefined }, folder, patience_ms, async ({ output, next }) => {
    for (const payload of next(EVENTS_EACH)) await output.write(payload, calm())
    return []
  })
  const more = await openedSince(before)
  await receiver.close?.()
  return [...problems, ...more.map((thing) => `still open: ${thing}`)]
}

async function judge(receiver: Receiver, sent: readonly number[], repeats: boolean): Promise<string[]> {
  const oracle = new Oracle()
  for (const number of sent) oracle.sent(number)
  for (const number of await receiver.received()) oracle.arrived(number)
  return oracle.problems({ repeats })
}
