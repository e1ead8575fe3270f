/** Countries and H3 cells of coordinates. Both packages are heavy, so each is loaded by the first question, in the thread that asks. */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** Answers the ISO 3166-1 code of where a place is, undefined at sea. */
export function countries(): (lat: number, lon: number) => string | undefined {
  let coder: typeof import('@rapideditor/country-coder') | undefined
  return (lat, lon) => {
    coder ??= require('@rapideditor/country-coder') as NonNullable<typeof coder>
    return coder.iso1A2Code([lon, lat], { level: 'territory' }) ?? undefined
  }
}

/** @param resolution 0 to 15 */
export function cells(resolution: number): (lat: number, lon: number) => string {
  let h3: typeof import('h3-js') | undefined
  return (lat, lon) => {
    h3 ??= require('h3-js') as NonNullable<typeof h3>
    return h3.latLngToCell(lat, lon, resolution)
  }
}
