/**
 * Fixed fields of management frames (IEEE 802.11-2020 clause 9.3.3 says which subtype has which), and where the elements begin.
 *
 * `elementsAt` runs for every management frame; the table itself is decoded on demand.
 */
import type { Event } from '../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../core/event/fields.ts'
import { actionElements, CATEGORY, FILS_DISCOVERY, GAS, saeElements, TDLS } from './action.ts'
import { mac48, u16, u32 } from './bytes.ts'
import { type Chain, ensureChain } from './elements/chain.ts'
import { REASONS } from './names/reasons.ts'
import { STATUSES } from './names/statuses.ts'
import { AUTH_ALGORITHMS, CATEGORIES, REASON_TEXTS, STATUS_TEXTS } from './names/wireshark.ts'
import type { Place } from './place.ts'

const full = { type: 'int', emit: 'full' } as const
const flag = { type: 'bool', emit: 'full', source: '9.4.1.4' } as const

export const wlanFixed = fieldTable(
  'wlan_fixed',
  {
    beacon: { path: 'wlan.fixed.beacon', type: 'int', unit: 'TU', description: 'Beacon interval.', source: '9.4.1.3' },
    capabilities: {
      path: 'wlan.fixed.capabilities.value',
      type: 'int',
      emit: 'full',
      alias: ['wlan.fixed.capabilities'],
      description: 'Capability information.',
      source: '9.4.1.4',
    },
    ess: { ...flag, path: 'wlan.fixed.capabilities.ess', description: 'Sent by an access point.' },
    ibss: { ...flag, path: 'wlan.fixed.capabilities.ibss', description: 'Sent in an ad hoc network.' },
    privacy: { ...flag, emit: 'standard', path: 'wlan.fixed.capabilities.privacy', description: 'Data is encrypted.' },
    shortPreamble: { ...flag, path: 'wlan.fixed.capabilities.short_preamble', description: 'Short preamble allowed.' },
    spectrum: { ...flag, path: 'wlan.fixed.capabilities.spec_man', description: 'Spectrum management.' },
    qos: { ...flag, path: 'wlan.fixed.capabilities.qos', description: 'QoS.' },
    shortSlot: { ...flag, path: 'wlan.fixed.capabilities.short_slot_time', description: 'Short slot time in use.' },
    apsd: { ...flag, path: 'wlan.fixed.capabilities.apsd', description: 'APSD.' },
    radioMeasurement: { ...flag, path: 'wlan.fixed.capabilities.radio_measurement', description: 'Radio measurement.' },
    reason: {
      path: 'wlan.fixed.reason_code',
      names: REASON_TEXTS,
      type: 'int',
      description: 'Why a station goes or is sent away.',
      source: '9.4.1.7',
    },
    reasonName: { path: 'wlan.fixed.reason_name', type: 'name', names: REASONS, description: 'The reason by name.', source: 'table 9-49' },
    status: {
      path: 'wlan.fixed.status_code',
      names: STATUS_TEXTS,
      type: 'int',
      description: 'Result of a request; 0 is success.',
      source: '9.4.1.9',
    },
    statusName: { path: 'wlan.fixed.status_name', type: 'name', names: STATUSES, description: 'The status by name.', source: 'table 9-50' },
    authAlgorithm: {
      path: 'wlan.fixed.auth.alg',
      names: AUTH_ALGORITHMS,
      type: 'int',
      description: 'Authentication: 0 open, 1 shared key, 2 FT, 3 SAE, 4 to 6 FILS.',
      source: '9.4.1.1',
    },
    authSequence: { path: 'wlan.fixed.auth_seq', type: 'int', description: 'Step of the authentication.', source: '9.4.1.2' },
    saeMessage: { ...full, path: 'wlan.fixed.sae_message_type', description: '1: SAE commit, 2: confirm.', source: '12.4' },
    saeGroup: { ...full, path: 'wlan.fixed.finite_cyclic_group', description: 'Group of SAE, FILS or OWE.', source: '9.4.1.42' },
    saeSendConfirm: { ...full, path: 'wlan.fixed.send_confirm', description: 'Counter of an SAE confirm.', source: '9.4.1.37' },
    listenInterval: { ...full, path: 'wlan.fixed.listen_ival', description: 'Listen interval, in beacon intervals.', source: '9.4.1.6' },
    aid: { path: 'wlan.fixed.aid', type: 'int', description: 'Association id.', source: '9.4.1.8' },
    currentAp: {
      path: 'wlan.fixed.current_ap',
      type: 'mac',
      class: 'device_address',
      description: 'Access point that a station roams from.',
      source: '9.4.1.5',
    },
    category: { path: 'wlan.fixed.category_code', names: CATEGORIES, type: 'int', description: 'Category of an action frame.', source: '9.4.1.11' },
    action: { path: 'wlan.fixed.action_code', type: 'int', description: 'Action within its category.', source: '9.6' },
    dialogToken: { ...full, path: 'wlan.fixed.dialog_token', description: 'Dialog token.', source: '9.4.1.12' },
    baTid: { ...full, path: 'wlan.fixed.baparams.tid', description: 'TID of a block ack agreement.', source: '9.4.1.14' },
    baBuffers: { ...full, path: 'wlan.fixed.baparams.buffersize', description: 'Buffers of a block ack agreement.', source: '9.4.1.14' },
    baTimeout: { ...full, path: 'wlan.fixed.batimeout', description: 'Timeout of a block ack agreement.', source: '9.4.1.15' },
    saQuery: { ...full, path: 'wlan.fixed.transaction_id', description: 'Transaction of an SA query.', source: '9.4.1.38' },
    btmMode: { ...full, path: 'wlan.fixed.request_mode.value', description: 'Mode bits of a BSS transition request.', source: '9.6.13.9' },
    btmTimer: { ...full, path: 'wlan.fixed.disassoc_timer', unit: 'TBTT', description: 'Beacons until disassociation.', source: '9.6.13.9' },
    btmStatus: { ...full, path: 'wlan.fixed.bss_transition_status_code', description: 'Answer to a BSS transition request.', source: '9.6.13.10' },
  },
  { repeats: true },
)

/** The one fixed field that differs from beacon to beacon. */
export const wlanTimestamp = fieldTable('wlan_fixed', {
  timestamp: { path: 'wlan.fixed.timestamp', type: 'u64', unit: 'us', emit: 'full', description: 'TSF of the sender.', source: '9.4.1.10' },
})

/** Types in the frame control: DMG beacons have fixed fields too, and data frames that tunnel an action frame. */
const TYPE = 0x0c
const DATA = 0x08
const EXTENSION = 0x0c

export const SUBTYPE = {
  associationRequest: 0,
  associationResponse: 1,
  reassociationRequest: 2,
  reassociationResponse: 3,
  probeRequest: 4,
  probeResponse: 5,
  timingAdvertisement: 6,
  beacon: 8,
  disassociation: 10,
  authentication: 11,
  deauthentication: 12,
  action: 13,
  actionNoAck: 14,
} as const

/** Bytes of fixed fields by subtype; -1: no elements, or a place that depends on the content. */
const FIXED = [4, 6, 10, 6, 0, 12, 12, -1, 12, -1, 2, -1, 2, -1, -1, -1]

/** Place of the first element of a DMG beacon (9.3.4.2), or -1. */
export function dmgElementsAt(bytes: Uint8Array, body: number, end: number): number {
  if (body + 20 > end) return -1
  const clustered = bytes[body + 13] & 1
  // With discovery mode, something else stands where the clustering control is.
  return clustered === 0 ? body + 20 : bytes[body + 13] & 2 ? -1 : body + 28
}

/** Place of the first element of a management frame, or -1. */
export function elementsAt(bytes: Uint8Array, subtype: number, body: number, end: number): number {
  const fixed = FIXED[subtype]
  if (fixed >= 0) return body + fixed
  if (subtype === SUBTYPE.authentication) return authenticationElements(bytes, body, end)
  return subtype === SUBTYPE.action || subtype === SUBTYPE.actionNoAck ? actionElements(bytes, body, end) : -1
}

const PATH_ERROR = 132
const MESH_PEERING = 117

const SAE = 3
const FILS_PFS = 5
const FILS_PUBLIC_KEY = 6

function authenticationElements(bytes: Uint8Array, body: number, end: number): number {
  if (body + 6 > end) return -1
  const algorithm = u16(bytes, body)
  if (algorithm === SAE) return saeElements(bytes, body, end)
  if (algorithm !== FILS_PFS && algorithm !== FILS_PUBLIC_KEY) return body + 6
  // FILS with forward secrecy: group and public key stand before the elements (table 9-41).
  const key = body + 8 <= end ? fieldBytes(u16(bytes, body + 6)) : -1
  return key < 0 ? -1 : body + 8 + key
}

/** Length of one coordinate of an elliptic-curve group, -1 for groups not known here (RFC 5903, IKE registry). */
function fieldBytes(group: number): number {
  return group === 19 ? 32 : group === 20 ? 48 : group === 21 ? 66 : -1
}

/** Makes the decoder of the table. */
export function fixedDecoder(fields: Fields, place: Place, chain: Chain): (event: Event) => void {
  const base = fields.base(wlanFixed)
  const size = wlanFixed.fields.length
  const f = wlanFixed.at

  const capabilities = (event: Event, at: number) => {
    if (at + 2 > place.end) return
    const value = u16(event.bytes, at)
    event.put(base + f.capabilities, value)
    event.put(base + f.ess, value & 1)
    event.put(base + f.ibss, (value >> 1) & 1)
    event.put(base + f.privacy, (value >> 4) & 1)
    event.put(base + f.shortPreamble, (value >> 5) & 1)
    event.put(base + f.spectrum, (value >> 8) & 1)
    event.put(base + f.qos, (value >> 9) & 1)
    event.put(base + f.shortSlot, (value >> 10) & 1)
    event.put(base + f.apsd, (value >> 11) & 1)
    event.put(base + f.radioMeasurement, (value >> 12) & 1)
  }

  const number = (event: Event, key: number, at: number, mask = 0xffff) => {
    if (at + 2 <= place.end) event.put(base + key, u16(event.bytes, at) & mask)
  }

  const byte = (event: Event, key: number, at: number) => {
    if (at < place.end) event.put(base + key, event.bytes[at])
  }

  const reason = (event: Event, at: number) => {
    number(event, f.reason, at)
    number(event, f.reasonName, at)
  }

  const status = (event: Event, at: number) => {
    number(event, f.status, at)
    number(event, f.statusName, at)
  }

  const beacon = (event: Event, at: number) => {
    number(event, f.beacon, at + 8)
    capabilities(event, at + 10)
  }

  const association = (event: Event, subtype: number, at: number) => {
    capabilities(event, at)
    if (subtype === SUBTYPE.associationResponse || subtype === SUBTYPE.reassociationResponse) {
      status(event, at + 2)
      // The two upper bits are always set (9.4.1.8).
      number(event, f.aid, at + 4, 0x3fff)
      return
    }
    number(event, f.listenInterval, at + 2)
    if (subtype !== SUBTYPE.reassociationRequest || at + 10 > place.end) return
    const { bytes } = event
    event.put(base + f.currentAp, mac48(bytes, at + 4))
  }

  const authentication = (event: Event, at: number) => {
    const { bytes } = event
    number(event, f.authAlgorithm, at)
    number(event, f.authSequence, at + 2)
    status(event, at + 4)
    if (at + 6 > place.end) return
    const algorithm = u16(bytes, at)
    const step = u16(bytes, at + 2)
    if (algorithm === SAE) {
      event.put(base + f.saeMessage, step)
      if (step === 1) number(event, f.saeGroup, at + 6)
      if (step === 2) number(event, f.saeSendConfirm, at + 6)
    }
    if (algorithm === FILS_PFS || algorithm === FILS_PUBLIC_KEY) number(event, f.saeGroup, at + 6)
  }

  const blockAck = (event: Event, action: number, at: number) => {
    if (action === 2) {
      if (at + 2 <= place.end) event.put(base + f.baTid, u16(event.bytes, at) >> 12)
      reason(event, at + 2)
      return
    }
    byte(event, f.dialogToken, at)
    const parameters = action === 1 ? at + 3 : at + 1
    if (action === 1) status(event, at + 1)
    if (parameters + 2 <= place.end) {
      const value = u16(event.bytes, parameters)
      event.put(base + f.baTid, (value >> 2) & 15)
      event.put(base + f.baBuffers, value >> 6)
    }
    number(event, f.baTimeout, parameters + 2)
  }

  /** Content of the first element of an id that has at least so many bytes, or -1. */
  const element = (event: Event, id: number, least: number): number => {
    ensureChain(chain, event.bytes)
    for (let i = 0; i < chain.count; i++) {
      const at = chain.at[i]
      if (event.bytes[at] === id && event.bytes[at + 1] >= least) return at + 2
    }
    return -1
  }

  /** A mesh path error names a reason for each destination (9.4.2.115); the first counts. */
  const pathError = (event: Event) => {
    const at = element(event, PATH_ERROR, 15)
    if (at >= 0) reason(event, at + (event.bytes[at + 2] & 0x40 ? 19 : 13))
  }

  /** A peering close has the reason behind one link id or two, and then a PMKID where the peers have a key (9.4.2.101). */
  const peeringClose = (event: Event) => {
    const at = element(event, MESH_PEERING, 6)
    if (at < 0) return
    const length = event.bytes[at - 1]
    reason(event, at + (length < 8 || length === 22 ? 4 : 6))
  }

  /** Direct links within a BSS (9.6.4), by request, response, teardown. */
  const directLink = (event: Event, code: number, at: number) => {
    if (code === 1) status(event, at + 2)
    else if (code === 2) reason(event, at + 14)
  }

  /** Tunneled direct links (9.6.12): what a response says, why a link is torn down. */
  const tunneled = (event: Event, code: number, at: number) => {
    const responds = code === TDLS.response || code === TDLS.confirm
    if (responds) status(event, at + 2)
    if (code === TDLS.teardown) reason(event, at + 2)
    else byte(event, f.dialogToken, responds ? at + 4 : at + 2)
    if (code === TDLS.request) capabilities(event, at + 3)
    else if (code === TDLS.response) capabilities(event, at + 5)
  }

  const publicAction = (event: Event, code: number, at: number) => {
    if (code >= GAS.initialRequest && code <= TDLS.discoveryResponse) byte(event, f.dialogToken, at + 2)
    if (code === GAS.initialResponse || code === GAS.comebackResponse) status(event, at + 3)
    else if (code === TDLS.discoveryResponse) capabilities(event, at + 3)
    else if (code === FILS_DISCOVERY) number(event, f.beacon, at + 12)
  }

  const action = (event: Event, at: number) => {
    const { bytes } = event
    byte(event, f.category, at)
    byte(event, f.action, at + 1)
    if (at + 2 > place.end) return
    const category = bytes[at]
    const code = bytes[at + 1]
    if (category === CATEGORY.blockAck && code <= 2) blockAck(event, code, at + 2)
    else if (category === CATEGORY.saQuery) number(event, f.saQuery, at + 2)
    else if (category === CATEGORY.selfProtected && (code === 1 || code === 2)) {
      capabilities(event, at + 2)
      if (code === 2) number(event, f.aid, at + 4, 0x3fff)
    } else if (category === CATEGORY.selfProtected && code === 3) peeringClose(event)
    else if (category === CATEGORY.mesh && code === 1) pathError(event)
    else if (category === CATEGORY.qos && code === 1) status(event, at + 3)
    else if (category === CATEGORY.qos && code === 2) reason(event, at + 5)
    else if (category === CATEGORY.dls) directLink(event, code, at)
    else if (category === CATEGORY.tdls) tunneled(event, code, at)
    else if (category === CATEGORY.public || category === CATEGORY.protectedPublic) publicAction(event, code, at)
    else if (category === CATEGORY.fastTransition && code === 2) status(event, at + 14)
    else if (category === CATEGORY.wnm && code >= 4 && code <= 26) {
      byte(event, f.dialogToken, at + 2)
      if (code === 7) {
        byte(event, f.btmMode, at + 3)
        number(event, f.btmTimer, at + 4)
      }
      if (code === 8) byte(event, f.btmStatus, at + 3)
    } else if (category === CATEGORY.radioMeasurement || category === CATEGORY.spectrum) byte(event, f.dialogToken, at + 2)
  }

  return (event) => {
    event.claim(base, size)
    const subtype = (place.control >> 4) & 15
    const type = place.control & TYPE
    const at = place.body
    if (type === EXTENSION) {
      // Behind time stamp and sector sweep (9.3.4.2).
      number(event, f.beacon, at + 11)
      return
    }
    if (type === DATA) {
      action(event, place.above + 1)
      return
    }
    switch (subtype) {
      case SUBTYPE.beacon:
      case SUBTYPE.probeResponse:
        beacon(event, at)
        break
      case SUBTYPE.associationRequest:
      case SUBTYPE.associationResponse:
      case SUBTYPE.reassociationRequest:
      case SUBTYPE.reassociationResponse:
        association(event, subtype, at)
        break
      case SUBTYPE.authentication:
        authentication(event, at)
        break
      case SUBTYPE.deauthentication:
      case SUBTYPE.disassociation:
        reason(event, at)
        break
      case SUBTYPE.action:
      case SUBTYPE.actionNoAck:
        action(event, at)
    }
  }
}

/** Makes the decoder of the timestamp. */
export function timestampDecoder(fields: Fields, place: Place): (event: Event) => void {
  const base = fields.base(wlanTimestamp)
  return (event) => {
    event.claim(base, wlanTimestamp.fields.length)
    const subtype = (place.control >> 4) & 15
    const at = place.body
    const stamped = (place.control & TYPE) === EXTENSION || subtype === SUBTYPE.beacon || subtype === SUBTYPE.probeResponse
    if (!stamped || at + 8 > place.end) return
    event.put(base + wlanTimestamp.at.timestamp, u32(event.bytes, at + 4), u32(event.bytes, at))
  }
}
