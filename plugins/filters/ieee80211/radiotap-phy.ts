/** What only few ask for of radiotap: VHT, HE, EHT and U-SIG, L-SIG, present words, vendor namespaces. Decoded on demand. */
import type { Event } from '../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../core/event/fields.ts'
import { u16, u24be, u32 } from './bytes.ts'
import type { Radio } from './place.ts'
import { heRate, PHY, vhtRate } from './radio.ts'
import type { RadiotapDecoder, RadiotapPlaces } from './radiotap.ts'

const full = { type: 'int', emit: 'full' } as const

const mu = { ...full, source: 'radiotap 24' } as const
const usig = { ...full, source: 'radiotap TLV 33' } as const

export const radiotapPhy = fieldTable(
  'radiotap_phy',
  {
    present: {
      path: 'radiotap.present.word',
      type: 'int',
      list: true,
      emit: 'full',
      description: 'The present words.',
      source: 'radiotap it_present',
    },
    vhtBandwidth: { ...full, path: 'radiotap.vht.bw', description: 'Code of the bandwidth, 0 to 25.', source: 'radiotap 21' },
    vhtGuard: { ...full, path: 'radiotap.vht.gi', description: '1: short guard interval.', source: 'radiotap 21' },
    vhtStbc: { ...full, path: 'radiotap.vht.stbc', description: '1: STBC.', source: 'radiotap 21' },
    vhtBeamformed: { ...full, path: 'radiotap.vht.beamformed', description: '1: beamformed.', source: 'radiotap 21' },
    vhtMcs0: { ...full, path: 'radiotap.vht.mcs.0', description: 'MCS of user 0, where it has streams.', source: 'radiotap 21' },
    vhtNss0: { ...full, path: 'radiotap.vht.nss.0', description: 'Streams of user 0, where it has any.', source: 'radiotap 21' },
    vhtCoding0: { ...full, path: 'radiotap.vht.coding.0', description: '1: LDPC, of user 0 where it has streams.', source: 'radiotap 21' },
    vhtMcs1: { ...full, path: 'radiotap.vht.mcs.1', description: 'MCS of user 1, where it has streams.', source: 'radiotap 21' },
    vhtNss1: { ...full, path: 'radiotap.vht.nss.1', description: 'Streams of user 1, where it has any.', source: 'radiotap 21' },
    vhtCoding1: { ...full, path: 'radiotap.vht.coding.1', description: '1: LDPC, of user 1 where it has streams.', source: 'radiotap 21' },
    vhtMcs2: { ...full, path: 'radiotap.vht.mcs.2', description: 'MCS of user 2, where it has streams.', source: 'radiotap 21' },
    vhtNss2: { ...full, path: 'radiotap.vht.nss.2', description: 'Streams of user 2, where it has any.', source: 'radiotap 21' },
    vhtCoding2: { ...full, path: 'radiotap.vht.coding.2', description: '1: LDPC, of user 2 where it has streams.', source: 'radiotap 21' },
    vhtMcs3: { ...full, path: 'radiotap.vht.mcs.3', description: 'MCS of user 3, where it has streams.', source: 'radiotap 21' },
    vhtNss3: { ...full, path: 'radiotap.vht.nss.3', description: 'Streams of user 3, where it has any.', source: 'radiotap 21' },
    vhtCoding3: { ...full, path: 'radiotap.vht.coding.3', description: '1: LDPC, of user 3 where it has streams.', source: 'radiotap 21' },
    vhtGid: { ...full, path: 'radiotap.vht.gid', description: 'Group id.', source: 'radiotap 21' },
    vhtPaid: { ...full, path: 'radiotap.vht.paid', description: 'Partial AID.', source: 'radiotap 21' },
    heFormat: {
      ...full,
      path: 'radiotap.he.data_1.ppdu_format',
      description: '0: SU, 1: extended range SU, 2: MU, 3: trigger-based.',
      source: 'radiotap 23',
    },
    heColor: { ...full, path: 'radiotap.he.data_3.bss_color', description: 'BSS colour.', source: 'radiotap 23' },
    heUplink: { ...full, path: 'radiotap.he.data_3.ul_dl', description: '1: uplink.', source: 'radiotap 23' },
    heMcs: { ...full, path: 'radiotap.he.data_3.data_mcs', description: 'MCS.', source: 'radiotap 23' },
    heDcm: { ...full, path: 'radiotap.he.data_3.data_dcm', description: '1: dual carrier modulation.', source: 'radiotap 23' },
    heCoding: { ...full, path: 'radiotap.he.data_3.coding', description: '1: LDPC.', source: 'radiotap 23' },
    heStbc: { ...full, path: 'radiotap.he.data_3.stbc', description: '1: STBC.', source: 'radiotap 23' },
    heBandwidth: {
      ...full,
      path: 'radiotap.he.data_5.data_bw_ru_allocation',
      description: '0 to 3: 20, 40, 80, 160 MHz; 4 to 10: RU of 26 to 1992 tones.',
      source: 'radiotap 23',
    },
    heGuard: { ...full, path: 'radiotap.he.data_5.gi', description: '0: 0.8 us, 1: 1.6 us, 2: 3.2 us.', source: 'radiotap 23' },
    heLtf: { ...full, path: 'radiotap.he.data_5.ltf_symbol_size', description: 'Code of the LTF symbol size.', source: 'radiotap 23' },
    heNsts: { ...full, path: 'radiotap.he.data_6.nsts', description: 'Space-time streams.', source: 'radiotap 23' },
    heDoppler: { ...full, path: 'radiotap.he.data_6.doppler_value', description: '1: Doppler.', source: 'radiotap 23' },
    heTxop: { ...full, path: 'radiotap.he.data_6.txop_value', description: 'TXOP.', source: 'radiotap 23' },
    heMuFlags1: { ...full, path: 'radiotap.he_mu.flags_1', description: 'Flags 1 of HE-MU.', source: 'radiotap 24' },
    heMuFlags2: { ...full, path: 'radiotap.he_mu.flags_2', description: 'Flags 2 of HE-MU.', source: 'radiotap 24' },
    heMuMcs: { ...mu, path: 'radiotap.he_mu.sig_b_mcs', description: 'MCS of the SIG-B.' },
    heMuDcm: { ...mu, path: 'radiotap.he_mu.sig_b_dcm', description: '1: dual carrier modulation of the SIG-B.' },
    heMuBandwidth: { ...mu, path: 'radiotap.he_mu.bw_from_sig_a', description: 'Bandwidth: 0 to 3 for 20, 40, 80, 160 MHz.' },
    heMuCompression: {
      ...mu,
      type: 'bool',
      path: 'radiotap.he_mu.sig_b_compression',
      description: 'The SIG-B is compressed: all users share one RU.',
    },
    heMuUsers: {
      ...mu,
      path: 'radiotap.he_mu.sig_b_syms_or_mu_mimo_users',
      description: 'Symbols of the SIG-B, or users where it is compressed; minus 1.',
    },
    heMuPuncturing: { ...mu, path: 'radiotap.he_mu.preamble_puncturing', description: 'Preamble puncturing.' },
    heMuRu10: { ...mu, path: 'radiotap.he_mu.chan1_rus_0_index', description: 'RU allocation 0 of content channel 1.' },
    heMuRu11: { ...mu, path: 'radiotap.he_mu.chan1_rus_1_index', description: 'RU allocation 1 of content channel 1.' },
    heMuRu12: { ...mu, path: 'radiotap.he_mu.chan1_rus_2_index', description: 'RU allocation 2 of content channel 1.' },
    heMuRu13: { ...mu, path: 'radiotap.he_mu.chan1_rus_3_index', description: 'RU allocation 3 of content channel 1.' },
    heMuRu20: { ...mu, path: 'radiotap.he_mu.chan2_rus_0_index', description: 'RU allocation 0 of content channel 2.' },
    heMuRu21: { ...mu, path: 'radiotap.he_mu.chan2_rus_1_index', description: 'RU allocation 1 of content channel 2.' },
    heMuRu22: { ...mu, path: 'radiotap.he_mu.chan2_rus_2_index', description: 'RU allocation 2 of content channel 2.' },
    heMuRu23: { ...mu, path: 'radiotap.he_mu.chan2_rus_3_index', description: 'RU allocation 3 of content channel 2.' },
    heOtherUser: {
      path: 'radiotap.he_mu_other_user',
      type: 'bytes',
      emit: 'full',
      description: 'The HE-MU field of another user.',
      source: 'radiotap 25',
    },
    zeroPsdu: { ...full, path: 'radiotap.0_len_psdu.type', description: '0: sounding, 1: data not captured, 255: vendor.', source: 'radiotap 26' },
    lsigRate: { ...full, path: 'radiotap.l_sig.rate', description: 'Rate of the L-SIG.', source: 'radiotap 27' },
    lsigLength: { ...full, path: 'radiotap.l_sig.length', description: 'Length of the L-SIG.', source: 'radiotap 27' },
    tlvTypes: { ...full, list: true, path: 'radiotap.tlv.type', description: 'Types of the TLVs.', source: 'radiotap 28' },
    usigCommon: {
      ...full,
      path: 'radiotap.usig.common',
      description: 'Common word of U-SIG: what is known, PHY version, bandwidth, colour.',
      source: 'radiotap TLV 33',
    },
    usigVersion: { ...usig, path: 'radiotap.usig.phy_version', description: 'PHY version: 0 EHT.' },
    usigBandwidth: { ...usig, path: 'radiotap.usig.bw', description: '0 to 5: 20, 40, 80, 160, 320-1, 320-2 MHz.' },
    usigUplink: { ...usig, path: 'radiotap.usig.ul_dl', description: '1: uplink.' },
    usigColor: { ...usig, path: 'radiotap.usig.bss_color', description: 'BSS colour.' },
    usigTxop: { ...usig, path: 'radiotap.usig.txop', description: 'TXOP.' },
    ehtGuard: { ...full, path: 'radiotap.eht.gi', description: '0: 0.8 us, 1: 1.6 us, 2: 3.2 us.', source: 'radiotap TLV 34' },
    ehtStation: { ...full, list: true, path: 'radiotap.eht.user_info.sta_id', description: 'AID of each EHT user.', source: 'radiotap TLV 34' },
    ehtCoding: { ...full, list: true, path: 'radiotap.eht.user_info.coding', description: '1: LDPC, of each EHT user.', source: 'radiotap TLV 34' },
    ehtMcs: { ...full, list: true, path: 'radiotap.eht.user_info.mcs', description: 'MCS of each EHT user.', source: 'radiotap TLV 34' },
    ehtNss: { ...full, list: true, path: 'radiotap.eht.user_info.nss', description: 'Streams of each EHT user.', source: 'radiotap TLV 34' },
    vendorOui: { ...full, list: true, path: 'radiotap.vendor_oui', description: 'OUIs of vendor namespaces.', source: 'radiotap 30' },
  },
  { repeats: true },
)

/** Width in MHz of the VHT bandwidth codes; the codes past the full ones are parts of them, received alone. */
const VHT_WIDTH = [20, 40, 20, 20, 80, 40, 40, 20, 20, 20, 20, 160, 80, 80, 40, 40, 40, 40, 20, 20, 20, 20, 20, 20, 20, 20]
const HE_WIDTH = [20, 40, 80, 160]
const HE_GUARD = [800, 1600, 3200]
const USIG = 33
const EHT = 34
/** Bytes of the EHT TLV before its users: a known word and nine data words. */
const EHT_USERS = 40
const USIG_WIDTH = [20, 40, 80, 160, 320, 320]

/** Completes the radio with what VHT, HE and EHT fields say; each later PHY outranks the one before. */
export function refineRadio(event: Event, places: RadiotapPlaces, radio: Radio): void {
  const { bytes } = event
  if (places.vht >= 0) {
    const at = places.vht
    const known = u16(bytes, at)
    radio.phy = PHY.vht
    if (known & 4) radio.guard = bytes[at + 2] & 4 ? 400 : 800
    if (known & 0x40) radio.width = VHT_WIDTH[bytes[at + 3] & 31] ?? Number.NaN
    radio.streams = bytes[at + 4] & 15
    radio.mcs = bytes[at + 4] >> 4
    const rate = vhtRate(radio.mcs, radio.width, radio.streams, radio.guard)
    if (radio.streams > 0 && !Number.isNaN(rate)) radio.rate = rate
  }
  if (places.he >= 0) {
    const at = places.he
    const data1 = u16(bytes, at)
    const data3 = u16(bytes, at + 4)
    const data5 = u16(bytes, at + 8)
    radio.phy = PHY.he
    radio.mcs = data1 & 0x20 ? (data3 >> 8) & 15 : Number.NaN
    radio.width = data1 & 0x4000 ? (HE_WIDTH[data5 & 15] ?? Number.NaN) : Number.NaN
    radio.guard = bytes[at + 2] & 2 ? (HE_GUARD[(data5 >> 4) & 3] ?? Number.NaN) : Number.NaN
    radio.streams = bytes[at + 10] & 15 || Number.NaN
    const rate = heRate(radio.mcs, radio.width, radio.streams, radio.guard)
    if (!Number.isNaN(rate)) radio.rate = rate
  }
  eachTlv(event, places, (type, at, length) => {
    if (type === USIG && length >= 4) {
      const common = u32(bytes, at)
      radio.phy = PHY.eht
      if (common & 2) radio.width = USIG_WIDTH[(common >> 15) & 7] ?? Number.NaN
    }
    if (type === EHT) refineEht(bytes, at, length, radio)
  })
}

/** Guard interval, MCS and streams of the user whose data it is, or of the only one. */
function refineEht(bytes: Uint8Array, at: number, length: number, radio: Radio): void {
  if (length < EHT_USERS) return
  if (u32(bytes, at) & 4) radio.guard = HE_GUARD[(u32(bytes, at + 4) >>> 7) & 3] ?? Number.NaN
  let user = length < EHT_USERS + 8 && length >= EHT_USERS + 4 ? at + EHT_USERS : -1
  for (let i = at + EHT_USERS; user < 0 && i + 4 <= at + length; i += 4) if (bytes[i] & 0x80) user = i
  if (user < 0) return
  const info = u32(bytes, user)
  if (info & 2) radio.mcs = (info >>> 20) & 15
  if (info & 16) radio.streams = ((info >>> 24) & 15) + 1
  const rate = heRate(radio.mcs, radio.width, radio.streams, radio.guard)
  if (!Number.isNaN(rate)) radio.rate = rate
}

/** Calls back for each TLV that is whole. */
function eachTlv(event: Event, places: RadiotapPlaces, found: (type: number, at: number, length: number) => void): void {
  if (places.tlvs < 0) return
  const { bytes } = event
  for (let at = places.tlvs; at + 4 <= places.end; ) {
    const length = u16(bytes, at + 2)
    if (at + 4 + length > places.end) return
    found(u16(bytes, at), at + 4, length)
    at += 4 + ((length + 3) & ~3)
  }
}

/** Makes the decoder of the table. */
export function radiotapPhyDecoder(fields: Fields, { places, locate }: RadiotapDecoder): (event: Event) => void {
  const base = fields.base(radiotapPhy)
  const size = radiotapPhy.fields.length
  const f = radiotapPhy.at
  /** Fields of the four users of a VHT frame. */
  const users = [
    [0, f.vhtMcs0, f.vhtNss0, f.vhtCoding0],
    [1, f.vhtMcs1, f.vhtNss1, f.vhtCoding1],
    [2, f.vhtMcs2, f.vhtNss2, f.vhtCoding2],
    [3, f.vhtMcs3, f.vhtNss3, f.vhtCoding3],
  ]

  const presentWords = (event: Event) => {
    const { bytes } = event
    const first = event.listEnd
    let count = 0
    for (let at = places.start + 4; at + 4 <= places.end; at += 4) {
      event.push(u32(bytes, at))
      count++
      if (bytes[at + 3] < 0x80) break
    }
    if (count > 0) event.put(base + f.present, first, count)
  }

  const vht = (event: Event, at: number) => {
    const { bytes } = event
    const known = u16(bytes, at)
    const flags = bytes[at + 2]
    if (known & 1) event.put(base + f.vhtStbc, flags & 1)
    if (known & 4) event.put(base + f.vhtGuard, (flags >> 2) & 1)
    if (known & 0x20) event.put(base + f.vhtBeamformed, (flags >> 5) & 1)
    if (known & 0x40) event.put(base + f.vhtBandwidth, bytes[at + 3] & 31)
    if (known & 0x80) event.put(base + f.vhtGid, bytes[at + 9])
    if (known & 0x100) event.put(base + f.vhtPaid, u16(bytes, at + 10))
    for (const [user, mcs, nss, coding] of users) {
      const value = bytes[at + 4 + user]
      if ((value & 15) === 0) continue
      event.put(base + mcs, value >> 4)
      event.put(base + nss, value & 15)
      event.put(base + coding, (bytes[at + 8] >> user) & 1)
    }
  }

  const list = (event: Event, key: number, items: readonly number[], value: (item: number) => number) => {
    if (items.length === 0) return
    const first = event.listEnd
    for (const item of items) event.push(value(item))
    event.put(base + key, first, items.length)
  }

  const he = (event: Event, at: number) => {
    const { bytes } = event
    const data1 = u16(bytes, at)
    const data2 = u16(bytes, at + 2)
    const data3 = u16(bytes, at + 4)
    const data5 = u16(bytes, at + 8)
    const data6 = u16(bytes, at + 10)
    event.put(base + f.heFormat, data1 & 3)
    if (data1 & 0x4) event.put(base + f.heColor, data3 & 63)
    if (data1 & 0x10) event.put(base + f.heUplink, (data3 >> 7) & 1)
    if (data1 & 0x20) event.put(base + f.heMcs, (data3 >> 8) & 15)
    if (data1 & 0x40) event.put(base + f.heDcm, (data3 >> 12) & 1)
    if (data1 & 0x80) event.put(base + f.heCoding, (data3 >> 13) & 1)
    if (data1 & 0x200) event.put(base + f.heStbc, data3 >> 15)
    if (data1 & 0x4000) event.put(base + f.heBandwidth, data5 & 15)
    if (data2 & 2) event.put(base + f.heGuard, (data5 >> 4) & 3)
    // 0 is unknown.
    if (data5 & 0xc0) event.put(base + f.heLtf, (data5 >> 6) & 3)
    event.put(base + f.heNsts, data6 & 15)
    if (data1 & 0x8000) event.put(base + f.heDoppler, (data6 >> 4) & 1)
    if (data2 & 0x40) event.put(base + f.heTxop, (data6 >> 8) & 127)
  }

  /** The lower bits say which of the upper ones are known. */
  const uSig = (event: Event, common: number) => {
    event.put(base + f.usigCommon, common)
    if (common & 1) event.put(base + f.usigVersion, (common >>> 12) & 7)
    if (common & 2) event.put(base + f.usigBandwidth, (common >>> 15) & 7)
    if (common & 4) event.put(base + f.usigUplink, (common >>> 18) & 1)
    if (common & 8) event.put(base + f.usigColor, (common >>> 19) & 63)
    if (common & 16) event.put(base + f.usigTxop, common >>> 25)
  }

  const heMu = (event: Event, at: number) => {
    const { bytes } = event
    const first = u16(bytes, at)
    const second = u16(bytes, at + 2)
    event.put(base + f.heMuFlags1, first)
    event.put(base + f.heMuFlags2, second)
    if (first & 0x10) event.put(base + f.heMuMcs, first & 15)
    if (first & 0x40) event.put(base + f.heMuDcm, (first >> 5) & 1)
    if (second & 4) event.put(base + f.heMuBandwidth, second & 3)
    if (first & 0x4000) event.put(base + f.heMuCompression, (second >> 3) & 1)
    if (first & 0x8000) event.put(base + f.heMuUsers, (second >> 4) & 15)
    if (second & 0x400) event.put(base + f.heMuPuncturing, (second >> 8) & 3)
    // The eight fields stand in the table in this order.
    for (let i = 0; i < 8; i++) if (first & (i < 4 ? 0x100 : 0x200)) event.put(base + f.heMuRu10 + i, bytes[at + 4 + i])
  }

  const vendors = (event: Event) => {
    const { bytes } = event
    if (places.vendor < 0) return
    const first = event.listEnd
    event.push(u24be(bytes, places.vendor))
    event.put(base + f.vendorOui, first, 1)
  }

  /** EHT (TLV 34): a known word, nine data words, then one word for each user. */
  const eht = (event: Event, at: number, length: number) => {
    const users: number[] = []
    if (length >= EHT_USERS && u32(event.bytes, at) & 4) event.put(base + f.ehtGuard, (u32(event.bytes, at + 4) >>> 7) & 3)
    for (let user = at + EHT_USERS; user + 4 <= at + length; user += 4) users.push(u32(event.bytes, user))
    list(event, f.ehtStation, users, (word) => (word >>> 8) & 0x7ff)
    list(event, f.ehtCoding, users, (word) => (word >>> 19) & 1)
    list(event, f.ehtMcs, users, (word) => (word >> 20) & 15)
    list(event, f.ehtNss, users, (word) => ((word >> 24) & 15) + 1)
  }

  const tlvs = (event: Event) => {
    const types: number[] = []
    eachTlv(event, places, (type, at, length) => {
      types.push(type)
      if (type === USIG && length >= 4) uSig(event, u32(event.bytes, at))
      if (type === EHT) eht(event, at, length)
    })
    list(event, f.tlvTypes, types, (type) => type)
  }

  return (event) => {
    const { bytes } = event
    event.claim(base, size)
    locate()
    presentWords(event)
    if (places.vht >= 0) vht(event, places.vht)
    if (places.he >= 0) he(event, places.he)
    if (places.heMu >= 0) heMu(event, places.heMu)
    if (places.heOther >= 0) event.put(base + f.heOtherUser, places.heOther, 6)
    if (places.zeroPsdu >= 0) event.put(base + f.zeroPsdu, bytes[places.zeroPsdu])
    if (places.lsig >= 0) {
      const known = u16(bytes, places.lsig)
      const data = u16(bytes, places.lsig + 2)
      if (known & 1) event.put(base + f.lsigRate, data & 15)
      if (known & 2) event.put(base + f.lsigLength, data >> 4)
    }
    tlvs(event)
    vendors(event)
  }
}
