/** Trigger frames of HE and later (IEEE 802.11-2024 clause 9.3.1.22): common information, then information for each user. Part of the table of control.ts. */
import type { Event } from '../../../core/event/event.ts'
import { u16, u32 } from './bytes.ts'
import { putList } from './put.ts'

const full = { type: 'int', emit: 'full', source: '9.3.1.22' } as const
const flag = { type: 'bool', emit: 'full', source: '9.3.1.22' } as const
const many = { ...full, list: true } as const

export const triggerFields = {
  triggerType: {
    ...full,
    path: 'wlan.trigger.he.trigger_type',
    description: '0 basic, 1 beamforming report, 2 MU-BAR, 3 MU-RTS, 4 buffer status, 5 GCR MU-BAR, 6 bandwidth query, 7 NDP feedback, 8 ranging.',
  },
  triggerLength: { ...full, path: 'wlan.trigger.he.ul_length', description: 'Length in the L-SIG of the answers.' },
  triggerMore: { ...flag, path: 'wlan.trigger.he.more_tf', description: 'Another trigger frame follows.' },
  triggerSense: { ...flag, path: 'wlan.trigger.he.cs_required', description: 'Carrier sense is required.' },
  triggerWidth: { ...full, path: 'wlan.trigger.he.ul_bw', description: 'Width of the answers: 0 to 3 for 20, 40, 80, 160 MHz.' },
  triggerGuard: { ...full, path: 'wlan.trigger.he.gi_and_ltf_type', description: 'Guard interval and LTF type.' },
  triggerLtf: { ...full, path: 'wlan.trigger.he.num_he_ltf_syms_and_midamble_per', description: 'Number of HE-LTF symbols, as a code.' },
  triggerStbc: { ...flag, path: 'wlan.trigger.he.ul_stbc', description: 'STBC.' },
  triggerPower: { ...full, path: 'wlan.trigger.he.ap_tx_power', description: 'Transmit power of the access point: -20 dBm and so many dB.' },
  triggerReuse: { ...full, path: 'wlan.trigger.he.spatial_reuse', description: 'Spatial reuse, four bits for each part of the width.' },
  triggerDoppler: { ...flag, path: 'wlan.trigger.he.doppler', description: 'Doppler.' },
  userAid: { ...many, path: 'wlan.trigger.he.user_info.aid12', description: 'AIDs of the users; 0 and 2045 are for random access.' },
  userRu: { ...many, path: 'wlan.trigger.he.ru_allocation', description: 'RU of each user.' },
  userCoding: { ...flag, list: true, path: 'wlan.trigger.he.coding_type', description: 'LDPC, for each user.' },
  userMcs: { ...many, path: 'wlan.trigger.he.mcs', description: 'MCS of each user.' },
  userDcm: { ...flag, list: true, path: 'wlan.trigger.he.dcm', description: 'Dual carrier modulation, for each user.' },
  userFirst: {
    ...many,
    path: 'wlan.trigger.he.ru_starting_spatial_stream',
    description: 'First stream of each user, minus 1.',
  },
  userStreams: { ...many, path: 'wlan.trigger.he.ru_number_of_spatial_stream', description: 'Streams of each user, minus 1.' },
  userSignal: {
    ...many,
    path: 'wlan.trigger.he.target_rssi',
    description: 'Signal wanted of each user: -110 dBm and so many dB; 127 as strong as it can.',
  },
} as const

export const TRIGGER = 2

const COMMON = 8
const USER = 5
const MU_BAR = 2
const GCR_MU_BAR = 5
/** Types whose users have information of the usual kind, as bits; NDP feedback and ranging have other. */
const USUAL = 0x7f
/** An AID that says that padding follows. */
const PADDING = 0xfff

/** Bytes behind each user's, by type: what is asked of it. Those of a MU-BAR are a block ack request. */
const DEPENDENT = [1, 1, 4, 0, 0, 0, 0]

/** Makes the handler of trigger frames; `at` gives the places of `triggerFields` in the table that begins at `base`. */
export function triggerHandler(
  base: number,
  f: Readonly<Record<keyof typeof triggerFields, number>>,
): (event: Event, at: number, end: number) => void {
  const users: number[] = []

  return (event, start, end) => {
    const { bytes } = event
    if (start >= end) return
    const type = bytes[start] & 15
    event.put(base + f.triggerType, type)
    if (start + COMMON > end) return
    const low = u32(bytes, start)
    const high = u32(bytes, start + 4)
    event.put(base + f.triggerLength, (low >>> 4) & 0xfff)
    event.put(base + f.triggerMore, (low >>> 16) & 1)
    event.put(base + f.triggerSense, (low >>> 17) & 1)
    event.put(base + f.triggerWidth, (low >>> 18) & 3)
    event.put(base + f.triggerGuard, (low >>> 20) & 3)
    event.put(base + f.triggerLtf, (low >>> 23) & 7)
    event.put(base + f.triggerStbc, (low >>> 26) & 1)
    event.put(base + f.triggerPower, (low >>> 28) | ((high & 3) << 4))
    event.put(base + f.triggerReuse, (high >>> 5) & 0xffff)
    event.put(base + f.triggerDoppler, (high >>> 21) & 1)
    if (((USUAL >> type) & 1) === 0) return
    users.length = 0
    let at = start + COMMON + (type === GCR_MU_BAR ? 4 : 0)
    while (at + USER <= end && (u16(bytes, at) & 0xfff) !== PADDING) {
      users.push(at)
      at += USER
      // A multi-TID request in a MU-BAR has four bytes for each TID.
      const multi = type === MU_BAR && at + 2 <= end && ((bytes[at] >> 1) & 15) === 3
      at += multi ? 2 + 4 * ((bytes[at + 1] >> 4) + 1) : DEPENDENT[type]
    }
    const { length } = users
    putList(event, base + f.userAid, length, (i) => u16(bytes, users[i]) & 0xfff)
    putList(event, base + f.userRu, length, (i) => (u16(bytes, users[i] + 1) >> 5) & 0x7f)
    putList(event, base + f.userCoding, length, (i) => (bytes[users[i] + 2] >> 4) & 1)
    putList(event, base + f.userMcs, length, (i) => (u16(bytes, users[i] + 2) >> 5) & 15)
    putList(event, base + f.userDcm, length, (i) => (bytes[users[i] + 3] >> 1) & 1)
    putList(event, base + f.userFirst, length, (i) => (bytes[users[i] + 3] >> 2) & 7)
    putList(event, base + f.userStreams, length, (i) => bytes[users[i] + 3] >> 5)
    putList(event, base + f.userSignal, length, (i) => bytes[users[i] + 4] & 0x7f)
  }
}
