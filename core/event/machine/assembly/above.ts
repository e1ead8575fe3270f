/** What is behind the MAC header of a frame: the same as plugins/filters/ieee80211/above.ts. */
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
} from '../numbers'

/** Bits of the frame control: version, type and whether there is data, which is 0; both directions, encryption, and what says that the header goes on. */
const DATA: u32 = 0x8
const KIND: u32 = 0x4f
const BOTH_DS: u32 = 0x300
const PROTECTED: u32 = 0x4000
const QOS: u32 = 0x80
const HT_CONTROL: u32 = 0x8000
/** QoS control: aggregated. */
const AMSDU: u32 = 0x80
/** The lower byte of the frame control of a block ack and its request. */
const BLOCK_ACK: u32 = 0x94
const REQUEST: u32 = 0x84
const TWO_ADDRESSES: usize = 16
/** Types of block acks. */
const MULTI_TID: u32 = 3
const MULTI_STA: u32 = 11
const COMPRESSED: u32 = 2
const EXTENDED_IV: u32 = 0x20
/** Offsets in the MAC header. */
const SEQUENCE: usize = 22
const BODY: usize = 24
/** LLC and SNAP with an EtherType, and bytes of all of it. */
const SNAP: u64 = 0x000003aaaa
const SNAP_BITS: u64 = 0xffffffffffff
const LLC: usize = 8
/** An FCS may be at the end. */
const FCS: usize = 4
const IPV4: u32 = 0x0008
const ARP: u32 = 0x0608
const IPV6: u32 = 0xdd86
/** Hardware of Ethernet's addresses is not asked for: protocol IPv4, 6 and 4 bytes. */
const OF_IPV4: u32 = 0x04060008
const TCP: u32 = 6
const UDP: u32 = 17

/** Of a frame [mac, end) with this frame control. */
export function aboveOf(control: u32, mac: usize, end: usize): u32 {
  if ((control & 0xff) === BLOCK_ACK || (control & 0xff) === REQUEST) return blockAck(control, mac, end)
  if ((control & KIND) !== DATA) return 0
  const four = (control & BOTH_DS) === BOTH_DS
  let at = mac + BODY
  if (four) at += 6
  if ((control & QOS) !== 0) at += (control & HT_CONTROL) !== 0 ? 6 : 2
  if ((control & PROTECTED) !== 0) return encryption(at, end)
  if (four) return 0
  // The shortest of what is told are 20 bytes of IPv4.
  if (at + LLC + 20 + FCS > end || (load<u8>(mac, SEQUENCE) & 15) !== 0) return 0
  if ((control & QOS) !== 0 && (load<u8>(mac, BODY) & AMSDU) !== 0) return 0
  if ((load<u64>(at) & SNAP_BITS) !== SNAP) return 0
  const type = load<u16>(at, 6) as u32
  at += LLC
  const room = end - FCS - at
  if (type === IPV4) return ipv4(at, room)
  if (type === IPV6) return ipv6(at, room)
  return type === ARP && room >= 28 && load<u32>(at, 2) === OF_IPV4 ? ABOVE_ARP : 0
}

function blockAck(control: u32, mac: usize, end: usize): u32 {
  const at = mac + TWO_ADDRESSES
  if ((control & HT_CONTROL) !== 0 || at + 4 > end) return 0
  const room = end - at
  const type = ((load<u16>(at) as u32) >> 1) & 15
  if ((control & 0xff) === REQUEST) {
    if (type === MULTI_TID || type === MULTI_STA) return 0
    return room === 4 ? ABOVE_SHORT_REQUEST : room >= 4 + FCS ? ABOVE_REQUEST : 0
  }
  if (type !== COMPRESSED || (load<u8>(at, 2) & 6) !== 0) return 0
  return room === 12 ? ABOVE_SHORT_BLOCK_ACK : room >= 12 + FCS ? ABOVE_BLOCK_ACK : 0
}

function encryption(at: usize, end: usize): u32 {
  if (at + 4 + FCS > end) return 0
  if ((load<u8>(at, 3) & EXTENDED_IV) === 0) return ABOVE_WEP
  if (at + 8 + FCS > end) return 0
  return load<u8>(at, 1) === ((load<u8>(at) | 0x20) & 0x7f) ? ABOVE_TKIP : ABOVE_CCMP
}

function ipv4(at: usize, room: usize): u32 {
  if (load<u8>(at) !== 0x45) return 0
  const protocol = load<u8>(at, 9) as u32
  if ((protocol !== TCP && protocol !== UDP) || (bswap<u16>(load<u16>(at, 6)) & 0x1fff) !== 0) return ABOVE_IPV4
  const total = bswap<u16>(load<u16>(at, 2)) as u32
  if (room < 24 || (total >= 20 && total < 24)) return 0
  if (protocol === TCP) return ABOVE_IPV4_TCP
  return isNaming(at + 20) ? 0 : ABOVE_IPV4_UDP
}

function ipv6(at: usize, room: usize): u32 {
  if (room < 44 || load<u8>(at) >> 4 !== 6) return 0
  const next = load<u8>(at, 6) as u32
  // Extension headers: hop by hop, routing, fragment, destination options.
  if (next === 0 || next === 43 || next === 44 || next === 60) return 0
  if (next === TCP) return ABOVE_IPV6_TCP
  if (next !== UDP) return ABOVE_IPV6
  return isNaming(at + 40) ? 0 : ABOVE_IPV6_UDP
}

/** Whether a port is one of DHCP, DNS or mDNS, whose messages are read on. */
function isNaming(at: usize): bool {
  return isNamingPort(bswap<u16>(load<u16>(at)) as u32) || isNamingPort(bswap<u16>(load<u16>(at, 2)) as u32)
}

// @ts-expect-error: decorators are AssemblyScript's
@inline
function isNamingPort(port: u32): bool {
  return port === 53 || port === 67 || port === 68 || port === 5353
}
