/** What the legacy protocol means by its words: numbers of kinds, bits of encryption, and the values that stand for "no data". */
import type { RecordKey } from '../fields.ts'

/** Names of `type`, by sentence. */
export const TYPES: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  BSSID: { 0: 'access point', 1: 'ad-hoc', 2: 'probing station', 3: 'turbocell', 4: 'data only', 255: 'mixed', 256: 'removed' },
  CLIENT: { 0: 'unknown', 1: 'wired', 2: 'wireless', 3: 'inter-access-point', 4: 'established', 5: 'ad-hoc', 6: 'removed' },
  SSID: { 0: 'beacon', 1: 'probe response', 2: 'probe request', 3: 'from file' },
}

/** Names of the bits of `cryptset`, from the lowest. */
export const CRYPT = [
  'unknown',
  'WEP',
  'layer 3',
  'WEP40',
  'WEP104',
  'TKIP',
  'WPA',
  'PSK',
  'AES-OCB',
  'AES-CCM',
  'LEAP',
  'TTLS',
  'TLS',
  'PEAP',
  'ISAKMP',
  'PPTP',
  'Fortress',
  'Keyguard',
  'unknown non-WEP',
  'WPA migration mode',
  'WPA version 1',
  'WPA version 2',
]

/** The bit of WEP is set for whatever is protected; beside WPA it means no more than that. */
export function cryptNames(bits: number): string[] {
  if (bits === 0) return ['none']
  const names = CRYPT.filter((_, bit) => Math.floor(bits / 2 ** bit) % 2 === 1)
  return names.includes('WPA') ? names.filter((name) => name !== 'WEP') : names
}

/** Numbers that mean "never had one". */
const NOTHING: Readonly<Partial<Record<RecordKey, readonly number[]>>> = {
  signal_dbm: [0],
  noise_dbm: [0],
  minsignal_dbm: [0],
  minnoise_dbm: [0],
  maxsignal_dbm: [-256, 0],
  maxnoise_dbm: [-256, 0],
  signal_rssi: [0],
  noise_rssi: [0],
  minsignal_rssi: [1024],
  minnoise_rssi: [1024],
  maxsignal_rssi: [0],
  maxnoise_rssi: [0],
  channel: [0],
  minlat: [90],
  maxlat: [-90],
  minlon: [180],
  maxlon: [-180],
  minalt: [100000],
  maxalt: [-100000],
  minspd: [100000],
  maxspd: [-100000],
  firsttime: [0],
  lasttime: [0],
  bsstimestamp: [0],
}

const NONE: readonly number[] = []

export function nothingOf(key: RecordKey): readonly number[] {
  return NOTHING[key] ?? NONE
}

/** Groups of coordinates that are all absent when latitude and longitude are 0. */
export const PLACES: readonly (readonly [lat: RecordKey, lon: RecordKey, alt: RecordKey])[] = [
  ['bestlat', 'bestlon', 'bestalt'],
  ['agglat', 'agglon', 'aggalt'],
]

/** The box of positions is meant only with `gpsfixed`. */
export const BOX: readonly RecordKey[] = ['minlat', 'minlon', 'minalt', 'minspd', 'maxlat', 'maxlon', 'maxalt', 'maxspd']
