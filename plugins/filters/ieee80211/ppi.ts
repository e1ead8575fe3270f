/** Per-Packet Information (PPI): a length, the inner link type, then typed fields; 802.11-Common says what radiotap does, GPS where it was. */
import type { Event } from '../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../core/event/fields.ts'
import { i8, u16, u32 } from './bytes.ts'
import type { Place } from './place.ts'
import { htRate, htStreams, PHY, phyOfChannel } from './radio.ts'

export const ppi = fieldTable('ppi', {
  length: { path: 'ppi.length', type: 'int', unit: 'bytes', emit: 'full', description: 'Length of the PPI header.', source: 'PPI pph_len' },
  dlt: { path: 'ppi.dlt', type: 'int', emit: 'full', description: 'Link type behind the header.', source: 'PPI pph_dlt' },
  types: { path: 'ppi.field_type', type: 'int', list: true, emit: 'full', description: 'Types of the fields.', source: 'PPI pfh_type' },
  tsft: { path: 'ppi.80211-common.tsft', type: 'u64', emit: 'full', description: 'TSF, in us or ms as the flags say.', source: 'PPI field 2' },
  flags: {
    path: 'ppi.80211-common.flags',
    type: 'int',
    emit: 'full',
    description: '1: FCS present, 2: TSFT in ms, 4: FCS wrong, 8: PHY error.',
    source: 'PPI field 2',
  },
  rate: { path: 'ppi.80211-common.rate', type: 'int', unit: 'kb/s', emit: 'full', description: 'Rate.', source: 'PPI field 2' },
  freq: { path: 'ppi.80211-common.chan.freq', type: 'int', unit: 'MHz', emit: 'full', description: 'Frequency.', source: 'PPI field 2' },
  channelFlags: {
    path: 'ppi.80211-common.chan.flags',
    type: 'int',
    emit: 'full',
    description: 'Flags of the channel, as in radiotap.',
    source: 'PPI field 2',
  },
  signal: { path: 'ppi.80211-common.dbm.antsignal', type: 'int', unit: 'dBm', emit: 'full', description: 'Signal.', source: 'PPI field 2' },
  noise: { path: 'ppi.80211-common.dbm.antnoise', type: 'int', unit: 'dBm', emit: 'full', description: 'Noise.', source: 'PPI field 2' },
  ampduId: {
    path: 'ppi.80211n-mac.ampdu_id',
    type: 'int',
    emit: 'full',
    description: 'The same for all frames of one A-MPDU.',
    source: 'PPI fields 3, 4',
  },
  lat: { path: 'ppi_gps.lat', type: 'float', class: 'position', unit: 'degrees', description: 'Latitude of the sensor.', source: 'PPI GPS' },
  lon: { path: 'ppi_gps.lon', type: 'float', class: 'position', unit: 'degrees', description: 'Longitude of the sensor.', source: 'PPI GPS' },
  alt: { path: 'ppi_gps.alt', type: 'float', class: 'position', unit: 'm', description: 'Altitude of the sensor.', source: 'PPI GPS' },
  altGround: {
    path: 'ppi_gps.alt_gnd',
    type: 'float',
    class: 'position',
    unit: 'm',
    emit: 'full',
    description: 'Height above ground.',
    source: 'PPI GPS',
  },
  gpsTime: { path: 'ppi_gps.gpstime', type: 'time', class: 'position', emit: 'full', description: 'Time of the fix.', source: 'PPI GPS' },
})

const COMMON = 2
const N_MAC = 3
const N_MAC_PHY = 4
const GPS = 30002

/** Sizes of the GPS fields by bit (PPI-GEOLOCATION draft, GPS tag). */
const GPS_SIZE = [4, 4, 4, 4, 4, 4, 4, 4, 4, 4]
const FCS_PRESENT = 1
const TSFT_IN_MS = 2
const FCS_INVALID = 4

/** Where the frame begins and of which link type it is; at is -1 when the header is broken, with the reason. */
export interface PpiResult {
  at: number
  link: number
  problem: string
}

export function ppiDecoder(fields: Fields): (event: Event, place: Place, start: number, end: number) => PpiResult {
  const base = fields.base(ppi)
  const size = ppi.fields.length
  const f = ppi.at
  const result: PpiResult = { at: -1, link: -1, problem: '' }

  const common = (event: Event, place: Place, at: number) => {
    const { bytes } = event
    const { radio } = place
    const flags = u16(bytes, at + 8)
    const low = u32(bytes, at)
    const high = u32(bytes, at + 4)
    event.put(base + f.flags, flags)
    // Zero means "not known" for every value of this field but the flags.
    if (low !== 0 || high !== 0) {
      event.put(base + f.tsft, high, low)
      const us = BigInt(high) * 4294967296n + BigInt(low)
      const tsf = flags & TSFT_IN_MS ? BigInt.asUintN(64, us * 1000n) : us
      radio.tsfHigh = Number(tsf >> 32n)
      radio.tsfLow = Number(tsf & 0xffffffffn)
    }
    if (flags & FCS_PRESENT) place.fcs = 4
    place.badFcs = (flags & FCS_INVALID) !== 0
    const rate = u16(bytes, at + 10) * 500
    if (rate !== 0) {
      event.put(base + f.rate, rate)
      radio.rate = rate / 1000
    }
    const frequency = u16(bytes, at + 12)
    if (frequency !== 0) {
      event.put(base + f.freq, frequency)
      radio.frequency = frequency
      event.put(base + f.channelFlags, u16(bytes, at + 14))
      radio.phy = phyOfChannel(u16(bytes, at + 14))
    }
    const signal = i8(bytes, at + 18)
    if (signal !== 0) event.put(base + f.signal, (radio.signal = signal))
    const noise = i8(bytes, at + 19)
    if (noise !== 0) event.put(base + f.noise, (radio.noise = noise))
  }

  /** 802.11n MAC+PHY: flags, A-MPDU id, delimiters, MCS, streams, RSSIs … */
  const macPhy = (event: Event, place: Place, at: number) => {
    const { bytes } = event
    const { radio } = place
    const flags = u32(bytes, at)
    event.put(base + f.ampduId, u32(bytes, at + 4))
    const mcs = bytes[at + 9]
    if (mcs > 76) return
    radio.phy = PHY.ht
    radio.mcs = mcs
    radio.streams = htStreams(mcs)
    radio.width = flags & 2 ? 40 : 20
    radio.guard = flags & 4 ? 400 : 800
    radio.rate = htRate(mcs, radio.width, radio.guard)
  }

  const gps = (event: Event, start: number, end: number) => {
    const { bytes } = event
    if (end - start < 8 || bytes[start] !== 2) return
    const present = u32(bytes, start + 4)
    let at = start + 8
    let seconds = Number.NaN
    for (let bit = 0; bit < GPS_SIZE.length; bit++) {
      if ((present & (1 << bit)) === 0) continue
      if (at + GPS_SIZE[bit] > end) return
      const value = u32(bytes, at)
      // Fixed point, offset so that the least value is 0: 3.7 digits for angles, 6.4 for heights.
      if (bit === 1) event.put(base + f.lat, (value - 1800000000) / 1e7)
      if (bit === 2) event.put(base + f.lon, (value - 1800000000) / 1e7)
      if (bit === 3) event.put(base + f.alt, (value - 1800000000) / 1e4)
      if (bit === 4) event.put(base + f.altGround, (value - 1800000000) / 1e4)
      if (bit === 5) seconds = value
      if (bit === 6 && value >= 1e9) return
      if (bit === 5) event.put(base + f.gpsTime, seconds, 0)
      if (bit === 6 && !Number.isNaN(seconds)) event.put(base + f.gpsTime, seconds, value)
      at += GPS_SIZE[bit]
    }
  }

  return (event, place, start, packetEnd) => {
    const { bytes } = event
    event.claim(base, size)
    result.at = -1
    result.problem = ''
    if (packetEnd - start < 8) {
      result.problem = 'ppi: header cut short'
      return result
    }
    const length = u16(bytes, start + 2)
    event.put(base + f.length, length)
    event.put(base + f.dlt, (result.link = u32(bytes, start + 4)))
    const end = start + length
    if (length < 8 || end > packetEnd) {
      result.problem = `ppi: header of ${length} bytes, record has ${packetEnd - start}`
      return result
    }
    result.at = end
    const aligned = (bytes[start + 1] & 1) !== 0
    const first = event.listEnd
    let count = 0
    for (let at = start + 8; at + 4 <= end; count++) {
      const type = u16(bytes, at)
      const size = u16(bytes, at + 2)
      const data = at + 4
      if (data + size > end) {
        result.problem = `ppi: field ${type} past the end of the header`
        break
      }
      event.push(type)
      if (type === COMMON && size >= 20) common(event, place, data)
      else if (type === N_MAC && size >= 12) event.put(base + f.ampduId, u32(bytes, data + 4))
      else if (type === N_MAC_PHY && size >= 48) macPhy(event, place, data)
      else if (type === GPS) gps(event, data, data + size)
      at = data + size
      if (aligned) at = start + ((at - start + 3) & ~3)
    }
    if (count > 0) event.put(base + f.types, first, count)
    return result
  }
}
