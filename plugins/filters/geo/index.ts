/** Says where the sensor was, where a transmitter is likely to be, and where IP addresses are. */
import { kismetGps } from '../../../core/formats/kismet-gps.ts'
import type { Event, FilterPlugin } from '../../../core/plugin.ts'
import { derivedPlacer } from './derived.ts'
import { endsPlacer } from './ends.ts'
import { geo, geoip } from './fields.ts'
import { FIX_WIDTH, isPlace } from './fix.ts'
import { gpsdAddress } from './report.ts'
import { eventSource, fixedSource, gpsdSource, newPosition, type Source } from './sources.ts'
import { Strongest } from './strongest.ts'

const lat = { type: 'number', minimum: -90, maximum: 90, description: 'Latitude in degrees, north positive.' } as const
const lon = { type: 'number', minimum: -180, maximum: 180, description: 'Longitude in degrees, east positive.' } as const
const SOURCES = ['event', 'gpsd', 'fixed'] as const

const config = {
  type: 'object',
  additionalProperties: false,
  properties: {
    position: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'Where the position of the sensor is from.',
      properties: {
        from: {
          description: 'Sources in the order of preference: event (the record says it), gpsd, fixed. The first that has a position is taken.',
          oneOf: [{ enum: SOURCES }, { type: 'array', items: { enum: SOURCES }, minItems: 1, uniqueItems: true }],
        },
        fixed: {
          type: 'object',
          additionalProperties: false,
          required: ['lat', 'lon'],
          description: 'Position of a sensor that does not move.',
          properties: { lat, lon, alt: { type: 'number', description: 'Altitude in metres.' } },
        },
        gpsd: { type: 'string', minLength: 1, default: '127.0.0.1:2947', description: 'Where gpsd is.' },
        stale_after_ms: { type: 'integer', minimum: 0, default: 3000, description: 'A fix this far from the record is marked as stale.' },
        max_age_ms: { type: 'integer', minimum: 0, default: 30000, description: 'A fix further away is not used.' },
        max_speed_mps: {
          type: 'number',
          exclusiveMinimum: 0,
          default: 100,
          description: 'Fixes that would mean a higher speed are taken for jumps, until a second one agrees.',
        },
      },
    },
    geohash: { type: 'integer', minimum: 0, maximum: 12, default: 0, description: 'Characters of the geohash; 7 is about 150 m. 0: none.' },
    h3: { type: 'integer', minimum: 0, maximum: 15, description: 'Resolution of the H3 cell; 9 is about 200 m. Takes about 13 MB.' },
    country: { type: 'boolean', default: false, description: 'Tell the country. Takes up to 30 MB.' },
    fences: {
      type: 'object',
      default: {},
      additionalProperties: {
        type: 'array',
        minItems: 3,
        items: { type: 'object', additionalProperties: false, required: ['lat', 'lon'], properties: { lat, lon } },
      },
      description: 'Named polygons, each a list of corners; geo.fence has the names of those that the sensor is in.',
    },
    transmitters: {
      type: 'integer',
      minimum: 0,
      maximum: 1_000_000,
      default: 0,
      description: 'Transmitters whose best position is remembered: where the sensor received them most strongly. 0: only what Kismet says.',
    },
    geoip: {
      type: 'string',
      minLength: 1,
      description: 'File of a MaxMind database (MMDB) with places or networks of IP addresses; read again when it changes.',
    },
  },
} as const

interface Sourced {
  readonly from?: string | readonly string[]
  readonly fixed?: object
}

/** Without a word: what records say, then the fixed position. */
function sourcesOf({ from = ['event', 'fixed'] }: Sourced): readonly string[] {
  return [from].flat()
}

export default {
  kind: 'filter',
  summary: 'Says where the sensor was and transmitters are, with country, cells and fences, and where IP addresses are.',
  config,
  // Kismet's position on captured packets is read where its fields are declared.
  fields: [geo, geoip, kismetGps],
  state: ({ transmitters }) => (transmitters > 0 ? 'annotates' : 'none'),
  feed: {
    width: FIX_WIDTH,
    start: async ({ position, geoip: database }, context) => {
      const gpsd = sourcesOf(position as Sourced).includes('gpsd') ? position.gpsd : undefined
      await (await import('./feed/start.ts')).startFeed({ gpsd, max_speed: position.max_speed_mps!, database }, context)
    },
  },
  create({ position, transmitters, geoip: database, fences, ...derived }, { fields, event: pipeline, feed }) {
    const { fixed, gpsd = '127.0.0.1:2947', max_age_ms = 30_000, stale_after_ms = 3000 } = position
    gpsdAddress(gpsd)
    const sources = sourcesOf(position as Sourced).flatMap((name): Source[] => {
      if (name === 'event') return [eventSource(fields)]
      if (name === 'gpsd') return [gpsdSource(fields, feed, max_age_ms)]
      if (fixed) return [fixedSource(fixed)]
      if (position.from === undefined) return []
      throw new Error('position.from names fixed, but there is no position.fixed')
    })
    const base = fields.base(geo)
    const f = geo.at
    const derive = derivedPlacer(
      { ...derived, fences: fences as Record<string, { lat: number; lon: number }[]> },
      { geohash: base + f.geohash, h3: base + f.h3, country: base + f.country, fence: base + f.fence },
      pipeline,
    )
    const placeEnds = database === undefined ? undefined : endsPlacer(fields, feed)
    const strongest = transmitters > 0 ? new Strongest(transmitters) : undefined
    const number = (path: string) => fields.find(path)?.number ?? -1
    const heard = { address: number('wlan.ta'), signal: number('wlan_radio.signal_dbm') }
    const kismet = {
      location: number('kismet.location'),
      lat: number('kismet.bestlat'),
      lon: number('kismet.bestlon'),
      signal: number('kismet.maxsignal_dbm'),
    }
    const now = newPosition()

    function sensor(event: Event): boolean {
      for (let i = 0; i < sources.length; i++) {
        if (!sources[i](event, now)) continue
        event.put(base + f.location, now.lat, now.lon)
        event.put(base + f.source, now.source)
        put(event, f.alt, now.alt)
        put(event, f.mode, now.mode)
        put(event, f.accuracy, now.accuracy)
        put(event, f.speed, now.speed)
        put(event, f.heading, now.heading)
        if (!Number.isNaN(now.age)) {
          event.put(base + f.age, now.age)
          if (now.age > stale_after_ms) event.put(base + f.stale, 1)
        }
        derive(event, now.lat, now.lon)
        return true
      }
      return false
    }

    function put(event: Event, at: number, value: number): void {
      if (!Number.isNaN(value)) event.put(base + at, value)
    }

    const value = (event: Event, field: number) => (field >= 0 && event.present(field) ? event.a[field] : Number.NaN)

    function transmitter(event: Event, placed: boolean): void {
      if (kismet.location >= 0) {
        const signal = value(event, kismet.signal)
        const lat = value(event, kismet.lat)
        const lon = value(event, kismet.lon)
        if (isPlace(lat, lon)) event.put(base + f.transmitter, lat, lon)
        else if (event.present(kismet.location)) event.put(base + f.transmitter, event.a[kismet.location], event.b[kismet.location])
        else return remembered(event, placed)
        put(event, f.strongest, signal)
        return
      }
      remembered(event, placed)
    }

    function remembered(event: Event, placed: boolean): void {
      if (!strongest) return
      const address = value(event, heard.address)
      if (Number.isNaN(address)) return
      // A stale position is no place to remember.
      const fresh = placed && !(now.age > stale_after_ms)
      const at = strongest.hear(address, value(event, heard.signal), fresh ? now.lat : Number.NaN, now.lon)
      if (at < 0) return
      event.put(base + f.transmitter, strongest.lat(at), strongest.lon(at))
      event.put(base + f.strongest, strongest.signal(at))
    }

    return {
      apply(event) {
        event.claim(base, geo.fields.length)
        const placed = sensor(event)
        transmitter(event, placed)
        placeEnds?.(event)
      },
    }
  },
} satisfies FilterPlugin<typeof config>
