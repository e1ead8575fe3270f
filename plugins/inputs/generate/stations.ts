/** Who is on the air: access points with their networks, and the clients that use them. */
import { ascii, join } from './bytes.ts'
import { atLeast, GENERATIONS, type Generation, type Radio } from './capabilities.ts'
import type { Random } from './rng.ts'
import type { Security } from './security.ts'

export interface AccessPoint extends Radio {
  readonly index: number
  readonly bssid: Uint8Array
  readonly ssid: Uint8Array
  /** What its beacons say instead of the name: nothing, or as many zeros. */
  readonly shownSsid: Uint8Array
  /** MHz. */
  readonly frequency: number
  readonly security: Security
  /** How the sensor hears it, dBm. */
  readonly signal: number
  /** What its timer shows as the stream begins, in µs: TBTTs are where it divides by the beacon interval (11.1.3.2). */
  readonly tsf: number
  readonly dtimPeriod: number
  /** Which make: its OUI, chip mark and WPS model follow from it. */
  readonly make: number
  readonly wps: boolean
  readonly reportsLoad: boolean
}

export interface Client {
  readonly index: number
  readonly address: Uint8Array
  readonly ap: AccessPoint
  readonly generation: Generation
  readonly signal: number
  /** Association id, 1–2007. */
  readonly aid: number
}

// biome-ignore format: one table
const SSIDS = [
  'FRITZ!Box 7590 KQ', 'Vodafone-4E21', 'WLAN-838122', 'eduroam', 'Cafe Central', 'TP-Link_A4F0', 'UPC5551234', 'o2-WLAN91', 'Office', 'Guest',
  'MagentaWLAN-XK2P', 'NETGEAR37', 'linksys', 'HomeNet', 'DIRECT-7f-HP OfficeJet', 'IoT', 'Livebox-1E50', 'Ziggo8812', 'freifunk.example', 'Warehouse 4',
]
const RAW_SSIDS: readonly Uint8Array[] = [
  Uint8Array.of(0x43, 0x61, 0x66, 0xe9), // "Café" in Latin-1: not UTF-8
  Uint8Array.of(0xd6, 0xd0, 0xce, 0xc4, 0xcd, 0xf8), // Chinese in GBK: not UTF-8
  ascii('Bücherei ☕📶'),
  ascii('A name that is thirty-two bytes!'),
]
/** OUIs of makers of access points. */
const OUIS = [0x3c3712, 0x50c7bf, 0xf492bf, 0x24a43c, 0x00265a, 0x88dc96]
/** OUIs of makers of phones and computers. */
const CLIENT_OUIS = [0x3c22fb, 0xa483e7, 0xd0c5d3, 0x001b77, 0x8c8590]

const CHANNELS_2 = [1, 6, 11, 1, 6, 11, 13]
const CHANNELS_5 = [36, 40, 44, 48, 52, 100, 116, 149]
const CHANNELS_6 = [5, 37, 69]

/** Which kinds of network there are, in turn, so that even a few are varied. */
const KINDS: readonly [Generation, Radio['band'], number, Security][] = [
  ['n', 2, 20, 'psk'],
  ['ac', 5, 80, 'psk'],
  ['ax', 2, 20, 'transition'],
  ['ax', 5, 80, 'transition'],
  ['n', 2, 40, 'psk'],
  ['be', 5, 160, 'sae'],
  ['g', 2, 20, 'wpa'],
  ['ac', 5, 80, 'enterprise'],
  ['n', 2, 20, 'open'],
  ['ax', 6, 160, 'sae'],
  ['n', 2, 20, 'psk'],
  ['ac', 5, 80, 'psk'],
  ['ax', 5, 80, 'suite_b'],
  ['be', 2, 20, 'transition'],
  ['n', 2, 20, 'psk'],
  ['ac', 5, 80, 'transition'],
  ['be', 6, 160, 'owe'],
]

/** MHz of a channel's first 20 MHz, from its number (annex E). */
function frequencyOf(band: Radio['band'], channel: number): number {
  if (band === 6) return 5950 + 5 * channel
  return band === 5 ? 5000 + 5 * channel : 2407 + 5 * channel
}

function address(oui: number, random: Random): Uint8Array {
  return join(oui >> 16, (oui >> 8) & 255, oui & 255, random.bytes(3))
}

/** Access points by their number; some in four hide their name now and then. */
export function accessPoints(count: number, intervalUs: number, random: Random): AccessPoint[] {
  return Array.from({ length: count }, (_, index) => {
    const [generation, band, width, security] = KINDS[index % KINDS.length]
    const channel = random.pick(band === 2 ? CHANNELS_2 : band === 5 ? CHANNELS_5 : CHANNELS_6)
    const ssid = index % 7 === 3 ? RAW_SSIDS[((index - 3) / 7) % RAW_SSIDS.length] : ascii(SSIDS[(index * 7) % SSIDS.length])
    const hidden = index % 9 === 4 ? (index % 2 === 0 ? new Uint8Array(0) : new Uint8Array(ssid.length)) : undefined
    const make = random.below(OUIS.length)
    return {
      index,
      generation,
      band,
      width: channel === 149 ? Math.min(width, 80) : width,
      security,
      channel,
      frequency: frequencyOf(band, channel),
      bssid: address(OUIS[make], random),
      ssid,
      shownSsid: hidden ?? ssid,
      signal: random.between(-86, -38),
      tsf: random.between(10, 4000) * 1_000_000_000 + random.below(intervalUs),
      dtimPeriod: random.pick([1, 1, 2, 3]),
      make,
      wps: (security === 'psk' || security === 'transition') && random.chance(0.6),
      reportsLoad: atLeast(generation, 'n') && random.chance(0.4),
    }
  })
}

/** Clients, each of one network, each no newer than it can use there. */
export function clients(count: number, aps: readonly AccessPoint[], random: Random): Client[] {
  return Array.from({ length: count }, (_, index) => {
    const ap = aps[index < aps.length ? index : random.below(aps.length)]
    const newest = GENERATIONS.indexOf(ap.generation)
    const own = address(random.pick(CLIENT_OUIS), random)
    if (random.chance(0.4)) own[0] = (own[0] & 0xfc) | 2 // a private address of its own for this network
    const generation = ap.band === 6 || random.chance(0.6) ? ap.generation : GENERATIONS[Math.max(0, newest - random.below(3))]
    return { index, address: own, ap, generation, signal: random.between(-84, -40), aid: 1 + (index % 2007) }
  })
}
