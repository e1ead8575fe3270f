/** `wlan_radio.*`: what was received how, the same for every capture header. Decoded on demand from what the header decoders left. */
import type { Event } from '../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../core/event/fields.ts'
import { i8, u32 } from './bytes.ts'
import { PHYS } from './names/wireshark.ts'
import type { Place, Radio } from './place.ts'
import type { ReadingLayout } from './radiotap-layout.ts'

/** Wireshark's codes of `wlan_radio.phy`. */
export const PHY = { fhss: 1, ir: 2, dsss: 3, b: 4, a: 5, g: 6, ht: 7, vht: 8, dmg: 9, s1g: 10, he: 11, eht: 12 } as const

const PHY_NAMES = {
  1: '802.11 FHSS',
  2: '802.11 IR',
  3: '802.11 DSSS',
  4: '802.11b',
  5: '802.11a',
  6: '802.11g',
  7: '802.11n',
  8: '802.11ac',
  9: '802.11ad',
  10: '802.11ah',
  11: '802.11ax',
  12: '802.11be',
}

/** Channel, and how the frame was sent on it: the same for frame after frame of a device. */
export const wlanRadio = fieldTable(
  'wlan_radio',
  {
    phy: { path: 'wlan_radio.phy', names: PHYS, type: 'int', emit: 'full', description: "The PHY, as Wireshark's number.", source: 'capture header' },
    phyName: { path: 'wlan_radio.phy_name', type: 'name', names: PHY_NAMES, description: 'The PHY.', source: 'capture header' },
    channel: { path: 'wlan_radio.channel', type: 'int', description: 'Channel number.', source: 'capture header, or from the frequency' },
    frequency: { path: 'wlan_radio.frequency', type: 'int', unit: 'MHz', description: 'Centre of the primary channel.', source: 'capture header' },
    band: {
      path: 'wlan_radio.band',
      type: 'name',
      names: { 2: '2.4 GHz', 5: '5 GHz', 6: '6 GHz', 60: '60 GHz', 1: 'sub-1 GHz', 4: '4.9 GHz' },
      description: 'The band; channel numbers repeat between bands.',
      source: 'from the frequency',
    },
    rate: {
      path: 'wlan_radio.data_rate',
      type: 'float',
      unit: 'Mb/s',
      description: 'Rate the frame was sent at.',
      source: 'capture header, or from the MCS',
    },
    mcs: { path: 'wlan_radio.mcs', type: 'int', description: 'MCS index (HT, VHT, HE, EHT).', source: 'capture header' },
    width: { path: 'wlan_radio.bandwidth', type: 'int', unit: 'MHz', description: 'Width of the frame on the air.', source: 'capture header' },
    streams: { path: 'wlan_radio.streams', type: 'int', description: 'Spatial streams.', source: 'capture header, or from the MCS' },
    guard: { path: 'wlan_radio.guard_interval', type: 'int', unit: 'ns', emit: 'full', description: 'Guard interval.', source: 'capture header' },
  },
  { repeats: true },
)

/** What was measured of this one frame. */
export const wlanReading = fieldTable('wlan_radio', {
  signal: {
    path: 'wlan_radio.signal_dbm',
    type: 'int',
    unit: 'dBm',
    description: 'Signal strength; of the last antenna where the header tells several, as in Wireshark.',
    source: 'capture header',
  },
  noise: { path: 'wlan_radio.noise_dbm', type: 'int', unit: 'dBm', description: 'Noise level.', source: 'capture header' },
  snr: { path: 'wlan_radio.snr', type: 'int', unit: 'dB', description: 'Signal above noise.', source: 'computed' },
  timestamp: {
    path: 'wlan_radio.timestamp',
    type: 'u64',
    unit: 'us',
    emit: 'full',
    description: 'TSF of the receiving device.',
    source: 'capture header',
  },
})

/** Data bits of an OFDM symbol of 52 data subcarriers in half bits a subcarrier: IEEE 802.11-2020 tables 19-27 ff., by MCS 0 to 7. */
const HT_BITS = [26, 52, 78, 104, 156, 208, 234, 260]
/** The same for MCS 33 to 76 (unequal modulation), IEEE 802.11-2020 tables 19-38 to 19-40. */
const HT_UNEQUAL = [
  156, 208, 260, 234, 312, 390, 208, 260, 260, 312, 364, 364, 416, 312, 390, 390, 468, 546, 546, 624, 260, 312, 364, 312, 364, 416, 468, 416, 468,
  520, 520, 572, 390, 468, 546, 468, 546, 624, 702, 624, 702, 780, 780, 858,
]
/** Bits of a subcarrier and symbol, coding included, by MCS 0 to 13 of VHT, HE and EHT. */
const BITS = [0.5, 1, 1.5, 2, 3, 4, 4.5, 5, 6, 20 / 3, 7.5, 25 / 3, 9, 10]
/** Data subcarriers of a whole channel by width, VHT and before (tables 21-29 ff.) and HE and later (tables 27-54 ff. of 802.11ax-2021). */
const VHT_SUBCARRIERS: Readonly<Record<number, number>> = { 20: 52, 40: 108, 80: 234, 160: 468 }
const HE_SUBCARRIERS: Readonly<Record<number, number>> = { 20: 234, 40: 468, 80: 980, 160: 1960, 320: 3920 }

/** Rates by MCS, twice the guard interval, twice the width; to six digits, as Wireshark shows them. */
const HT_RATES = Float64Array.from({ length: 77 * 4 }, (_, i) => {
  const mcs = i >> 2
  const bits = mcs < 32 ? HT_BITS[mcs & 7] * ((mcs >> 3) + 1) : mcs === 32 ? 12 : HT_UNEQUAL[mcs - 33]
  return sixDigits((bits * (i & 1 ? 108 : 52)) / 52 / (i & 2 ? 3.6 : 4))
})

/** Mb/s of an HT MCS; NaN for one that does not exist. */
export function htRate(mcs: number, width: number, guard: number): number {
  return mcs > 76 ? Number.NaN : HT_RATES[mcs * 4 + (guard === 400 ? 2 : 0) + (width === 40 ? 1 : 0)]
}

function sixDigits(value: number): number {
  return Number(value.toPrecision(6))
}

/** Spatial streams of an HT MCS; NaN for one that does not exist. */
export function htStreams(mcs: number): number {
  if (mcs < 32) return (mcs >> 3) + 1
  if (mcs > 76) return Number.NaN
  return mcs === 32 ? 1 : mcs < 39 ? 2 : mcs < 53 ? 3 : 4
}

/** Mb/s of a VHT MCS. */
export function vhtRate(mcs: number, width: number, streams: number, guard: number): number {
  return mcs > 9 ? Number.NaN : sixDigits(((BITS[mcs] * VHT_SUBCARRIERS[width]) / (guard === 400 ? 3.6 : 4)) * streams)
}

/** Mb/s of an HE or EHT MCS over a whole channel, to a tenth as the usual tables have it. */
export function heRate(mcs: number, width: number, streams: number, guard: number): number {
  return Math.round(((BITS[mcs] * HE_SUBCARRIERS[width]) / (12.8 + guard / 1000)) * streams * 10) / 10
}

/** Channel number of a frequency in MHz (IEEE 802.11-2020 annex E); NaN where there is none. */
export function channelOf(frequency: number): number {
  if (frequency >= 2412 && frequency <= 2472) return Math.floor((frequency - 2407) / 5)
  if (frequency === 2484) return 14
  if (frequency >= 5000 && frequency <= 5925) return Math.floor((frequency - 5000) / 5)
  if (frequency >= 5955 && frequency <= 7115) return Math.floor((frequency - 5950) / 5)
  if (frequency >= 4910 && frequency <= 4980) return Math.floor((frequency - 4000) / 5)
  return Number.NaN
}

/** Frequency in MHz of a channel number in the 2.4 or 5 GHz band; NaN where there is none. */
export function frequencyOf(channel: number, phy: number): number {
  if (phy === PHY.a) return channel >= 240 ? 4000 + 5 * channel : channel <= 200 ? 5000 + 5 * channel : Number.NaN
  if (channel === 14) return 2484
  if (channel >= 1 && channel <= 13) return 2407 + 5 * channel
  return channel >= 34 && channel <= 196 ? 5000 + 5 * channel : Number.NaN
}

function bandOf(frequency: number): number {
  if (frequency >= 2400 && frequency < 2500) return 2
  if (frequency >= 5000 && frequency <= 5925) return 5
  if (frequency > 5925 && frequency <= 7125) return 6
  if (frequency >= 4900 && frequency < 5000) return 4
  if (frequency >= 57000 && frequency <= 71000) return 60
  return frequency > 0 && frequency < 1000 ? 1 : Number.NaN
}

/** The PHY by the channel's flags (radiotap and PPI share the bits). */
export function phyOfChannel(flags: number): number {
  const ofdm = flags & 0x40
  const dynamic = flags & 0x400
  if (flags & 0x800) return PHY.fhss
  if (flags & 0x100) return ofdm ? PHY.a : Number.NaN
  if ((flags & 0x80) === 0) return Number.NaN
  if (ofdm || dynamic) return PHY.g
  return flags & 0x20 ? PHY.b : Number.NaN
}

/** Outside of its only user, which runs for every frame: a closure would be made for each. */
function putKnown(event: Event, number: number, value: number): void {
  if (!Number.isNaN(value)) event.put(number, value)
}

/** Makes the decoder of the table; `refine` completes `place.radio` from parts of the header that are decoded on demand. */
export function radioDecoder(fields: Fields, place: Place, refine: (event: Event, radio: Radio) => void): (event: Event) => void {
  const base = fields.base(wlanRadio)
  const size = wlanRadio.fields.length
  const f = wlanRadio.at
  return (event) => {
    event.claim(base, size)
    const { radio } = place
    refine(event, radio)
    putKnown(event, base + f.phy, radio.phy)
    putKnown(event, base + f.phyName, radio.phy)
    putKnown(event, base + f.channel, Number.isNaN(radio.channel) ? channelOf(radio.frequency) : radio.channel)
    putKnown(event, base + f.frequency, radio.frequency)
    putKnown(event, base + f.band, bandOf(radio.frequency))
    putKnown(event, base + f.rate, radio.rate)
    putKnown(event, base + f.mcs, radio.mcs)
    putKnown(event, base + f.width, radio.width)
    putKnown(event, base + f.streams, radio.streams)
    putKnown(event, base + f.guard, radio.guard)
  }
}

/** Makes the decoder of the reading: from radiotap where `layout` answers one, whose header begins at `start`, else from what other headers left. */
export function readingDecoder(
  fields: Fields,
  place: Place,
  radiotap: { readonly layout: () => ReadingLayout | undefined; readonly start: () => number },
): (event: Event) => void {
  const base = fields.base(wlanReading)
  const size = wlanReading.fields.length
  const f = wlanReading.at
  return (event) => {
    event.claim(base, size)
    const { bytes, a, b } = event
    const layout = radiotap.layout()
    let { signal, noise, tsfHigh, tsfLow } = place.radio
    if (layout !== undefined) {
      const start = radiotap.start()
      const { signals, noises, mactime } = layout
      // Of several antennas the last one, as Wireshark does.
      signal = signals.length > 0 ? i8(bytes, start + signals[signals.length - 1]) : Number.NaN
      noise = noises.length > 0 ? i8(bytes, start + noises[noises.length - 1]) : Number.NaN
      tsfHigh = mactime < 0 ? Number.NaN : u32(bytes, start + mactime + 4)
      tsfLow = mactime < 0 ? Number.NaN : u32(bytes, start + mactime)
    }
    let present = 0
    if (!Number.isNaN(signal)) {
      a[base + f.signal] = signal
      present |= 1 << f.signal
    }
    if (!Number.isNaN(noise)) {
      a[base + f.noise] = noise
      present |= 1 << f.noise
      if (!Number.isNaN(signal)) {
        a[base + f.snr] = signal - noise
        present |= 1 << f.snr
      }
    }
    if (!Number.isNaN(tsfLow)) {
      a[base + f.timestamp] = tsfHigh
      b[base + f.timestamp] = tsfLow
      present |= 1 << f.timestamp
    }
    event.has[base >>> 5] = present
  }
}
