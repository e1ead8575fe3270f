/** What single kinds of action frames hold (IEEE 802.11-2020 clause 9.6): transition, GAS, measurement, timing, FILS discovery. Only `emit: full` writes it. */
import type { Event } from '../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../core/event/fields.ts'
import { CATEGORY, FILS_DISCOVERY, GAS, TIMING } from './action.ts'
import { anqpFields, anqpReader } from './anqp.ts'
import { mac48, u16, u24be, u32 } from './bytes.ts'
import { type Chain, ensureChain } from './elements/chain.ts'
import { measurementFields, measurementReader } from './measurement.ts'
import type { Place } from './place.ts'
import { putText } from './put.ts'

const full = { type: 'int', emit: 'full' } as const
const flag = { type: 'bool', emit: 'full' } as const

export const wlanAction = fieldTable('wlan_action', {
  publicAction: {
    ...full,
    path: 'wlan.fixed.publicact',
    description: 'Which public action: 10 to 13 GAS, 32 and 33 timing …',
    source: 'table 9-364',
  },
  vendorOui: { ...full, path: 'wlan.action.vendor_oui', description: 'OUI of a vendor specific action.', source: '9.6.5' },
  vendorType: { ...full, path: 'wlan.action.vendor_type', description: 'Its first byte, which most vendors use as a type.', source: '9.6.5' },
  candidates: { ...flag, path: 'wlan.fixed.request_mode.pref_cand', description: 'BSS transition: candidates are listed.', source: '9.6.13.9' },
  abridged: { ...flag, path: 'wlan.fixed.request_mode.abridged', description: 'Others should not be used.', source: '9.6.13.9' },
  imminent: { ...flag, path: 'wlan.fixed.request_mode.disassoc_imminent', description: 'The station will be sent away.', source: '9.6.13.9' },
  termination: { ...flag, path: 'wlan.fixed.request_mode.bss_term_included', description: 'The BSS will end.', source: '9.6.13.9' },
  essImminent: { ...flag, path: 'wlan.fixed.request_mode.ess_disassoc_imminent', description: 'Sent away from the whole ESS.', source: '9.6.13.9' },
  validity: { ...full, path: 'wlan.fixed.validity_interval', unit: 'TBTT', description: 'How long the candidates are valid.', source: '9.6.13.9' },
  sessionUrl: { path: 'wlan.fixed.session_information.url', type: 'text', emit: 'full', description: 'URL about the session.', source: '9.6.13.9' },
  queryReason: { ...full, path: 'wlan.fixed.bss_transition_query_reason', description: 'Why a station asks for a transition.', source: '9.6.13.8' },
  terminationDelay: {
    ...full,
    path: 'wlan.fixed.bss_termination_delay',
    unit: 'min',
    description: 'Delay that a station asks for.',
    source: '9.6.13.10',
  },
  target: {
    path: 'wlan.fixed.bss_transition_target_bss',
    type: 'mac',
    class: 'device_address',
    emit: 'full',
    description: 'Where the station goes.',
    source: '9.6.13.10',
  },
  notification: { ...full, path: 'wlan.fixed.wnm_notification_type', description: 'Type of a WNM notification.', source: '9.6.13.28' },
  comebackDelay: { ...full, path: 'wlan.fixed.gas_comeback_delay', unit: 'TU', description: 'When to ask for the answer.', source: '9.6.7.13' },
  fragment: { ...full, path: 'wlan.fixed.gas_fragment_id', description: 'Fragment of an answer.', source: '9.6.7.15' },
  moreFragments: { ...flag, path: 'wlan.fixed.more_gas_fragments', description: 'More of the answer follows.', source: '9.6.7.15' },
  queryLength: { ...full, path: 'wlan.fixed.query_request_length', unit: 'bytes', description: 'Length of the query.', source: '9.6.7.12' },
  answerLength: { ...full, path: 'wlan.fixed.query_response_length', unit: 'bytes', description: 'Length of the answer.', source: '9.6.7.13' },
  timingTrigger: { ...full, path: 'wlan.fixed.trigger', description: 'Fine timing: 1 start, 0 stop.', source: '9.6.7.32' },
  timingFollowup: { ...full, path: 'wlan.fixed.followup_dialog_token', description: 'Token of the measurement before.', source: '9.6.7.33' },
  departure: { ...full, path: 'wlan.fixed.ftm_tod', unit: 'ps', description: 'When the measurement before was sent.', source: '9.6.7.33' },
  arrival: { ...full, path: 'wlan.fixed.ftm_toa', unit: 'ps', description: 'When its acknowledgement arrived.', source: '9.6.7.33' },
  discoverySsid: {
    path: 'wlan.fils_discovery.ssid_length',
    type: 'text',
    class: 'ssid',
    emit: 'full',
    description: 'Name in a FILS discovery frame.',
    source: '9.6.7.36',
  },
  discoveryShort: { ...full, path: 'wlan.fils_discovery.short_ssid', description: 'CRC-32 of the name instead.', source: '9.6.7.36' },
  discoveryClass: { ...full, path: 'wlan.fils_discovery.operating_class', description: 'Operating class.', source: '9.6.7.36' },
  discoveryChannel: { ...full, path: 'wlan.fils_discovery.primary_channel', description: 'Primary channel.', source: '9.6.7.36' },
  ...measurementFields,
  ...anqpFields,
})

const ADVERTISEMENT = 108
const BTM = { query: 6, request: 7, response: 8 } as const
const NOTIFICATION = 26

/** Makes the decoder of the table. */
export function actionDecoder(fields: Fields, place: Place, chain: Chain): (event: Event) => void {
  const base = fields.base(wlanAction)
  const size = wlanAction.fields.length
  const f = wlanAction.at
  const anqp = anqpReader(base, f)
  const measurements = measurementReader(base, f)

  const byte = (event: Event, key: number, at: number) => {
    if (at < place.end) event.put(base + key, event.bytes[at])
  }

  const number = (event: Event, key: number, at: number) => {
    if (at + 2 <= place.end) event.put(base + key, u16(event.bytes, at))
  }

  /** Behind the mode: timer, validity, then what the mode says is there. */
  const transitionRequest = (event: Event, at: number, end: number) => {
    const { bytes } = event
    if (at + 5 > end) return
    const mode = bytes[at + 1]
    event.put(base + f.candidates, mode & 1)
    event.put(base + f.abridged, (mode >> 1) & 1)
    event.put(base + f.imminent, (mode >> 2) & 1)
    event.put(base + f.termination, (mode >> 3) & 1)
    event.put(base + f.essImminent, (mode >> 4) & 1)
    byte(event, f.validity, at + 4)
    const url = at + 5 + (mode & 8 ? 12 : 0)
    if (mode & 16 && url < end && url + 1 + bytes[url] <= end) putText(event, base + f.sessionUrl, url + 1, url + 1 + bytes[url])
  }

  const wnm = (event: Event, code: number, at: number, end: number) => {
    if (code === BTM.query) byte(event, f.queryReason, at + 1)
    else if (code === BTM.request) transitionRequest(event, at, end)
    else if (code === BTM.response) {
      byte(event, f.terminationDelay, at + 2)
      if (at + 9 <= end && event.bytes[at + 1] === 0) event.put(base + f.target, mac48(event.bytes, at + 3))
    } else if (code === NOTIFICATION) byte(event, f.notification, at + 1)
  }

  /** The query or answer behind an advertisement protocol element; one that is a fragment says nothing alone. */
  const query = (event: Event, length: number, start: number, end: number, whole: boolean) => {
    const { bytes } = event
    if (start + 2 > end || bytes[start] !== ADVERTISEMENT) return
    const at = start + 2 + bytes[start + 1]
    number(event, length, at)
    // Protocol 0 is ANQP (table 9-210).
    const isAnqp = bytes[start + 1] >= 2 && bytes[start + 3] === 0
    if (whole && isAnqp && at + 2 <= end) anqp(event, at + 2, Math.min(end, at + 2 + u16(bytes, at)))
  }

  const comeback = (event: Event, at: number, end: number) => {
    const { bytes } = event
    if (at + 6 > end) return
    const fragment = bytes[at + 3]
    event.put(base + f.fragment, fragment & 0x7f)
    event.put(base + f.moreFragments, fragment >> 7)
    number(event, f.comebackDelay, at + 4)
    query(event, f.answerLength, at + 6, end, fragment === 0)
  }

  const timing = (event: Event, at: number, end: number) => {
    const { bytes } = event
    byte(event, f.timingFollowup, at + 1)
    if (at + 14 > end) return
    event.put(base + f.departure, u16(bytes, at + 6) * 2 ** 32 + u32(bytes, at + 2))
    event.put(base + f.arrival, u16(bytes, at + 12) * 2 ** 32 + u32(bytes, at + 8))
  }

  /** A control field says what stands behind time stamp and interval: name, length, capability, class and channel … */
  const discovery = (event: Event, at: number, end: number) => {
    const { bytes } = event
    if (at + 12 > end) return
    const control = u16(bytes, at)
    const name = at + 12
    const length = (control & 0x1f) + 1
    if (name + length > end) return
    if (control & 0x40) {
      if (length === 4) event.put(base + f.discoveryShort, u32(bytes, name))
    } else putText(event, base + f.discoverySsid, name, name + length)
    const channel = name + length + (control & 0x1000 ? 1 : 0) + (control & 0x20 ? 2 : 0)
    if ((control & 0x400) === 0 || channel + 2 > end) return
    event.put(base + f.discoveryClass, bytes[channel])
    event.put(base + f.discoveryChannel, bytes[channel + 1])
  }

  const publicAction = (event: Event, code: number, at: number, end: number) => {
    switch (code) {
      case GAS.initialRequest:
        query(event, f.queryLength, at + 1, end, true)
        break
      case GAS.initialResponse:
        number(event, f.comebackDelay, at + 3)
        query(event, f.answerLength, at + 5, end, true)
        break
      case GAS.comebackResponse:
        comeback(event, at, end)
        break
      case TIMING.request:
        byte(event, f.timingTrigger, at)
        break
      case TIMING.measurement:
        timing(event, at, end)
        break
      case FILS_DISCOVERY:
        discovery(event, at, end)
    }
  }

  return (event) => {
    const { body, end } = place
    const { bytes } = event
    event.claim(base, size)
    if (body < 0 || body + 2 > end) return
    const category = bytes[body]
    const code = bytes[body + 1]
    const at = body + 2
    if (category === CATEGORY.public || category === CATEGORY.protectedPublic) {
      event.put(base + f.publicAction, code)
      publicAction(event, code, at, end)
    } else if (category === CATEGORY.wnm) wnm(event, code, at, end)
    else if (category === CATEGORY.spectrum || category === CATEGORY.radioMeasurement) {
      ensureChain(chain, bytes)
      measurements(event, chain)
    } else if ((category === CATEGORY.vendor || category === CATEGORY.protectedVendor) && body + 4 <= end) {
      event.put(base + f.vendorOui, u24be(bytes, body + 1))
      byte(event, f.vendorType, body + 4)
    }
  }
}
