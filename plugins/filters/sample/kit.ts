/** What the kit checks `sample` with. */
import { envelope, frame } from '../../../core/plugin.ts'
import { Random } from '../../../test/kit/random.ts'
import type { FilterSample, SampleEvent } from '../../../test/kit/sample.ts'
import ieee80211 from '../ieee80211/index.ts'

const random = new Random(1)

function sample(): SampleEvent {
  const values = {
    'wlan.fc.type_subtype': random.pick([4, 8, 8, 8]),
    'wlan.ta': `02:00:00:00:00:0${random.below(4)}`,
    'wlan.ds.current_channel': random.chance(0.9) ? 6 : 11,
  }
  return {
    fill: (event) => {
      for (const [path, value] of Object.entries(values)) event.set(path, value)
    },
  }
}

export default {
  configs: [{}, { key: ['wlan.ta', 'wlan.fc.type_subtype'], when: 'wlan.ta', changes: [], every_s: 5, max_keys: 2 }],
  tables: [envelope, frame, ...ieee80211.fields],
  events: Array.from({ length: 150 }, sample),
} satisfies FilterSample
