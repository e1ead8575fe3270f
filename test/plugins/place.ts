/** Test filter: gives every second event a place, on a line to the north. */
import { type FilterPlugin, fieldTable } from '../../core/plugin.ts'

const place = fieldTable('place', {
  location: { path: 'observer.geo.location', type: 'point', description: 'Where it was heard.' },
})

export const START = { lat: 52.52, lon: 13.405 }
/** Degrees between one frame and the next: 1.1 m. */
export const STEP = 0.00001

export default {
  kind: 'filter',
  summary: 'Puts events on a line, for tests.',
  config: { type: 'object', additionalProperties: false, properties: {} } as const,
  fields: [place],
  create: (_, context) => {
    const [number, location] = [context.field('frame.number'), context.field('observer.geo.location')]
    return {
      apply(event) {
        const n = number.number(event)
        if (n % 2 === 0) location.set(event, { lat: START.lat + n * STEP, lon: START.lon })
      },
    }
  },
} satisfies FilterPlugin
