/**
 * Where each transmitter was received most strongly: the best guess of where it is. A direct-mapped table, so a fixed amount of memory; two transmitters that
 * share a place take turns.
 */
export class Strongest {
  readonly #mask: number
  readonly #addresses: Float64Array
  readonly #signals: Float64Array
  readonly #lats: Float64Array
  readonly #lons: Float64Array

  /** @param transmitters how many there is room for; rounded up to a power of two */
  constructor(transmitters: number) {
    const size = 2 ** Math.ceil(Math.log2(transmitters))
    this.#mask = size - 1
    this.#addresses = new Float64Array(size).fill(-1)
    this.#signals = new Float64Array(size)
    this.#lats = new Float64Array(size)
    this.#lons = new Float64Array(size)
  }

  /** Takes a reception into account. @returns the place of the transmitter in the table, -1 when it is not known there */
  hear(address: number, signal: number, lat: number, lon: number): number {
    const at = (Math.imul((address % 2 ** 24) ^ Math.floor(address / 2 ** 24), 0x9e3779b1) >>> 8) & this.#mask
    const known = this.#addresses[at] === address
    if (Number.isNaN(signal) || Number.isNaN(lat)) return known ? at : -1
    if (!known || signal > this.#signals[at]) {
      this.#addresses[at] = address
      this.#signals[at] = signal
      this.#lats[at] = lat
      this.#lons[at] = lon
    }
    return at
  }

  signal(at: number): number {
    return this.#signals[at]
  }

  lat(at: number): number {
    return this.#lats[at]
  }

  lon(at: number): number {
    return this.#lons[at]
  }
}
