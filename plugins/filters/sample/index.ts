/**
 * Thins out what devices say again and again. Of the events of one key the first goes on, then each in which a watched field has changed, then one in every
 * interval of capture time; all others end here.
 */
import { digest, envelope, type FilterPlugin } from '../../../core/plugin.ts'

const config = {
  type: 'object',
  properties: {
    when: {
      type: 'string',
      format: 'when',
      default: 'wlan.fc.type_subtype == 8',
      description: 'Which events are thinned out; others go on untouched. Default: beacons.',
    },
    key: {
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      default: ['wlan.ta'],
      description: 'Fields whose values together say whose events they are.',
    },
    changes: {
      type: 'array',
      items: { type: 'string' },
      default: [
        'wlan.ssid_hex',
        'wlan.ds.current_channel',
        'wlan.fixed.beacon',
        'wlan.fixed.capabilities.value',
        'wlan.country_info.code',
        'wlan.rsn.gcs.type',
        'wlan.rsn.pcs.type',
        'wlan.rsn.akms.type',
        'wlan.wfa.ie.wpa.type',
      ],
      description: 'Fields of which a change is kept. Default: what a network is, not what happens in it.',
    },
    every_s: { type: 'number', exclusiveMinimum: 0, default: 60, description: 'One event in so many seconds of capture time is kept.' },
    max_keys: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      default: 10_000,
      description: 'Keys that are remembered; the one of which an event was kept longest ago is forgotten, and counted.',
    },
  },
} as const

interface Kept {
  /** Capture time in seconds. */
  readonly at: number
  readonly values: number
}

export default {
  kind: 'filter',
  state: 'annotates',
  summary: 'Keeps of each transmitter’s beacons the first, the changes, and one a minute.',
  config,
  create({ when, key, changes, every_s, max_keys }, context) {
    const time = context.fields.base(envelope) + envelope.at.timestamp
    const known = (paths: readonly string[]) => digest(paths.map((path) => context.field(path).field))
    const matches = context.when(when)
    const keyOf = known(key)
    const valuesOf = known(changes)
    /** By key, the one kept longest ago first. */
    const kept = new Map<number, Kept>()
    let forgotten = 0
    return {
      shed: () => forgotten,
      apply(event) {
        if (!matches(event)) return
        const of = keyOf(event)
        const last = kept.get(of)
        const at = event.a[time] + event.b[time] / 1e9
        const values = valuesOf(event)
        // Time that jumps back is a change as well: a clock was set, or another capture begins.
        if (last && last.values === values && Math.abs(at - last.at) < every_s) return false
        if (last) kept.delete(of)
        else if (kept.size === max_keys) {
          kept.delete(kept.keys().next().value!)
          forgotten++
        }
        kept.set(of, { at, values })
      },
    }
  },
} satisfies FilterPlugin<typeof config>
