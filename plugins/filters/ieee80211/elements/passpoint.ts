/** What is said before joining: interworking, roaming consortium, Hotspot 2.0, FILS; and agreed wake times. Part of the table of neighbors.ts. */
import type { Event } from '../../../../core/event/event.ts'
import { mac48, u16, u32 } from '../bytes.ts'
import type { FamilyHandlers } from './chain.ts'

const interworking = { type: 'int', emit: 'full', source: '9.4.2.92' } as const
const flag = { type: 'bool', emit: 'full' } as const
const oi = { type: 'bytes', emit: 'full', source: '9.4.2.96' } as const
const hotspot = { type: 'int', emit: 'full', source: 'Hotspot 2.0' } as const
const fils = { type: 'bool', emit: 'full', source: '9.4.2.182' } as const
const wake = { type: 'int', emit: 'full', source: '9.4.2.199' } as const

export const passpointFields = {
  accessNetwork: { ...interworking, path: 'wlan.interworking.access_network_type', description: 'Access network type.' },
  internet: { ...flag, path: 'wlan.interworking.internet', description: 'The network offers the internet.', source: '9.4.2.92' },
  asra: { ...flag, path: 'wlan.interworking.asra', description: 'A further step is needed for access.', source: '9.4.2.92' },
  venueGroup: { ...interworking, path: 'wlan.fixed.venue_info.group', description: 'What kind of place it is: 1 assembly, 2 business …' },
  venueType: { ...interworking, path: 'wlan.fixed.venue_info.type', description: 'Kind within the group.' },
  hessid: { path: 'wlan.interworking.hessid', type: 'mac', class: 'device_address', emit: 'full', description: 'HESSID.', source: '9.4.2.92' },
  roamingMore: {
    type: 'int',
    emit: 'full',
    path: 'wlan.roaming_consortium.num_anqp_oi',
    description: 'Further OIs to ask for by ANQP.',
    source: '9.4.2.96',
  },
  roaming1: { ...oi, path: 'wlan.roaming_consortium.oi1', description: 'First OI of the roaming consortium.' },
  roaming2: { ...oi, path: 'wlan.roaming_consortium.oi2', description: 'Second OI.' },
  roaming3: { ...oi, path: 'wlan.roaming_consortium.oi3', description: 'Third OI.' },
  hs20Version: { ...hotspot, path: 'wlan.hs20.indication.version_number', description: 'Hotspot 2.0 release, minus 1.' },
  hs20Dgaf: { ...flag, path: 'wlan.hs20.indication.dgaf_disabled', description: 'No group frames are sent down.', source: 'Hotspot 2.0' },
  hs20Domain: { ...hotspot, path: 'wlan.hs20.indication.domain_id', description: 'ANQP domain.' },
  filsRealms: {
    type: 'int',
    emit: 'full',
    path: 'wlan.fils_indication.info.nr_realm',
    description: 'Realms that are told by hash.',
    source: '9.4.2.182',
  },
  filsShared: { ...fils, path: 'wlan.fils_indication.info.ska_without_pfs', description: 'FILS with a shared key.' },
  filsPfs: { ...fils, path: 'wlan.fils_indication.info.ska_with_pfs', description: 'FILS with a shared key and forward secrecy.' },
  filsPublic: { ...fils, path: 'wlan.fils_indication.info.pka', description: 'FILS with public keys.' },
  twtNegotiation: { ...wake, path: 'wlan.twt.neg_type', description: '0 individual wake times, 2 and 3 broadcast ones.' },
  twtCommand: { ...wake, path: 'wlan.twt.setup_cmd', description: '0 request, 1 suggest, 2 demand, 4 accept, 5 alternate, 6 dictate, 7 reject.' },
  twtFlow: { ...wake, path: 'wlan.twt.flow_id', description: 'Flow of an individual agreement.' },
  twtTime: {
    path: 'wlan.twt.target_wake_time',
    type: 'u64',
    emit: 'full',
    unit: 'us',
    description: 'TSF of the first wake time.',
    source: '9.4.2.199',
  },
  twtDuration: { ...wake, path: 'wlan.twt.nom_min_twt_wake_duration', description: 'Time awake, in 256 us.' },
  twtMantissa: { ...wake, path: 'wlan.twt.wake_interval_mantissa', unit: 'us', description: 'Interval, times 2 to the power of the exponent.' },
  twtExponent: { ...wake, path: 'wlan.twt.wake_interval_exp', description: 'Exponent of the interval.' },
} as const

type Places = Readonly<Record<keyof typeof passpointFields, number>>

/** The Hotspot 2.0 indication of the Wi-Fi Alliance behind its type at bytes[at … end): a byte of flags, then a management object and a domain. */
export function hotspotIndication(event: Event, base: number, f: Places, at: number, end: number): void {
  const { bytes } = event
  if (at >= end) return
  event.put(base + f.hs20Version, bytes[at] >> 4)
  event.put(base + f.hs20Dgaf, bytes[at] & 1)
  const domain = at + 1 + (bytes[at] & 2 ? 2 : 0)
  if (bytes[at] & 4 && domain + 2 <= end) event.put(base + f.hs20Domain, u16(bytes, domain))
}

/** Makes the handlers; `f` gives the places of `passpointFields` in the table that begins at `base`. */
export function passpointHandlers(base: number, f: Places): FamilyHandlers {
  const network = (event: Event, at: number, end: number) => {
    const { bytes } = event
    const length = end - at
    if (length < 1) return
    event.put(base + f.accessNetwork, bytes[at] & 15)
    event.put(base + f.internet, (bytes[at] >> 4) & 1)
    event.put(base + f.asra, (bytes[at] >> 5) & 1)
    if (length === 3 || length === 9) {
      event.put(base + f.venueGroup, bytes[at + 1])
      event.put(base + f.venueType, bytes[at + 2])
    }
    if (length === 7 || length === 9) event.put(base + f.hessid, mac48(bytes, end - 6))
  }

  const roaming = (event: Event, start: number, end: number) => {
    const { bytes } = event
    if (end - start < 2) return
    event.put(base + f.roamingMore, bytes[start])
    const first = bytes[start + 1] & 15
    const second = bytes[start + 1] >> 4
    const third = end - start - 2 - first - second
    if (third < 0) return
    if (first > 0) event.put(base + f.roaming1, start + 2, first)
    if (second > 0) event.put(base + f.roaming2, start + 2 + first, second)
    if (third > 0) event.put(base + f.roaming3, end - third, third)
  }

  const indication = (event: Event, at: number, end: number) => {
    if (at + 2 > end) return
    const info = u16(event.bytes, at)
    event.put(base + f.filsRealms, (info >> 3) & 7)
    event.put(base + f.filsShared, (info >> 9) & 1)
    event.put(base + f.filsPfs, (info >> 10) & 1)
    event.put(base + f.filsPublic, (info >> 11) & 1)
  }

  const wakeTime = (event: Event, at: number, end: number) => {
    const { bytes } = event
    if (at + 3 > end) return
    const negotiation = (bytes[at] >> 2) & 3
    event.put(base + f.twtNegotiation, negotiation)
    const request = u16(bytes, at + 1)
    event.put(base + f.twtCommand, (request >> 1) & 7)
    // Broadcast agreements go on in another way.
    if (negotiation > 0 || at + 15 > end) return
    event.put(base + f.twtFlow, (request >> 7) & 7)
    event.put(base + f.twtExponent, (request >> 10) & 31)
    event.put(base + f.twtTime, u32(bytes, at + 7), u32(bytes, at + 3))
    event.put(base + f.twtDuration, bytes[at + 11])
    event.put(base + f.twtMantissa, u16(bytes, at + 12))
  }

  return { first: { 107: network, 111: roaming, 216: wakeTime, 240: indication } }
}
