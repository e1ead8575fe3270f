/** What is told of each address. */
import { type Field, fieldTable } from '../../../core/plugin.ts'

/** Fields of which something can be told. */
export const ADDRESSES = [
  'wlan.ta',
  'wlan.sa',
  'wlan.bssid',
  'wlan.staa',
  'wlan.ra',
  'wlan.da',
  'assoc.client',
  'kismet.mac',
  'kismet.bssid',
  'kismet.source',
] as const

/** ieee80211 says it of the transmitter already. */
const KNOWN = 'wlan.ta_random'

export const vendors = fieldTable(
  'vendor',
  Object.fromEntries(
    ADDRESSES.flatMap((path): [string, Field][] => [
      [
        `${path}_vendor`,
        { path: `${path}_vendor`, type: 'text', description: `Organisation that ${path} belongs to.`, source: 'IEEE registration authority' },
      ],
      ...(`${path}_random` === KNOWN
        ? []
        : ([
            [
              `${path}_random`,
              {
                path: `${path}_random`,
                type: 'bool',
                description: `${path} is locally administered, so likely random.`,
                source: 'IEEE 802-2014 8.4',
              },
            ],
          ] as [string, Field][])),
    ]),
  ),
)
