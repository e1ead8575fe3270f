/** Frames under every kind of capture header, all saying the same: -42 dBm over -95 dBm, channel 6, 11 Mb/s. */

/** What the headers say, as `wlan_radio.*` has it. */
export const RADIO = { signal_dbm: -42, noise_dbm: -95, channel: 6, frequency: 2437, data_rate: 11 } as const

const { signal_dbm: SIGNAL, noise_dbm: NOISE, channel: CHANNEL, frequency: FREQUENCY } = RADIO
/** In units of 500 kb/s. */
const RATE = RADIO.data_rate * 2
/** CCK in the 2.4 GHz band, in radiotap and PPI alike. */
const CHANNEL_FLAGS = 0xa0

export interface Framing {
  readonly name: string
  /** LINKTYPE_ value. */
  readonly link: number
  /** Whether the FCS stays behind the frame. */
  readonly fcs: boolean
  /** Whether it says how the frame was received. */
  readonly radio: boolean
  /** The bytes in front of a frame of this length. */
  readonly header: (length: number) => readonly number[]
}

function le16(value: number): number[] {
  return [value & 255, (value >> 8) & 255]
}

function le32(value: number): number[] {
  return [...le16(value), ...le16(value >>> 16)]
}

function be32(value: number): number[] {
  return le32(value).reverse()
}

function bits(...numbers: readonly number[]): number {
  return numbers.reduce((word, bit) => word | (1 << bit), 0)
}

/** Flags, rate, channel, signal, noise. */
function radiotap(flags: number): number[] {
  const fields = [flags, RATE, ...le16(FREQUENCY), ...le16(CHANNEL_FLAGS), SIGNAL & 255, NOISE & 255]
  return [0, 0, ...le16(8 + fields.length), ...le32(bits(1, 2, 3, 5, 6)), ...fields]
}

/** 802.11-Common: TSF, flags (FCS present), rate, frequency, channel flags, FHSS, signal, noise. */
function ppi(): number[] {
  const common = [...new Array(8).fill(0), ...le16(1), ...le16(RATE), ...le16(FREQUENCY), ...le16(CHANNEL_FLAGS), 0, 0, SIGNAL & 255, NOISE & 255]
  return [0, 0, ...le16(8 + 4 + common.length), ...le32(105), ...le16(2), ...le16(common.length), ...common]
}

/** Version 1: times, PHY (4: 802.11b), channel, rate in 100 kb/s, antenna, priority, SSI type (2: dBm), signal, noise, preamble, encoding. */
function avs(): number[] {
  const words = [0x80211001, 64, 0, 0, 0, 0, 4, CHANNEL, RATE * 5, 0, 0, 2, SIGNAL, NOISE, 0, 0]
  return words.flatMap(be32)
}

/** Ten items of number, status (0: there), length and value. */
function prism(length: number): number[] {
  const values = [0, 0, CHANNEL, 0, 0, SIGNAL, NOISE, RATE, 0, length]
  const items = values.flatMap((value, i) => [...le16(0x44), ...le16(i + 1), ...le16(0), ...le16(4), ...le32(value)])
  return [...le32(0x44), ...le32(144), ...Buffer.from('wlan0'.padEnd(16, '\0')), ...items]
}

/** Linux cooked: packet type, ARPHRD of radiotap, address, protocol. */
const COOKED = [0, 0, 803 >> 8, 803 & 255, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0, 4]

export const FRAMINGS: readonly Framing[] = [
  { name: 'bare', link: 105, fcs: false, radio: false, header: () => [] },
  { name: 'radiotap', link: 127, fcs: false, radio: true, header: () => radiotap(0) },
  { name: 'radiotap with FCS', link: 127, fcs: true, radio: true, header: () => radiotap(0x10) },
  { name: 'PPI with FCS', link: 192, fcs: true, radio: true, header: ppi },
  { name: 'AVS', link: 163, fcs: false, radio: true, header: avs },
  { name: 'Prism', link: 119, fcs: false, radio: true, header: prism },
  { name: 'AVS as Prism', link: 119, fcs: false, radio: true, header: avs },
  { name: 'cooked', link: 113, fcs: true, radio: true, header: () => [...COOKED, ...radiotap(0x10)] },
]
