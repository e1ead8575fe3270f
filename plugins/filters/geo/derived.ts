/** What follows from a position: geohash, cell, country, fences. Computed once for each position, since a sensor stands still for most of its frames. */
import { Text, Texts } from '../../../core/event/texts.ts'
import type { Event } from '../../../core/plugin.ts'
import { cells, countries } from './areas.ts'
import { type Corner, Fence } from './fences.ts'
import { geohash } from './geohash.ts'

export interface DerivedOptions {
  /** Characters; 0 for none. */
  readonly geohash: number
  readonly h3?: number
  readonly country: boolean
  readonly fences: Readonly<Record<string, readonly Corner[]>>
}

/** Numbers of the fields. */
export interface DerivedFields {
  readonly geohash: number
  readonly h3: number
  readonly country: number
  readonly fence: number
}

/** @param pipeline its event keeps the names of the fences for good, and the texts of some positions */
export function derivedPlacer(options: DerivedOptions, fields: DerivedFields, pipeline: Event): (event: Event, lat: number, lon: number) => void {
  const country = options.country ? countries() : undefined
  const cell = options.h3 === undefined ? undefined : cells(options.h3)
  const fences = Object.entries(options.fences).map(([name, corners]) => {
    const text = Buffer.from(name)
    return { fence: new Fence(corners), place: pipeline.constant(text), length: text.length }
  })
  const texts = new Texts(pipeline)
  const entries: { readonly field: number; readonly of: (lat: number, lon: number) => string | undefined; text: Text | undefined }[] = []
  if (options.geohash > 0) entries.push({ field: fields.geohash, of: (lat, lon) => geohash(lat, lon, options.geohash), text: undefined })
  if (cell) entries.push({ field: fields.h3, of: cell, text: undefined })
  if (country) entries.push({ field: fields.country, of: country, text: undefined })
  let within: typeof fences = []
  let lastLat = Number.NaN
  let lastLon = Number.NaN

  return (event, lat, lon) => {
    if (lat !== lastLat || lon !== lastLon) {
      lastLat = lat
      lastLon = lon
      for (const entry of entries) {
        const text = entry.of(lat, lon)
        entry.text = text === undefined ? undefined : new Text(Buffer.from(text))
      }
      within = fences.filter(({ fence }) => fence.has(lat, lon))
    }
    for (let i = 0; i < entries.length; i++) {
      const { field, text } = entries[i]
      if (text !== undefined) event.put(field, texts.place(event, text), text.bytes.length)
    }
    if (within.length === 0) return
    const first = event.listEnd
    for (let i = 0; i < within.length; i++) {
      event.push(within[i].place)
      event.push(within[i].length)
    }
    event.put(fields.fence, first, within.length)
  }
}
