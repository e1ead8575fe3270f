/** What the kit checks `geo` with. */
import { envelope, fieldTable, frame } from '../../../core/plugin.ts'
import type { FilterSample } from '../../../test/kit/sample.ts'

const described = { description: 'A field of the sample.' } as const

const sample = fieldTable('sample', {
  ta: { path: 'wlan.ta', type: 'mac', class: 'device_address', ...described },
  signal: { path: 'wlan_radio.signal_dbm', type: 'int', ...described },
  lat: { path: 'ppi_gps.lat', type: 'float', class: 'position', ...described },
  lon: { path: 'ppi_gps.lon', type: 'float', class: 'position', ...described },
  source: { path: 'ip.src', type: 'ip', class: 'network_address', ...described },
})

/** Fixes all over the time in which random events lie. */
const values = Array.from({ length: 50 }, (_, i) => [i * 4e10, 3, 50 + i / 100, 8 + i / 100, 100, 5, Number.NaN, Number.NaN])

export default {
  configs: [
    {},
    { position: { fixed: { lat: 52.09, lon: 4.31, alt: 3 } }, geohash: 7, country: true, h3: 9 },
    {
      position: { from: ['gpsd', 'fixed'], fixed: { lat: 1, lon: 2 }, max_age_ms: 1e12 },
      fences: {
        site: [
          { lat: 49, lon: 7 },
          { lat: 51, lon: 7 },
          { lat: 50, lon: 10 },
        ],
      },
    },
    { position: { from: 'gpsd', max_age_ms: 1e12 }, transmitters: 100 },
  ],
  tables: [envelope, frame, sample],
  feed: { values },
} satisfies FilterSample
