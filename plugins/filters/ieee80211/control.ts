/** What control and extension frames hold behind their addresses: block acks and their requests, NDP announcements, trigger frames, DMG beacons. On demand. */
import type { Event } from '../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../core/event/fields.ts'
import { u16, u24, u32 } from './bytes.ts'
import type { Place } from './place.ts'
import { gathered, putList } from './put.ts'
import { TRIGGER, triggerFields, triggerHandler } from './trigger.ts'

const full = { type: 'int', emit: 'full' } as const
const flag = { type: 'bool', emit: 'full' } as const
const many = { ...full, list: true } as const

export const wlanControl = fieldTable('wlan_control', {
  baControl: {
    ...full,
    path: 'wlan.ba.control.value',
    alias: ['wlan.ba.control'],
    description: 'Control of a block ack or its request.',
    source: '9.3.1.7',
  },
  baPolicy: { ...flag, path: 'wlan.ba.control.ackpolicy', description: 'No ack is wanted.', source: '9.3.1.7' },
  baType: {
    ...full,
    path: 'wlan.ba.control.ba_type',
    description: '0 basic, 1 extended compressed, 2 compressed, 3 multi-TID, 6 GCR, 10 GLK-GCR, 11 multi-STA.',
    source: '9.3.1.7',
  },
  baTid: { ...full, path: 'wlan.ba.basic.tidinfo', description: 'TID, or their number minus 1 where there are several.', source: '9.3.1.7' },
  baStart: {
    ...full,
    path: 'wlan.fixed.ssc.sequence',
    description: 'First sequence number of a block ack or its request; of the first one where there are several.',
    source: '9.3.1.7',
  },
  baFragment: { ...full, path: 'wlan.fixed.ssc.fragment', description: 'Fragment number with it: the length of the bitmap.', source: '9.3.1.8' },
  baBitmap: {
    path: 'wlan.ba.bm',
    type: 'bytes',
    emit: 'full',
    description: 'Which frames arrived; of the first one where there are several.',
    source: '9.3.1.8',
  },
  multiTids: { ...many, path: 'wlan.bar.mtid.tidinfo.value', description: 'TIDs of a multi-TID block ack or request.', source: '9.3.1.7.5' },
  multiStarts: { ...many, path: 'wlan.bar.mtid.ssn', description: 'Their first sequence numbers.', source: '9.3.1.7.5' },
  staAids: { ...many, path: 'wlan.ba.multi_sta.aid11', description: 'AIDs of a multi-STA block ack, one for each record.', source: '9.3.1.8.6' },
  staTypes: { ...many, path: 'wlan.ba.multi_sta.ack_type', description: '1: all arrived, or no bitmap; 0: a bitmap.', source: '9.3.1.8.6' },
  staTids: { ...many, path: 'wlan.ba.multi_sta.tid', description: 'TIDs of the records.', source: '9.3.1.8.6' },
  staStarts: { ...many, path: 'wlan.ba.multi_sta.ssn', description: 'First sequence numbers of the records with a bitmap.', source: '9.3.1.8.6' },
  ndpToken: { ...full, path: 'wlan.vht_ndp.token.number', description: 'Sounding dialog token of a VHT announcement.', source: '9.3.1.19' },
  ndpStations: { ...many, path: 'wlan.vht_ndp.sta_info.aid12', description: 'AIDs of a VHT announcement.', source: '9.3.1.19' },
  ndpFeedback: { ...flag, list: true, path: 'wlan.vht_ndp.sta_info.feedback_type', description: 'Feedback: MU, not SU.', source: '9.3.1.19' },
  ndpColumns: { ...many, path: 'wlan.vht_ndp.sta_info.nc_index', description: 'Columns of the MU feedback, minus 1.', source: '9.3.1.19' },
  heToken: { ...full, path: 'wlan.he_ndp.token.number', description: 'Sounding dialog token of an HE or EHT announcement.', source: '9.3.1.19' },
  heStations: { ...many, path: 'wlan.he_ndp.sta_info.aid11', description: 'AIDs of an HE or EHT announcement.', source: '9.3.1.19' },
  heRuStart: { ...many, path: 'wlan.he_ndp.sta_info.ru_start', description: 'First RU to report about.', source: '9.3.1.19' },
  heRuEnd: { ...many, path: 'wlan.he_ndp.sta_info.ru_end', description: 'Last RU to report about.', source: '9.3.1.19' },
  heFeedback: { ...many, path: 'wlan.he_ndp.sta_info.feedback_type_and_ng', description: 'Feedback type and grouping.', source: '9.3.1.19' },
  heColumns: { ...many, path: 'wlan.he_ndp.sta_info.nc', description: 'Columns of the feedback, minus 1.', source: '9.3.1.19' },
  dmgSweep: { ...flag, path: 'wlan.ssw.direction', description: 'Sector sweep of a DMG beacon: sent by the responder.', source: '9.5.1' },
  dmgCountdown: { ...full, path: 'wlan.ssw.cdown', description: 'Frames left of the sweep.', source: '9.5.1' },
  dmgSector: { ...full, path: 'wlan.ssw.sector_id', description: 'Sector.', source: '9.5.1' },
  dmgAntenna: { ...full, path: 'wlan.ssw.dmg_ant_id', description: 'Antenna.', source: '9.5.1' },
  dmgBss: { ...full, path: 'wlan.dmg_params.bss', description: 'BSS type: 1 IBSS, 2 PBSS, 3 infrastructure.', source: '9.4.1.46' },
  dmgPrivacy: { ...flag, path: 'wlan.dmg_params.privacy', description: 'Data is encrypted.', source: '9.4.1.46' },
  ...triggerFields,
})

/** Type and subtype in the frame control. */
const DMG_BEACON = 0x0c
const NDP_ANNOUNCEMENT = 5
const BLOCK_ACK_REQUEST = 8
const BLOCK_ACK = 9

/** Types of block acks (table 9-28). */
const BASIC = 0
const EXTENDED_COMPRESSED = 1
const MULTI_TID = 3
const GCR = 6
const MULTI_STA = 11

/** Bytes of a bitmap by bits 1 and 2 of the fragment number (tables 9-30 and 9-32); bit 0 says that fragments are told apart. */
const COMPRESSED_BYTES = [8, 16, 32, 4]

/** Makes the decoder of the table. */
export function controlDecoder(fields: Fields, place: Place): (event: Event) => void {
  const base = fields.base(wlanControl)
  const size = wlanControl.fields.length
  const f = wlanControl.at
  const trigger = triggerHandler(base, f)

  const blockAck = (event: Event, response: boolean, at: number, end: number) => {
    const { bytes } = event
    if (at + 2 > end) return
    const control = u16(bytes, at)
    const type = (control >> 1) & 15
    event.put(base + f.baControl, control)
    event.put(base + f.baPolicy, control & 1)
    event.put(base + f.baType, type)
    event.put(base + f.baTid, control >> 12)
    if (type === MULTI_TID) multiTid(event, response, (control >> 12) + 1, at + 2, end)
    else if (type === MULTI_STA) multiStation(event, at + 2, end)
    else {
      if (at + 4 > end) return
      const start = sequence(event, at + 2)
      const length = type === BASIC ? 128 : type === EXTENDED_COMPRESSED || type === GCR ? 8 : COMPRESSED_BYTES[(start >> 1) & 3]
      const from = type === GCR ? at + 10 : at + 4
      if (response && from + length <= end) event.put(base + f.baBitmap, from, length)
    }
  }

  /** Stores a starting sequence control and answers it. */
  const sequence = (event: Event, at: number): number => {
    const value = u16(event.bytes, at)
    event.put(base + f.baStart, value >> 4)
    event.put(base + f.baFragment, value & 15)
    return value
  }

  const multiTid = (event: Event, response: boolean, count: number, start: number, end: number) => {
    const { bytes } = event
    const width = response ? 12 : 4
    const whole = Math.min(count, Math.floor((end - start) / width))
    if (whole > 0) sequence(event, start + 2)
    if (whole > 0 && response) event.put(base + f.baBitmap, start + 4, 8)
    putList(event, base + f.multiTids, whole, (i) => u16(bytes, start + i * width) >> 12)
    putList(event, base + f.multiStarts, whole, (i) => u16(bytes, start + i * width + 2) >> 4)
  }

  /** Records of AID, ack type and TID; with ack type 0 and a TID of data, a start and a bitmap follow; AID 2045 has an address instead (9.3.1.8.6). */
  const multiStation = (event: Event, start: number, end: number) => {
    const { bytes } = event
    const records: number[] = []
    const starts: number[] = []
    for (let at = start; at + 2 <= end; ) {
      const record = u16(bytes, at)
      const aid = record & 0x7ff
      const acknowledged = (record >> 11) & 1
      records.push(record)
      at += 2
      if (aid === 2045) at += 10
      else if (acknowledged === 0 && record >> 12 < 8) {
        if (at + 2 > end) break
        const length = COMPRESSED_BYTES[(bytes[at] >> 1) & 3]
        if (starts.length === 0) {
          sequence(event, at)
          if (at + 2 + length <= end) event.put(base + f.baBitmap, at + 2, length)
        }
        starts.push(u16(bytes, at) >> 4)
        at += 2 + length
      }
    }
    putList(event, base + f.staAids, records.length, (i) => records[i] & 0x7ff)
    putList(event, base + f.staTypes, records.length, (i) => (records[i] >> 11) & 1)
    putList(event, base + f.staTids, records.length, (i) => records[i] >> 12)
    gathered(event, base + f.staStarts, starts)
  }

  const announcement = (event: Event, at: number, end: number) => {
    const { bytes } = event
    if (at >= end) return
    // HE announcements have four bytes for each station, VHT ones two.
    if (bytes[at] & 2) {
      event.put(base + f.heToken, bytes[at] >> 2)
      const count = (end - at - 1) >> 2
      const word = (i: number) => u32(bytes, at + 1 + 4 * i)
      putList(event, base + f.heStations, count, (i) => word(i) & 0x7ff)
      putList(event, base + f.heRuStart, count, (i) => (word(i) >>> 11) & 0x7f)
      putList(event, base + f.heRuEnd, count, (i) => (word(i) >>> 18) & 0x7f)
      putList(event, base + f.heFeedback, count, (i) => (word(i) >>> 25) & 3)
      putList(event, base + f.heColumns, count, (i) => word(i) >>> 29)
      return
    }
    event.put(base + f.ndpToken, bytes[at] >> 2)
    const count = (end - at - 1) >> 1
    const word = (i: number) => u16(bytes, at + 1 + 2 * i)
    putList(event, base + f.ndpStations, count, (i) => word(i) & 0xfff)
    putList(event, base + f.ndpFeedback, count, (i) => (word(i) >> 12) & 1)
    // Of feedback that is not for several users, the number of columns is reserved.
    const columns = Array.from({ length: count }, (_, i) => word(i)).filter((station) => station & 0x1000)
    putList(event, base + f.ndpColumns, columns.length, (i) => columns[i] >> 13)
  }

  /** Sector sweep behind the time stamp, parameters behind interval and its control (9.3.4.2). */
  const dmgBeacon = (event: Event, at: number, end: number) => {
    const { bytes } = event
    if (at + 20 > end) return
    const sweep = u24(bytes, at + 8)
    event.put(base + f.dmgSweep, sweep & 1)
    event.put(base + f.dmgCountdown, (sweep >> 1) & 0x1ff)
    event.put(base + f.dmgSector, (sweep >> 10) & 63)
    event.put(base + f.dmgAntenna, (sweep >> 16) & 3)
    event.put(base + f.dmgBss, bytes[at + 19] & 3)
    event.put(base + f.dmgPrivacy, (bytes[at + 19] >> 4) & 1)
  }

  return (event) => {
    const { control, body, end } = place
    event.claim(base, size)
    if (body > end || body < 0) return
    if ((control & 0xfc) === DMG_BEACON) {
      dmgBeacon(event, body, end)
      return
    }
    if ((control & 0x0c) !== 0x04) return
    const subtype = (control >> 4) & 15
    if (subtype === BLOCK_ACK || subtype === BLOCK_ACK_REQUEST) blockAck(event, subtype === BLOCK_ACK, body, end)
    else if (subtype === NDP_ANNOUNCEMENT) announcement(event, body, end)
    else if (subtype === TRIGGER) trigger(event, body, end)
  }
}
