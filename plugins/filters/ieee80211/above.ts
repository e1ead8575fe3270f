/**
 * What is behind the header of a data frame, or of a block ack, as far as it tells where fields stand: frames of the same kind have the same fields at the same places
 * behind their header, so that they are read there (repeat-reads.ts). The same in WebAssembly: core/event/machine/assembly/above.ts.
 */
import {
  ABOVE_ARP,
  ABOVE_BLOCK_ACK,
  ABOVE_CCMP,
  ABOVE_IPV4,
  ABOVE_IPV4_TCP,
  ABOVE_IPV4_UDP,
  ABOVE_IPV6,
  ABOVE_IPV6_TCP,
  ABOVE_IPV6_UDP,
  ABOVE_REQUEST,
  ABOVE_SHORT_BLOCK_ACK,
  ABOVE_SHORT_REQUEST,
  ABOVE_TKIP,
  ABOVE_WEP,
} from '../../../core/event/machine/numbers.ts'
import { u16, u16be, u24be, u32be } from './bytes.ts'
import { ETHERTYPE, isNamingPort, SNAP, TCP, UDP } from './ip.ts'

/** Bits of the frame control: version, type and whether there is data, which is 0; both directions, encryption, and what says that the header goes on. */
const DATA = 0x8
const KIND = 0x4f
const BOTH_DS = 0x300
const PROTECTED = 0x4000
const QOS = 0x80
const HT_CONTROL = 0x8000
/** QoS control: aggregated. */
const AMSDU = 0x80
/** Offsets in the MAC header. */
const SEQUENCE = 22
const BODY = 24
/** Bytes of LLC and SNAP. */
export const LLC = 8
/** An FCS may be at the end. */
const FCS = 4
/** The lower byte of the frame control of a block ack and its request, which then have two addresses; and bits of the upper one that would mean more. */
const BLOCK_ACK = 0x94
const REQUEST = 0x84
const TWO_ADDRESSES = 16
/** Types of block acks whose requests have no single start, and the one whose bitmap is as long as the fragment number says (0: 8 bytes). */
const MULTI_TID = 3
const MULTI_STA = 11
const COMPRESSED = 2
/** In the fourth byte of what an encrypted body begins with. */
const EXTENDED_IV = 0x20
/** Of an ARP packet from its third byte on: protocol IPv4, addresses of 6 and 4 bytes. */
const OF_IPV4 = 0x08000604

/** Bytes of the header of a data frame, where it is not padded. */
export function headerBytes(control: number): number {
  const addresses = (control & BOTH_DS) === BOTH_DS ? BODY + 6 : BODY
  if ((control & QOS) === 0) return addresses
  return addresses + (control & HT_CONTROL ? 6 : 2)
}

/** Of a frame bytes[mac … end) with this frame control, one of `ABOVE_…`; 0 where the places of fields do not follow from that. */
export function aboveOf(bytes: Uint8Array, control: number, mac: number, end: number): number {
  if ((control & 0xff) === BLOCK_ACK || (control & 0xff) === REQUEST) return blockAck(bytes, control, mac, end)
  if ((control & KIND) !== DATA) return 0
  let at = mac + headerBytes(control)
  if (control & PROTECTED) return encryption(bytes, at, end)
  if ((control & BOTH_DS) === BOTH_DS) return 0
  // The shortest of what is told are 20 bytes of IPv4.
  if (at + LLC + 20 + FCS > end || (bytes[mac + SEQUENCE] & 15) !== 0) return 0
  if (control & QOS && bytes[mac + BODY] & AMSDU) return 0
  if (u24be(bytes, at) !== SNAP || u24be(bytes, at + 3) !== 0) return 0
  const type = u16be(bytes, at + 6)
  at += LLC
  const room = end - FCS - at
  if (type === ETHERTYPE.ipv4) return ipv4(bytes, at, room)
  if (type === ETHERTYPE.ipv6) return ipv6(bytes, at, room)
  return type === ETHERTYPE.arp && room >= 28 && u32be(bytes, at + 2) === OF_IPV4 ? ABOVE_ARP : 0
}

function blockAck(bytes: Uint8Array, control: number, mac: number, end: number): number {
  const at = mac + TWO_ADDRESSES
  const room = end - at
  if (control & HT_CONTROL || room < 4) return 0
  const type = (u16(bytes, at) >> 1) & 15
  if ((control & 0xff) === REQUEST) {
    if (type === MULTI_TID || type === MULTI_STA) return 0
    return room === 4 ? ABOVE_SHORT_REQUEST : room >= 4 + FCS ? ABOVE_REQUEST : 0
  }
  if (type !== COMPRESSED || bytes[at + 2] & 6) return 0
  return room === 12 ? ABOVE_SHORT_BLOCK_ACK : room >= 12 + FCS ? ABOVE_BLOCK_ACK : 0
}

/** WEP has 4 bytes, the others 8, of which TKIP repeats the second one (12.5.2.2). */
function encryption(bytes: Uint8Array, at: number, end: number): number {
  if (at + 4 + FCS > end) return 0
  if ((bytes[at + 3] & EXTENDED_IV) === 0) return ABOVE_WEP
  if (at + 8 + FCS > end) return 0
  return bytes[at + 1] === ((bytes[at] | 0x20) & 0x7f) ? ABOVE_TKIP : ABOVE_CCMP
}

function ipv4(bytes: Uint8Array, at: number, room: number): number {
  if (bytes[at] !== 0x45) return 0
  const protocol = bytes[at + 9]
  if ((protocol !== TCP && protocol !== UDP) || (u16be(bytes, at + 6) & 0x1fff) !== 0) return ABOVE_IPV4
  const total = u16be(bytes, at + 2)
  if (room < 24 || (total >= 20 && total < 24)) return 0
  if (protocol === TCP) return ABOVE_IPV4_TCP
  return isNaming(bytes, at + 20) ? 0 : ABOVE_IPV4_UDP
}

function ipv6(bytes: Uint8Array, at: number, room: number): number {
  if (room < 44 || bytes[at] >> 4 !== 6) return 0
  const next = bytes[at + 6]
  // Extension headers: hop by hop, routing, fragment, destination options.
  if (next === 0 || next === 43 || next === 44 || next === 60) return 0
  if (next === TCP) return ABOVE_IPV6_TCP
  if (next !== UDP) return ABOVE_IPV6
  return isNaming(bytes, at + 40) ? 0 : ABOVE_IPV6_UDP
}

/** Whether the message behind these ports is read on. */
function isNaming(bytes: Uint8Array, at: number): boolean {
  return isNamingPort(u16be(bytes, at)) || isNamingPort(u16be(bytes, at + 2))
}
