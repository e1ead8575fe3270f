/** For the tests: payloads as the core would send them, and outputs made by the plugin itself. */

import { systemClock } from '../../../core/clock.ts'
import { Event } from '../../../core/event/event.ts'
import { ByteWriter } from '../../../core/event/writer.ts'
import type { Clock, Config, Output, Payload, WriteContext } from '../../../core/plugin.ts'
import { pureContext } from '../../../core/route/context.ts'
import { pipelineFields } from '../../../core/route/fields.ts'
import { checkedConfig } from '../../../test/kit/config.ts'
import { silentLog } from '../../../test/kit/log.ts'
import plugin from './index.ts'

export type FluentdConfig = Config<typeof plugin.config>

/** Seconds since 1970 of the first event. */
export const FIRST = 1_800_000_000
const KEY = new Uint8Array(8)

export interface Sample {
  readonly config: FluentdConfig
  /** Numbered from `from`, in `frame.number`; all in one payload. */
  payload(id: string, count: number, from?: number): Payload
  output(clock?: Clock): Promise<Output>
}

export function sample(given: Partial<FluentdConfig>): Sample {
  const config = checkedConfig(plugin, { hosts: ['127.0.0.1:1'], ...given }) as FluentdConfig
  const event = new Event(pipelineFields([{ name: 'fluentd', plugin, config }]))
  const encoder = plugin.encoder(config, pureContext('fluentd', event, { name: 'pi', id: 'sensor' }))
  return {
    config,
    payload: (id, count, from = 1) => {
      const body = new ByteWriter()
      const ends: number[] = []
      let key = ''
      for (let number = from; number < from + count; number++) {
        event.open(new Uint8Array(0))
        event.record(FIRST + number, number, KEY, number)
        event.set('frame.number', number)
        event.set('event.dataset', 'frame')
        key = encoder.key!(event)
        encoder.write(event, body)
        ends.push(body.pos)
      }
      return { id, key, body: body.written(), count, ends: Uint32Array.from(ends), records: Uint32Array.from(ends, (_, i) => i) }
    },
    output: (clock = systemClock) =>
      Promise.resolve(plugin.create(config, { name: 'fluentd', data_dir: '.', fields: pipelineFields([]), log: silentLog, clock })),
  }
}

export const calm = (): WriteContext => ({ signal: new AbortController().signal, attempt: 1 })
