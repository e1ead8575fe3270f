/** A GPS fix as the main half publishes it: a value of the feed. NaN is "not said". */
export const FIX = { mode: 0, lat: 1, lon: 2, alt: 3, accuracy: 4, speed: 5, heading: 6 } as const
export const FIX_WIDTH = 7

/** Whether two numbers are a place on Earth. 0, 0 is what devices say that have none. */
export function isPlace(lat: number, lon: number): boolean {
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 && (lat !== 0 || lon !== 0)
}

const EARTH_M = 6_371_000
const RADIANS = Math.PI / 180

/** Metres between two places, along a great circle. */
export function distance(lat1: number, lon1: number, lat2: number, lon2: number): number {
  const half = (degrees: number) => Math.sin((degrees * RADIANS) / 2) ** 2
  const h = half(lat2 - lat1) + Math.cos(lat1 * RADIANS) * Math.cos(lat2 * RADIANS) * half(lon2 - lon1)
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)))
}
