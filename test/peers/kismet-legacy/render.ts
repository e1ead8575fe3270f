/** Lines as a legacy server prints them. */
import type { Row } from './server.ts'

const QUOTED: Readonly<Record<string, readonly string[]>> = {
  BSSID: ['manuf', 'cdpdevice', 'cdpport'],
  SSID: ['ssid', 'beaconinfo', 'dot11d'],
  CLIENT: ['manuf', 'cdpdevice', 'cdpport', 'dhcphost', 'dhcpvendor'],
  STATUS: ['text'],
  ALERT: ['text'],
  STRING: ['string'],
  NETTAG: ['tag', 'value'],
  CLITAG: ['tag', 'value'],
  GPS: ['satinfo'],
  SOURCE: ['warning'],
  PLUGIN: ['filename', 'name', 'version', 'description'],
  CRITFAIL: ['message'],
}
/** What stands for "no data". */
const NOTHING: Readonly<Record<string, string>> = {
  manuf: 'Unknown',
  cdpdevice: ' ',
  cdpport: ' ',
  beaconinfo: ' ',
  dot11d: 'XXX:',
  dhcphost: '',
  dhcpvendor: '',
  freqmhz: '',
  minlat: '90',
  maxlat: '-90',
  minlon: '180',
  maxlon: '-180',
  minalt: '100000',
  minspd: '100000',
  maxalt: '-100000',
  maxspd: '-100000',
  maxsignal_dbm: '-256',
  maxnoise_dbm: '-256',
  minsignal_rssi: '1024',
  minnoise_rssi: '1024',
  ip: '0.0.0.0',
  rangeip: '0.0.0.0',
  netmaskip: '0.0.0.0',
  gatewayip: '0.0.0.0',
  satinfo: '',
  warning: '',
  text: '',
  value: '',
}
const MACS = new Set(['bssid', 'mac', 'source', 'dest', 'other'])

/** Every byte outside of printable ASCII as a backslash and three octal digits. */
export function munge(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`)).join('')
}

export function render(sentence: string, fields: readonly string[], row: Row): string {
  const values = fields.map((field) => {
    // An 8-bit number printed as a character: the first bug, which cuts the line when it is 0.
    if (field === 'wps') return String.fromCharCode(Number(row.wps ?? 0))
    const value = row[field] ?? NOTHING[field] ?? (MACS.has(field) ? '00:00:00:00:00:00' : '0')
    return QUOTED[sentence]?.includes(field) ? `\x01${value}\x01` : String(value)
  })
  const line = `*${sentence}: ${values.map((value) => `${value} `).join('')}`
  const nul = line.indexOf('\0')
  return nul < 0 ? line : line.slice(0, nul)
}
