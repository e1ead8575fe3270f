/**
 * Tells fixes from jumps. A fix that nothing on the road could have reached since the last one waits for the next: when that one agrees with it, the sensor
 * really is there (a cold start, a flight); when it does not, it was a jump.
 */
import { distance } from './fix.ts'

interface Seen {
  readonly at_ms: number
  readonly lat: number
  readonly lon: number
}

/** Metres that two fixes may differ without any movement. */
const NOISE_M = 100

export class Plausible {
  readonly #max_speed: number
  #last: Seen | undefined
  #doubted: Seen | undefined
  /** Fixes that were not believed. */
  jumps = 0

  /** @param max_speed metres a second */
  constructor(max_speed: number) {
    this.#max_speed = max_speed
  }

  /** Whether to believe a fix. */
  take(at_ms: number, lat: number, lon: number): boolean {
    const now = { at_ms, lat, lon }
    if (this.#reachable(this.#last, now) || (this.#doubted !== undefined && this.#reachable(this.#doubted, now))) {
      this.#last = now
      this.#doubted = undefined
      return true
    }
    this.#doubted = now
    this.jumps++
    return false
  }

  #reachable(from: Seen | undefined, { at_ms, lat, lon }: Seen): boolean {
    if (from === undefined) return true
    return distance(from.lat, from.lon, lat, lon) <= NOISE_M + (this.#max_speed * Math.abs(at_ms - from.at_ms)) / 1000
  }
}
