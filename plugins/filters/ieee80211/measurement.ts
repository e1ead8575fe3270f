/** Measurement requests and reports (IEEE 802.11-2020 clauses 9.4.2.20 and 9.4.2.21), one element for each. Part of the table of action-detail.ts. */
import type { Event } from '../../../core/event/event.ts'
import { isUtf8, mac48, u16 } from './bytes.ts'
import type { Chain } from './elements/chain.ts'
import { putList, putPairs } from './put.ts'

const many = { type: 'int', list: true, emit: 'full' } as const
const request = { ...many, source: '9.4.2.20' } as const
const report = { ...many, source: '9.4.2.21' } as const
const addresses = { type: 'mac', list: true, class: 'device_address', emit: 'full' } as const

export const measurementFields = {
  requestToken: { ...request, path: 'wlan.measure.req.token', description: 'Tokens of measurement requests and reports.' },
  requestType: {
    ...request,
    path: 'wlan.measure.req.reqtype',
    description: 'What is to be measured: 3 channel load, 4 noise, 5 beacons, 6 frames …',
  },
  requestClass: { ...request, path: 'wlan.measure.req.operatingclass', description: 'Operating classes to measure in.' },
  requestChannel: { ...request, path: 'wlan.measure.req.channelnumber', description: 'Channels to measure on; 0 all, 255 those of a report.' },
  requestDuration: { ...request, path: 'wlan.measure.req.duration', unit: 'TU', description: 'How long to measure.' },
  requestMode: { ...request, path: 'wlan.measure.req.measurementmode', description: 'Beacons: 0 passive, 1 active, 2 from memory.' },
  requestBssid: { ...addresses, path: 'wlan.measure.req.bssid', description: 'BSSIDs to look for.', source: '9.4.2.20.7' },
  requestSsid: {
    path: 'wlan.measure.req.beacon.sub.ssid',
    type: 'text',
    list: true,
    class: 'ssid',
    emit: 'full',
    description: 'Names to look for.',
    source: '9.4.2.20.7',
  },
  reportType: { ...report, path: 'wlan.measure.rep.reptype', description: 'What was measured.' },
  reportClass: { ...report, path: 'wlan.measure.rep.operatingclass', description: 'Operating classes.' },
  reportChannel: { ...report, path: 'wlan.measure.rep.channelnumber', description: 'Channels.' },
  reportDuration: { ...report, path: 'wlan.measure.rep.duration', unit: 'TU', description: 'How long it was measured.' },
  reportLoad: { ...report, path: 'wlan.measure.rep.chanload', description: 'Channel load, 255 is all the time.' },
  reportSignal: { ...report, path: 'wlan.measure.rep.rcpi', description: 'Signal: -110 dBm and so many half dB.' },
  reportNoise: { ...report, path: 'wlan.measure.rep.rsni', description: 'Signal above noise: -10 dB and so many half dB.' },
  reportBssid: { ...addresses, path: 'wlan.measure.rep.bssid', description: 'BSSIDs that were heard.', source: '9.4.2.21.7' },
} as const

const REQUEST = 38
const REPORT = 39
const CHANNEL_LOAD = 3
const BEACON = 5
const FRAME = 6
/** Bytes of a beacon request before its subelements, and of the fixed part of reports, with token, mode and type. */
const BEACON_REQUEST = 16
const BEACON_REPORT = 29

/** Makes what reads the elements of a chain; `f` gives the places of `measurementFields` in the table that begins at `base`. */
export function measurementReader(base: number, f: Readonly<Record<keyof typeof measurementFields, number>>): (event: Event, chain: Chain) => void {
  const requests: number[] = []
  const reports: number[] = []

  /** The elements of those types that are at least so long. */
  const choose = (bytes: Uint8Array, all: readonly number[], least: number, types: (type: number) => boolean) =>
    all.filter((at) => bytes[at - 1] >= least && types(bytes[at + 2]))

  const store = (event: Event, key: number, chosen: readonly number[], read: (at: number) => number) =>
    putList(event, base + key, chosen.length, (i) => read(chosen[i]))

  const names = (event: Event, beacons: readonly number[]) => {
    const { bytes } = event
    const pairs: number[] = []
    for (const element of beacons) {
      const end = element + bytes[element - 1]
      for (let at = element + BEACON_REQUEST; at + 2 <= end && at + 2 + bytes[at + 1] <= end; at += 2 + bytes[at + 1])
        if (bytes[at] === 0 && isUtf8(bytes, at + 2, at + 2 + bytes[at + 1])) pairs.push(at + 2, bytes[at + 1])
    }
    putPairs(event, base + f.requestSsid, pairs)
  }

  return (event, chain) => {
    const { bytes } = event
    requests.length = reports.length = 0
    for (let i = 0; i < chain.count; i++) {
      const at = chain.at[i]
      if (bytes[at + 1] < 3) continue
      if (bytes[at] === REQUEST) requests.push(at + 2)
      else if (bytes[at] === REPORT) reports.push(at + 2)
    }
    if (requests.length + reports.length === 0) return
    const radio = (type: number) => type >= CHANNEL_LOAD && type <= FRAME
    const beacon = (type: number) => type === BEACON
    store(event, f.requestToken, [...requests, ...reports], (at) => bytes[at])
    store(event, f.requestType, requests, (at) => bytes[at + 2])
    const asked = choose(bytes, requests, 9, radio)
    store(event, f.requestClass, asked, (at) => bytes[at + 3])
    store(event, f.requestChannel, asked, (at) => bytes[at + 4])
    store(event, f.requestDuration, asked, (at) => u16(bytes, at + 7))
    const beacons = choose(bytes, requests, BEACON_REQUEST, beacon)
    store(event, f.requestMode, beacons, (at) => bytes[at + 9])
    store(event, f.requestBssid, beacons, (at) => mac48(bytes, at + 10))
    names(event, beacons)
    store(event, f.reportType, reports, (at) => bytes[at + 2])
    const told = choose(bytes, reports, 15, radio)
    store(event, f.reportClass, told, (at) => bytes[at + 3])
    store(event, f.reportChannel, told, (at) => bytes[at + 4])
    store(event, f.reportDuration, told, (at) => u16(bytes, at + 13))
    const loads = choose(bytes, reports, 16, (type) => type === CHANNEL_LOAD)
    store(event, f.reportLoad, loads, (at) => bytes[at + 15])
    const heard = choose(bytes, reports, BEACON_REPORT, beacon)
    store(event, f.reportSignal, heard, (at) => bytes[at + 16])
    store(event, f.reportNoise, heard, (at) => bytes[at + 17])
    store(event, f.reportBssid, heard, (at) => mac48(bytes, at + 18))
  }
}
