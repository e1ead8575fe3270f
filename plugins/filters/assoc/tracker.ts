/**
 * Clients and networks as the frames show them.
 *
 * Invariants
 * - A frame whose FCS is wrong changes nothing. The FCS costs a CRC over the frame, so `trusted` is asked only when something would change; that a state
 *   still holds is noted once in a sixteenth of `forget_after_s`.
 * - Memory is bounded by `max_clients`, twice: for clients and for networks.
 */
import type { Event, Fields } from '../../../core/plugin.ts'
import { Clients, FLAG } from './clients.ts'
import { PROOF, STATE } from './fields.ts'
import { Networks } from './networks.ts'
import { EVIDENCE, type Evidence, HOLDS, NOTHING, TAIL, transition } from './transition.ts'

/** A response heard again within this time is the same one, sent again. */
const SAME_RESPONSE_S = 1
/** How many times within `forget_after_s` it is noted that a state holds. */
const NOTES = 16
const TAILS = FLAG.tailUp | FLAG.tailDown

export interface TrackerOptions {
  readonly max_clients: number
  readonly forget_after_s: number
}

export class Tracker {
  readonly clients: Clients
  readonly networks: Networks
  readonly #forget: number
  readonly #grain: number
  readonly #trusted: (event: Event) => boolean
  /** Count of all changes, which orders them. */
  #changes = 0

  constructor({ max_clients, forget_after_s }: TrackerOptions, fields: Fields, trusted: (event: Event) => boolean) {
    this.clients = new Clients(max_clients, fields)
    this.networks = new Networks(max_clients, fields)
    this.#forget = forget_after_s
    this.#grain = forget_after_s / NOTES
    this.#trusted = trusted
  }

  /** Whether it is time to look at a beacon or probe response again. */
  due(bssid: number, now: number): boolean {
    return this.networks.stale(bssid, now, this.#grain)
  }

  /** A trusted beacon or probe response: its sender is no client. Returns the network's slot. */
  learn(bssid: number, now: number, capable: boolean, required: boolean): number {
    const slot = this.networks.enter(bssid)
    this.networks.learn(slot, now, capable, required)
    const client = this.clients.addresses.find(bssid)
    if (client >= 0) this.clients.addresses.remove(client)
    return slot
  }

  /** Slot of a client of which something is known by now, or -1. */
  find(address: number, now: number): number {
    const { clients, networks } = this
    const slot = clients.addresses.find(address)
    if (slot < 0) return -1
    if (Math.abs(now - clients.heard[slot]) > this.#forget) clients.forget(slot)
    const state = clients.state[slot]
    if (state === STATE.authenticating || state === STATE.associated) {
      const network = networks.addresses.find(clients.bssid[slot])
      if (network >= 0 && networks.ended[network] > clients.changed[slot] && !this.#protected(slot)) this.#sentAway(slot, network)
    }
    return clients.state[slot] === STATE.none ? -1 : slot
  }

  /** Takes a frame between a client and a network for what it proves, and returns the client's slot as `find` does. `bssid` is 0 for a probe request. */
  observe(event: Event, now: number, address: number, bssid: number, evidence: Evidence, proof: number): number {
    const { clients } = this
    let slot = this.find(address, now)
    const same = slot >= 0 && clients.bssid[slot] === bssid
    let next = transition(slot < 0 ? STATE.none : clients.stateOf(slot), same, evidence)
    if (next === NOTHING) return slot
    if (evidence === EVIDENCE.accepted && same && this.#again(slot, now, proof)) next = HOLDS
    const keyed = isKeyed(proof)
    if (next === HOLDS) {
      const before = clients.flags[slot]
      const after = evidence === EVIDENCE.end ? before & ~TAILS : keyed ? before | FLAG.keyed : before
      if ((after !== before || Math.abs(now - clients.heard[slot]) > this.#grain) && this.#trusted(event)) {
        clients.flags[slot] = after
        clients.heard[slot] = now
        clients.addresses.touch(slot)
      }
      return slot
    }
    if (next === TAIL) {
      const flag = evidence === EVIDENCE.up ? FLAG.tailUp : FLAG.tailDown
      if (clients.has(slot, flag) || !this.#trusted(event)) return slot
      clients.flags[slot] |= flag
      if (!clients.has(slot, FLAG.tailUp) || !clients.has(slot, FLAG.tailDown)) return slot
      next = STATE.associated
      proof = PROOF.bothWays
    } else if (!this.#trusted(event)) return slot
    if (slot < 0) {
      slot = clients.addresses.find(address)
      if (slot < 0) {
        // An access point asks and answers too.
        if (!this.networks.stale(address, now, this.#forget)) return -1
        slot = clients.add(address)
      }
    }
    clients.addresses.touch(slot)
    // Who is gone and looks around has still left the same network.
    if (next !== STATE.probing || clients.state[slot] !== STATE.gone) clients.bssid[slot] = bssid
    clients.state[slot] = next
    clients.heard[slot] = now
    clients.changed[slot] = ++this.#changes
    clients.proofs.set(slot, event, proof)
    const asks = clients.has(slot, FLAG.asksCapable)
    const capable = evidence === EVIDENCE.accepted ? asks : same && clients.has(slot, FLAG.capable)
    clients.flags[slot] = (keyed ? FLAG.keyed : 0) | (capable ? FLAG.capable : 0) | (asks ? FLAG.asksCapable : 0)
    if (bssid !== 0) this.networks.enter(bssid)
    return slot
  }

  /** What a trusted association request says of the client itself. */
  asks(slot: number, capable: boolean): void {
    const { flags } = this.clients
    flags[slot] = capable ? flags[slot] | FLAG.asksCapable : flags[slot] & ~FLAG.asksCapable
  }

  /** Whether an unprotected end proves nothing to this client, since both would ignore it (IEEE 802.11-2020 clause 11.13). */
  protects(address: number, now: number, bssid: number): boolean {
    const slot = this.find(address, now)
    return slot >= 0 && this.clients.bssid[slot] === bssid && this.#protected(slot)
  }

  /** A network sends all its clients away. Whoever is protected stays; the others are told apart as they are heard again. */
  endAll(event: Event, bssid: number, proof: number): void {
    const slot = this.networks.addresses.find(bssid)
    if (slot < 0 || !this.#trusted(event)) return
    this.networks.ended[slot] = ++this.#changes
    this.networks.ends.set(slot, event, proof)
  }

  #again(slot: number, now: number, proof: number): boolean {
    const { proofs, state } = this.clients
    return state[slot] === STATE.associated && proofs.kind[slot] === proof && Math.abs(now - proofs.seconds[slot]) <= SAME_RESPONSE_S
  }

  #protected(slot: number): boolean {
    const { clients, networks } = this
    if (!clients.has(slot, FLAG.keyed)) return false
    const network = networks.addresses.find(clients.bssid[slot])
    return network >= 0 && networks.protects(network, clients.has(slot, FLAG.capable))
  }

  #sentAway(slot: number, network: number): void {
    const { clients, networks } = this
    clients.state[slot] = STATE.gone
    clients.flags[slot] &= FLAG.asksCapable | FLAG.capable
    clients.changed[slot] = networks.ended[network]
    clients.proofs.copy(slot, networks.ends, network)
    clients.heard[slot] = clients.proofs.seconds[slot]
  }
}

function isKeyed(proof: number): boolean {
  return proof === PROOF.handshake || proof === PROOF.protectedFrom || proof === PROOF.protectedTo
}
