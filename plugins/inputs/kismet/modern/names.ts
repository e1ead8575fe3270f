/**
 * Which fields of Kismet's JSON are wanted, and which of ours they become. Names differ between releases; all that are known are asked for, under an alias
 * where the path is long or the name not in every release, so that an unknown one comes back as 0 under that alias.
 */
import type { RecordKey } from '../fields.ts'

/** How a value is read. Kismet writes 0 for whatever it does not have. */
export type Reading =
  | 'text'
  | 'mac'
  | 'count'
  | 'seconds'
  | 'dbm'
  | 'float'
  | 'flag'
  | 'khz'
  | 'channel'
  | 'ssid'
  | 'words'
  | 'frequencies'
  | 'uuids'
  | 'u64'
  | 'best'
  | 'mean'
  | 'low'
  | 'high'

export interface Wanted {
  /** From the record down, as `fields` takes it. */
  readonly path: readonly string[]
  readonly alias: string | undefined
  readonly key: RecordKey
  readonly as: Reading
  /** Of the name of a network: where its length stands. */
  readonly length?: Pick<Wanted, 'path' | 'alias'>
}

function wanted(key: RecordKey, as: Reading, path: string, alias?: string): Wanted {
  return { key, as, path: path.split('/'), alias }
}

/** The name of a network; its length stands beside it. */
function ssid(path: string, alias?: string): Wanted {
  return { ...wanted('ssid', 'ssid', path, alias), length: { path: `${path}len`.split('/'), alias: alias && `${alias}_len` } }
}

const BASE = 'kismet.device.base.'
const SIGNAL = `${BASE}signal/kismet.common.signal.`
const PLACE = `${BASE}location/kismet.common.location.`
const POINT = '/kismet.common.location.'
const DOT11 = 'dot11.device/dot11.device.'

export const DEVICE: readonly Wanted[] = [
  wanted('key', 'text', `${BASE}key`),
  wanted('mac', 'mac', `${BASE}macaddr`),
  wanted('type_name', 'text', `${BASE}type`),
  wanted('name', 'text', `${BASE}commonname`),
  wanted('phy', 'text', `${BASE}phyname`),
  wanted('manuf', 'text', `${BASE}manuf`),
  wanted('firsttime', 'seconds', `${BASE}first_time`),
  wanted('lasttime', 'seconds', `${BASE}last_time`),
  wanted('modtime', 'seconds', `${BASE}mod_time`),
  wanted('packets', 'count', `${BASE}packets.total`),
  wanted('llcpackets', 'count', `${BASE}packets.llc`),
  wanted('datapackets', 'count', `${BASE}packets.data`),
  wanted('cryptpackets', 'count', `${BASE}packets.crypt`),
  wanted('error_packets', 'count', `${BASE}packets.error`),
  wanted('filtered', 'count', `${BASE}packets.filtered`),
  wanted('rx_packets', 'count', `${BASE}packets.rx_total`, 'rx_total'),
  wanted('rx_packets', 'count', `${BASE}packets.rx`, 'rx'),
  wanted('tx_packets', 'count', `${BASE}packets.tx_total`, 'tx_total'),
  wanted('tx_packets', 'count', `${BASE}packets.tx`, 'tx'),
  wanted('datasize', 'count', `${BASE}datasize`),
  wanted('channel', 'channel', `${BASE}channel`),
  wanted('frequency_mhz', 'khz', `${BASE}frequency`),
  wanted('freq_mhz', 'frequencies', `${BASE}freq_khz_map`),
  wanted('num_alerts', 'count', `${BASE}num_alerts`),
  wanted('crypt', 'words', `${BASE}crypt`),
  wanted('seenby', 'uuids', `${BASE}seenby/kismet.common.seenby.uuid`, 'seenby'),
  wanted('signal_dbm', 'dbm', `${SIGNAL}last_signal`, 'last_signal'),
  wanted('noise_dbm', 'dbm', `${SIGNAL}last_noise`, 'last_noise'),
  wanted('minsignal_dbm', 'dbm', `${SIGNAL}min_signal`, 'min_signal'),
  wanted('minnoise_dbm', 'dbm', `${SIGNAL}min_noise`, 'min_noise'),
  wanted('maxsignal_dbm', 'dbm', `${SIGNAL}max_signal`, 'max_signal'),
  wanted('maxnoise_dbm', 'dbm', `${SIGNAL}max_noise`, 'max_noise'),
  wanted('maxseenrate', 'count', `${SIGNAL}maxseenrate`, 'maxseenrate'),
  wanted('encodingset', 'count', `${SIGNAL}encodingset`, 'encodingset'),
  wanted('carrierset', 'count', `${SIGNAL}carrierset`, 'carrierset'),
  wanted('bestlat', 'best', `${SIGNAL}peak_loc${POINT}geopoint`, 'peak_geopoint'),
  wanted('bestalt', 'float', `${SIGNAL}peak_loc${POINT}alt`, 'peak_alt'),
  wanted('agglat', 'mean', `${PLACE}avg_loc${POINT}geopoint`, 'avg_geopoint'),
  wanted('aggalt', 'float', `${PLACE}avg_loc${POINT}alt`, 'avg_alt'),
  wanted('minlat', 'low', `${PLACE}min_loc${POINT}geopoint`, 'min_geopoint'),
  wanted('maxlat', 'high', `${PLACE}max_loc${POINT}geopoint`, 'max_geopoint'),
  wanted('bssid', 'mac', `${DOT11}last_bssid`, 'last_bssid'),
  ssid(`${DOT11}last_beaconed_ssid_record/dot11.advertisedssid.ssid`, 'last_ssid'),
  wanted('clients', 'count', `${DOT11}num_associated_clients`, 'num_associated_clients'),
  wanted('disconnects', 'count', `${DOT11}client_disconnects`, 'client_disconnects'),
  wanted('retries_total', 'count', `${DOT11}num_retries`, 'num_retries'),
  wanted('fragments_total', 'count', `${DOT11}num_fragments`, 'num_fragments'),
  wanted('bsstimestamp', 'u64', `${DOT11}bss_timestamp`, 'bss_timestamp'),
]

/** What every record of a device must have, to tell it from others. */
export const DEVICE_ID = [`${BASE}key`, `${BASE}macaddr`, `${BASE}mod_time`, `${BASE}last_time`, `${BASE}packets.total`] as const

const ADVERTISED = 'dot11.advertisedssid.'
const PROBED = 'dot11.probedssid.'

/** Of the SSID's half of an event; the device's half has only what is asked of `DEVICE_ID`. */
export const SSID: readonly Wanted[] = [
  ssid(`${ADVERTISED}ssid`),
  ssid(`${PROBED}ssid`),
  wanted('checksum', 'count', `${ADVERTISED}ietag_checksum`),
  wanted('firsttime', 'seconds', `${ADVERTISED}first_time`),
  wanted('firsttime', 'seconds', `${PROBED}first_time`),
  wanted('lasttime', 'seconds', `${ADVERTISED}last_time`),
  wanted('lasttime', 'seconds', `${PROBED}last_time`),
  wanted('cloaked', 'flag', `${ADVERTISED}cloaked`),
  wanted('crypt', 'words', `${ADVERTISED}crypt_string`),
  wanted('crypt', 'words', `${PROBED}crypt_string`),
  wanted('maxrate', 'float', `${ADVERTISED}maxrate`),
  wanted('beaconrate', 'count', `${ADVERTISED}beaconrate`),
  wanted('country', 'text', `${ADVERTISED}dot11d_country`),
  wanted('channel', 'channel', `${ADVERTISED}channel`),
]
export const SSID_DEVICE: readonly Wanted[] = [
  wanted('key', 'text', `${BASE}key`),
  wanted('mac', 'mac', `${BASE}macaddr`),
  wanted('bssid', 'mac', `${DOT11}last_bssid`, 'last_bssid'),
]

export const ALERT: readonly Wanted[] = [
  wanted('header', 'text', 'kismet.alert.header'),
  wanted('class', 'text', 'kismet.alert.class'),
  wanted('severity', 'count', 'kismet.alert.severity'),
  wanted('bssid', 'mac', 'kismet.alert.transmitter_mac'),
  wanted('source', 'mac', 'kismet.alert.source_mac'),
  wanted('dest', 'mac', 'kismet.alert.dest_mac'),
  wanted('other', 'mac', 'kismet.alert.other_mac'),
  wanted('channel', 'channel', 'kismet.alert.channel'),
  wanted('frequency_mhz', 'khz', 'kismet.alert.frequency'),
  wanted('text', 'text', 'kismet.alert.text'),
  wanted('key', 'text', 'kismet.alert.device_key'),
  wanted('agglat', 'mean', `kismet.alert.location${POINT}geopoint`),
]
export const ALERT_TIME = 'kismet.alert.timestamp'

export const MESSAGE: readonly Wanted[] = [
  wanted('text', 'text', 'kismet.messagebus.message_string'),
  wanted('flags', 'count', 'kismet.messagebus.message_flags'),
]
export const MESSAGE_TIME = 'kismet.messagebus.message_time'

const SOURCE_BASE = 'kismet.datasource.'
export const SOURCE: readonly Wanted[] = [
  wanted('uuid', 'text', `${SOURCE_BASE}uuid`),
  wanted('name', 'text', `${SOURCE_BASE}name`),
  wanted('interface', 'text', `${SOURCE_BASE}interface`),
  wanted('running', 'flag', `${SOURCE_BASE}running`),
  wanted('paused', 'flag', `${SOURCE_BASE}paused`),
  wanted('error', 'flag', `${SOURCE_BASE}error`),
  wanted('warning', 'text', `${SOURCE_BASE}error_reason`),
  wanted('channel', 'channel', `${SOURCE_BASE}channel`),
  wanted('hop', 'flag', `${SOURCE_BASE}hopping`),
  wanted('velocity', 'float', `${SOURCE_BASE}hop_rate`),
  wanted('packets', 'count', `${SOURCE_BASE}num_packets`),
  wanted('error_packets', 'count', `${SOURCE_BASE}num_error_packets`),
  wanted('source_type', 'text', `${SOURCE_BASE}type_driver/kismet.datasource.driver.type`, 'driver'),
]

const SYSTEM = 'kismet.system.'
export const BATTERY: readonly Wanted[] = [
  wanted('percentage', 'count', `${SYSTEM}battery.percentage`),
  wanted('charging', 'text', `${SYSTEM}battery.charging`),
  wanted('ac', 'flag', `${SYSTEM}battery.ac`),
  wanted('remaining', 'count', `${SYSTEM}battery.remaining`),
]
export const STATISTICS: readonly Wanted[] = [
  wanted('devices', 'count', `${SYSTEM}devices.count`),
  wanted('memory_kb', 'count', `${SYSTEM}memory.rss`),
]
export const PACKETCHAIN: readonly Wanted[] = [
  wanted('rate', 'float', 'kismet.packetchain.packets_rrd/kismet.common.rrd.last_value'),
  wanted('dropped', 'count', 'kismet.packetchain.dropped_packets_rrd/kismet.common.rrd.last_value'),
]

/** Form of the position records of the event bus. */
export const LOCATION = 'kismet.common.location.'
export const SYSTEM_TIME = `${SYSTEM}timestamp.sec`

/** What is asked for in `fields`: names, or pairs of path and alias. */
export function askFor(...lists: readonly (readonly Wanted[])[]): (string | [string, string])[] {
  const all = lists.flat().flatMap((one) => (one.length ? [one, one.length] : [one]))
  return all.map(({ path, alias }) => (alias === undefined ? path.join('/') : [path.join('/'), alias]))
}
