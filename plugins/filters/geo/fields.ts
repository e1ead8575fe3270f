/** Where the sensor is, where a transmitter is, and where IP addresses are. */
import { type Field, fieldTable } from '../../../core/plugin.ts'

/** Codes of `observer.geo.source`. */
export const SOURCE = { fixed: 1, gpsd: 2, event: 3 } as const

const position = { class: 'position' } as const

export const geo = fieldTable('geo', {
  location: { path: 'observer.geo.location', type: 'point', ...position, description: 'Where the sensor was.', source: 'geo' },
  alt: {
    path: 'observer.geo.alt',
    type: 'float',
    unit: 'm',
    ...position,
    description: 'Altitude of the sensor, above mean sea level.',
    source: 'geo',
  },
  source: {
    path: 'observer.geo.source',
    type: 'name',
    names: { 1: 'fixed', 2: 'gpsd', 3: 'event' },
    description: 'Where the position is from: the config, gpsd, or the record itself.',
    source: 'geo',
  },
  mode: { path: 'observer.geo.fix_mode', type: 'int', description: 'Kind of fix: 2 without, 3 with altitude.', source: 'gpsd, Kismet' },
  age: {
    path: 'observer.geo.age_ms',
    type: 'int',
    unit: 'ms',
    description: 'Time between the record and the fix, before or behind it.',
    source: 'geo',
  },
  stale: { path: 'observer.geo.stale', type: 'bool', description: 'The fix is older than it should be; soon there will be none.', source: 'geo' },
  accuracy: { path: 'observer.geo.accuracy_m', type: 'float', unit: 'm', description: 'Estimated horizontal error.', source: 'gpsd eph, Kismet' },
  speed: { path: 'observer.geo.speed_mps', type: 'float', unit: 'm/s', ...position, description: 'Speed of the sensor.', source: 'gpsd' },
  heading: {
    path: 'observer.geo.heading',
    type: 'float',
    unit: 'degrees',
    description: 'Where the sensor moves to, from true north.',
    source: 'gpsd',
  },
  geohash: { path: 'observer.geo.geohash', type: 'text', ...position, description: 'Geohash of the position.', source: 'geo' },
  h3: { path: 'observer.geo.h3', type: 'text', ...position, description: 'H3 cell of the position.', source: 'h3-js' },
  country: {
    path: 'observer.geo.country_iso_code',
    type: 'text',
    description: 'Country or territory, ISO 3166-1.',
    source: '@rapideditor/country-coder',
  },
  fence: { path: 'geo.fence', type: 'text', list: true, description: 'Fences of the config that the sensor was in.', source: 'geo' },
  transmitter: {
    path: 'wlan.geo.location',
    type: 'point',
    ...position,
    description: 'Best known position of the transmitter: where Kismet, or the sensor, received it most strongly.',
    source: 'geo',
  },
  strongest: {
    path: 'wlan.geo.signal_dbm',
    type: 'int',
    unit: 'dBm',
    description: 'Signal that it was received with there.',
    source: 'geo',
  },
})

const END = ['source', 'destination'] as const

/** What a database says of the ends of an IP packet (ECS names). */
export const geoip = fieldTable(
  'geoip',
  Object.fromEntries(
    END.flatMap((end): [string, Field][] => [
      [`${end}_country`, { path: `${end}.geo.country_iso_code`, type: 'text', description: `Country of the ${end} address.`, source: 'MMDB' }],
      [
        `${end}_region`,
        { path: `${end}.geo.region_iso_code`, type: 'text', description: `Subdivision of the ${end} address, ISO 3166-2.`, source: 'MMDB' },
      ],
      [`${end}_city`, { path: `${end}.geo.city_name`, type: 'text', description: `City of the ${end} address.`, source: 'MMDB' }],
      [`${end}_location`, { path: `${end}.geo.location`, type: 'point', ...position, description: `Place of the ${end} address.`, source: 'MMDB' }],
      [`${end}_as`, { path: `${end}.as.number`, type: 'int', description: `Autonomous system of the ${end} address.`, source: 'MMDB' }],
      [
        `${end}_organization`,
        { path: `${end}.as.organization.name`, type: 'text', description: `Organisation of the ${end} autonomous system.`, source: 'MMDB' },
      ],
    ]),
  ),
)
