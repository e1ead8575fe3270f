/** Test filter that withholds: one event with the sum of each window of so many seconds of capture time. */
import { createdId } from '../../core/event/id.ts'
import type { FilterPlugin } from '../../core/plugin.ts'

const config = {
  type: 'object',
  additionalProperties: false,
  properties: { seconds: { type: 'integer', minimum: 1, default: 60, description: 'Length of a window.' } },
} as const

export default {
  kind: 'filter',
  summary: 'Sums numbers over windows, for tests.',
  config,
  state: 'withholds',
  create: ({ seconds }, context) => {
    const time = context.field('@timestamp')
    const n = context.field('number.n')
    const id = context.field('event.id')
    let held: { window: number; sum: number; first: string; last: string } | undefined
    return {
      due: (event) => held !== undefined && Math.floor(time.number(event) / seconds) !== held.window,
      apply: (event) => {
        const last = String(id.get(event))
        held ??= { window: Math.floor(time.number(event) / seconds), sum: 0, first: last, last }
        held.sum += n.number(event)
        held.last = last
        return false
      },
      flush: (emit) => {
        if (!held) return
        const { window, sum, first, last } = held
        held = undefined
        emit((event) => {
          const bytes = createdId(window * seconds, 0, 'window', String(window), first, last)
          event.put(context.fields.find('event.id')!.number, event.keep(bytes), bytes.length)
          event.set('number.sum', sum)
        })
      },
    }
  },
} satisfies FilterPlugin<typeof config>
