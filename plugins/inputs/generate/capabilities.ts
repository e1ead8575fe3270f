/** What the generations of 802.11 add to beacons: HT (n), VHT (ac), HE (ax) and EHT (be) elements. */
import { join, u16, u32, zeros } from './bytes.ts'
import { type Band, element, extension } from './elements.ts'

/** Rising, so that two stations talk as the lesser of them does. */
export const GENERATIONS = ['g', 'n', 'ac', 'ax', 'be'] as const
export type Generation = (typeof GENERATIONS)[number]

export function atLeast(generation: Generation, least: Generation): boolean {
  return GENERATIONS.indexOf(generation) >= GENERATIONS.indexOf(least)
}

export interface Radio {
  readonly band: Band
  readonly channel: number
  /** MHz. */
  readonly width: number
  readonly generation: Generation
}

/** Two spatial streams, MCS 0–9 or 0–11; streams 3–8 not supported (9.4.2.157.3, 9.4.2.247.4). */
const TWO_STREAMS = 0xfffa

/** HT Capabilities, 9.4.2.55: capability information, A-MPDU parameters, MCS set of two streams. */
export function htCapabilities({ width }: Radio): Uint8Array {
  const mcs = join(0xff, 0xff, zeros(14))
  return element(45, u16(width > 20 ? 0x09ef : 0x01ad), 0x17, mcs, u16(0), u32(0), 0)
}

/** HT Operation, 9.4.2.56; the secondary channel lies above (1) on every second 20 MHz channel, else below (3). */
export function htOperation({ band, channel, width }: Radio): Uint8Array {
  const above = band === 2 ? channel <= 7 : ((channel - (channel >= 149 ? 149 : 36)) / 4) % 2 === 0
  const secondary = width === 20 ? 0 : above ? 5 : 7
  return element(61, channel, secondary, u16(0x0004), u16(0), zeros(16))
}

/** Centre of the block of 80 or 160 MHz that a channel lies in, as a channel number. */
function centre({ band, channel }: Radio, width: number): number {
  const first = band === 6 ? 1 : channel >= 149 ? 149 : 36
  const channels = width / 20
  return first + Math.floor((channel - first) / 4 / channels) * 4 * channels + 2 * (channels - 1)
}

/** VHT Capabilities, 9.4.2.157. */
export function vhtCapabilities({ width }: Radio): Uint8Array {
  return element(191, u32(width >= 160 ? 0x0f8b79f6 : 0x0f8b79b2), u16(TWO_STREAMS), u16(0), u16(TWO_STREAMS), u16(0x2000))
}

/** VHT Operation, 9.4.2.158: 160 MHz is told by the second centre lying 8 channels off the first. */
export function vhtOperation(radio: Radio): Uint8Array {
  if (radio.width < 80) return element(192, 0, 0, 0, u16(0xfffc))
  return element(192, 1, centre(radio, 80), radio.width >= 160 ? centre(radio, 160) : 0, u16(0xfffc))
}

/** Transmit Power Envelope, 9.4.2.161, in half dB: one for each width up to `width`. */
export function transmitPower({ width }: Radio): Uint8Array {
  const count = Math.min(3, Math.log2(width / 20))
  return element(195, count, new Uint8Array(count + 1).fill(46))
}

/** HE Capabilities (9.4.2.248 of 802.11ax-2021), without PPE thresholds; 160 MHz has maps of its own. */
export function heCapabilities({ band, width }: Radio): Uint8Array {
  const mac = [0x03, 0x08, 0x08, 0x20, 0x40, 0x00]
  const widths = band === 2 ? (width > 20 ? 0x02 : 0x00) : width >= 160 ? 0x0c : 0x04
  const phy = [widths, 0x20, 0x4e, 0x02, 0x0d, 0x00, 0x40, 0x08, 0x00, 0x00, 0x00]
  const maps = width >= 160 && band !== 2 ? 4 : 2
  return extension(35, mac, phy, ...new Array(maps).fill(u16(TWO_STREAMS)))
}

/** HE Operation (9.4.2.249 of 802.11ax-2021); in 6 GHz it also says which channel. */
export function heOperation(radio: Radio, colour: number): Uint8Array {
  const parameters = [0xf4, 0x3f, radio.band === 6 ? 0x02 : 0x00]
  const wide = radio.width >= 160
  const sixGhz = radio.band === 6 ? [radio.channel, wide ? 3 : 2, centre(radio, 80), wide ? centre(radio, 160) : 0, 6] : []
  return extension(36, parameters, colour, u16(0xfffc), sixGhz)
}

/** HE 6 GHz Band Capabilities (9.4.2.263 of 802.11ax-2021). */
export function sixGhzCapabilities(): Uint8Array {
  return extension(59, u16(0x06bd))
}

/** MU EDCA Parameter Set (9.4.2.251 of 802.11ax-2021). */
export function muEdca(): Uint8Array {
  return extension(38, 0x00, 0x03, 0xa4, 0x08, 0x27, 0xa4, 0x08, 0x42, 0x43, 0x08, 0x62, 0x32, 0x08)
}

/** Spatial Reuse Parameter Set (9.4.2.252 of 802.11ax-2021): none allowed. */
export function spatialReuse(): Uint8Array {
  return extension(39, 0x03)
}

/** EHT Capabilities (9.4.2.313 of 802.11be): three bytes of maps for each of up to 80 and 160 MHz, or four for 20 MHz only in 2.4 GHz. */
export function ehtCapabilities({ band, width }: Radio): Uint8Array {
  const phy = [0x00, 0x80, 0x03, 0x60, 0x00, 0x00, 0x00, 0x00, 0x00]
  const maps = band === 2 && width === 20 ? 0 : width >= 160 ? 2 : 1
  return extension(108, u16(0x0082), phy, maps === 0 ? [0x22, 0x22, 0x22, 0x22] : new Uint8Array(maps * 3).fill(0x22))
}

/** EHT Operation (9.4.2.311 of 802.11be) with the operation information: width and centres. */
export function ehtOperation(radio: Radio): Uint8Array {
  const width = Math.min(3, Math.log2(radio.width / 20))
  const centres = radio.width >= 160 ? [centre(radio, 80), centre(radio, 160)] : [radio.width >= 80 ? centre(radio, 80) : radio.channel, 0]
  return extension(106, 0x01, u32(0x44444444), width, centres)
}

/** Basic Multi-Link element (9.4.2.312 of 802.11be): MLD address, link id, change count, MLD capabilities. */
export function multiLink(address: Uint8Array, link: number): Uint8Array {
  return extension(107, u16(0x0130), 1 + 6 + 1 + 1 + 2, address, link, 1, u16(0x0021))
}
