/** Streams that need not be written out. */
import type { AttributeConfig, AttributeType, StreamConfig } from './streams.ts'

/** `name type from`, or `name type` for a field of that name below the prefix. */
function attributes(prefix: string, rows: string): AttributeConfig[] {
  return rows
    .trim()
    .split('\n')
    .map((row) => {
      const [name, type, from = prefix + name] = row.trim().split(/\s+/)
      return { name, type: type as AttributeType, from }
    })
}

/** What is sent twice has the same one. */
const KEY = { event_id: 'event.id' } as const

export const PRESETS = {
  /** The stream of the bridges of 2016: all text, in this order. */
  kismet_2016: {
    name: 'rpi_kismet_stream_in',
    version: '1.0.0',
    payload: [
      'bssid',
      'mac',
      'lasttime',
      'type',
      'llcpackets',
      'datapackets',
      'cryptpackets',
      'signal_dbm',
      'bestlat',
      'bestlon',
      'bestalt',
      'channel',
      'datasize',
      'newpackets',
    ].map((name) => ({ name, type: 'STRING', from: `kismet.${name}` })),
    arbitrary: KEY,
  },
  /** Frames that the filter `ieee80211` has decoded. */
  frames: {
    name: 'wherry.frames',
    version: '1.0.0',
    nickname: 'WiFi frames',
    meta: attributes('', 'event_id STRING event.id\nsensor STRING observer.name'),
    payload: attributes(
      '',
      `type_subtype INT wlan.fc.type_subtype
       type_name STRING wlan.fc.name
       ta STRING wlan.ta
       ra STRING wlan.ra
       sa STRING wlan.sa
       da STRING wlan.da
       bssid STRING wlan.bssid
       ssid STRING wlan.ssid
       channel INT wlan_radio.channel
       frequency_mhz INT wlan_radio.frequency
       signal_dbm INT wlan_radio.signal_dbm
       data_rate DOUBLE wlan_radio.data_rate
       len INT frame.len`,
    ),
  },
  /** Devices, networks and clients that the input `kismet` reads. */
  devices: {
    name: 'wherry.devices',
    version: '1.0.0',
    nickname: 'WiFi devices',
    meta: attributes('', 'event_id STRING event.id\nsensor STRING observer.name'),
    payload: attributes(
      'kismet.',
      `dataset STRING event.dataset
       mac STRING
       bssid STRING
       type_name STRING
       manuf STRING
       channel INT
       firsttime LONG
       lasttime LONG
       packets LONG
       datasize LONG
       signal_dbm INT
       bestlat DOUBLE
       bestlon DOUBLE
       bestalt DOUBLE`,
    ),
  },
} as const satisfies Record<string, StreamConfig>
