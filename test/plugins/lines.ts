/** Test output: collects NDJSON in memory by name, after what a script says should happen to each write. */
import { jsonWriter } from '../../core/event/json.ts'
import type { OutputPlugin, Payload } from '../../core/plugin.ts'

const config = {
  type: 'object',
  additionalProperties: false,
  properties: {
    keyed: { type: 'boolean', default: false, description: 'One payload for each stream.' },
    format: { type: 'string', default: 'lines/1', description: 'What the encoder calls its bytes.' },
    odd: { type: 'boolean', default: false, description: 'Wants odd numbers only.' },
  },
} as const

export interface Line {
  readonly payload: string
  readonly key?: string
  readonly text: string
}

interface Collector {
  readonly lines: Line[]
  /** Called before a payload is taken; what it throws is what the write throws. Answers the events that are taken, all by default. */
  write?: (payload: Payload, attempt: number) => Promise<readonly number[] | void> | readonly number[] | void
  /** Thrown after the taken events were kept. */
  after?: (payload: Payload, attempt: number) => void
}

/** By output name. */
export const collectors = new Map<string, Collector>()

export default {
  kind: 'output',
  summary: 'Collects lines, for tests.',
  config,
  create: (_, { name }) => ({
    async write(payload, { attempt }) {
      const collector = collectors.get(name)!
      const all = Array.from({ length: payload.count }, (_, i) => i)
      const taken = (await collector.write?.(payload, attempt)) ?? all
      for (const event of taken) {
        const from = event === 0 ? 0 : payload.ends[event - 1]
        collector.lines.push({
          payload: payload.id,
          key: payload.key,
          text: Buffer.from(payload.body.slice(from, payload.ends[event])).toString().trimEnd(),
        })
      }
      collector.after?.(payload, attempt)
    },
  }),
  encoder: ({ keyed, format, odd }, context) => {
    const write = jsonWriter(context.fields)
    return {
      format,
      ...(keyed ? { key: (event) => String(event.get('number.stream')) } : {}),
      ...(keyed || odd ? {} : { framing: { write, tail: 10 } }),
      write(event, into) {
        if (odd && Number(event.get('number.n')) % 2 === 0) return false
        write(event, into)
        into.byte(10)
        return true
      },
    }
  },
} satisfies OutputPlugin<typeof config>
