/** Management frames (9.3.3) as templates. */
import { join, u16, zeros } from './bytes.ts'
import { atLeast, htOperation } from './capabilities.ts'
import { dsParameter, LOAD_STATIONS, rates, ssidElement, TIM_COUNT, wmmParameters } from './elements.ts'
import { bitmapBytes, describe, describeClient } from './network-elements.ts'
import type { Phy } from './radiotap.ts'
import { akmOf, clientRsn, oweKey, protectsManagement, SAE_COMMIT_RANDOM, SAE_CONFIRM_RANDOM, sae } from './security.ts'
import { SLOT } from './slots.ts'
import type { AccessPoint, Client } from './stations.ts'
import { BODY, Body, BROADCAST, header, type Patch, SEQUENCE_PATCH, SOMEBODY, type Template, template } from './template.ts'

/** Management frames go at the lowest basic rate: 1 Mb/s in 2.4 GHz, 6 Mb/s above. */
export function basicPhy(ap: AccessPoint): Phy {
  return { mhz: ap.frequency, rate: ap.band === 2 ? 2 : 12, generation: 'g' }
}

/** ESS, privacy, short slot time, spectrum management, QoS left out (9.4.1.4). */
function capabilities(ap: AccessPoint): number[] {
  return u16(0x0001 | (ap.security === 'open' || ap.security === 'owe' ? 0 : 0x0010) | (ap.band === 2 ? 0x0420 : 0x0100))
}

/** Beacons and probe responses: timestamp, interval in TU, capabilities, elements. */
function description(ap: AccessPoint, intervalTu: number, to: Uint8Array, kind: 'beacon' | 'probe response'): Template {
  const body = new Body(BODY)
  const timestamp = body.add(zeros(8))
  body.add(u16(intervalTu), capabilities(ap))
  const { tim, load } = describe(ap, body, kind)
  const patches: Patch[] = [SEQUENCE_PATCH, { what: 'timestamp', at: timestamp, tsf: ap.tsf }]
  if (tim > 0) {
    patches.push({ what: 'tim', at: tim + TIM_COUNT, period: ap.dtimPeriod, bitmap: bitmapBytes(ap), tsf: ap.tsf })
  }
  if (load > 0) patches.push({ what: 'load', at: load + LOAD_STATIONS, ap: ap.index })
  if (to === SOMEBODY) patches.push({ what: 'address', at: 4 })
  const [type, duration] = kind === 'beacon' ? [0x80, 0] : [0x50, 314]
  const mpdu = join(header(type, 0, duration, [to, ap.bssid, ap.bssid]), body.bytes())
  return template(basicPhy(ap), mpdu, ap.signal, patches)
}

export function beacon(ap: AccessPoint, intervalTu: number): Template {
  return description(ap, intervalTu, BROADCAST, 'beacon')
}

/** To a client, or to the passer-by of the scene. */
export function probeResponse(ap: AccessPoint, intervalTu: number, to: Uint8Array = SOMEBODY): Template {
  return description(ap, intervalTu, to, 'probe response')
}

/** Of a passer-by under a random address, or of a client that looks for its own network. */
export function probeRequest(ap: AccessPoint, ssid: Uint8Array, client?: Client): Template {
  const body = new Body(BODY)
  const { supported, extended } = rates(ap.band)
  body.add(ssidElement(ssid), supported)
  if (extended) body.add(extended)
  if (ap.band === 2) body.add(dsParameter(ap.channel))
  describeClient(client ?? { ap, generation: ap.generation }, body, 'probe request')
  const mpdu = join(header(0x40, 0, 0, [BROADCAST, client?.address ?? SOMEBODY, BROADCAST]), body.bytes())
  const patches: Patch[] = client ? [SEQUENCE_PATCH] : [SEQUENCE_PATCH, { what: 'address', at: 10 }]
  return template(basicPhy(ap), mpdu, client?.signal, patches)
}

/** Which way a frame between a client and its access point goes. */
export type Way = 'up' | 'down'

/** A unicast management frame between a client and its access point; the duration covers SIFS and ACK. */
function unicast(client: Client, way: Way, type: number, body: readonly number[] | Uint8Array, patches: readonly Patch[] = [], flags = 0): Template {
  const { ap, address } = client
  const addresses = way === 'up' ? ([ap.bssid, address, ap.bssid] as const) : ([address, ap.bssid, ap.bssid] as const)
  const mpdu = join(header(type, flags, ap.band === 2 ? 314 : 60, addresses), body)
  return template(basicPhy(ap), mpdu, way === 'up' ? client.signal : ap.signal, [SEQUENCE_PATCH, ...patches])
}

/** Authentication, 9.3.3.11: open system, or the two rounds of SAE. */
export function authentication(client: Client, way: Way, step: 'open' | 'commit' | 'confirm'): Template {
  if (step === 'open') return unicast(client, way, 0xb0, [...u16(0), ...u16(way === 'up' ? 1 : 2), ...u16(0)])
  const slot = SLOT.sae + (way === 'up' ? 0 : 2) + (step === 'commit' ? 0 : 1)
  const body = step === 'commit' ? sae.commit(client.ap.security === 'sae') : sae.confirm()
  const at = BODY + (step === 'commit' ? SAE_COMMIT_RANDOM : SAE_CONFIRM_RANDOM)
  return unicast(client, way, 0xb0, body, [{ what: 'random', at, length: BODY + body.length - at, slot }])
}

/** Where the PMKID of a cached key lies from the start of a client's RSN element, when it has one. */
const PMKID = 2 + 20 + 2

export function associationRequest(client: Client): Template {
  const { ap } = client
  const body = new Body(BODY)
  const patches: Patch[] = []
  body.add(capabilities(ap), u16(10), ssidElement(ap.ssid))
  const { supported, extended } = rates(ap.band)
  body.add(supported)
  if (extended) body.add(extended)
  const cached = akmOf(ap.security) === 5
  const rsnAt = body.add(...clientRsn(ap.security, cached ? [zeros(16)] : []))
  if (cached) patches.push({ what: 'random', at: rsnAt + PMKID, length: 16, slot: SLOT.pmkid })
  describeClient(client, body, 'association request')
  if (ap.security === 'owe') patches.push({ what: 'random', at: body.add(oweKey()) + 5, length: 32, slot: SLOT.owe })
  return unicast(client, 'up', 0x00, body.bytes(), patches)
}

/** Success, and the association id with its two high bits set (9.4.1.8). */
export function associationResponse(client: Client): Template {
  const { ap } = client
  const body = new Body(BODY)
  const patches: Patch[] = []
  body.add(capabilities(ap), u16(0), u16(client.aid | 0xc000))
  const { supported, extended } = rates(ap.band)
  body.add(supported)
  if (extended) body.add(extended)
  if (atLeast(ap.generation, 'n') && ap.band !== 6) body.add(htOperation(ap))
  if (ap.security === 'owe') patches.push({ what: 'random', at: body.add(oweKey()) + 5, length: 32, slot: SLOT.owe + 1 })
  if (ap.generation !== 'g') body.add(wmmParameters(ap.index % 8))
  return unicast(client, 'down', 0x10, body.bytes(), patches)
}

/** Action frames, 9.6: ADDBA, neighbour report, BSS transition; encrypted where management frames are protected. */
export function action(client: Client, way: Way, kind: 'block_ack' | 'neighbour'): Template {
  if (protectsManagement(client.ap.security)) {
    // CCMP header (12.5.3.2): packet number, key id with Ext IV; then body and MIC that nobody here can read
    const ccmp = [0, 0, 0, 0x20, 0, 0, 0, 0, ...zeros(24)]
    const patches: Patch[] = [
      { what: 'packet_number', at: BODY },
      { what: 'random', at: BODY + 8, length: 24, slot: SLOT.own, own: true },
    ]
    return unicast(client, way, 0xd0, ccmp, patches, 0x40)
  }
  // ADDBA: category 3, dialogue, immediate with TID 0 and 64 buffers, no timeout, start at 0
  const request = way === 'up' ? 0 : 1
  if (kind === 'block_ack') {
    const status = request === 0 ? [] : u16(0)
    const start = request === 0 ? u16(0) : []
    return unicast(client, way, 0xd0, [3, request, 7, ...status, ...u16(0x1002), ...u16(0), ...start])
  }
  if (way === 'up') return unicast(client, way, 0xd0, [5, 4, 9]) // neighbour report request
  // its response: one report with BSSID, information, operating class, channel, PHY
  const { ap } = client
  return unicast(client, way, 0xd0, [5, 5, 9, 52, 13, ...ap.bssid, ...[0x8f, 0, 0, 0], ap.band === 2 ? 81 : 115, ap.channel, 7])
}

/** One frame of an attack: deauthentication in the name of the access point, as injected by somebody else (other signal, own numbers). */
export function forgedDeauthentication(client: Client, way: Way): Template {
  const { ap, address } = client
  const addresses = way === 'up' ? ([ap.bssid, address, ap.bssid] as const) : ([address, ap.bssid, ap.bssid] as const)
  const mpdu = join(header(0xc0, 0, 314, addresses), u16(7))
  return template(basicPhy(ap), mpdu, undefined, [SEQUENCE_PATCH])
}
