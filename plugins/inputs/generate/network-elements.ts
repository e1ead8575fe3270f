/** The elements by which a network describes itself, in the order of IEEE 802.11-2020 tables 9-32 and 9-39. */
import { ascii } from './bytes.ts'
import {
  atLeast,
  ehtCapabilities,
  ehtOperation,
  heCapabilities,
  heOperation,
  htCapabilities,
  htOperation,
  muEdca,
  multiLink,
  sixGhzCapabilities,
  spatialReuse,
  transmitPower,
  vhtCapabilities,
  vhtOperation,
} from './capabilities.ts'
import {
  bssLoad,
  CHIP_MARKS,
  country,
  dsParameter,
  element,
  extendedCapabilities,
  multiband,
  overlappingScan,
  radioMeasurement,
  rates,
  ssidElement,
  tim,
  wmmInformation,
  wmmParameters,
  wpa1,
  wps,
} from './elements.ts'
import { protectsManagement, rsn, rsnExtension } from './security.ts'
import type { AccessPoint, Client } from './stations.ts'
import type { Body } from './template.ts'

const MODELS = ['Router 7590', 'AC1200', 'UniFi', 'Archer', 'WRT54', 'EAP225']

/** Bytes of the partial virtual bitmap: small where few stations doze. */
export function bitmapBytes(ap: AccessPoint): number {
  return 1 + (ap.index % 4)
}

/** Appends them; returns where the TIM (beacons only) and the BSS load are, 0 where there is none. */
export function describe(ap: AccessPoint, into: Body, frame: 'beacon' | 'probe response'): { tim: number; load: number } {
  const { band, generation } = ap
  const { supported, extended } = rates(band)
  const modern = atLeast(generation, 'ac')
  into.add(ssidElement(frame === 'beacon' ? ap.shownSsid : ap.ssid), supported)
  if (band !== 6) into.add(dsParameter(ap.channel))
  const timAt = frame === 'beacon' ? into.add(tim(ap.dtimPeriod, bitmapBytes(ap))) : 0
  if (generation !== 'g') into.add(country('DE', band))
  if (band === 5) into.add(element(32, 3), element(35, 17, 0)) // power constraint 3 dB; TPC report
  if (band === 2) into.add(element(42, ap.index % 5 === 0 ? 0x03 : 0x00)) // ERP: whether 802.11b stations are about
  if (extended) into.add(extended)
  into.add(...rsn(ap.security))
  const load = ap.reportsLoad ? into.add(bssLoad()) : 0
  if (generation !== 'g') into.add(radioMeasurement())
  if (atLeast(generation, 'n') && band !== 6) into.add(htCapabilities(ap), htOperation(ap))
  if (band === 2 && ap.width > 20) into.add(overlappingScan())
  if (generation !== 'g') into.add(extendedCapabilities(modern))
  if (modern && band === 5) into.add(vhtCapabilities(ap), vhtOperation(ap))
  if (modern && band !== 2) into.add(transmitPower(ap))
  into.add(...rsnExtension(ap.security))
  if (atLeast(generation, 'ax')) {
    into.add(heCapabilities(ap), heOperation(ap, 1 + (ap.index % 63)), muEdca(), spatialReuse())
    if (band === 6) into.add(sixGhzCapabilities())
  }
  if (generation === 'be') into.add(ehtOperation(ap), multiLink(ap.bssid, ap.band === 6 ? 2 : 1), ehtCapabilities(ap))
  if (ap.security === 'wpa') into.add(wpa1())
  if (generation !== 'g') into.add(wmmParameters(ap.index % 8))
  if (ap.wps) into.add(frame === 'beacon' ? wps() : wps(MODELS[ap.make]))
  if (protectsManagement(ap.security)) into.add(multiband())
  into.add(CHIP_MARKS[ap.make % CHIP_MARKS.length])
  return { tim: timAt, load }
}

/** What a client says of itself when it probes and associates, RSN left out. */
export function describeClient(
  { ap, generation }: Pick<Client, 'ap' | 'generation'>,
  into: Body,
  frame: 'probe request' | 'association request',
): void {
  const radio = { ...ap, generation }
  if (frame === 'association request') into.add(element(33, 3, 20), element(36, 36, 4, 52, 4, 100, 11)) // power capability; supported channels
  if (generation === 'g') return
  if (frame === 'association request') into.add(radioMeasurement(), element(59, 81, 81, 83, 84, 115, 118, 121)) // operating classes
  if (ap.band !== 6) into.add(htCapabilities(radio))
  into.add(extendedCapabilities(atLeast(generation, 'ac')))
  if (atLeast(generation, 'ac') && ap.band === 5) into.add(vhtCapabilities(radio))
  if (atLeast(generation, 'ax')) into.add(heCapabilities(radio))
  if (ap.band === 6) into.add(sixGhzCapabilities())
  if (frame === 'association request') into.add(wmmInformation())
  else into.add(element(221, 0x00, 0x17, 0xf2, 0x0a, 0x00, 0x01, 0x04, 0x00, 0x00, 0x00, 0x00)) // Apple's mark
}

/** Name that a probing client asks for: mostly none (the wildcard SSID, 9.4.2.2), else one that it knows. */
export const ASKED_SSIDS: readonly Uint8Array[] = [
  new Uint8Array(0),
  new Uint8Array(0),
  new Uint8Array(0),
  ascii('HomeNet'),
  ascii('Airport-Free-WiFi'),
]
