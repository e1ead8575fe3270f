/** What the kit checks `region` with. */
import { envelope, frame } from '../../../core/plugin.ts'
import type { FilterSample } from '../../../test/kit/sample.ts'
import { geo } from '../geo/fields.ts'
import { packAreas } from './areas.ts'

const square = (south: number, west: number) => Float64Array.of(west, south, west + 1, south, west + 1, south + 1, west, south + 1, west, south)

export default {
  configs: [{ file: 'borders.geojson' }],
  tables: [envelope, frame, geo],
  events: Array.from({ length: 40 }, (_, i) => ({ fill: (event) => event.set('observer.geo.location', { lat: 52 + (i % 5) / 2, lon: 4.5 }) })),
  feed: {
    bytes: packAreas([
      { code: 'NL-ZH', name: 'Zuid-Holland', rings: [square(52, 4)] },
      { name: 'North of it', rings: [square(53, 4)] },
    ]),
  },
} satisfies FilterSample
