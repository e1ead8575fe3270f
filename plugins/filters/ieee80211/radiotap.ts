/**
 * Radiotap (radiotap.org): a length, present words, then fields in the order of their bits, each aligned to its own size.
 *
 * At once only the header is checked and the flags are read, by which the frame is found; the tables are decoded on demand, what few ask for
 * (HE, EHT …) by radiotap-phy.ts. The first value of a repeated field belongs to the whole frame, later ones to single antennas.
 */
import type { Event } from '../../../core/event/event.ts'
import type { Fields } from '../../../core/event/fields.ts'
import { i8, u16, u32 } from './bytes.ts'
import { type Place, resetChannel } from './place.ts'
import { putByteList } from './put.ts'
import { htRate, htStreams, PHY, phyOfChannel } from './radio.ts'
import { radiotap } from './radiotap-fields.ts'
import { FIRST_BYTES, type Layout, layoutOf, MAX_WORDS } from './radiotap-layout.ts'

/** Places of what is decoded on demand, -1 when absent. */
export interface RadiotapPlaces {
  start: number
  end: number
  vht: number
  he: number
  heMu: number
  heOther: number
  zeroPsdu: number
  lsig: number
  tlvs: number
  vendor: number
}

export interface RadiotapDecoder {
  /** Where the parts for radiotap-phy.ts lie; right after `locate`. */
  readonly places: RadiotapPlaces
  /** Checks the header at `at`, takes from it what tells where the frame ends; returns where the frame begins, or -1. */
  enter(bytes: Uint8Array, place: Place, at: number, end: number): number
  /** What is wrong with the header; '' when nothing is. */
  problem(): string
  /** The layout of the header at hand, once it was checked; undefined when it has none that is known. */
  readonly layout: Layout | undefined
  /** Takes a header that is known to be good. */
  resume(layout: Layout | undefined, start: number, end: number): void
  /** Fills the table of what frames have in common, and the radio's channel. */
  steady(event: Event): void
  /** Finds the parts for radiotap-phy.ts. */
  locate(): void
}

export function radiotapDecoder(fields: Fields, place: Place): RadiotapDecoder {
  const base = fields.base(radiotap)
  const size = radiotap.fields.length
  const f = radiotap.at
  const places: RadiotapPlaces = {
    start: -1,
    end: -1,
    vht: -1,
    he: -1,
    heMu: -1,
    heOther: -1,
    zeroPsdu: -1,
    lsig: -1,
    tlvs: -1,
    vendor: -1,
  }
  let layout: Layout | undefined
  let trouble = ''

  /** The values of a list may be apart in the header, so all are gathered before they are stored. */
  const antennas = new Uint8Array(MAX_WORDS)
  let antennaCount = 0

  const flags = (event: Event, value: number) => {
    event.put(base + f.flags, value)
    event.put(base + f.preamble, (value >> 1) & 1)
    event.put(base + f.fcs, (value >> 4) & 1)
    event.put(base + f.datapad, (value >> 5) & 1)
    event.put(base + f.badfcs, (value >> 6) & 1)
    event.put(base + f.shortgi, value >> 7)
  }

  const mcs = (event: Event, at: number) => {
    const { bytes } = event
    const known = bytes[at]
    const value = bytes[at + 1]
    const { radio } = place
    radio.phy = PHY.ht
    if (known & 1) event.put(base + f.mcsBandwidth, value & 3)
    if (known & 2) event.put(base + f.mcs, (radio.mcs = bytes[at + 2]))
    if (known & 4) event.put(base + f.mcsGuard, (value >> 2) & 1)
    if (known & 8) event.put(base + f.mcsFormat, (value >> 3) & 1)
    if (known & 16) event.put(base + f.mcsFec, (value >> 4) & 1)
    if (known & 32) event.put(base + f.mcsStbc, (value >> 5) & 3)
    if (known & 1) radio.width = (value & 3) === 1 ? 40 : 20
    if (known & 4) radio.guard = value & 4 ? 400 : 800
    if ((known & 7) === 7) {
      const rate = htRate(radio.mcs, radio.width, radio.guard)
      if (!Number.isNaN(rate)) event.put(base + f.datarate, (radio.rate = rate))
    }
    if (known & 2) radio.streams = htStreams(radio.mcs)
  }

  /** One field of the standard namespace. */
  const field = (event: Event, bit: number, at: number) => {
    const { bytes } = event
    const { radio } = place
    switch (bit) {
      case 1:
        flags(event, bytes[at])
        break
      case 2:
        event.put(base + f.datarate, (radio.rate = bytes[at] / 2))
        break
      case 3: {
        const frequency = u16(bytes, at)
        event.put(base + f.freq, frequency)
        event.put(base + f.channelFlags, u16(bytes, at + 2))
        if (frequency !== 0) radio.frequency = frequency
        radio.phy = phyOfChannel(u16(bytes, at + 2))
        break
      }
      case 4:
        event.put(base + f.hopset, bytes[at])
        event.put(base + f.hoppattern, bytes[at + 1])
        radio.phy = PHY.fhss
        break
      case 8:
        event.put(base + f.txAttenuation, u16(bytes, at))
        break
      case 9:
        event.put(base + f.dbTxAttenuation, u16(bytes, at))
        break
      case 10:
        event.put(base + f.txpower, i8(bytes, at))
        break
      case 11:
        if (antennaCount < MAX_WORDS) antennas[antennaCount++] = bytes[at]
        break
      case 14:
        event.put(base + f.badplcp, (bytes[at] >> 1) & 1)
        break
      case 15:
        event.put(base + f.txflags, u16(bytes, at))
        break
      case 16:
        event.put(base + f.rtsRetries, bytes[at])
        break
      case 17:
        event.put(base + f.dataRetries, bytes[at])
        break
      case 18:
        event.put(base + f.xchannelFlags, u32(bytes, at))
        event.put(base + f.xchannelFreq, u16(bytes, at + 4))
        event.put(base + f.xchannel, bytes[at + 6])
        if (Number.isNaN(radio.frequency)) radio.frequency = u16(bytes, at + 4)
        break
      case 19:
        mcs(event, at)
    }
  }

  const enter = (bytes: Uint8Array, to: Place, start: number, packetEnd: number): number => {
    places.start = places.end = start
    layout = undefined
    trouble = ''
    if (packetEnd - start < 8) {
      trouble = 'radiotap: header cut short'
      return -1
    }
    const length = u16(bytes, start + 2)
    const end = start + length
    if (length < 8 || end > packetEnd) {
      trouble = `radiotap: header of ${length} bytes, record has ${packetEnd - start}`
      return -1
    }
    places.end = end
    // Whatever a later version holds, its length stands here, so that the frame can be found.
    if (bytes[start] !== 0) {
      trouble = `radiotap: version ${bytes[start]}`
      return end
    }
    layout = layoutOf(bytes, start, end)
    if (layout.need > length) trouble = 'radiotap: fields past the end of the header'
    if (layout.flags >= 0 && layout.flags < length) {
      const value = bytes[start + layout.flags]
      if (value & 0x10) to.fcs = 4
      to.padded = (value & 0x20) !== 0
      to.badFcs = (value & 0x40) !== 0
    }
    return end
  }

  const resume = (known: Layout | undefined, start: number, end: number) => {
    layout = known
    places.start = start
    places.end = end
    trouble = ''
  }

  const steady = (event: Event) => {
    event.claim(base, size)
    resetChannel(place.radio)
    const { start, end } = places
    if (end === start) return
    event.put(base + f.length, end - start)
    if (layout === undefined) return
    const { bits, offsets } = layout.steady
    antennaCount = 0
    for (let i = 0; i < bits.length; i++) field(event, bits[i], start + offsets[i])
    if (antennaCount > 0) putByteList(event, base + f.antenna, 0, antennaCount, antennas)
  }

  /** Place of a field of the header, -1 where it is not there or cut. */
  const found = (bit: number): number => {
    const at = layout === undefined ? -1 : layout.first[bit]
    return at >= 0 && places.start + at + FIRST_BYTES[bit] <= places.end ? places.start + at : -1
  }

  const locate = () => {
    places.vht = found(21)
    places.he = found(23)
    places.heMu = found(24)
    places.heOther = found(25)
    places.zeroPsdu = found(26)
    places.lsig = found(27)
    places.tlvs = found(28)
    places.vendor = found(30)
  }

  return {
    places,
    get layout() {
      return layout
    },
    enter,
    resume,
    steady,
    locate,
    problem: () => trouble,
  }
}
