/** All of the MAC header that only `emit: full` writes: single flags, QoS, HT and mesh control, IVs, block acks. Decoded on demand. */
import type { Event } from '../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../core/event/fields.ts'
import { mac48, u16, u16be, u24be, u32 } from './bytes.ts'
import { FRAME_KINDS } from './names/wireshark.ts'
import type { Place } from './place.ts'
import { gathered, putList } from './put.ts'

const flag = { type: 'bool', emit: 'full' } as const
const full = { type: 'int', emit: 'full' } as const
const subframe = { type: 'mac', list: true, class: 'device_address', emit: 'full', source: '9.3.2.2' } as const

export const wlanDetail = fieldTable('wlan_detail', {
  control: { ...full, path: 'wlan.fc.value', alias: ['wlan.fc'], description: 'Frame control, as Wireshark shows it.', source: '9.2.4.1' },
  version: { ...full, path: 'wlan.fc.version', description: 'Protocol version; other than 0 means noise, or 802.11ah.', source: '9.2.4.1.2' },
  type: { ...full, path: 'wlan.fc.type', names: FRAME_KINDS, description: '0 management, 1 control, 2 data, 3 extension.', source: '9.2.4.1.3' },
  subtype: { ...full, path: 'wlan.fc.subtype', description: 'Subtype within its type.', source: '9.2.4.1.3' },
  ds: { ...full, path: 'wlan.fc.ds', description: 'To DS (1) and from DS (2).', source: '9.2.4.1.4' },
  tods: { ...flag, path: 'wlan.fc.tods', description: 'To the distribution system.', source: '9.2.4.1.4' },
  fromds: { ...flag, path: 'wlan.fc.fromds', description: 'From the distribution system.', source: '9.2.4.1.4' },
  moreFragments: { ...flag, path: 'wlan.fc.frag', description: 'More fragments follow.', source: '9.2.4.1.5' },
  powerManagement: { ...flag, path: 'wlan.fc.pwrmgt', description: 'The station goes to power save.', source: '9.2.4.1.7' },
  moreData: { ...flag, path: 'wlan.fc.moredata', description: 'More is buffered.', source: '9.2.4.1.8' },
  order: { ...flag, path: 'wlan.fc.order', description: '+HTC: an HT control field follows, or strict order.', source: '9.2.4.1.10' },
  qos: { ...full, path: 'wlan.qos.value', alias: ['wlan.qos'], description: 'QoS control.', source: '9.2.4.5' },
  eosp: { ...flag, path: 'wlan.qos.eosp', description: 'End of service period.', source: '9.2.4.5.3' },
  ackPolicy: { ...full, path: 'wlan.qos.ack', description: 'Ack policy.', source: '9.2.4.5.4' },
  amsduPresent: { ...flag, path: 'wlan.qos.amsdupresent', description: 'The body is an A-MSDU.', source: '9.2.4.5.9' },
  htc: { ...full, path: 'wlan.htc.value', alias: ['wlan.htc'], description: 'HT control.', source: '9.2.4.6' },
  meshTtl: { ...full, path: 'wlan.mesh.ttl', description: 'Mesh TTL.', source: '9.2.4.8' },
  meshSequence: { ...full, path: 'wlan.mesh.seq', description: 'Mesh sequence number.', source: '9.2.4.8' },
  wepIv: { ...full, path: 'wlan.wep.iv', description: 'IV of WEP.', source: '12.3.2' },
  keyId: { ...full, path: 'wlan.wep.key', description: 'Key id of an encrypted body.', source: '12.3.2' },
  packetNumber: { path: 'wlan.ccmp.extiv', type: 'u64', emit: 'full', description: 'Packet number of CCMP or GCMP.', source: '12.5.3.2' },
  tkipCounter: { path: 'wlan.tkip.extiv', type: 'u64', emit: 'full', description: 'Sequence counter of TKIP.', source: '12.5.2.2' },
  priority: { ...full, path: 'wlan.qos.priority', description: 'User priority: the lower three bits of the TID.', source: '9.2.4.5.2' },
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
const EXTENSION = 6
const NO_DATA = 0x40
const PROTECTED = 0x4000
const FROM_DS = 0x200
const EXTENDED_IV = 0x20
const AMSDU = 0x80
/** Where the addresses of a header are. */
const ADDRESS_AT = [4, 10, 16, 24]
/** Control subtypes whose second address is there, as bits: 2 to 5, BAR, BA, PS-Poll, RTS, CF-End. */
const TWO_ADDRESSES = 0xcf3c

/** How many addresses the header of a frame has. */
function addressCount(control: number): number {
  const type = (control >> 2) & 3
  if (type === DATA) return (control & 0x300) === 0x300 ? 4 : 3
  if (type === CONTROL) return TWO_ADDRESSES & (1 << ((control >> 4) & 15)) ? 2 : 1
  return type === MANAGEMENT ? 3 : 1
}

/** Makes the decoder of the table. */
export function macDetailDecoder(fields: Fields, place: Place): (event: Event) => void {
  const base = fields.base(wlanDetail)
  const size = wlanDetail.fields.length
  const f = wlanDetail.at

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
    const { control, mac, body, end } = place
    event.claim(base, size)
    event.put(base + f.control, (bytes[mac] << 8) | bytes[mac + 1])
    event.put(base + f.version, control & 3)
    if (control & 3) return
    const type = (control >> 2) & 3
    const subtype = (control >> 4) & 15
    const flags = type === CONTROL && subtype === EXTENSION ? (control >> 8) & 0xf0 : control >> 8
    event.put(base + f.type, type)
    event.put(base + f.subtype, subtype)
    event.put(base + f.ds, flags & 3)
    event.put(base + f.tods, flags & 1)
    event.put(base + f.fromds, (flags >> 1) & 1)
    event.put(base + f.moreFragments, (flags >> 2) & 1)
    event.put(base + f.powerManagement, (flags >> 4) & 1)
    event.put(base + f.moreData, (flags >> 5) & 1)
    event.put(base + f.order, flags >> 7)
    if (place.qos >= 0) {
      const value = u16(bytes, place.qos)
      event.put(base + f.qos, value)
      event.put(base + f.priority, value & 7)
      if (control & FROM_DS) event.put(base + f.eosp, (value >> 4) & 1)
      event.put(base + f.ackPolicy, (value >> 5) & 3)
      event.put(base + f.amsduPresent, (value >> 7) & 1)
    }
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
