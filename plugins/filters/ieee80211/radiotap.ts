/**
 * Radiotap (radiotap.org): a length, present words, then fields in the order of their bits, each aligned to its own size.
 *
 * At once only the header is checked and the flags are read, by which the frame is found; the table is decoded on demand, and what few ask for
 * (HE, EHT …) by radiotap-phy.ts. The first value of a repeated field belongs to the whole frame, later ones to single antennas.
 */
import type { Event } from '../../../core/event/event.ts'
import type { Fields } from '../../../core/event/fields.ts'
import { i8, u16, u32 } from './bytes.ts'
import { type Place, resetRadio } from './place.ts'
import { htRate, htStreams, PHY, phyOfChannel } from './radio.ts'
import { radiotap } from './radiotap-fields.ts'
import { FIRST_BYTES, type Layout, layoutOf, MAX_WORDS } from './radiotap-layout.ts'

/** Places of what is decoded on demand, -1 when absent. */
export interface RadiotapPlaces {
  start: number
  end: number
  vht: number
  timestamp: number
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
  /** Fills the table, and the radio. */
  decode(event: Event): void
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
    timestamp: -1,
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

  /** Adds a value to one of the lists; the values of a list may be apart in the header, so all are gathered before they are stored. */
  const lists = [f.antsignal, f.antnoise, f.antenna, f.dbAntsignal, f.dbAntnoise].map((at) => ({
    number: base + at,
    values: new Float64Array(MAX_WORDS),
    count: 0,
  }))
  const [signals, noises, antennas, dbSignals, dbNoises] = lists
  const add = (list: (typeof lists)[number], value: number) => {
    if (list.count < MAX_WORDS) list.values[list.count++] = value
  }
  const storeLists = (event: Event) => {
    for (const list of lists) {
      if (list.count === 0) continue
      const first = event.listEnd
      for (let i = 0; i < list.count; i++) event.push(list.values[i])
      event.put(list.number, first, list.count)
      list.count = 0
    }
  }

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

  /** One field of the standard namespace, whole and within the header. */
  const field = (event: Event, bit: number, at: number) => {
    const { bytes } = event
    const { radio } = place
    switch (bit) {
      case 0:
        event.put(base + f.mactime, (radio.tsfHigh = u32(bytes, at + 4)), (radio.tsfLow = u32(bytes, at)))
        break
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
      case 5: {
        const signal = i8(bytes, at)
        if (signals.count === 0) radio.signal = signal
        add(signals, signal)
        break
      }
      case 6: {
        const noise = i8(bytes, at)
        if (noises.count === 0) radio.noise = noise
        add(noises, noise)
        break
      }
      case 7:
        event.put(base + f.quality, u16(bytes, at))
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
        add(antennas, bytes[at])
        break
      case 12:
        add(dbSignals, bytes[at])
        break
      case 13:
        add(dbNoises, bytes[at])
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
        break
      case 20:
        event.put(base + f.ampduReference, u32(bytes, at))
        // The bit is meaningful only where its companion says that the device knows.
        if (bytes[at + 4] & 4) event.put(base + f.ampduLast, (bytes[at + 4] >> 3) & 1)
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

  const decode = (event: Event) => {
    event.claim(base, size)
    resetRadio(place.radio)
    const { start, end } = places
    if (end === start) return
    event.put(base + f.length, end - start)
    if (layout === undefined) return
    const { bits, offsets, sizes, count } = layout
    for (let i = 0; i < count; i++) {
      if (start + offsets[i] + sizes[i] > end) break
      field(event, bits[i], start + offsets[i])
    }
    storeLists(event)
  }

  const locate = () => {
    const { start, end } = places
    const found = (bit: number): number => {
      const at = layout === undefined ? -1 : layout.first[bit]
      return at >= 0 && start + at + FIRST_BYTES[bit] <= end ? start + at : -1
    }
    places.vht = found(21)
    places.timestamp = found(22)
    places.he = found(23)
    places.heMu = found(24)
    places.heOther = found(25)
    places.zeroPsdu = found(26)
    places.lsig = found(27)
    places.tlvs = found(28)
    places.vendor = found(30)
  }

  return { places, enter, decode, locate, problem: () => trouble }
}
