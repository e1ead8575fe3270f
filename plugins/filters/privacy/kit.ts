/** What the kit checks `privacy` with. */
import { envelope, fieldTable, frame } from '../../../core/plugin.ts'
import type { FilterSample } from '../../../test/kit/sample.ts'

const described = { description: 'A field of the sample.' } as const

/** A field of each class and type that something is done to. */
const sample = fieldTable('sample', {
  mac: { path: 'sample.mac', type: 'mac', class: 'device_address', ...described },
  macs: { path: 'sample.macs', type: 'mac', list: true, class: 'device_address', ...described },
  key: { path: 'sample.key', type: 'text', class: 'device_address', ...described },
  raw: { path: 'sample.raw', type: 'bytes', class: 'device_address', ...described },
  ip: { path: 'sample.ip', type: 'ip', class: 'network_address', ...described },
  ips: { path: 'sample.ips', type: 'ip', list: true, class: 'network_address', ...described },
  name: { path: 'sample.name', type: 'text', class: 'ssid', ...described },
  owner: { path: 'sample.owner', type: 'text', class: 'identity', ...described },
  text: { path: 'sample.text', type: 'text', list: true, class: 'payload', ...described },
  place: { path: 'sample.place', type: 'point', class: 'position', ...described },
  lat: { path: 'sample.lat', type: 'float', unit: 'deg', class: 'position', ...described },
})

export default {
  configs: [
    {},
    { addresses: 'remove', keep_ssids: 'all', period_s: 0 },
    { keep_oui: true, network_addresses: 'truncate', position_decimals: 2, exempt: ['02:00:00', '04:00:00:00:00:00/7'], keep_ssids: 'none' },
    { counts_only: { interval_s: 60, min_devices: 1 } },
  ],
  tables: [envelope, frame, sample],
  feed: { bytes: new Uint8Array(32).fill(7) },
} satisfies FilterSample
