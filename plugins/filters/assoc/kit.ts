/** What the kit checks `assoc` with. */
import { envelope, frame } from '../../../core/plugin.ts'
import { Random } from '../../../test/kit/random.ts'
import type { FilterSample, SampleEvent } from '../../../test/kit/sample.ts'
import ieee80211 from '../ieee80211/index.ts'

const random = new Random(1)
const ADDRESSES = ['02:00:00:00:00:0a', '02:00:00:00:00:0c', '06:00:00:00:00:0b', '06:00:00:00:00:0d', 'ff:ff:ff:ff:ff:ff']
const TYPES = [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x08, 0x0a, 0x0b, 0x0c, 0x0d, 0x1a, 0x1d, 0x20, 0x24, 0x28, 0x2c]

/** Frames between few stations, so that they lead to all states. */
function sample(): SampleEvent {
  const [from, to] = random.shuffle(ADDRESSES)
  const values = {
    'wlan.fc.type_subtype': random.pick(TYPES),
    'wlan.ta': from,
    'wlan.ra': to,
    'wlan.bssid': random.pick([from, to]),
    'wlan.fc.protected': random.chance(0.5),
    ...(random.chance(0.8) && { 'wlan.staa': random.pick([from, to]) }),
    ...(random.chance(0.8) && { 'wlan.fixed.status_code': random.below(2) }),
    ...(random.chance(0.5) && { 'wlan.ssid': random.pick(['home', 'grüße', '']) }),
    ...(random.chance(0.5) && { 'wlan.rsn.capabilities.mfpc': true, 'wlan.rsn.capabilities.mfpr': random.chance(0.5) }),
    ...(random.chance(0.5) && { 'wlan.fcs.status': random.below(3) }),
  }
  return {
    fill: (event) => {
      for (const [path, value] of Object.entries(values)) event.set(path, value)
    },
  }
}

export default {
  configs: [{}, { max_clients: 1, forget_after_s: 5 }],
  tables: [envelope, frame, ...ieee80211.fields],
  events: Array.from({ length: 150 }, sample),
} satisfies FilterSample
