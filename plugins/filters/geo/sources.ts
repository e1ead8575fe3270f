/** Where a position of the sensor can come from; each puts one into `Position` when it has one. */
import { type Event, envelope, type FeedView, type Fields } from '../../../core/plugin.ts'
import { SOURCE } from './fields.ts'
import { FIX, isPlace } from './fix.ts'

/** A position of the sensor; NaN is "not said". */
export interface Position {
  source: number
  lat: number
  lon: number
  alt: number
  mode: number
  age: number
  accuracy: number
  speed: number
  heading: number
}

export type Source = (event: Event, into: Position) => boolean

export function newPosition(): Position {
  const { NaN: none } = Number
  return { source: 0, lat: none, lon: none, alt: none, mode: none, age: none, accuracy: none, speed: none, heading: none }
}

function forget(position: Position, source: number): void {
  position.source = source
  position.alt = position.mode = position.age = position.accuracy = position.speed = position.heading = Number.NaN
}

export function fixedSource({ lat, lon, alt = Number.NaN }: { readonly lat: number; readonly lon: number; readonly alt?: number }): Source {
  return (_, into) => {
    forget(into, SOURCE.fixed)
    into.lat = lat
    into.lon = lon
    into.alt = alt
    return true
  }
}

/** The fix nearest to the event's own time. */
export function gpsdSource(fields: Fields, feed: FeedView, max_age_ms: number): Source {
  const time = fields.base(envelope) + envelope.at.timestamp
  const { values } = feed
  return (event, into) => {
    const age = feed.nearest(event.a[time] * 1000 + event.b[time] / 1e6, max_age_ms)
    if (Number.isNaN(age)) return false
    into.source = SOURCE.gpsd
    into.lat = values[FIX.lat]
    into.lon = values[FIX.lon]
    into.alt = values[FIX.alt]
    into.mode = values[FIX.mode]
    into.age = Math.round(age)
    into.accuracy = values[FIX.accuracy]
    into.speed = values[FIX.speed]
    into.heading = values[FIX.heading]
    return true
  }
}

/** What the record says itself: PPI's GPS header, Kismet's option of captured packets, Kismet's own position. */
export function eventSource(fields: Fields): Source {
  const number = (path: string) => fields.find(path)?.number ?? -1
  const ppi = { lat: number('ppi_gps.lat'), lon: number('ppi_gps.lon'), alt: number('ppi_gps.alt') }
  const kismet = {
    location: number('kismet.gps.location'),
    alt: number('kismet.gps.alt'),
    fix: number('kismet.gps.fix'),
    eph: number('kismet.gps.eph'),
  }
  const has = (event: Event, field: number) => field >= 0 && event.present(field)
  const value = (event: Event, field: number) => (has(event, field) ? event.a[field] : Number.NaN)
  return (event, into) => {
    if (has(event, kismet.location) && isPlace(event.a[kismet.location], event.b[kismet.location])) {
      forget(into, SOURCE.event)
      into.lat = event.a[kismet.location]
      into.lon = event.b[kismet.location]
      into.alt = value(event, kismet.alt)
      into.mode = value(event, kismet.fix)
      into.accuracy = value(event, kismet.eph)
      return true
    }
    const lat = value(event, ppi.lat)
    const lon = value(event, ppi.lon)
    if (!isPlace(lat, lon)) return false
    forget(into, SOURCE.event)
    into.lat = lat
    into.lon = lon
    into.alt = value(event, ppi.alt)
    return true
  }
}
