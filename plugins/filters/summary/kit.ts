/** What the kit checks `summary` with. */
import { envelope, frame } from '../../../core/plugin.ts'
import { Random } from '../../../test/kit/random.ts'
import type { FilterSample, SampleEvent } from '../../../test/kit/sample.ts'
import ieee80211 from '../ieee80211/index.ts'

const random = new Random(1)
const NETWORKS = ['02:00:00:00:00:0a', '02:00:00:00:00:0b']
const STATIONS = ['06:00:00:00:00:01', '06:00:00:00:00:02', '06:00:00:00:00:03']

function sample(): SampleEvent {
  const bssid = random.pick(NETWORKS)
  const type = random.pick([4, 5, 8, 0x1d, 0x28])
  const station = random.pick(STATIONS)
  const values = {
    'wlan.fc.type_subtype': type,
    'wlan.fc.retry': random.chance(0.2),
    'wlan.bssid': bssid,
    'wlan.ta': type === 4 ? station : bssid,
    ...(type === 0x28 && { 'wlan.staa': station }),
    ...(type === 8 && { 'wlan.ssid': random.chance(0.9) ? 'home' : 'other', 'wlan.ssid_hex': random.chance(0.9) ? '686f6d65' : '6f74686572' }),
    ...(random.chance(0.9) && { 'wlan_radio.channel': random.chance(0.9) ? 6 : 11, 'wlan_radio.signal_dbm': -40 - random.below(40) }),
    'frame.len': 100 + random.below(100),
  }
  return {
    fill: (event) => {
      for (const [path, value] of Object.entries(values)) event.set(path, value)
    },
  }
}

export default {
  configs: [{}, { interval_s: 1, of: ['station'] }, { interval_s: 20, max_groups: 2 }],
  tables: [envelope, frame, ...ieee80211.fields],
  events: Array.from({ length: 150 }, sample),
} satisfies FilterSample
