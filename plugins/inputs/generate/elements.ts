/** Elements that every kind of network sends. Clauses are those of IEEE 802.11-2020. */
import { ascii, join, type Part, u16, zeros } from './bytes.ts'

export type Band = 2 | 5 | 6

/** @throws RangeError when the body is longer than an element holds (9.4.2.1) */
export function element(id: number, ...body: readonly Part[]): Uint8Array {
  const bytes = join(...body)
  if (bytes.length > 255) throw new RangeError(`element ${id} of ${bytes.length} bytes`)
  return join(id, bytes.length, bytes)
}

/** An element with an Element ID Extension. */
export function extension(id: number, ...body: readonly Part[]): Uint8Array {
  return element(255, id, ...body)
}

/** Vendor specific, 9.4.2.25. */
export function vendor(oui: readonly [number, number, number], ...body: readonly Part[]): Uint8Array {
  return element(221, [...oui], ...body)
}

const MICROSOFT = [0x00, 0x50, 0xf2] as const
const WIFI_ALLIANCE = [0x50, 0x6f, 0x9a] as const

/** 9.4.2.2 */
export function ssidElement(ssid: Uint8Array): Uint8Array {
  return element(0, ssid)
}

/** Supported Rates and, in 2.4 GHz, their extension (9.4.2.3, 9.4.2.13), in 500 kb/s; the high bit marks basic rates. */
export function rates(band: Band): { supported: Uint8Array; extended?: Uint8Array } {
  if (band === 2) {
    return { supported: element(1, 0x82, 0x84, 0x8b, 0x96, 0x24, 0x30, 0x48, 0x6c), extended: element(50, 0x0c, 0x12, 0x18, 0x60) }
  }
  return { supported: element(1, 0x8c, 0x12, 0x98, 0x24, 0xb0, 0x48, 0x60, 0x6c) }
}

/** DSSS Parameter Set, 9.4.2.4 */
export function dsParameter(channel: number): Uint8Array {
  return element(3, channel)
}

/** Place of the DTIM count in a TIM element; behind it lie period, bitmap control and partial virtual bitmap. */
export const TIM_COUNT = 2

/** 9.4.2.5; count, bitmap control and bitmap are filled in for each beacon. */
export function tim(period: number, bitmap: number): Uint8Array {
  return element(5, 0, period, 0, zeros(bitmap))
}

/** 9.4.2.8; the length must be even, which 5 GHz with three triplets is as well. */
export function country(code: string, band: Band): Uint8Array {
  if (band === 2) return element(7, ascii(`${code} `), 1, 13, 20)
  if (band === 5) return element(7, ascii(`${code} `), 36, 4, 23, 52, 4, 23, 100, 11, 30)
  return element(7, ascii(code), 4, 1, 24, 23)
}

/** BSS Load, 9.4.2.27; place of the station count, with the utilization two bytes behind it. */
export const LOAD_STATIONS = 2

export function bssLoad(): Uint8Array {
  return element(11, u16(0), 0, u16(31250))
}

/** Extended Capabilities, 9.4.2.26: BSS transition (bit 19), interworking left out, operating mode notification (bit 62). */
export function extendedCapabilities(modern: boolean): Uint8Array {
  return modern
    ? element(127, 0x04, 0x00, 0x0a, 0x02, 0x00, 0x00, 0x00, 0x40, 0x00, 0x40)
    : element(127, 0x01, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00)
}

/** RM Enabled Capabilities, 9.4.2.44: neighbour reports and beacon measurements. */
export function radioMeasurement(): Uint8Array {
  return element(70, 0x72, 0x08, 0x01, 0x00, 0x00)
}

/** Overlapping BSS Scan Parameters, 9.4.2.58: the values that hostapd sends. */
export function overlappingScan(): Uint8Array {
  return element(74, u16(20), u16(10), u16(300), u16(200), u16(20), u16(5), u16(25))
}

/** WMM parameters (Wi-Fi Multimedia 2.2.2): ACI and AIFSN, contention window, TXOP limit of four access categories. */
export function wmmParameters(count: number): Uint8Array {
  const categories = [0x03, 0xa4, 0x00, 0x00, 0x27, 0xa4, 0x00, 0x00, 0x42, 0x43, 0x5e, 0x00, 0x62, 0x32, 0x2f, 0x00]
  return vendor([...MICROSOFT], 2, 1, 1, 0x80 | count, 0, categories)
}

/** What a client sends instead, WMM information. */
export function wmmInformation(): Uint8Array {
  return vendor([...MICROSOFT], 2, 0, 1, 0)
}

/** WPA of before 2004: version 1, group and pairwise TKIP, PSK. */
export function wpa1(): Uint8Array {
  const suite = (type: number): number[] => [...MICROSOFT, type]
  return vendor([...MICROSOFT], 1, u16(1), suite(2), u16(1), suite(2), u16(1), suite(2))
}

/** Wi-Fi Protected Setup: attributes of type and length, big-endian; probe responses say what device it is. */
export function wps(device?: string): Uint8Array {
  const attribute = (type: number, ...value: readonly Part[]): Uint8Array => {
    const bytes = join(...value)
    return join(type >> 8, type & 255, bytes.length >> 8, bytes.length & 255, bytes)
  }
  const version = attribute(0x104a, 0x10)
  const configured = attribute(0x1044, 0x02)
  const version2 = attribute(0x1049, 0x00, 0x37, 0x2a, 0x00, 0x01, 0x20)
  if (device === undefined) return vendor([...MICROSOFT], 4, version, configured, version2)
  const details = [
    attribute(0x103b, 0x03),
    attribute(0x1021, ascii('Example Networks')),
    attribute(0x1023, ascii(device)),
    attribute(0x1054, 0x00, 0x06, ...MICROSOFT, 0x04, 0x00, 0x01),
    attribute(0x1011, ascii(device)),
    attribute(0x1008, 0x20, 0x08),
  ]
  return vendor([...MICROSOFT], 4, version, configured, ...details, version2)
}

/** Wi-Fi Agile Multiband: one attribute, MBO AP capability. */
export function multiband(): Uint8Array {
  return vendor([...WIFI_ALLIANCE], 0x16, 0x01, 0x01, 0x00)
}

/** Marks that chip vendors leave in beacons; they have no published layout. */
export const CHIP_MARKS: readonly Uint8Array[] = [
  vendor([0x00, 0x10, 0x18], 0x02, 0x00, 0x00, 0x1c, 0x00, 0x00),
  vendor([0x8c, 0xfd, 0xf0], 0x01, 0x01, 0x02, 0x01, 0x00, 0x02, 0x01, 0x01),
  vendor([0x00, 0x0c, 0xe7], 0x08, 0x00, 0x00, 0x00),
  vendor([0x00, 0x03, 0x7f], 0x01, 0x01, 0x00, 0x00, 0xff, 0x7f),
]
