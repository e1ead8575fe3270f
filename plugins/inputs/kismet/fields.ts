/**
 * The fields of Kismet's records. Both generations fill the same field where they mean the same; names are those of the legacy protocol, which
 * people's streams and dashboards have, and new ones where it had none.
 */
import type { FieldClass } from '../../../core/event/fields.ts'
import { type Field, type FieldTable, type FieldType, fieldTable } from '../../../core/plugin.ts'

interface More {
  readonly unit?: string
  readonly class?: FieldClass
  readonly list?: true
}

type Row = readonly [type: FieldType, description: string, more?: More]

const ADDRESS = { class: 'device_address' } as const
const NETWORK = { class: 'network_address' } as const
const POSITION = { class: 'position' } as const
const IDENTITY = { class: 'identity' } as const
const SSID = { class: 'ssid' } as const
const DBM = { unit: 'dBm' } as const
const DEGREES = { class: 'position', unit: 'deg' } as const
const METRES = { class: 'position', unit: 'm' } as const
const SECONDS = { unit: 's' } as const

/** A table of fields below `kismet.`; the path is the key. */
function records<const R extends Readonly<Record<string, Row>>>(name: string, prefix: string, source: string, rows: R): FieldTable<keyof R & string> {
  const declared = Object.entries<Row>(rows).map(([key, [type, description, more]]): [string, Field] => [
    key,
    { path: prefix + key, type, description, source, ...more },
  ])
  return fieldTable(name, Object.fromEntries(declared)) as FieldTable<keyof R & string>
}

export const kismetRecord = records('kismet', 'kismet.', 'Kismet', {
  // Who it is about, when and how much: the order in which people's streams have them.
  bssid: ['mac', 'Network the record is about, or that the device was last seen in.', ADDRESS],
  mac: ['mac', 'Station or device the record is about.', ADDRESS],
  lasttime: ['int', 'When Kismet last saw it, in seconds since 1970.', SECONDS],
  type: ['int', 'Kind of network, client or SSID record as the legacy protocol numbers it.'],
  llcpackets: ['int', 'Management and control packets since the server started.'],
  datapackets: ['int', 'Data packets since the server started.'],
  cryptpackets: ['int', 'Encrypted packets since the server started.'],
  signal_dbm: ['int', 'Last signal.', DBM],
  bestlat: ['float', 'Latitude where the strongest signal was received.', DEGREES],
  bestlon: ['float', 'Longitude where the strongest signal was received.', DEGREES],
  bestalt: ['float', 'Altitude where the strongest signal was received.', METRES],
  channel: ['int', 'Channel.'],
  datasize: ['int', 'Bytes of data since the server started.', { unit: 'bytes' }],
  newpackets: ['int', 'Packets since the last record about it; each is counted once, but for what was delivered right before a crash.'],

  key: ['text', "Kismet's own key of the device.", ADDRESS],
  type_name: ['text', 'Kind of network, client, device or SSID record in words.'],
  name: ['text', 'Name of the device, plugin or source.', IDENTITY],
  phy: ['text', 'What kind of radio the device uses: IEEE802.11, Bluetooth …'],
  manuf: ['text', 'Manufacturer by the address.'],
  firsttime: ['int', 'When Kismet first saw it, in seconds since 1970.', SECONDS],
  modtime: ['int', 'When Kismet last changed its record, in seconds since 1970.', SECONDS],
  packets: ['int', 'Packets since the server started.'],
  rx_packets: ['int', 'Packets to it.'],
  tx_packets: ['int', 'Packets from it.'],
  error_packets: ['int', 'Packets with errors.'],
  fragments: ['int', 'Fragments since the last record about it.'],
  retries: ['int', 'Retries since the last record about it.'],
  fragments_total: ['int', 'Fragments since the server started.'],
  retries_total: ['int', 'Retries since the server started.'],
  dupeivpackets: ['int', 'Packets with an initialisation vector seen before.'],
  decrypted: ['int', 'Whether packets are being decrypted, as a number.'],
  frequency_mhz: ['float', 'Frequency it was last seen on.', { unit: 'MHz' }],
  channel_name: ['text', 'Channel with its width, as Kismet writes it: 6HT40.'],
  freq_mhz: ['float', 'Frequencies it was seen on; `freq_packets` has the packets of each.', { unit: 'MHz', list: true }],
  freq_packets: ['int', 'Packets on each of `freq_mhz`.', { list: true }],
  noise_dbm: ['int', 'Last noise.', DBM],
  minsignal_dbm: ['int', 'Weakest signal.', DBM],
  minnoise_dbm: ['int', 'Least noise.', DBM],
  maxsignal_dbm: ['int', 'Strongest signal.', DBM],
  maxnoise_dbm: ['int', 'Most noise.', DBM],
  signal_rssi: ['int', 'Last signal, in units of the adapter.'],
  noise_rssi: ['int', 'Last noise, in units of the adapter.'],
  minsignal_rssi: ['int', 'Weakest signal, in units of the adapter.'],
  minnoise_rssi: ['int', 'Least noise, in units of the adapter.'],
  maxsignal_rssi: ['int', 'Strongest signal, in units of the adapter.'],
  maxnoise_rssi: ['int', 'Most noise, in units of the adapter.'],
  carrierset: ['int', 'Carriers seen: small numbers joined by OR, opaque.'],
  encodingset: ['int', 'Encodings seen: small numbers joined by OR, opaque.'],
  maxseenrate: ['int', 'Highest rate seen, in units of 100 kbit/s.', { unit: '100 kbit/s' }],
  location: ['point', 'Where its strongest signal was received; else the mean position.', POSITION],
  gpsfixed: ['bool', 'Whether there was a position when it was received.'],
  minlat: ['float', 'Southern edge of where it was received.', DEGREES],
  minlon: ['float', 'Western edge of where it was received.', DEGREES],
  minalt: ['float', 'Lowest altitude at which it was received.', METRES],
  minspd: ['float', 'Lowest speed at which it was received.'],
  maxlat: ['float', 'Northern edge of where it was received.', DEGREES],
  maxlon: ['float', 'Eastern edge of where it was received.', DEGREES],
  maxalt: ['float', 'Highest altitude at which it was received.', METRES],
  maxspd: ['float', 'Highest speed at which it was received.'],
  agglat: ['float', 'Mean latitude.', DEGREES],
  agglon: ['float', 'Mean longitude.', DEGREES],
  aggalt: ['float', 'Mean altitude.', METRES],
  aggpoints: ['int', 'Positions in the means.'],
  atype: ['int', 'How the IP addresses were guessed: 0 unknown, 1 UDP, 2 TCP, 3 ARP, 4 DHCP offer.'],
  ip: ['ip', 'IP address of the client.', NETWORK],
  rangeip: ['ip', 'IP range of the network.', NETWORK],
  netmaskip: ['ip', 'Netmask of the network.'],
  gatewayip: ['ip', 'Gateway of the network.', NETWORK],
  dhcphost: ['text', 'Host name in DHCP.', IDENTITY],
  dhcpvendor: ['text', 'Vendor class in DHCP.'],
  cdpdevice: ['text', 'Device in Cisco discovery.', IDENTITY],
  cdpport: ['text', 'Port in Cisco discovery.'],
  bsstimestamp: ['u64', 'Timer of the network.', { unit: 'us' }],
  turbocellnid: ['int', 'Turbocell network.'],
  turbocellmode: ['int', 'Turbocell mode.'],
  turbocellsat: ['int', 'Turbocell satellite.'],
  clients: ['int', 'Clients.'],
  disconnects: ['int', 'Disconnections of clients.'],
  num_alerts: ['int', 'Alerts about the device.'],
  seenby: ['text', 'Sources that received it.', { list: true }],

  ssid: ['text', 'Name of the network, when it is valid UTF-8.', SSID],
  ssid_hex: ['bytes', 'Bytes of the name.', SSID],
  ssid_raw: ['text', 'Name as the server wrote it, where that is not the name itself: with bytes as \\ooo, or garbled so that they are lost.', SSID],
  checksum: ['int', 'Tells the SSIDs of one network apart.'],
  beaconinfo: ['text', 'What a Cisco beacon says of its sender.', IDENTITY],
  cloaked: ['bool', 'Whether the name is hidden.'],
  cryptset: ['u64', 'Encryption as bits of the legacy protocol.'],
  datacryptset: ['u64', 'Encryption of data as bits of the legacy protocol.'],
  crypt: ['text', 'Encryption in words.', { list: true }],
  maxrate: ['float', 'Highest rate offered.', { unit: 'Mbit/s' }],
  beaconrate: ['int', 'Beacons per second that are offered.'],
  beacons: ['int', 'Beacons in the last second.'],
  country: ['text', 'Country code of the beacons.'],
  country_ranges: ['text', 'Channel ranges of the country as start-number-dBm.', { list: true }],
  wps: ['int', 'WiFi protected setup: 0 none, 1 configured, 2 not configured, 4 locked.'],
  wps_manuf: ['text', 'Manufacturer by WiFi protected setup.', IDENTITY],
  wps_device_name: ['text', 'Name by WiFi protected setup.', IDENTITY],
  wps_model_name: ['text', 'Model by WiFi protected setup.'],
  wps_model_number: ['text', 'Model number by WiFi protected setup.'],

  header: ['text', 'Kind of alert: APSPOOF, DEAUTHFLOOD …'],
  class: ['text', 'Class of alert: SPOOF, DENIAL …'],
  severity: ['int', 'Severity of the alert: 0 information, 5 low, 10 medium, 15 high, 20 critical.'],
  source: ['mac', 'Sender.', ADDRESS],
  dest: ['mac', 'Receiver.', ADDRESS],
  other: ['mac', 'Another address that the alert is about.', ADDRESS],
  text: ['text', 'What the alert or message says; often an address.', IDENTITY],
  flags: ['int', 'Kind of message: 1 debug, 2 information, 4 error, 8 alert, 16 fatal.'],
  string: ['text', 'Text found in unencrypted data.', { class: 'payload' }],
  tag: ['text', 'Name of a tag.'],
  value: ['text', 'Value of the tag; empty when it was removed.', IDENTITY],
  origin: ['int', 'Where a WEP key is from: 0 the user, 1 the air.'],
  wepkey: ['text', 'A WEP key in hex.', { class: 'payload' }],
  encrypted: ['int', 'Packets decrypted with the key.'],
  failed: ['int', 'Packets that the key failed for.'],
  failure_id: ['int', 'Number of the critical failure.'],

  uuid: ['text', 'Capture source.'],
  numpackets: ['int', 'Packets of it that this source received.'],
  interface: ['text', 'Interface or file of the source.'],
  username: ['text', 'Name that the user gave the source.'],
  source_type: ['text', 'Driver of the source.'],
  running: ['bool', 'Whether the source runs.'],
  paused: ['bool', 'Whether the source is paused.'],
  error: ['bool', 'Whether the source has failed.'],
  warning: ['text', 'What is wrong with the source.'],
  hop: ['bool', 'Whether the source hops over channels.'],
  velocity: ['float', 'Channels that the source hops to.', { unit: '1/s' }],
  dwell: ['int', 'Seconds that the source stays on a channel.', SECONDS],
  hop_time_sec: ['int', 'When the source last hopped, seconds.'],
  hop_time_usec: ['int', 'When the source last hopped, microseconds.'],
  channellist: ['text', 'Channels that the source hops over.'],
  time_on: ['int', 'Time on the channel.', { unit: 'us' }],
  packetsdelta: ['int', 'Packets on the channel since its last record.'],
  usecused: ['int', 'Time that packets took on the channel.', { unit: 'us' }],
  bytes: ['int', 'Bytes on the channel.', { unit: 'bytes' }],
  bytesdelta: ['int', 'Bytes on the channel since its last record.', { unit: 'bytes' }],
  networks: ['int', 'Networks.'],
  activenetworks: ['int', 'Networks that were active just now.'],

  devices: ['int', 'Devices that the server knows.'],
  memory_kb: ['int', 'Memory of the server.', { unit: 'KiB' }],
  crypt_packets: ['int', 'Encrypted packets that the server has seen.'],
  noise_packets: ['int', 'Packets of noise.'],
  dropped: ['int', 'Packets that the server dropped.'],
  rate: ['float', 'Packets in the last second.', { unit: '1/s' }],
  filtered: ['int', 'Packets that a filter removed.'],
  numsources: ['int', 'Sources.'],
  numerrorsources: ['int', 'Sources that have failed.'],
  percentage: ['int', 'Charge of the battery.', { unit: '%' }],
  charging: ['text', 'Whether and how the battery is being charged.'],
  ac: ['bool', 'Whether the sensor has external power.'],
  remaining: ['int', 'Time that the battery will last.', SECONDS],
  filename: ['text', 'File of the plugin.'],
  version: ['text', 'Version of the plugin.'],
  description: ['text', 'What the plugin is for.'],
  unloadable: ['bool', 'Whether the plugin can be unloaded.'],
  root: ['bool', 'Whether the plugin runs as root.'],
  bt_class: ['text', 'Class of the Bluetooth device.'],
  amp_offset_mdbm: ['int', 'Level of sample 0 of the spectrum.', { unit: 'mdBm' }],
  amp_res_mdbm: ['int', 'Step of a sample of the spectrum.', { unit: 'mdBm' }],
  rssi_max: ['int', 'Highest sample that the spectrum analyser gives.'],
  start_khz: ['int', 'Where the spectrum begins.', { unit: 'kHz' }],
  res_hz: ['int', 'Width of a sample of the spectrum.', { unit: 'Hz' }],
  num_samples: ['int', 'Samples of the spectrum.'],
  samples: ['int', 'The spectrum.', { list: true }],
  values: ['text', 'name=value for each field of a record that is not known here.', { list: true, ...IDENTITY }],
  odd_fields: ['text', 'Fields of the record that could not be read: of another type, out of range, or not known to the server.', { list: true }],
})

/** States of the sensor, made here. */
export const kismetServer = records('kismet_server', 'kismet.server.', 'input', {
  address: ['text', 'Where Kismet was asked for.'],
  generation: ['text', 'legacy (2009 to 2016) or modern.'],
  name: ['text', 'What the server calls itself.'],
  version: ['text', 'Version of the server; the legacy protocol does not say.'],
  start: ['time', 'When the server was started.'],
  restarted: ['bool', 'Whether it is another run of the server than the last one.'],
  reason: ['text', 'Why the sensor is in this state, as far as one can tell.'],
  silent_s: ['int', 'Seconds without a new frame.', SECONDS],
})

/** `stream` and `reason` are those of every input that can have gaps. */
export const kismetGap = fieldTable('kismet_gap', {
  stream: { path: 'gap.stream', type: 'text', description: 'Name of the stream in the checkpoint.', source: 'input' },
  reason: { path: 'gap.reason', type: 'text', description: 'Why it could not be read.', source: 'input' },
  from: { path: 'gap.from', type: 'time', description: 'Up to here everything was read.', source: 'input' },
  to: { path: 'gap.to', type: 'time', description: 'From here on everything is read again.', source: 'input' },
})

export type RecordKey = keyof (typeof kismetRecord)['at']
