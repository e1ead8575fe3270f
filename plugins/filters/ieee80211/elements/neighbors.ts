/** Elements about other networks and other links: neighbour reports, fast transition, names that vendors give to access points; and what the files beside it read. */
import type { Event } from '../../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../../core/event/fields.ts'
import { mac48, u24be, u32, u32be } from '../bytes.ts'
import type { Place } from '../place.ts'
import { putList, putTrimmed } from '../put.ts'
import type { Chain, Family } from './chain.ts'
import { linkFields, linkHandlers } from './links.ts'
import { meshFields, meshHandlers } from './mesh.ts'
import { hotspotIndication, passpointFields, passpointHandlers } from './passpoint.ts'

const full = { type: 'int', emit: 'full' } as const
const addresses = { type: 'mac', list: true, class: 'device_address', emit: 'full' } as const

export const neighbors = fieldTable(
  'neighbors',
  {
    reportBssid: { ...addresses, path: 'wlan.nreport.bssid', description: 'BSSIDs of neighbour reports.', source: '9.4.2.36' },
    reportChannel: { ...full, list: true, path: 'wlan.nreport.channumber', description: 'Channels of neighbour reports.', source: '9.4.2.36' },
    reportInfo: {
      ...full,
      list: true,
      path: 'wlan.nreport.bssid_info',
      alias: ['wlan.nreport.bssid.info'],
      description: 'What they are, as bits.',
      source: '9.4.2.36',
    },
    reportClass: { ...full, list: true, path: 'wlan.nreport.opeclass', description: 'Operating classes of neighbour reports.', source: '9.4.2.36' },
    reportPhy: {
      ...full,
      list: true,
      path: 'wlan.nreport.phytype',
      description: 'PHYs of neighbour reports: 7 HT, 9 VHT, 14 HE …',
      source: '9.4.2.36',
    },
    ...linkFields,
    ...meshFields,
    ...passpointFields,
    apName: {
      path: 'wlan.vendor.ap_name',
      alias: ['wlan.cisco.ccx1.name'],
      type: 'text',
      class: 'identity',
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
    ftR1: {
      path: 'wlan.ft.subelem.r1kh_id',
      type: 'bytes',
      class: 'device_address',
      emit: 'full',
      description: 'R1KH id of fast transition.',
      source: '9.4.2.47',
    },
    ftR0: {
      path: 'wlan.ft.subelem.r0kh_id',
      type: 'bytes',
      class: 'identity',
      emit: 'full',
      description: 'R0KH id of fast transition.',
      source: '9.4.2.47',
    },
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
  make(fields: Fields, place: Place) {
    const base = fields.base(neighbors)
    const f = neighbors.at
    const reports: number[] = []
    const links = linkHandlers(base, f, place)
    const mesh = meshHandlers(base, f)
    const passpoint = passpointHandlers(base, f)

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
      else if (oui === WFA && type === HOTSPOT) hotspotIndication(event, base, f, at + 4, end)
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

    const putReports = (event: Event) => {
      const { bytes } = event
      putList(event, base + f.reportBssid, reports.length, (i) => mac48(bytes, reports[i]))
      putList(event, base + f.reportInfo, reports.length, (i) => u32(bytes, reports[i] + 6))
      putList(event, base + f.reportClass, reports.length, (i) => bytes[reports[i] + 10])
      putList(event, base + f.reportChannel, reports.length, (i) => bytes[reports[i] + 11])
      putList(event, base + f.reportPhy, reports.length, (i) => bytes[reports[i] + 12])
      reports.length = 0
    }

    const done = (event: Event, chain: Chain) => {
      if (reports.length > 0) putReports(event)
      links.done?.(event, chain)
    }

    return {
      first: {
        ...links.first,
        ...mesh.first,
        ...passpoint.first,
        55: fastTransition,
        // Cisco CCX1: ten bytes, a name of sixteen, the number of stations.
        133: (event, at, end) => {
          if (end - at < 27) return
          putTrimmed(event, base + f.apName, at + 10, at + 26)
          event.put(base + f.apClients, event.bytes[at + 26])
        },
      },
      every: {
        ...links.every,
        52: (_event, at, end) => {
          if (end - at >= 13) reports.push(at)
        },
        221: vendor,
      },
      done,
    }
  },
}
