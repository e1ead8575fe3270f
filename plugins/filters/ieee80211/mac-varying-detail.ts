/** What only `emit: full` writes of a MAC header and differs from frame to frame: QoS, HT and mesh control as a whole, IVs, all addresses. Decoded on demand. */
import type { Event } from '../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../core/event/fields.ts'
import { mac48, u16, u16be, u24be, u32 } from './bytes.ts'
import type { Place } from './place.ts'
import { gathered, putList } from './put.ts'

const full = { type: 'int', emit: 'full' } as const
const subframe = { type: 'mac', list: true, class: 'device_address', emit: 'full', source: '9.3.2.2' } as const

export const wlanVaryingDetail = fieldTable('wlan_detail', {
  qos: { ...full, path: 'wlan.qos.value', alias: ['wlan.qos'], description: 'QoS control.', source: '9.2.4.5' },
  htc: { ...full, path: 'wlan.htc.value', alias: ['wlan.htc'], description: 'HT control.', source: '9.2.4.6' },
  meshTtl: { ...full, path: 'wlan.mesh.ttl', description: 'Mesh TTL.', source: '9.2.4.8' },
  meshSequence: { ...full, path: 'wlan.mesh.seq', description: 'Mesh sequence number.', source: '9.2.4.8' },
  wepIv: { ...full, path: 'wlan.wep.iv', description: 'IV of WEP.', source: '12.3.2' },
  keyId: { ...full, path: 'wlan.wep.key', description: 'Key id of an encrypted body.', source: '12.3.2' },
  packetNumber: { path: 'wlan.ccmp.extiv', type: 'u64', emit: 'full', description: 'Packet number of CCMP or GCMP.', source: '12.5.3.2' },
  tkipCounter: { path: 'wlan.tkip.extiv', type: 'u64', emit: 'full', description: 'Sequence counter of TKIP.', source: '12.5.2.2' },
  addresses: {
    path: 'wlan.addr',
    type: 'mac',
    list: true,
    class: 'device_address',
    emit: 'full',
    description: 'All addresses of the header, each once: who has to do with the frame.',
    source: '9.2.4.3',
  },
  subframeDa: { ...subframe, path: 'wlan_aggregate.a_mdsu.da', description: 'Destinations of the subframes of an unencrypted A-MSDU.' },
  subframeSa: { ...subframe, path: 'wlan_aggregate.a_mdsu.sa', description: 'Their sources.' },
})

const MANAGEMENT = 0
const CONTROL = 1
const DATA = 2
const NO_DATA = 0x40
const PROTECTED = 0x4000
const EXTENDED_IV = 0x20
const AMSDU = 0x80
/** Where the addresses of a header are. */
const ADDRESS_AT = [4, 10, 16, 24]
/** Control subtypes whose second address is there, as bits: 2 to 5, BAR, BA, PS-Poll, RTS, CF-End. */
const TWO_ADDRESSES = 0xcf3c

/** How many addresses the header of a frame has. */
export function addressCount(control: number): number {
  const type = (control >> 2) & 3
  if (type === DATA) return (control & 0x300) === 0x300 ? 4 : 3
  if (type === CONTROL) return TWO_ADDRESSES & (1 << ((control >> 4) & 15)) ? 2 : 1
  return type === MANAGEMENT ? 3 : 1
}

/** Bytes of a header up to the last of so many addresses. */
export function addressesEnd(count: number): number {
  return ADDRESS_AT[count - 1] + 6
}

/** Makes the decoder of the table. */
export function macVaryingDetailDecoder(fields: Fields, place: Place): (event: Event) => void {
  const base = fields.base(wlanVaryingDetail)
  const size = wlanVaryingDetail.fields.length
  const f = wlanVaryingDetail.at

  /** WEP, TKIP and CCMP begin an encrypted body with 4 or 8 bytes, told apart as TKIP repeats its second byte (12.5.2.2). */
  const initialVector = (event: Event, at: number) => {
    const { bytes } = event
    if (at + 4 > place.end) return
    event.put(base + f.keyId, bytes[at + 3] >> 6)
    if ((bytes[at + 3] & EXTENDED_IV) === 0) {
      event.put(base + f.wepIv, u24be(bytes, at))
      return
    }
    if (at + 8 > place.end) return
    const high = u32(bytes, at + 4)
    const tkip = bytes[at + 1] === ((bytes[at] | 0x20) & 0x7f)
    // TKIP sends its two low bytes in the other order.
    const low = tkip ? (bytes[at] << 8) | bytes[at + 2] : (bytes[at + 1] << 8) | bytes[at]
    event.put(base + (tkip ? f.tkipCounter : f.packetNumber), high >>> 16, ((high & 0xffff) * 65536 + low) >>> 0)
  }

  /** Each address once, in the order of the header. */
  const addresses = (event: Event) => {
    const { bytes } = event
    const { control, mac } = place
    const all: number[] = []
    const add = (at: number) => {
      const address = mac48(bytes, at)
      if (at + 6 <= event.end && !all.includes(address)) all.push(address)
    }
    for (let i = 0, count = addressCount(control); i < count; i++) add(mac + ADDRESS_AT[i])
    gathered(event, base + f.addresses, all)
  }

  /** Subframes of an unencrypted A-MSDU, by where each begins. */
  const aggregate = (event: Event) => {
    const { bytes } = event
    const { body, end, llc, qos } = place
    const found: number[] = []
    if (llc < 0 || qos < 0 || (bytes[qos] & AMSDU) === 0) return
    for (let at = body; at + 14 <= end; at += (14 + u16be(bytes, at + 12) + 3) & ~3) found.push(at)
    putList(event, base + f.subframeDa, found.length, (i) => mac48(bytes, found[i]))
    putList(event, base + f.subframeSa, found.length, (i) => mac48(bytes, found[i] + 6))
  }

  return (event) => {
    const { bytes } = event
    const { control, body, end } = place
    event.claim(base, size)
    if (control & 3) return
    const type = (control >> 2) & 3
    if (place.qos >= 0) event.put(base + f.qos, u16(bytes, place.qos))
    if (place.htc >= 0) event.put(base + f.htc, u32(bytes, place.htc))
    if (place.mesh >= 0) {
      event.put(base + f.meshTtl, bytes[place.mesh + 1])
      event.put(base + f.meshSequence, u32(bytes, place.mesh + 2))
    }
    addresses(event)
    aggregate(event)
    if (body > end || body < 0 || type === CONTROL) return
    if (control & PROTECTED && (type !== DATA || (control & NO_DATA) === 0)) initialVector(event, body)
  }
}
