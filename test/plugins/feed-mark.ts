/** Test filter with a feed: leaves the published text and the published value nearest to a number's time. */
import { envelope, type FilterPlugin } from '../../core/plugin.ts'

const config = {
  type: 'object',
  additionalProperties: false,
  required: ['from', 'count', 'text'],
  properties: {
    from: { type: 'integer', description: 'Time of the first value, s.' },
    count: { type: 'integer', description: 'Values, one for each ten seconds.' },
    text: { type: 'string', description: 'What is published; an empty one cannot be had.' },
  },
} as const

export default {
  kind: 'filter',
  summary: 'Marks events with what its feed publishes, for tests.',
  config,
  feed: {
    width: 1,
    async start({ from, count, text }, { publish, replace }) {
      if (text === '') throw new Error('nothing to publish')
      replace(new TextEncoder().encode('replaced'))
      replace(new TextEncoder().encode(text))
      for (let i = 0; i < count; i++) publish((from + i * 10) * 1000, [i])
    },
  },
  create: (_, { feed, fields }) => {
    const time = fields.base(envelope) + envelope.at.timestamp
    return {
      apply: (event) => {
        event.set('number.mark', Buffer.from(feed.bytes ?? []).toString())
        if (feed.nearest(event.a[time] * 1000, 4000) >= 0) event.set('number.seen', feed.values[0])
      },
    }
  },
} satisfies FilterPlugin<typeof config>
