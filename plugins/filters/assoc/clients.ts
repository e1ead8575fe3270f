/** What is known of clients, by address. */
import type { Fields } from '../../../core/plugin.ts'
import { Addresses } from './addresses.ts'
import { STATE, type State } from './fields.ts'
import { Proofs } from './proofs.ts'

/** Bits of `flags`. */
export const FLAG = {
  /** Keys are in use, so management frames may be protected. */
  keyed: 1,
  /** The client is capable of protected management frames; it said so as it associated, or in the last request. */
  capable: 2,
  asksCapable: 4,
  /** Data was heard since the last end: from the client, to it. */
  tailUp: 8,
  tailDown: 16,
} as const

export class Clients {
  readonly addresses: Addresses
  readonly proofs: Proofs
  readonly state: Uint8Array
  readonly flags: Uint8Array
  /** 0 where the state is about no network; of a probing client the one it is gone from. */
  readonly bssid: Float64Array
  /** Capture time, in seconds, when a frame last showed that the state holds. */
  readonly heard: Float64Array
  /** When the state began, in the count of all changes. */
  readonly changed: Float64Array

  constructor(capacity: number, fields: Fields) {
    this.addresses = new Addresses(capacity)
    this.proofs = new Proofs(capacity, fields)
    this.state = new Uint8Array(capacity)
    this.flags = new Uint8Array(capacity)
    this.bssid = new Float64Array(capacity)
    this.heard = new Float64Array(capacity)
    this.changed = new Float64Array(capacity)
  }

  add(address: number): number {
    const slot = this.addresses.add(address)
    this.forget(slot)
    return slot
  }

  /** Nothing is known any more. */
  forget(slot: number): void {
    this.state[slot] = STATE.none
    this.flags[slot] = 0
    this.bssid[slot] = 0
  }

  has(slot: number, flag: number): boolean {
    return (this.flags[slot] & flag) !== 0
  }

  stateOf(slot: number): State {
    return this.state[slot] as State
  }
}
