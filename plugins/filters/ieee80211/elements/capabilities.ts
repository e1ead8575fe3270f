/** What the network or the station can do: HT, VHT, HE, HE 6 GHz, EHT, and the operation elements with the width and centre that follow from them. */
import type { Event } from '../../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../../core/event/fields.ts'
import { u16, u24, u32 } from '../bytes.ts'
import type { Place } from '../place.ts'
import { frequencyOf } from '../radio.ts'
import { type Chain, EXTENDED, elementId, type Family } from './chain.ts'

const full = { type: 'int', emit: 'full' } as const

const six = { ...full, source: '9.4.2.249' } as const

export const capabilities = fieldTable(
  'capabilities',
  {
    ht: { path: 'wlan.standards.ht', type: 'bool', description: '802.11n: an HT capabilities element is there.', source: '9.4.2.55' },
    vht: { path: 'wlan.standards.vht', type: 'bool', description: '802.11ac: a VHT capabilities element is there.', source: '9.4.2.157' },
    he: { path: 'wlan.standards.he', type: 'bool', description: '802.11ax: an HE capabilities element is there.', source: '9.4.2.248' },
    eht: { path: 'wlan.standards.eht', type: 'bool', description: '802.11be: an EHT capabilities element is there.', source: '802.11be 9.4.2.313' },
    width: {
      path: 'wlan.standards.bandwidth',
      type: 'int',
      unit: 'MHz',
      description: 'Width of the network, from its operation elements.',
      source: 'computed',
    },
    center: {
      path: 'wlan.standards.center_channel',
      type: 'int',
      emit: 'full',
      description: 'Centre of that width, as a channel number.',
      source: 'computed',
    },
    centerFrequency: {
      path: 'wlan.standards.center_frequency',
      type: 'int',
      unit: 'MHz',
      emit: 'full',
      description: 'Centre of that width.',
      source: 'computed',
    },
    streams: { path: 'wlan.standards.streams', type: 'int', description: 'Receive streams, the most of HT, VHT and HE.', source: 'computed' },
    htCap: {
      ...full,
      path: 'wlan.ht.capabilities.value',
      alias: ['wlan.ht.capabilities'],
      description: 'HT capability information.',
      source: '9.4.2.55.2',
    },
    htAmpdu: { ...full, path: 'wlan.ht.ampduparam.value', alias: ['wlan.ht.ampduparam'], description: 'A-MPDU parameters.', source: '9.4.2.55.3' },
    htMcs0: { ...full, path: 'wlan.ht.mcsset.rxbitmask.0to7', description: 'Receive MCS 0 to 7.', source: '9.4.2.55.4' },
    htMcs: {
      path: 'wlan.ht.mcsset.value',
      type: 'bytes',
      emit: 'full',
      alias: ['wlan.ht.mcsset'],
      description: 'HT MCS set.',
      source: '9.4.2.55.4',
    },
    htPrimary: { ...full, path: 'wlan.ht.info.primarychannel', description: 'Primary channel.', source: '9.4.2.56' },
    htOffset: { ...full, path: 'wlan.ht.info.secchanoffset', description: 'Secondary channel: 0 none, 1 above, 3 below.', source: '9.4.2.56' },
    htWidth: { ...full, path: 'wlan.ht.info.chanwidth', description: '1: wider than 20 MHz.', source: '9.4.2.56' },
    vhtCap: {
      ...full,
      path: 'wlan.vht.capabilities.value',
      alias: ['wlan.vht.capabilities'],
      description: 'VHT capability information.',
      source: '9.4.2.157.2',
    },
    vhtRxMap: {
      ...full,
      path: 'wlan.vht.mcsset.rxmcsmap.value',
      alias: ['wlan.vht.mcsset.rxmcsmap'],
      description: 'Receive MCS map, two bits a stream.',
      source: '9.4.2.157.3',
    },
    vhtTxMap: {
      ...full,
      path: 'wlan.vht.mcsset.txmcsmap.value',
      alias: ['wlan.vht.mcsset.txmcsmap'],
      description: 'Transmit MCS map.',
      source: '9.4.2.157.3',
    },
    vhtOpWidth: { ...full, path: 'wlan.vht.op.channelwidth', description: '0: as HT says, 1: 80 MHz or more.', source: '9.4.2.158' },
    vhtOpCenter0: { ...full, path: 'wlan.vht.op.channelcenter0', description: 'Centre channel 0.', source: '9.4.2.158' },
    vhtOpCenter1: { ...full, path: 'wlan.vht.op.channelcenter1', description: 'Centre channel 1.', source: '9.4.2.158' },
    heMac: { path: 'wlan.ext_tag.he_mac_caps', type: 'bytes', emit: 'full', description: 'HE MAC capabilities.', source: '9.4.2.248.2' },
    hePhy: { path: 'wlan.ext_tag.he_phy_cap.fbytes', type: 'bytes', emit: 'full', description: 'HE PHY capabilities.', source: '9.4.2.248.3' },
    heRxMap: {
      ...full,
      path: 'wlan.ext_tag.he_mcs.map.max_he_mcs_80_rx',
      description: 'Receive MCS map at up to 80 MHz, two bits a stream.',
      source: '9.4.2.248.4',
    },
    heColor: { ...full, path: 'wlan.ext_tag.bss_color_information.bss_color', description: 'BSS colour.', source: '9.4.2.249' },
    he6Primary: { ...six, path: 'wlan.ext_tag.he_operation.6ghz.primary_channel', description: 'Primary channel in the 6 GHz band.' },
    he6Width: { ...six, path: 'wlan.ext_tag.he_operation.6ghz.control.channel_width', description: '0 to 3: 20, 40, 80, 160 or 80+80 MHz.' },
    he6Regulatory: { ...six, path: 'wlan.ext_tag.he_operation.6ghz.control.regulatory_info', description: '0 indoor, 1 standard power …' },
    he6Center0: { ...six, path: 'wlan.ext_tag.he_operation.6ghz.chan_center_freq_seg_0', description: 'Centre channel 0.' },
    he6Center1: { ...six, path: 'wlan.ext_tag.he_operation.6ghz.chan_center_freq_seg_1', description: 'Centre channel 1.' },
    he6Cap: {
      ...full,
      path: 'wlan.tag.he_6ghz.cap_inf.value',
      alias: ['wlan.tag.he_6ghz.cap_inf'],
      description: 'HE 6 GHz band capabilities.',
      source: '9.4.2.263',
    },
    ehtPhy: { path: 'wlan.eht.phy_capabilities', type: 'bytes', emit: 'full', description: 'EHT PHY capabilities.', source: '802.11be 9.4.2.313.3' },
    ehtOpWidth: { ...full, path: 'wlan.eht.operation.width', description: '0 to 4: 20, 40, 80, 160, 320 MHz.', source: '802.11be 9.4.2.311' },
    ehtDisabled: {
      ...full,
      path: 'wlan.eht.operation.disabled_subchannels',
      description: 'Parts of 20 MHz that are not used, as bits from the lowest frequency.',
      source: '802.11be 9.4.2.311',
    },
    ehtOp: { ...full, path: 'wlan.eht.operation.parameters', description: 'EHT operation parameters.', source: '802.11be 9.4.2.311' },
  },
  { repeats: true },
)

const HT_CAPABILITIES = 45
const HT_OPERATION = 61
const VHT_CAPABILITIES = 191
const VHT_OPERATION = 192
const HE_CAPABILITIES = EXTENDED + 35
const HE_OPERATION = EXTENDED + 36
const HE_6GHZ = EXTENDED + 59
const EHT_OPERATION = EXTENDED + 106
const EHT_CAPABILITIES = EXTENDED + 108

/** Subtypes, as bits, in which a station says what it can do: (re)association, probes, beacon. In others a missing element says nothing. */
const DESCRIBING = 0x013f

/** Streams of an MCS map: the highest pair of bits that is not 3 (not supported). */
function mapStreams(map: number): number {
  for (let stream = 8; stream > 0; stream--) if (((map >> (2 * stream - 2)) & 3) !== 3) return stream
  return 0
}

export const capabilitiesFamily: Family = {
  table: capabilities,
  make(fields: Fields, place: Place) {
    const base = fields.base(capabilities)
    const f = capabilities.at
    // What the elements of one frame say about width and streams, each more exact than the one before.
    let streams = 0
    let width = 0
    let center = 0
    /** Channel numbers begin anew in the 6 GHz band, whose networks say so. */
    let sixGhz = false

    const htCapabilities = (event: Event, at: number, end: number) => {
      if (end - at < 26) return
      const { bytes } = event
      event.put(base + f.htCap, u16(bytes, at))
      event.put(base + f.htAmpdu, bytes[at + 2])
      event.put(base + f.htMcs0, bytes[at + 3])
      event.put(base + f.htMcs, at + 3, 16)
      for (let stream = 1; stream <= 4; stream++) if (bytes[at + 2 + stream] !== 0) streams = Math.max(streams, stream)
    }

    const htOperation = (event: Event, at: number, end: number) => {
      if (end - at < 22) return
      const { bytes } = event
      const primary = bytes[at]
      const offset = bytes[at + 1] & 3
      event.put(base + f.htPrimary, primary)
      event.put(base + f.htOffset, offset)
      event.put(base + f.htWidth, (bytes[at + 1] >> 2) & 1)
      if (width > 40) return
      width = bytes[at + 1] & 4 && offset & 1 ? 40 : 20
      center = width === 20 ? primary : offset === 1 ? primary + 2 : primary - 2
    }

    const vhtCapabilities = (event: Event, at: number, end: number) => {
      if (end - at < 12) return
      const { bytes } = event
      event.put(base + f.vhtCap, u32(bytes, at))
      event.put(base + f.vhtRxMap, u16(bytes, at + 4))
      event.put(base + f.vhtTxMap, u16(bytes, at + 8))
      streams = Math.max(streams, mapStreams(u16(bytes, at + 4)))
    }

    /** Width by table 11-23: the distance of the two centres tells 160 from 80+80 MHz. */
    const vhtWidth = (code: number, first: number, second: number) => {
      if (code === 0) return
      width = code === 2 || code === 3 || second !== 0 ? 160 : 80
      center = code === 1 && second !== 0 && Math.abs(second - first) === 8 ? second : first
    }

    const vhtOperation = (event: Event, at: number, end: number) => {
      if (end - at < 5) return
      const { bytes } = event
      event.put(base + f.vhtOpWidth, bytes[at])
      event.put(base + f.vhtOpCenter0, bytes[at + 1])
      event.put(base + f.vhtOpCenter1, bytes[at + 2])
      vhtWidth(bytes[at], bytes[at + 1], bytes[at + 2])
    }

    const heCapabilities = (event: Event, at: number, end: number) => {
      if (end - at < 21) return
      event.put(base + f.heMac, at, 6)
      event.put(base + f.hePhy, at + 6, 11)
      const map = u16(event.bytes, at + 17)
      event.put(base + f.heRxMap, map)
      streams = Math.max(streams, mapStreams(map))
    }

    const heOperation = (event: Event, at: number, end: number) => {
      if (end - at < 6) return
      const { bytes } = event
      const parameters = u24(bytes, at)
      event.put(base + f.heColor, bytes[at + 3] & 63)
      let next = at + 6
      if (parameters & 0x4000) next += 3
      if (parameters & 0x8000) next += 1
      // 6 GHz operation information: primary, control, two centres, minimum rate.
      if ((parameters & 0x20000) === 0 || next + 5 > end) return
      event.put(base + f.he6Primary, bytes[next])
      event.put(base + f.he6Width, bytes[next + 1] & 3)
      event.put(base + f.he6Regulatory, (bytes[next + 1] >> 3) & 7)
      event.put(base + f.he6Center0, bytes[next + 2])
      event.put(base + f.he6Center1, bytes[next + 3])
      sixGhz = true
      width = 20 << (bytes[next + 1] & 3)
      center = width === 160 && bytes[next + 3] !== 0 && Math.abs(bytes[next + 3] - bytes[next + 2]) === 8 ? bytes[next + 3] : bytes[next + 2]
    }

    const ehtOperation = (event: Event, at: number, end: number) => {
      if (end - at < 5) return
      const { bytes } = event
      event.put(base + f.ehtOp, bytes[at])
      if ((bytes[at] & 1) === 0 || at + 8 > end) return
      const code = bytes[at + 5] & 7
      event.put(base + f.ehtOpWidth, code)
      if (bytes[at] & 2 && at + 10 <= end) event.put(base + f.ehtDisabled, u16(bytes, at + 8))
      if (code > 4) return
      width = 20 << code
      center = width >= 160 ? bytes[at + 7] : bytes[at + 6]
    }

    const done = (event: Event, chain: Chain) => {
      if (DESCRIBING & (1 << ((place.control >> 4) & 15)) && (place.control & 0x0c) === 0) {
        let ht = 0
        let vht = 0
        let he = 0
        let eht = 0
        for (let i = 0; i < chain.count + chain.partial; i++) {
          const id = elementId(event.bytes, chain.at[i])
          if (id === HT_CAPABILITIES) ht = 1
          else if (id === VHT_CAPABILITIES) vht = 1
          else if (id === HE_CAPABILITIES) he = 1
          else if (id === EHT_CAPABILITIES) eht = 1
        }
        event.put(base + f.ht, ht)
        event.put(base + f.vht, vht)
        event.put(base + f.he, he)
        event.put(base + f.eht, eht)
      }
      if (streams > 0) event.put(base + f.streams, streams)
      if (width > 0) {
        event.put(base + f.width, width)
        event.put(base + f.center, center)
        const frequency = sixGhz ? 5950 + 5 * center : frequencyOf(center, Number.NaN)
        if (!Number.isNaN(frequency)) event.put(base + f.centerFrequency, frequency)
      }
      streams = width = center = 0
      sixGhz = false
    }

    return {
      first: {
        [HT_CAPABILITIES]: htCapabilities,
        [HT_OPERATION]: htOperation,
        [VHT_CAPABILITIES]: vhtCapabilities,
        [VHT_OPERATION]: vhtOperation,
        [HE_CAPABILITIES]: heCapabilities,
        [HE_OPERATION]: heOperation,
        [HE_6GHZ]: (event, at, end) => {
          if (end - at >= 2) event.put(base + f.he6Cap, u16(event.bytes, at))
        },
        [EHT_OPERATION]: ehtOperation,
        [EHT_CAPABILITIES]: (event, at, end) => {
          if (end - at >= 11) event.put(base + f.ehtPhy, at + 2, 9)
        },
      },
      done,
    }
  },
}
