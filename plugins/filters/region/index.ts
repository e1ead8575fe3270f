/** Says which subdivision of a country the sensor was in, by a file with the borders, which is read and watched on the main thread (feed.ts). */
import { Text, Texts } from '../../../core/event/texts.ts'
import type { Event, FilterPlugin } from '../../../core/plugin.ts'
import { Areas } from './areas.ts'
import { region } from './fields.ts'

const config = {
  type: 'object',
  required: ['file'],
  properties: {
    file: {
      type: 'string',
      minLength: 1,
      description: 'GeoJSON with the borders: a FeatureCollection of polygons. It is read again when it has changed.',
    },
    code: { type: 'string', minLength: 1, default: 'iso_3166_2', description: 'Property of its features that holds the code.' },
    name: { type: 'string', minLength: 1, default: 'name', description: 'Property of its features that holds the name.' },
  },
} as const

/** Where the filter `geo` puts the sensor's position. */
const POSITION = 'observer.geo.location'

export default {
  kind: 'filter',
  summary: 'Says which subdivision the sensor was in, by borders in a GeoJSON file.',
  config,
  fields: [region],
  feed: {
    start: async ({ file, code, name }, context) =>
      (await import('./feed.ts')).publishAreas({ file, code: code as string, name: name as string }, context),
  },
  create(_, { fields, event: pipeline, feed }) {
    const position = fields.find(POSITION)?.number
    if (position === undefined) throw new Error(`there is no ${POSITION}; the filter geo sets it, and comes before this one`)
    const base = fields.base(region)
    const texts = new Texts(pipeline)
    let bytes: Uint8Array | undefined
    let areas: Areas | undefined
    // A sensor stands still for most of its frames.
    let [lat, lon] = [Number.NaN, Number.NaN]
    let found: readonly (readonly [field: number, text: Text])[] = []
    /** As many as there are codes and names. */
    const known = new Map<string, Text>()

    function textOf(words: string): Text {
      let text = known.get(words)
      if (text === undefined) known.set(words, (text = new Text(Buffer.from(words))))
      return text
    }

    function look(): void {
      const area = areas?.at(lat, lon)
      found = (
        [
          ['code', area?.code],
          ['name', area?.name],
        ] as const
      ).flatMap(([key, text]) => (text === undefined ? [] : [[base + region.at[key], textOf(text)] as const]))
    }

    return {
      apply(event: Event) {
        if (!event.present(position)) return
        if (feed.bytes !== bytes || event.a[position] !== lat || event.b[position] !== lon) {
          if (feed.bytes !== bytes) {
            bytes = feed.bytes
            areas = bytes && new Areas(bytes)
          }
          lat = event.a[position]
          lon = event.b[position]
          look()
        }
        for (const [field, text] of found) {
          const place = texts.place(event, text)
          if (event.present(field)) event.replace(field, place, text.bytes.length)
          else event.put(field, place, text.bytes.length)
        }
      },
    }
  },
} satisfies FilterPlugin<typeof config>
