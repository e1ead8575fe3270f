/** Other networks and links of the same access point: reduced neighbour report, multiple BSSID, multi-link. Part of the table of neighbors.ts. */
import type { Event } from '../../../../core/event/event.ts'
import { isUtf8, mac48, u16, u24, u32 } from '../bytes.ts'
import type { Place } from '../place.ts'
import { gathered, putPairs } from '../put.ts'
import { type ElementHandler, EXTENDED, type FamilyHandlers } from './chain.ts'

const rnr = { type: 'int', list: true, emit: 'full', source: '9.4.2.170' } as const
const multiple = { type: 'int', list: true, emit: 'full', source: '9.4.2.45' } as const
const multiLink = { type: 'int', emit: 'full', source: '802.11be 9.4.2.312' } as const
const addresses = { type: 'mac', list: true, class: 'device_address', emit: 'full' } as const

export const linkFields = {
  rnrBssid: { ...addresses, path: 'wlan.rnr.tbtt_info.bssid', description: 'BSSIDs of the reduced neighbour report.', source: '9.4.2.170' },
  rnrChannel: { ...rnr, path: 'wlan.rnr.tbtt_info.channel_num', description: 'Channels of the reduced neighbour report.' },
  rnrClass: { ...rnr, path: 'wlan.rnr.tbtt_info.operating_class', description: 'Operating classes of it.' },
  rnrShort: { ...rnr, path: 'wlan.rnr.tbtt_info.sh_ssid', description: 'CRC-32 of the names.' },
  rnrParameters: {
    ...rnr,
    path: 'wlan.rnr.tbtt_info.bss_parameters',
    description: 'Bits: 2 same name, 4 multiple BSSID, 8 transmitted, 64 co-located …',
  },
  rnrPower: { ...rnr, path: 'wlan.rnr.tbt_info.psd_subfield', description: 'Highest power density, in half dBm/MHz.' },
  rnrMld: {
    ...rnr,
    path: 'wlan.rnr.tbtt_info.mld_parameters.mld_id',
    description: 'Multi-link devices: 0 the sender.',
    source: '802.11be 9.4.2.170',
  },
  rnrLink: { ...rnr, path: 'wlan.rnr.tbtt_info.mld_parameters.link_id', description: 'Their links.', source: '802.11be 9.4.2.170' },
  maxBssid: {
    type: 'int',
    emit: 'full',
    path: 'wlan.multiple_bssid.max',
    alias: ['wlan.multiple_bssid'],
    description: 'Multiple BSSID: at most 2 to this power.',
    source: '9.4.2.45',
  },
  profileSsid: {
    path: 'wlan.multiple_bssid.ssid',
    type: 'text',
    class: 'ssid',
    list: true,
    description: 'Names of the other networks of a multiple BSSID set.',
    source: '9.4.2.45',
  },
  profileIndex: { ...multiple, path: 'wlan.multiple_bssid_index.bssid_index', description: 'Places of the other networks in the set.' },
  profileCapabilities: { ...multiple, path: 'wlan.multiple_bssid.capabilities', description: 'Their capability information.' },
  profileBssid: {
    ...addresses,
    path: 'wlan.multiple_bssid.bssid',
    description: 'Their BSSIDs: that of the sender with its lower bits moved on by the place.',
    source: '9.4.2.45, computed',
  },
  mldAddress: {
    path: 'wlan.eht.multi_link.mld_mac',
    type: 'mac',
    class: 'device_address',
    description: 'Address of the multi-link device.',
    source: '802.11be 9.4.2.312',
  },
  mlControl: { ...multiLink, path: 'wlan.eht.multi_link.control', description: 'Multi-link control; the lower three bits are the variant, 0 basic.' },
  mlLink: { ...multiLink, path: 'wlan.eht.multi_link.link_id', description: 'Link that the frame was sent on.' },
  mlLinks: { ...multiLink, list: true, path: 'wlan.eht.multi_link.profile.link_id', description: 'Links that are described.' },
  mlAddresses: {
    ...addresses,
    path: 'wlan.eht.multi_link.profile.sta_mac',
    description: 'Addresses on these links, of those that are told.',
    source: '802.11be 9.4.2.312',
  },
} as const

/** Entries of the reduced neighbour report by their length (table 9-282): which of these parts each has, behind the offset of one byte. */
const BSSID = 1
const SHORT_SSID = 2
const PARAMETERS = 4
const POWER = 8
const MLD = 16
const ENTRIES: Readonly<Record<number, number>> = {
  2: PARAMETERS,
  5: SHORT_SSID,
  6: SHORT_SSID | PARAMETERS,
  7: BSSID,
  8: BSSID | PARAMETERS,
  9: BSSID | PARAMETERS | POWER,
  11: BSSID | SHORT_SSID,
  12: BSSID | SHORT_SSID | PARAMETERS,
  13: BSSID | SHORT_SSID | PARAMETERS | POWER,
}
/** From this length on all are there, and what a later standard adds. */
const WITH_MLD = 16

/** Makes the handlers; `f` gives the places of `linkFields` in the table that begins at `base`. */
export function linkHandlers(base: number, f: Readonly<Record<keyof typeof linkFields, number>>, place: Place): FamilyHandlers {
  const lists = {
    rnrBssid: [] as number[],
    rnrChannel: [] as number[],
    rnrClass: [] as number[],
    rnrShort: [] as number[],
    rnrParameters: [] as number[],
    rnrPower: [] as number[],
    rnrMld: [] as number[],
    rnrLink: [] as number[],
    profileIndex: [] as number[],
    profileCapabilities: [] as number[],
    profileBssid: [] as number[],
    mlLinks: [] as number[],
    mlAddresses: [] as number[],
  }
  const names: number[] = []
  const places = Object.entries(lists).map(([key, values]) => ({ field: base + f[key as keyof typeof lists], values }))
  /** Whether an element came that fills lists: most frames have none. */
  let gathering = false

  const entry = (bytes: Uint8Array, start: number, length: number) => {
    const parts = length >= WITH_MLD ? 31 : (ENTRIES[length] ?? (length > 7 ? BSSID : 0))
    let at = start + 1
    if (parts & BSSID) {
      lists.rnrBssid.push(mac48(bytes, at))
      at += 6
    }
    if (parts & SHORT_SSID) {
      lists.rnrShort.push(u32(bytes, at))
      at += 4
    }
    if (parts & PARAMETERS) lists.rnrParameters.push(bytes[at++])
    if (parts & POWER) lists.rnrPower.push(bytes[at++])
    if ((parts & MLD) === 0) return
    lists.rnrMld.push(bytes[at])
    lists.rnrLink.push((u24(bytes, at) >> 8) & 15)
  }

  /** Reduced neighbour report: sets of a header (type, count, length, class, channel) and that many entries. */
  const report = (bytes: Uint8Array, start: number, end: number) => {
    for (let at = start; at + 4 <= end; ) {
      const count = (bytes[at] >> 4) + 1
      const length = bytes[at + 1]
      const first = at + 4
      lists.rnrClass.push(bytes[at + 2])
      lists.rnrChannel.push(bytes[at + 3])
      if (length === 0 || first + count * length > end) return
      for (let i = 0; i < count; i++) entry(bytes, first + i * length, length)
      at = first + count * length
    }
  }

  /** The elements of one profile: capability, SSID, index (9.4.2.45). */
  const profile = (bytes: Uint8Array, start: number, end: number, bits: number) => {
    let named = false
    for (let at = start; at + 2 <= end; ) {
      const length = bytes[at + 1]
      const next = at + 2 + length
      if (next > end) return
      if (bytes[at] === 0 && !named) {
        named = true
        if (isUtf8(bytes, at + 2, next)) names.push(at + 2, length)
      } else if (bytes[at] === 83 && length === 2) lists.profileCapabilities.push(u16(bytes, at + 2))
      else if (bytes[at] === 85 && length > 0) {
        const index = bytes[at + 2]
        lists.profileIndex.push(index)
        // Management frames have the BSSID of the set's transmitter as third address.
        if ((place.control & 0x0c) === 0 && bits > 0 && bits <= 8) {
          const transmitted = mac48(bytes, place.mac + 16)
          const size = 2 ** bits
          lists.profileBssid.push(transmitted - (transmitted % size) + (((transmitted % size) + index) % size))
        }
      }
      at = next
    }
  }

  const multipleBssid = (event: Event, start: number, end: number) => {
    const { bytes } = event
    if (start >= end) return
    event.put(base + f.maxBssid, bytes[start])
    for (let at = start + 1; at + 2 <= end; ) {
      const next = at + 2 + bytes[at + 1]
      if (next > end) return
      if (bytes[at] === 0) profile(bytes, at + 2, next, bytes[start])
      at = next
    }
  }

  /** Control, common information with its length, then a subelement for each link that is described. */
  const links = (event: Event, start: number, end: number) => {
    const { bytes } = event
    if (end - start < 9) return
    const control = u16(bytes, start)
    event.put(base + f.mlControl, control)
    // Only the basic variant begins its common information with the address; bit 4 says that the link follows.
    if ((control & 7) === 0) {
      event.put(base + f.mldAddress, mac48(bytes, start + 3))
      if (control & 16 && start + 10 <= end) event.put(base + f.mlLink, bytes[start + 9] & 15)
    }
    for (let at = start + 2 + bytes[start + 2]; at + 4 <= end; at += 2 + bytes[at + 1]) {
      const next = at + 2 + bytes[at + 1]
      if (next > end) return
      if (bytes[at] !== 0 || bytes[at + 1] < 2) continue
      const sta = u16(bytes, at + 2)
      lists.mlLinks.push(sta & 15)
      if (sta & 32 && at + 11 <= next) lists.mlAddresses.push(mac48(bytes, at + 5))
    }
  }

  const gather =
    (handler: ElementHandler): ElementHandler =>
    (event, at, end) => {
      gathering = true
      handler(event, at, end)
    }

  return {
    first: { [EXTENDED + 107]: gather(links) },
    every: { 71: gather(multipleBssid), 201: gather((event, at, end) => report(event.bytes, at, end)) },
    done: (event) => {
      if (!gathering) return
      gathering = false
      for (const { field, values } of places) {
        gathered(event, field, values)
        values.length = 0
      }
      putPairs(event, base + f.profileSsid, names)
      names.length = 0
    },
  }
}
