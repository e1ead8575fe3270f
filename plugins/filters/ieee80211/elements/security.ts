/** What secures the network: RSN, RSNX, WPA, OWE transition (IEEE 802.11-2020 clause 9.4.2.24; WPA and OWE transition by the Wi-Fi Alliance). */
import type { Event } from '../../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../../core/event/fields.ts'
import { mac48, u16, u24be, u32be } from '../bytes.ts'
import { AKMS, CIPHERS } from '../names/security.ts'
import { AKM_TYPES, CIPHER_TYPES, WPA_AKM_TYPES, WPA_CIPHER_TYPES } from '../names/wireshark.ts'
import type { Place } from '../place.ts'
import { putList, putText } from '../put.ts'
import { EXTENDED, type Family } from './chain.ts'

const full = { type: 'int', emit: 'full', source: '9.4.2.24' } as const

export const security = fieldTable(
  'rsn',
  {
    version: { ...full, path: 'wlan.rsn.version', description: 'Version of RSN.' },
    gcsOui: { ...full, path: 'wlan.rsn.gcs.oui', description: 'OUI of the group cipher.' },
    gcs: { ...full, path: 'wlan.rsn.gcs.type', names: CIPHER_TYPES, description: 'Group cipher, as a number.' },
    gcsName: { path: 'wlan.rsn.gcs.name', type: 'name', names: CIPHERS, description: 'Group cipher.', source: '9.4.2.24.2' },
    pcsOui: { ...full, list: true, path: 'wlan.rsn.pcs.oui', description: 'OUIs of the pairwise ciphers.' },
    pcs: { ...full, list: true, path: 'wlan.rsn.pcs.type', names: CIPHER_TYPES, description: 'Pairwise ciphers, as numbers.' },
    pcsName: { path: 'wlan.rsn.pcs.name', type: 'name', list: true, names: CIPHERS, description: 'Pairwise ciphers.', source: '9.4.2.24.2' },
    akmOui: { ...full, list: true, path: 'wlan.rsn.akms.oui', description: 'OUIs of the AKM suites.' },
    akm: { ...full, list: true, path: 'wlan.rsn.akms.type', names: AKM_TYPES, description: 'AKM suites, as numbers.' },
    akmName: { path: 'wlan.rsn.akms.name', type: 'name', list: true, names: AKMS, description: 'AKM suites.', source: '9.4.2.24.3' },
    capabilities: { ...full, path: 'wlan.rsn.capabilities.value', alias: ['wlan.rsn.capabilities'], description: 'RSN capabilities.' },
    mfpr: { path: 'wlan.rsn.capabilities.mfpr', type: 'bool', description: 'Protected management frames are required.', source: '9.4.2.24.4' },
    mfpc: { path: 'wlan.rsn.capabilities.mfpc', type: 'bool', description: 'Protected management frames are possible.', source: '9.4.2.24.4' },
    pmkidCount: { ...full, path: 'wlan.rsn.pmkid.count', description: 'Number of PMKIDs.' },
    pmkid: { path: 'wlan.rsn.pmkid.list', type: 'bytes', list: true, emit: 'full', class: 'identity', description: 'PMKIDs.', source: '9.4.2.24.5' },
    gmcs: { ...full, path: 'wlan.rsn.gmcs.type', names: CIPHER_TYPES, description: 'Group management cipher.' },
    rsnx: {
      path: 'wlan.rsnx.value',
      type: 'bytes',
      emit: 'full',
      alias: ['wlan.rsnx'],
      description: 'RSN extension: bit 4 of the first byte is SAE H2E.',
      source: '9.4.2.241',
    },
    wpaVersion: { ...full, path: 'wlan.wfa.ie.wpa.version', description: 'Version of WPA.', source: 'WPA' },
    wpaGcs: { ...full, path: 'wlan.wfa.ie.wpa.mcs.type', names: WPA_CIPHER_TYPES, description: 'Group cipher of WPA.', source: 'WPA' },
    wpaPcs: {
      ...full,
      list: true,
      path: 'wlan.wfa.ie.wpa.ucs.type',
      names: WPA_CIPHER_TYPES,
      description: 'Pairwise ciphers of WPA.',
      source: 'WPA',
    },
    wpaAkm: { ...full, list: true, path: 'wlan.wfa.ie.wpa.type', names: WPA_AKM_TYPES, description: 'AKM suites of WPA.', source: 'WPA' },
    wpaGcsName: { path: 'wlan.wfa.ie.wpa.mcs.name', type: 'name', names: CIPHERS, description: 'Group cipher of WPA.', source: 'WPA' },
    wpaAkmName: { path: 'wlan.wfa.ie.wpa.akms.name', type: 'name', list: true, names: AKMS, description: 'AKM suites of WPA.', source: 'WPA' },
    oweBssid: {
      path: 'wlan.wfa.ie.owe.bssid',
      type: 'mac',
      class: 'device_address',
      description: 'The other BSS of an OWE transition.',
      source: 'OWE transition mode',
    },
    oweSsid: { path: 'wlan.wfa.ie.owe.ssid', type: 'text', class: 'ssid', description: 'Its name.', source: 'OWE transition mode' },
    oweGroup: { ...full, path: 'wlan.ext_tag.owe_dh_parameter.group', description: 'Group of the OWE Diffie-Hellman element.', source: 'RFC 8110' },
  },
  { repeats: true },
)

const VENDOR = 221
const MICROSOFT_WPA = 0x0050f201
const WFA_OWE = 0x506f9a1c

export const securityFamily: Family = {
  table: security,
  make(fields: Fields, place: Place) {
    const base = fields.base(security)
    const f = security.at

    /** A count and that many suites, or those of them that fit; returns the place behind them, -1 when nothing can follow. */
    const suites = (event: Event, at: number, end: number, keys: readonly number[], oui: number): number => {
      if (at + 2 > end) return -1
      const stated = u16(event.bytes, at)
      const count = Math.min(stated, (end - at - 2) >> 2)
      for (const key of keys) putList(event, base + key, count, (i) => event.bytes[at + 5 + 4 * i])
      if (oui >= 0) putList(event, base + oui, count, (i) => u24be(event.bytes, at + 2 + 4 * i))
      return count < stated && place.cut ? -1 : at + 2 + 4 * count
    }

    const rsn = (event: Event, start: number, end: number) => {
      const { bytes } = event
      if (start + 2 > end) return
      event.put(base + f.version, u16(bytes, start))
      if (start + 6 > end) return
      event.put(base + f.gcsOui, u24be(bytes, start + 2))
      event.put(base + f.gcs, bytes[start + 5])
      event.put(base + f.gcsName, bytes[start + 5])
      let at = suites(event, start + 6, end, [f.pcs, f.pcsName], f.pcsOui)
      if (at < 0) return
      at = suites(event, at, end, [f.akm, f.akmName], f.akmOui)
      if (at < 0 || at + 2 > end) return
      const capabilities = u16(bytes, at)
      event.put(base + f.capabilities, capabilities)
      event.put(base + f.mfpr, (capabilities >> 6) & 1)
      event.put(base + f.mfpc, (capabilities >> 7) & 1)
      at += 2
      if (at + 2 > end) return
      const count = u16(bytes, at)
      event.put(base + f.pmkidCount, count)
      at += 2
      if (at + 16 * count > end) return
      if (count > 0) {
        const first = event.listEnd
        for (let i = 0; i < count; i++) {
          event.push(at + 16 * i)
          event.push(16)
        }
        event.put(base + f.pmkid, first, count)
      }
      at += 16 * count
      if (at + 4 <= end) event.put(base + f.gmcs, bytes[at + 3])
    }

    let wpaSeen = false
    const wpa = (event: Event, start: number, end: number) => {
      const { bytes } = event
      if (start + 2 > end) return
      event.put(base + f.wpaVersion, u16(bytes, start))
      if (start + 6 > end) return
      event.put(base + f.wpaGcs, bytes[start + 5])
      event.put(base + f.wpaGcsName, bytes[start + 5])
      const at = suites(event, start + 6, end, [f.wpaPcs], -1)
      if (at >= 0) suites(event, at, end, [f.wpaAkm, f.wpaAkmName], -1)
    }

    const owe = (event: Event, at: number, end: number) => {
      if (at + 7 > end) return
      event.put(base + f.oweBssid, mac48(event.bytes, at))
      const length = event.bytes[at + 6]
      if (at + 7 + length <= end) putText(event, base + f.oweSsid, at + 7, at + 7 + length)
    }

    const vendor = (event: Event, at: number, end: number) => {
      if (end - at < 4) return
      const kind = u32be(event.bytes, at)
      if (kind === MICROSOFT_WPA && !wpaSeen) {
        wpaSeen = true
        wpa(event, at + 4, end)
      } else if (kind === WFA_OWE) owe(event, at + 4, end)
    }

    return {
      first: {
        48: rsn,
        244: (event, at, end) => event.put(base + f.rsnx, at, end - at),
        [EXTENDED + 32]: (event, at, end) => {
          if (end - at >= 2) event.put(base + f.oweGroup, u16(event.bytes, at))
        },
      },
      every: { [VENDOR]: vendor },
      partial: [48, VENDOR],
      done: () => {
        wpaSeen = false
      },
    }
  },
}
