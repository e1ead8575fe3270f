/** What the kit checks `vendor` with. */
import { envelope, fieldTable, frame } from '../../../core/plugin.ts'
import type { FilterSample } from '../../../test/kit/sample.ts'
import { packTable } from './table.ts'

const address = { type: 'mac', class: 'device_address', description: 'An address of the sample.' } as const
const addresses = fieldTable('addresses', { ta: { path: 'wlan.ta', ...address }, bssid: { path: 'wlan.bssid', ...address } })

/** Every other prefix of 24 bits has a name, so that random addresses find some. */
const names = Array.from({ length: 256 }, (_, i): [string, string] => [`0000${i.toString(16).padStart(2, '0')}`, `Vendor ${i % 7}`])

export default {
  configs: [{}, { of: ['wlan.bssid'] }],
  tables: [envelope, frame, addresses],
  feed: { bytes: packTable(names, 0) },
} satisfies FilterSample
