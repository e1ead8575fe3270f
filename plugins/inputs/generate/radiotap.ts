/**
 * Radiotap headers (radiotap.org) as a mac80211 adapter with two antennas writes them: one namespace of fields for the frame,
 * then signal and antenna number of each antenna.
 */
import { type Part, u16, u32, zeros } from './bytes.ts'
import type { Generation } from './capabilities.ts'

/** How a frame is sent. */
export interface Phy {
  readonly mhz: number
  /** Legacy rate in 500 kb/s; of other generations what the same moment carries, to reckon air time. */
  readonly rate: number
  readonly generation: Generation
  readonly width?: number
  readonly mcs?: number
}

/** Where in the header what differs from frame to frame lies. */
export interface RadiotapHeader {
  readonly bytes: Uint8Array
  readonly signals: readonly number[]
}

/** The TSFT is always the first field: it wants alignment to 8, which two or three more present words leave at 16 or 24. */
export const TSFT = 16

const FCS_AT_END = 0x10
const SIGNAL = 5
const ANTENNA = 11
const RADIOTAP_NAMESPACE = 29
const MORE = 31
const bits = (...numbers: readonly number[]): number => numbers.reduce((word, bit) => word | (1 << bit), 0) >>> 0

/** A header for frames with an FCS. Channel flags: 0x20 CCK, 0x40 OFDM, 0x80 2 GHz, 0x100 5 GHz and above. */
export function radiotap(phy: Phy): RadiotapHeader {
  const out: number[] = []
  const put = (align: number, ...parts: readonly Part[]): number => {
    while (out.length % align !== 0) out.push(0)
    const at = out.length
    for (const part of parts) {
      if (typeof part === 'number') out.push(part)
      else out.push(...part)
    }
    return at
  }
  const legacy = phy.mcs === undefined
  const cck = legacy && [2, 4, 11, 22].includes(phy.rate)
  const flags = (phy.mhz < 3000 ? 0x80 : 0x100) | (cck ? 0x20 : 0x40)
  const modulation = legacy ? [2] : phy.generation === 'n' ? [19] : phy.generation === 'ac' ? [20, 21] : [20, 23]
  put(1, 0, 0, u16(0))
  put(4, u32(bits(0, 1, 3, SIGNAL, 6, 14, ...modulation, RADIOTAP_NAMESPACE, MORE)))
  put(4, u32(bits(SIGNAL, ANTENNA, RADIOTAP_NAMESPACE, MORE)))
  put(4, u32(bits(SIGNAL, ANTENNA)))
  put(8, zeros(8))
  put(1, FCS_AT_END)
  if (legacy) put(1, phy.rate)
  put(2, u16(phy.mhz), u16(flags))
  const signal = put(1, 0)
  put(1, 0xa1) // noise, -95 dBm
  put(2, u16(0))
  if (!legacy) modulationFields(phy, put)
  const first = put(1, 0, 0)
  const second = put(1, 0, 1)
  out.splice(2, 2, ...u16(out.length))
  return { bytes: Uint8Array.from(out), signals: [signal, first, second] }
}

function modulationFields({ generation, mcs = 0, width = 20 }: Phy, put: (align: number, ...parts: readonly Part[]) => number): void {
  if (generation === 'n') {
    put(1, 0x7f, width > 20 ? 1 : 0, mcs) // known: all, extension streams included
    return
  }
  put(4, u32(1), u16(0), 0, 0) // A-MPDU status
  if (generation === 'ac') {
    const bandwidth = width >= 160 ? 11 : width >= 80 ? 4 : width >= 40 ? 1 : 0
    put(2, u16(0x0045), 0, bandwidth, (mcs << 4) | 2, 0, 0, 0, 0, 0, u16(0)) // known: STBC, guard interval, bandwidth; two streams
    return
  }
  // HE SU, known: MCS, bandwidth and guard interval; EHT frames are told as HE by drivers that know no better.
  const bandwidth = width >= 160 ? 3 : width >= 80 ? 2 : width >= 40 ? 1 : 0
  put(2, u16(0x4020), u16(0x0002), u16(0), u16(mcs << 8), u16(bandwidth), u16(2))
}
