import { type Field, fieldTable } from '../../../core/plugin.ts'

const SOURCE = 'filter summary'

function count(name: string, description: string, unit?: string): Field {
  return { path: `summary.${name}`, type: 'int', description, source: SOURCE, ...(unit !== undefined && { unit }) }
}

/** Codes of `summary.of`. */
export const OF = { bssid: 1, station: 2, channel: 3 } as const

export const summary = fieldTable('summary', {
  of: {
    path: 'summary.of',
    type: 'name',
    names: { 1: 'bssid', 2: 'station', 3: 'channel' },
    description: 'What is summed up: a network by its BSSID, a station, or a channel.',
    source: SOURCE,
  },
  bssid: {
    path: 'summary.bssid',
    type: 'mac',
    class: 'device_address',
    description: 'The network; of a station the one it was heard with.',
    source: 'wlan.bssid',
  },
  station: { path: 'summary.station', type: 'mac', class: 'device_address', description: 'The station.', source: 'wlan.staa, or who probes' },
  channel: { path: 'summary.channel', type: 'int', description: 'The channel; of networks and stations the last one.', source: 'wlan_radio.channel' },
  ssid: { path: 'summary.ssid', type: 'text', class: 'ssid', description: 'Name of the network, when it is valid UTF-8.', source: 'wlan.ssid' },
  ssidHex: { path: 'summary.ssid_hex', type: 'bytes', class: 'ssid', description: 'Bytes of the name.', source: 'wlan.ssid_hex' },
  start: { path: 'summary.start', type: 'time', description: 'Capture time of the first frame.', source: '@timestamp' },
  end: { path: 'summary.end', type: 'time', description: 'Capture time of the last frame.', source: '@timestamp' },
  frames: count('frames', 'Frames.'),
  bytes: count('bytes', 'Bytes of the frames, with capture headers.', 'bytes'),
  management: count('management', 'Management frames.'),
  control: count('control', 'Control frames.'),
  data: count('data', 'Data frames.'),
  retries: count('retries', 'Frames that were sent again.'),
  signalMin: count('signal_min_dbm', 'Weakest signal.', 'dBm'),
  signalMax: count('signal_max_dbm', 'Strongest signal.', 'dBm'),
  signalMean: { path: 'summary.signal_mean_dbm', type: 'float', unit: 'dBm', description: 'Mean of the signals.', source: SOURCE },
  changed: {
    path: 'summary.changed',
    type: 'text',
    description: 'The summary ends before its interval, since this field has another value from here on.',
    source: SOURCE,
  },
})
