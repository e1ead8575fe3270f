/** Elements about other networks and other links: reports, multiple BSSID, multi-link, mesh, interworking, names that vendors give to access points. */
import type { Event } from '../../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../../core/event/fields.ts'
import { isUtf8, mac48, u16, u24be, u32be } from '../bytes.ts'
import { gathered, putList, putPairs, putText, putTrimmed } from '../put.ts'
import { EXTENDED, type Family } from './chain.ts'

const full = { type: 'int', emit: 'full' } as const
const oi = { type: 'bytes', emit: 'full', source: '9.4.2.96' } as const
const addresses = { type: 'mac', list: true, class: 'device_address', emit: 'full' } as const

export const neighbors = fieldTable(
  'neighbors',
  {
    meshId: { path: 'wlan.mesh.id', type: 'text', class: 'ssid', description: 'Name of the mesh, where it is valid UTF-8.', source: '9.4.2.98' },
    meshIdHex: {
      path: 'wlan.mesh.id_hex',
      type: 'bytes',
      class: 'ssid',
      emit: 'full',
      description: 'Name of the mesh as it was sent.',
      source: '9.4.2.98',
    },
    meshPeers: { ...full, path: 'wlan.mesh.config.formation_info.num_peers', description: 'Mesh peerings.', source: '9.4.2.97' },
    hwmpFlags: { ...full, path: 'wlan.hwmp.flags', description: 'Flags of a mesh path request, reply or root announcement.', source: '9.4.2.113' },
    reportBssid: { ...addresses, path: 'wlan.nreport.bssid', description: 'BSSIDs of neighbour reports.', source: '9.4.2.36' },
    reportChannel: { ...full, list: true, path: 'wlan.nreport.channumber', description: 'Channels of neighbour reports.', source: '9.4.2.36' },
    rnrBssid: { ...addresses, path: 'wlan.rnr.tbtt_info.bssid', description: 'BSSIDs of the reduced neighbour report.', source: '9.4.2.170' },
    rnrChannel: {
      ...full,
      list: true,
      path: 'wlan.rnr.tbtt_info.channel_num',
      description: 'Channels of the reduced neighbour report.',
      source: '9.4.2.170',
    },
    rnrClass: { ...full, list: true, path: 'wlan.rnr.tbtt_info.operating_class', description: 'Operating classes of it.', source: '9.4.2.170' },
    maxBssid: {
      ...full,
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
    mldAddress: {
      path: 'wlan.eht.multi_link.mld_mac',
      type: 'mac',
      class: 'device_address',
      description: 'Address of the multi-link device.',
      source: '802.11be 9.4.2.312',
    },
    mlControl: { ...full, path: 'wlan.eht.multi_link.control', description: 'Multi-link control.', source: '802.11be 9.4.2.312' },
    accessNetwork: { ...full, path: 'wlan.interworking.access_network_type', description: 'Access network type.', source: '9.4.2.92' },
    internet: { path: 'wlan.interworking.internet', type: 'bool', emit: 'full', description: 'The network offers the internet.', source: '9.4.2.92' },
    hessid: { path: 'wlan.interworking.hessid', type: 'mac', class: 'device_address', emit: 'full', description: 'HESSID.', source: '9.4.2.92' },
    roaming1: { ...oi, path: 'wlan.roaming_consortium.oi1', description: 'First OI of the roaming consortium.' },
    roaming2: { ...oi, path: 'wlan.roaming_consortium.oi2', description: 'Second OI.' },
    roaming3: { ...oi, path: 'wlan.roaming_consortium.oi3', description: 'Third OI.' },
    hs20Version: { ...full, path: 'wlan.hs20.indication.version_number', description: 'Hotspot 2.0 release, minus 1.', source: 'Hotspot 2.0' },
    apName: {
      path: 'wlan.vendor.ap_name',
      alias: ['wlan.cisco.ccx1.name'],
      type: 'text',
      description: 'Name that the access point was given (Cisco, Aruba, Mikrotik, Aerohive …).',
      source: 'vendor',
    },
    apClients: {
      path: 'wlan.vendor.clients',
      alias: ['wlan.cisco.ccx1.clients'],
      type: 'int',
      description: 'Stations, as the access point says.',
      source: 'Cisco CCX',
    },
    wmmQos: { ...full, path: 'wlan.wfa.ie.wme.qos_info', description: 'WMM QoS information.', source: 'WMM' },
    p2p: { path: 'wlan.wfa.ie.p2p', type: 'bool', emit: 'full', description: 'A Wi-Fi Direct element is there.', source: 'Wi-Fi Direct' },
    ftSnonce: { path: 'wlan.ft.snonce', type: 'bytes', emit: 'full', description: 'SNonce of fast transition.', source: '9.4.2.47' },
    ftR1: { path: 'wlan.ft.subelem.r1kh_id', type: 'bytes', emit: 'full', description: 'R1KH id of fast transition.', source: '9.4.2.47' },
    ftR0: { path: 'wlan.ft.subelem.r0kh_id', type: 'bytes', emit: 'full', description: 'R0KH id of fast transition.', source: '9.4.2.47' },
  },
  { repeats: true },
)

const ARUBA = 0x000b86
const MIKROTIK = 0x000c42
const AEROHIVE = 0x001977
const WMM = 0x0050f202
const WFA = 0x506f9a
const P2P = 9
const HOTSPOT = 16

export const neighborsFamily: Family = {
  table: neighbors,
  make(fields: Fields) {
    const base = fields.base(neighbors)
    const f = neighbors.at
    const reports: number[] = []
    const tbttBssids: number[] = []
    const tbttChannels: number[] = []
    const tbttClasses: number[] = []
    const profiles: number[] = []

    /** Reduced neighbour report: sets of a header (type, count, length, class, channel) and that many entries. */
    const rnr = (bytes: Uint8Array, start: number, end: number) => {
      for (let at = start; at + 4 <= end; ) {
        const count = (bytes[at] >> 4) + 1
        const length = bytes[at + 1]
        tbttClasses.push(bytes[at + 2])
        tbttChannels.push(bytes[at + 3])
        at += 4
        if (length === 0 || at + count * length > end) return
        // The BSSID is there in all entries but those of 1, 2, 5 and 6 bytes (table 9-282).
        if (length >= 7) for (let i = 0; i < count; i++) tbttBssids.push(mac48(bytes, at + i * length + 1))
        at += count * length
      }
    }

    /** Multiple BSSID: subelements of profiles, whose elements begin with capability and SSID. */
    const multipleBssid = (event: Event, start: number, end: number) => {
      const { bytes } = event
      if (start < end) event.put(base + f.maxBssid, bytes[start])
      for (let at = start + 1; at + 2 <= end; ) {
        const next = at + 2 + bytes[at + 1]
        if (next > end) return
        if (bytes[at] === 0)
          for (let inner = at + 2; inner + 2 <= next; inner += 2 + bytes[inner + 1]) {
            if (bytes[inner] !== 0) continue
            if (inner + 2 + bytes[inner + 1] <= next && isUtf8(bytes, inner + 2, inner + 2 + bytes[inner + 1]))
              profiles.push(inner + 2, bytes[inner + 1])
            break
          }
        at = next
      }
    }

    const multiLink = (event: Event, at: number, end: number) => {
      if (end - at < 9) return
      const control = u16(event.bytes, at)
      event.put(base + f.mlControl, control)
      // Only the basic variant begins its common information with the address.
      if ((control & 7) === 0) event.put(base + f.mldAddress, mac48(event.bytes, at + 3))
    }

    const interworking = (event: Event, at: number, end: number) => {
      const { bytes } = event
      const length = end - at
      if (length < 1) return
      event.put(base + f.accessNetwork, bytes[at] & 15)
      event.put(base + f.internet, (bytes[at] >> 4) & 1)
      if (length === 7 || length === 9) event.put(base + f.hessid, mac48(bytes, end - 6))
    }

    const roaming = (event: Event, start: number, end: number) => {
      const { bytes } = event
      if (end - start < 2) return
      const first = bytes[start + 1] & 15
      const second = bytes[start + 1] >> 4
      const third = end - start - 2 - first - second
      if (third < 0) return
      if (first > 0) event.put(base + f.roaming1, start + 2, first)
      if (second > 0) event.put(base + f.roaming2, start + 2 + first, second)
      if (third > 0) event.put(base + f.roaming3, end - third, third)
    }

    const fastTransition = (event: Event, start: number, end: number) => {
      const { bytes } = event
      if (end - start < 82) return
      event.put(base + f.ftSnonce, start + 50, 32)
      for (let at = start + 82; at + 2 <= end; at += 2 + bytes[at + 1]) {
        const length = bytes[at + 1]
        if (at + 2 + length > end) return
        if (bytes[at] === 1) event.put(base + f.ftR1, at + 2, length)
        if (bytes[at] === 3) event.put(base + f.ftR0, at + 2, length)
      }
    }

    const vendor = (event: Event, at: number, end: number) => {
      const { bytes } = event
      if (end - at < 5) return
      const oui = u24be(bytes, at)
      const type = bytes[at + 3]
      if (u32be(bytes, at) === WMM && end - at >= 7) event.put(base + f.wmmQos, bytes[at + 6])
      else if (oui === WFA && type === P2P) event.put(base + f.p2p, 1)
      else if (oui === WFA && type === HOTSPOT) event.put(base + f.hs20Version, bytes[at + 4] >> 4)
      else if (oui === ARUBA && type === 1 && bytes[at + 4] === 3 && end - at > 6) putTrimmed(event, base + f.apName, at + 6, end)
      else if (oui === AEROHIVE && type === 33 && end - at > 7) putTrimmed(event, base + f.apName, at + 7, Math.min(end, at + 7 + bytes[at + 6]))
      else if (oui === MIKROTIK && end - at >= 36) mikrotik(event, at, end)
    }

    /** Mikrotik: type, length, value behind two fixed bytes; type 1 holds the name from its tenth byte. */
    const mikrotik = (event: Event, start: number, end: number) => {
      const { bytes } = event
      for (let at = start + 6; at + 2 <= end; at += 2 + bytes[at + 1]) {
        const length = bytes[at + 1]
        if (at + 2 + length > end) return
        if (bytes[at] === 1 && length >= 26) putTrimmed(event, base + f.apName, at + 12, Math.min(at + 2 + length, at + 28))
      }
    }

    const done = (event: Event) => {
      const { bytes } = event
      putList(event, base + f.reportBssid, reports.length, (i) => mac48(bytes, reports[i]))
      putList(event, base + f.reportChannel, reports.length, (i) => bytes[reports[i] + 11])
      gathered(event, base + f.rnrBssid, tbttBssids)
      gathered(event, base + f.rnrChannel, tbttChannels)
      gathered(event, base + f.rnrClass, tbttClasses)
      putPairs(event, base + f.profileSsid, profiles)
      reports.length = tbttBssids.length = tbttChannels.length = tbttClasses.length = profiles.length = 0
    }

    return {
      first: {
        55: fastTransition,
        107: interworking,
        111: roaming,
        113: (event, at, end) => {
          if (end - at >= 6) event.put(base + f.meshPeers, (event.bytes[at + 5] >> 1) & 63)
        },
        114: (event, at, end) => {
          // Zero length is the wildcard of requests (9.4.2.98).
          if (end === at) return
          event.put(base + f.meshIdHex, at, end - at)
          putText(event, base + f.meshId, at, end)
        },
        130: (event, at, end) => {
          if (at < end) event.put(base + f.hwmpFlags, event.bytes[at])
        },
        131: (event, at, end) => {
          if (at < end) event.put(base + f.hwmpFlags, event.bytes[at])
        },
        // Cisco CCX1: ten bytes, a name of sixteen, the number of stations.
        133: (event, at, end) => {
          if (end - at < 27) return
          putTrimmed(event, base + f.apName, at + 10, at + 26)
          event.put(base + f.apClients, event.bytes[at + 26])
        },
        201: (event, at, end) => rnr(event.bytes, at, end),
        [EXTENDED + 107]: multiLink,
      },
      every: {
        52: (_event, at, end) => {
          if (end - at >= 13) reports.push(at)
        },
        71: multipleBssid,
        221: vendor,
      },
      done,
    }
  },
}
