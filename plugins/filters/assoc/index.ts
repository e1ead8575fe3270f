/**
 * Association truth: for each frame from or to a client, how the frames so far show the client and its network to stand to each other.
 *
 * Which frame is from whom to whom follows from the direction bits of data frames and, in management frames, from which of the addresses is the BSSID.
 */
import { type Event, envelope, type FilterPlugin } from '../../../core/plugin.ts'
import { assoc, PROOF, STATE } from './fields.ts'
import { Tracker } from './tracker.ts'
import { EVIDENCE, type Evidence } from './transition.ts'

const config = {
  type: 'object',
  additionalProperties: false,
  properties: {
    forget_after_s: {
      type: 'integer',
      minimum: 1,
      default: 300,
      description: 'A state that no frame has shown to hold for this long, by capture time, is forgotten.',
    },
    max_clients: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      default: 10_000,
      description: 'Clients that are remembered, and as many networks; the one not heard for longest leaves.',
    },
  },
} as const

/** `wlan.fc.type_subtype`. */
const ASSOCIATION_REQUEST = 0x00
const ASSOCIATION_RESPONSE = 0x01
const REASSOCIATION_REQUEST = 0x02
const REASSOCIATION_RESPONSE = 0x03
const PROBE_REQUEST = 0x04
const PROBE_RESPONSE = 0x05
const BEACON = 0x08
const DISASSOCIATION = 0x0a
const AUTHENTICATION = 0x0b
const DEAUTHENTICATION = 0x0c
const LAST_MANAGEMENT = 0x0f
const PS_POLL = 0x1a
const FIRST_DATA = 0x20
const LAST_DATA = 0x2f

const BROADCAST = 0xffffffffffff
const GROUP = 2 ** 40
const SUCCESS = 0
const LAST_MESSAGE = 4
const FCS_WRONG = 0
const PPI_FCS_WRONG = 4

export default {
  kind: 'filter',
  state: 'annotates',
  summary: 'Says of each frame from or to a client whether the client is probing, authenticating, associated or gone, and which frame proves it.',
  config,
  fields: [assoc],
  create(options, context) {
    const { fields } = context
    const time = fields.base(envelope) + envelope.at.timestamp
    const base = fields.base(assoc)
    const size = assoc.fields.length
    const f = assoc.at
    const type = context.field('wlan.fc.type_subtype')
    const transmitter = context.field('wlan.ta')
    const receiver = context.field('wlan.ra')
    const station = context.field('wlan.staa')
    const network = context.field('wlan.bssid')
    const encrypted = context.field('wlan.fc.protected')
    const status = context.field('wlan.fixed.status_code')
    const message = context.field('wlan_rsna_eapol.keydes.msgnr')
    const ssid = context.field('wlan.ssid')
    const hidden = context.field('wlan.ssid_hidden')
    const capable = context.field('wlan.rsn.capabilities.mfpc')
    const required = context.field('wlan.rsn.capabilities.mfpr')
    const check = context.field('wlan.fcs.status')
    const badFcs = context.field('radiotap.flags.badfcs')
    const ppiFlags = context.field('ppi.80211-common.flags')
    const tracker = new Tracker(options, fields, trusted)

    return {
      apply(event) {
        const what = type.number(event)
        if (what >= FIRST_DATA && what <= LAST_DATA) data(event)
        else if (what === BEACON) learn(event)
        else if (what <= LAST_MANAGEMENT) management(event, what)
        else if (what === PS_POLL) {
          const now = event.a[time]
          const client = transmitter.number(event)
          const bssid = network.number(event)
          if (isStation(client) && isStation(bssid)) annotate(event, tracker.observe(event, now, client, bssid, EVIDENCE.up, PROOF.powerSavePoll))
        }
      },
    }

    /** Whether the frame is as it was sent, as far as the record tells. */
    function trusted(event: Event): boolean {
      const found = check.number(event)
      if (!Number.isNaN(found)) return found !== FCS_WRONG
      return badFcs.number(event) !== 1 && (ppiFlags.number(event) & PPI_FCS_WRONG) === 0
    }

    function data(event: Event): void {
      // The station is known where exactly one of the direction bits is set.
      const client = station.number(event)
      if (!isStation(client)) return
      const bssid = network.number(event)
      if (!isStation(bssid)) return
      const now = event.a[time]
      const from = transmitter.number(event) === client
      const secret = encrypted.number(event) === 1
      let evidence: Evidence = from ? EVIDENCE.up : EVIDENCE.down
      let proof: number = from ? (secret ? PROOF.protectedFrom : PROOF.dataFrom) : secret ? PROOF.protectedTo : PROOF.dataTo
      if (from && !secret && message.number(event) === LAST_MESSAGE) {
        evidence = EVIDENCE.handshake
        proof = PROOF.handshake
      }
      annotate(event, tracker.observe(event, now, client, bssid, evidence, proof))
    }

    function management(event: Event, what: number): void {
      const from = transmitter.number(event)
      const to = receiver.number(event)
      const bssid = network.number(event)
      const now = event.a[time]
      if (what === PROBE_REQUEST) {
        if (isStation(from)) annotate(event, tracker.observe(event, now, from, 0, EVIDENCE.probe, PROOF.probeRequest))
        return
      }
      if (what === PROBE_RESPONSE) learn(event)
      if (from === to || !isStation(bssid) || (from !== bssid && to !== bssid)) return
      const client = from === bssid ? to : from
      if (!isStation(client)) {
        if (client === BROADCAST) sendAway(event, what, bssid)
        return
      }
      annotate(event, tell(event, what, now, client, bssid, from === client))
    }

    /** Slot of the client of a management frame between it and a network, after the frame has had its say. */
    function tell(event: Event, what: number, now: number, client: number, bssid: number, up: boolean): number {
      switch (what) {
        case AUTHENTICATION:
          return tracker.observe(event, now, client, bssid, EVIDENCE.request, PROOF.authentication)
        case ASSOCIATION_REQUEST:
        case REASSOCIATION_REQUEST: {
          if (!up) break
          const proof = what === ASSOCIATION_REQUEST ? PROOF.associationRequest : PROOF.reassociationRequest
          const slot = tracker.observe(event, now, client, bssid, EVIDENCE.request, proof)
          if (slot >= 0 && trusted(event)) {
            tracker.asks(slot, capable.number(event) === 1)
            name(event, tracker.networks.enter(bssid))
          }
          return slot
        }
        case ASSOCIATION_RESPONSE:
        case REASSOCIATION_RESPONSE: {
          const answer = status.number(event)
          if (up || Number.isNaN(answer)) break
          if (answer !== SUCCESS) return tracker.observe(event, now, client, bssid, EVIDENCE.request, PROOF.refused)
          const proof = what === ASSOCIATION_RESPONSE ? PROOF.associated : PROOF.reassociated
          return tracker.observe(event, now, client, bssid, EVIDENCE.accepted, proof)
        }
        case DISASSOCIATION:
        case DEAUTHENTICATION:
          if (encrypted.number(event) !== 1 && tracker.protects(client, now, bssid)) break
          return tracker.observe(event, now, client, bssid, EVIDENCE.end, what === DEAUTHENTICATION ? PROOF.deauthentication : PROOF.disassociation)
      }
      return tracker.find(client, now)
    }

    function sendAway(event: Event, what: number, bssid: number): void {
      if (transmitter.number(event) !== bssid) return
      if (what === DEAUTHENTICATION) tracker.endAll(event, bssid, PROOF.deauthenticationOfAll)
      else if (what === DISASSOCIATION) tracker.endAll(event, bssid, PROOF.disassociationOfAll)
    }

    /** Beacons and probe responses tell of their sender; one now and then is enough. */
    function learn(event: Event): void {
      const bssid = network.number(event)
      const now = event.a[time]
      if (transmitter.number(event) !== bssid || !isStation(bssid) || !tracker.due(bssid, now) || !trusted(event)) return
      name(event, tracker.learn(bssid, now, capable.number(event) === 1, required.number(event) === 1))
    }

    function name(event: Event, slot: number): void {
      if (hidden.number(event) === 1 || !event.present(ssid.field.number)) return
      const { number } = ssid.field
      // A copy: the record's memory is another's soon.
      tracker.networks.name(slot, Uint8Array.from(event.view(event.a[number], event.b[number])))
    }

    function annotate(event: Event, slot: number): void {
      if (slot < 0) return
      const { clients, networks } = tracker
      const { proofs } = clients
      event.claim(base, size)
      event.put(base + f.client, clients.addresses.keys[slot])
      event.put(base + f.state, clients.state[slot])
      event.put(base + f.since, proofs.seconds[slot], proofs.nanos[slot])
      event.put(base + f.proof, proofs.kind[slot])
      event.put(base + f.proofId, proofs.keepId(slot, event))
      const bssid = clients.bssid[slot]
      if (bssid === 0 || clients.state[slot] === STATE.probing) return
      event.put(base + f.bssid, bssid)
      const at = networks.addresses.find(bssid)
      const text = at < 0 ? undefined : networks.ssid(at)
      if (text) event.put(base + f.ssid, event.keep(text), text.length)
    }
  },
} satisfies FilterPlugin<typeof config>

/** Neither a group address nor all zeros; NaN is no address. */
function isStation(address: number): boolean {
  return address > 0 && Math.floor(address / GROUP) % 2 === 0
}
