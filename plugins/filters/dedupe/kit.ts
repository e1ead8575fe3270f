/** What the kit checks `dedupe` with. */
import { envelope, frame } from '../../../core/plugin.ts'
import { Random } from '../../../test/kit/random.ts'
import type { FilterSample, SampleEvent } from '../../../test/kit/sample.ts'
import ieee80211 from '../ieee80211/index.ts'

const random = new Random(1)

/** Few frames of two transmitters, each heard by up to three sensors. */
function sample(): SampleEvent {
  const values = {
    'wlan.fc.type_subtype': random.pick([8, 0x28]),
    'wlan.fc.retry': false,
    'wlan.ta': `02:00:00:00:00:0${random.below(2)}`,
    'wlan.ra': 'ff:ff:ff:ff:ff:ff',
    ...(random.chance(0.9) && { 'wlan.seq': random.below(4), 'wlan.frag': 0 }),
    ...(random.chance(0.9) && { 'wlan_radio.signal_dbm': -40 - random.below(40) }),
    ...(random.chance(0.7) && { 'frame.interface_id': random.below(3) }),
  }
  return {
    fill: (event) => {
      for (const [path, value] of Object.entries(values)) event.set(path, value)
    },
  }
}

export default {
  configs: [
    { window_ms: 3000 },
    { window_ms: 60_000, max_frames: 3 },
    { keep: 'first', window_ms: 3000 },
    { keep: 'first', window_ms: 60_000, max_frames: 3, when: 'wlan.ta' },
  ],
  tables: [envelope, frame, ...ieee80211.fields],
  events: Array.from({ length: 150 }, sample),
} satisfies FilterSample
