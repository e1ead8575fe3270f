/** Named polygons. Edges are straight lines between degrees, which is near enough for what one draws around a site; one may cross the date line. */
export interface Corner {
  readonly lat: number
  readonly lon: number
}

export class Fence {
  readonly #lats: Float64Array
  /** Unwrapped: no edge is longer than half way around. */
  readonly #lons: Float64Array
  readonly #south: number
  readonly #north: number
  readonly #west: number
  readonly #east: number

  constructor(corners: readonly Corner[]) {
    this.#lats = Float64Array.from(corners, ({ lat }) => lat)
    const lons: number[] = []
    for (const { lon } of corners) lons.push(lons.length === 0 ? lon : nearest(lon, lons[lons.length - 1]))
    this.#lons = Float64Array.from(lons)
    this.#south = Math.min(...this.#lats)
    this.#north = Math.max(...this.#lats)
    this.#west = Math.min(...lons)
    this.#east = Math.max(...lons)
  }

  has(lat: number, lon: number): boolean {
    if (lat < this.#south || lat > this.#north) return false
    for (let turn = -360; turn <= 360; turn += 360) {
      const x = lon + turn
      if (x >= this.#west && x <= this.#east && this.#inside(lat, x)) return true
    }
    return false
  }

  #inside(lat: number, lon: number): boolean {
    const lats = this.#lats
    const lons = this.#lons
    let inside = false
    for (let i = 0, j = lats.length - 1; i < lats.length; j = i++) {
      if (lats[i] > lat === lats[j] > lat) continue
      if (lon < ((lons[j] - lons[i]) * (lat - lats[i])) / (lats[j] - lats[i]) + lons[i]) inside = !inside
    }
    return inside
  }
}

/** The same meridian, at most half way around from another. */
function nearest(lon: number, other: number): number {
  return lon - 360 * Math.round((lon - other) / 360)
}
