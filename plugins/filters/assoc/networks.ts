/** What is known of networks, by BSSID: whether it is an access point's address, its name, its protection of management frames, when it sent all away. */
import type { Fields } from '../../../core/plugin.ts'
import { Addresses } from './addresses.ts'
import { Proofs } from './proofs.ts'

/** Protected management frames are possible, required; the address sends beacons or probe responses. */
const CAPABLE = 1
const REQUIRED = 2
const RADIATES = 4

export class Networks {
  readonly addresses: Addresses
  /** The last frame that ended the associations of all clients, where `ended` is not 0. */
  readonly ends: Proofs
  /** When that was, in the count of all changes. */
  readonly ended: Float64Array
  readonly #ssids: (Uint8Array | undefined)[]
  readonly #flags: Uint8Array
  /** Capture time of the last beacon or probe response that was looked at, in seconds. */
  readonly #learned: Float64Array

  constructor(capacity: number, fields: Fields) {
    this.addresses = new Addresses(capacity)
    this.ends = new Proofs(capacity, fields)
    this.ended = new Float64Array(capacity)
    this.#ssids = new Array<Uint8Array | undefined>(capacity).fill(undefined)
    this.#flags = new Uint8Array(capacity)
    this.#learned = new Float64Array(capacity)
  }

  /** The slot of a network, taken if need be; it is the newest then. */
  enter(bssid: number): number {
    const known = this.addresses.find(bssid)
    if (known >= 0) {
      this.addresses.touch(known)
      return known
    }
    const slot = this.addresses.add(bssid)
    this.ended[slot] = this.#flags[slot] = 0
    this.#ssids[slot] = undefined
    return slot
  }

  /** Whether the last beacon or probe response that was looked at is older than so many seconds. */
  stale(bssid: number, now: number, seconds: number): boolean {
    const slot = this.addresses.find(bssid)
    return slot < 0 || (this.#flags[slot] & RADIATES) === 0 || Math.abs(now - this.#learned[slot]) > seconds
  }

  /** A beacon or probe response says what its sender is capable of. */
  learn(slot: number, now: number, capable: boolean, required: boolean): void {
    this.#learned[slot] = now
    this.#flags[slot] = RADIATES | (capable ? CAPABLE : 0) | (required ? REQUIRED : 0)
  }

  name(slot: number, ssid: Uint8Array): void {
    this.#ssids[slot] = ssid
  }

  ssid(slot: number): Uint8Array | undefined {
    return this.#ssids[slot]
  }

  /** Whether management frames between it and a client of this capability are protected. */
  protects(slot: number, capable: boolean): boolean {
    return (this.#flags[slot] & REQUIRED) !== 0 || (capable && (this.#flags[slot] & CAPABLE) !== 0)
  }
}
