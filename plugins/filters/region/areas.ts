/** Areas of a GeoJSON file (RFC 7946), and their packed form between the threads. */
import { deserialize, serialize } from 'node:v8'

export interface Naming {
  /** Properties that hold an area's code and name. */
  readonly code: string
  readonly name: string
}

export interface Area {
  readonly code?: string
  readonly name?: string
  /** Rings of all its polygons, outer ones and holes alike: longitude and latitude in turn, the first corner again at the end. */
  readonly rings: readonly Float64Array[]
}

interface Feature {
  readonly geometry?: { readonly type?: string; readonly coordinates?: unknown } | null
  readonly properties?: Readonly<Record<string, unknown>> | null
}

/**
 * Reads a collection of areas. What is no polygon, or has neither code nor name, is passed over and counted.
 * @throws Error with what is wrong
 */
export function readAreas(text: string, naming: Naming): { areas: Area[]; without: number } {
  const data = JSON.parse(text) as { readonly type?: string; readonly features?: readonly Feature[] } | null
  if (data?.type !== 'FeatureCollection' || !Array.isArray(data.features)) throw new Error('it is no FeatureCollection of GeoJSON')
  const areas: Area[] = []
  for (const [i, feature] of (data.features as readonly (Feature | null)[]).entries()) {
    const [code, name] = [naming.code, naming.name].map((property) => textOf(feature?.properties?.[property]))
    const polygons = polygonsOf(feature?.geometry)
    if (polygons === undefined || (code === undefined && name === undefined)) continue
    areas.push({ code, name, rings: polygons.flat().map((ring) => ringOf(ring, i + 1)) })
  }
  if (areas.length === 0) throw new Error(`it has no polygon with a property ${naming.code} or ${naming.name}`)
  return { areas, without: data.features.length - areas.length }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function polygonsOf(geometry: Feature['geometry']): readonly (readonly unknown[])[] | undefined {
  if (geometry?.type === 'Polygon') return [geometry.coordinates as readonly unknown[]]
  return geometry?.type === 'MultiPolygon' ? (geometry.coordinates as readonly (readonly unknown[])[]) : undefined
}

function ringOf(ring: unknown, feature: number): Float64Array {
  if (!Array.isArray(ring) || ring.length < 4) throw new Error(`feature ${feature} has a ring of fewer than four corners`)
  const corners = new Float64Array(ring.length * 2)
  for (const [i, corner] of (ring as readonly unknown[]).entries()) {
    const [lon, lat] = Array.isArray(corner) ? corner : []
    if (!Number.isFinite(lon) || !Number.isFinite(lat)) throw new Error(`feature ${feature} has a corner without longitude and latitude`)
    corners[i * 2] = lon
    corners[i * 2 + 1] = lat
  }
  return corners
}

export function packAreas(areas: readonly Area[]): Uint8Array {
  return serialize(areas)
}

/** Areas that can be asked for. */
export class Areas {
  readonly #areas: readonly (Area & Box)[]

  constructor(packed: Uint8Array) {
    this.#areas = (deserialize(packed) as Area[]).map((area) => ({ ...area, ...boxOf(area) }))
  }

  /** The first area that has the place. */
  at(lat: number, lon: number): Area | undefined {
    return this.#areas.find(
      (area) => lat >= area.south && lat <= area.north && lon >= area.west && lon <= area.east && isInside(area.rings, lat, lon),
    )
  }
}

interface Box {
  readonly south: number
  readonly north: number
  readonly west: number
  readonly east: number
}

function boxOf({ rings }: Area): Box {
  let [south, north, west, east] = [90, -90, 180, -180]
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      west = Math.min(west, ring[i])
      east = Math.max(east, ring[i])
      south = Math.min(south, ring[i + 1])
      north = Math.max(north, ring[i + 1])
    }
  }
  return { south, north, west, east }
}

/** Even-odd over all rings, by which a hole is outside and an island in it inside again. GeoJSON cuts what crosses the date line in two. */
function isInside(rings: readonly Float64Array[], lat: number, lon: number): boolean {
  let inside = false
  for (const ring of rings) {
    for (let i = 2; i < ring.length; i += 2) {
      const [x0, y0, x1, y1] = [ring[i - 2], ring[i - 1], ring[i], ring[i + 1]]
      if (y0 > lat !== y1 > lat && lon < ((x0 - x1) * (lat - y1)) / (y0 - y1) + x1) inside = !inside
    }
  }
  return inside
}
