/**
 * One event for each frame that several sensors heard. Copies are told by a key of fields that a frame keeps wherever it is received, within a window of
 * capture time. A copy from a sensor that has told of the frame already is another frame: a retransmission.
 */
import { digest, type Event, envelope, type FilterPlugin } from '../../../core/plugin.ts'
import { keepBest } from './best.ts'
import { dedupe } from './fields.ts'
import { keepFirst } from './first.ts'

const config = {
  type: 'object',
  properties: {
    keep: {
      enum: ['best', 'first'],
      default: 'best',
      description: 'The copy that goes on: that with the strongest signal, once the window is over; or the first, at once.',
    },
    window_ms: {
      type: 'integer',
      minimum: 1,
      maximum: 60_000,
      default: 50,
      description:
        'Copies are at most so far apart in capture time: more than the clocks of the sensors differ, less than sequence numbers take to repeat.',
    },
    when: {
      type: 'string',
      format: 'when',
      default: 'wlan.seq',
      description: 'Which events are looked at; others go on untouched. Default: frames that have a sequence number, without which frames are alike.',
    },
    key: {
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      default: ['wlan.fc.type_subtype', 'wlan.fc.retry', 'wlan.ta', 'wlan.ra', 'wlan.seq', 'wlan.frag', 'wlan.fixed.timestamp'],
      description: 'Fields that are the same in all copies of a frame.',
    },
    sensor: {
      type: 'string',
      default: 'frame.interface_id',
      description: 'Field that says which sensor heard the copy. Where it is absent all copies are taken to be of different sensors.',
    },
    signal: { type: 'string', default: 'wlan_radio.signal_dbm', description: 'Field of which the largest value is best.' },
    max_frames: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      default: 5000,
      description: 'Frames that are held or remembered; when there are more the oldest is let go before its window is over, and counted.',
    },
  },
} as const

/** What an event says of its frame. */
export interface Copy {
  readonly key: number
  /** Capture time in seconds. */
  readonly at: number
  /** NaN where it is not said. */
  readonly sensor: number
}

export default {
  kind: 'filter',
  state: ({ keep }) => (keep === 'best' ? 'withholds' : 'annotates'),
  summary: 'Merges the copies of a frame that several sensors heard into one event.',
  config,
  fields: [dedupe],
  create({ keep, window_ms, when, key, sensor, signal, max_frames }, context) {
    const time = context.fields.base(envelope) + envelope.at.timestamp
    const matches = context.when(when)
    const keyOf = digest(key.map((path) => context.field(path).field))
    const { field: heardBy } = context.field(sensor)
    const sensorOf = digest([heardBy])
    const timeOf = (event: Event): number => event.a[time] + event.b[time] / 1e9
    const copyOf = (event: Event): Copy | undefined =>
      matches(event) ? { key: keyOf(event), at: timeOf(event), sensor: event.present(heardBy.number) ? sensorOf(event) : Number.NaN } : undefined
    const options = { window_s: window_ms / 1000, max_frames, copyOf, timeOf }
    return keep === 'first'
      ? keepFirst(options)
      : keepBest({ ...options, signal: context.field(signal), copies: context.fields.base(dedupe) + dedupe.at.copies })
  },
} satisfies FilterPlugin<typeof config>
