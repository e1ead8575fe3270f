/** What unencrypted frames carry: LLC and SNAP, ARP, IPv4 and IPv6, the ports, and the names that DHCP and DNS give away. */
import type { Event } from '../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../core/event/fields.ts'
import { mac48, u16be, u24be, u32be } from './bytes.ts'
import { ARP_OPCODES, DHCP_TYPES } from './names/wireshark.ts'
import type { Place } from './place.ts'
import { putTrimmed } from './put.ts'

const full = { type: 'int', emit: 'full' } as const
const host = { type: 'ip', class: 'network_address' } as const

export const network = fieldTable('network', {
  oui: { ...full, path: 'llc.oui', description: 'OUI of SNAP.', source: 'IEEE 802-2014 9' },
  type: { path: 'llc.type', type: 'int', description: 'EtherType.', source: 'IEEE 802-2014 9' },
  dsap: { ...full, path: 'llc.dsap.value', alias: ['llc.dsap'], description: 'Destination SAP.', source: 'IEEE 802.2' },
  opcode: { path: 'arp.opcode', names: ARP_OPCODES, type: 'int', description: '1 request, 2 reply.', source: 'RFC 826' },
  arpSenderMac: {
    path: 'arp.src.hw_mac',
    type: 'mac',
    class: 'device_address',
    emit: 'full',
    description: 'Sender, as ARP says.',
    source: 'RFC 826',
  },
  arpSender: { ...host, path: 'arp.src.proto_ipv4', description: 'IP address of the sender.', source: 'RFC 826' },
  arpTargetMac: {
    path: 'arp.dst.hw_mac',
    type: 'mac',
    class: 'device_address',
    emit: 'full',
    description: 'Target, as ARP says.',
    source: 'RFC 826',
  },
  arpTarget: { ...host, path: 'arp.dst.proto_ipv4', description: 'IP address that is asked for.', source: 'RFC 826' },
  src: { ...host, path: 'ip.src', description: 'Source.', source: 'RFC 791' },
  dst: { ...host, path: 'ip.dst', description: 'Destination.', source: 'RFC 791' },
  protocol: { path: 'ip.proto', type: 'int', description: 'Protocol: 1 ICMP, 6 TCP, 17 UDP.', source: 'RFC 791' },
  ttl: { ...full, path: 'ip.ttl', description: 'Time to live.', source: 'RFC 791' },
  src6: { ...host, path: 'ipv6.src', description: 'Source.', source: 'RFC 8200' },
  dst6: { ...host, path: 'ipv6.dst', description: 'Destination.', source: 'RFC 8200' },
  next6: { path: 'ipv6.nxt', type: 'int', description: 'Next header.', source: 'RFC 8200' },
  tcpSource: { path: 'tcp.srcport', type: 'int', description: 'Source port.', source: 'RFC 9293' },
  tcpDestination: { path: 'tcp.dstport', type: 'int', description: 'Destination port.', source: 'RFC 9293' },
  udpSource: { path: 'udp.srcport', type: 'int', description: 'Source port.', source: 'RFC 768' },
  udpDestination: { path: 'udp.dstport', type: 'int', description: 'Destination port.', source: 'RFC 768' },
  dhcpType: {
    path: 'dhcp.option.dhcp',
    names: DHCP_TYPES,
    type: 'int',
    description: 'DHCP message: 1 discover, 3 request, 5 ack …',
    source: 'RFC 2132 9.6',
  },
  dhcpHost: { path: 'dhcp.option.hostname', type: 'text', class: 'identity', description: 'Host name.', source: 'RFC 2132 3.14' },
  dhcpVendor: { path: 'dhcp.option.vendor_class_id', type: 'text', description: 'Vendor class.', source: 'RFC 2132 9.13' },
  dnsName: {
    path: 'dns.qry.name',
    type: 'text',
    class: 'payload',
    list: true,
    description: 'Names asked for in DNS and mDNS.',
    source: 'RFC 1035 4.1.2',
  },
})

export const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd, eapol: 0x888e, preauth: 0x88c7, tunnel: 0x890d } as const

export const TCP = 6
export const UDP = 17
export const SNAP = 0xaaaa03
/** Organisations whose protocol numbers are EtherTypes: RFC 1042, bridge tunnel (802.1H), and Cisco's, which Wireshark reads so too. */
const ETHERNET = 0x000000
const TUNNEL = 0x0000f8

const isDhcp = (port: number) => port === 67 || port === 68
const isDns = (port: number) => port === 53 || port === 5353

/** Whether what comes from or goes to this port of UDP is read on for names. */
export const isNamingPort = (port: number): boolean => isDhcp(port) || isDns(port)

/** Sets the EtherType and what is behind it from the LLC header at `place.llc`. */
export function enterLlc(bytes: Uint8Array, place: Place): void {
  const at = place.llc
  if (at < 0 || at + 8 > place.end || u24be(bytes, at) !== SNAP) return
  const oui = u24be(bytes, at + 3)
  if (oui !== ETHERNET && oui !== TUNNEL) return
  place.etherType = u16be(bytes, at + 6)
  place.above = at + 8
}

/** The same from an Ethernet header (IEEE 802.3 clause 3): captures may have wired interfaces beside the WiFi ones. */
export function enterEthernet(bytes: Uint8Array, place: Place, start: number, end: number): void {
  if (end - start < 14) return
  place.end = end
  place.etherType = u16be(bytes, start + 12)
  place.above = start + 14
}

/** Makes the decoder of the table: it reads on from `place.llc` and `place.above`. */
export function networkDecoder(fields: Fields, place: Place): (event: Event) => void {
  const base = fields.base(network)
  const size = network.fields.length
  const f = network.at

  const arp = (event: Event, at: number, end: number) => {
    const { bytes } = event
    if (at + 8 > end) return
    event.put(base + f.opcode, u16be(bytes, at + 6))
    // Hardware addresses of 6 bytes and protocol addresses of IPv4, the only kind ARP is used for.
    if (at + 28 > end || bytes[at + 4] !== 6 || bytes[at + 5] !== 4 || u16be(bytes, at + 2) !== ETHERTYPE.ipv4) return
    event.put(base + f.arpSenderMac, mac48(bytes, at + 8))
    event.put(base + f.arpSender, at + 14, 4)
    event.put(base + f.arpTargetMac, mac48(bytes, at + 18))
    event.put(base + f.arpTarget, at + 24, 4)
  }

  const ipv4 = (event: Event, at: number, limit: number) => {
    const { bytes } = event
    if (at + 20 > limit || bytes[at] >> 4 !== 4) return
    const header = (bytes[at] & 15) * 4
    if (header < 20) return
    event.put(base + f.ttl, bytes[at + 8])
    event.put(base + f.protocol, bytes[at + 9])
    event.put(base + f.src, at + 12, 4)
    event.put(base + f.dst, at + 16, 4)
    // Total length 0 is what segmentation offload leaves behind.
    const total = u16be(bytes, at + 2)
    const end = total >= header ? Math.min(limit, at + total) : limit
    // Later fragments begin in the middle of the payload.
    if ((u16be(bytes, at + 6) & 0x1fff) === 0) transport(event, bytes[at + 9], at + header, end)
  }

  const ipv6 = (event: Event, at: number, limit: number) => {
    const { bytes } = event
    if (at + 40 > limit || bytes[at] >> 4 !== 6) return
    event.put(base + f.next6, bytes[at + 6])
    event.put(base + f.src6, at + 8, 16)
    event.put(base + f.dst6, at + 24, 16)
    let next = bytes[at + 6]
    let data = at + 40
    // Hop-by-hop, routing and destination options; a fragment ends the way unless it is the first.
    while (data + 8 <= limit && (next === 0 || next === 43 || next === 60 || next === 44)) {
      if (next === 44 && u16be(bytes, data + 2) & 0xfff8) return
      const length = next === 44 ? 8 : (bytes[data + 1] + 1) * 8
      next = bytes[data]
      data += length
    }
    transport(event, next, data, limit)
  }

  const transport = (event: Event, protocol: number, at: number, end: number) => {
    const { bytes } = event
    if (at + 4 > end) return
    const source = u16be(bytes, at)
    const destination = u16be(bytes, at + 2)
    if (protocol === TCP) {
      event.put(base + f.tcpSource, source)
      event.put(base + f.tcpDestination, destination)
    } else if (protocol === UDP) {
      event.put(base + f.udpSource, source)
      event.put(base + f.udpDestination, destination)
      if (isDhcp(source) || isDhcp(destination)) dhcp(event, at + 8, end)
      else if (isDns(source) || isDns(destination)) dns(event, at + 8, end)
    }
  }

  /** DHCP (RFC 2131): 236 fixed bytes, a cookie, options. */
  const dhcp = (event: Event, start: number, end: number) => {
    const { bytes } = event
    if (start + 240 > end || u32be(bytes, start + 236) !== 0x63825363) return
    for (let at = start + 240; at < end; ) {
      const option = bytes[at]
      if (option === 255) return
      if (option === 0) {
        at++
        continue
      }
      const data = at + 2
      if (data > end || data + bytes[at + 1] > end) return
      const next = data + bytes[at + 1]
      if (option === 53 && next > data) event.put(base + f.dhcpType, bytes[data])
      else if (option === 12) putTrimmed(event, base + f.dhcpHost, data, next)
      else if (option === 60) putTrimmed(event, base + f.dhcpVendor, data, next)
      at = next
    }
  }

  /** The questions of a DNS message. A name is at most 255 bytes (RFC 1035 2.3.4); questions that point elsewhere are not sent. */
  const dns = (event: Event, start: number, end: number) => {
    const { bytes } = event
    if (start + 12 > end) return
    const questions = u16be(bytes, start + 4)
    const names: number[] = []
    let at = start + 12
    for (let i = 0; i < questions && i < 16; i++) {
      const room = event.room(256)
      let length = 0
      while (at < end && bytes[at] !== 0) {
        const label = bytes[at]
        if (label > 63 || at + 1 + label > end || length + label + 1 > 255) return store(event, names)
        if (length > 0) event.arena[room + length++] = 46
        for (let k = 1; k <= label; k++) event.arena[room + length++] = printable(bytes[at + k])
        at += 1 + label
      }
      if (at + 5 > end) break
      at += 5
      if (length > 0) names.push(-room - 1, length)
    }
    store(event, names)
  }

  /** Labels may hold any byte; what is not ASCII becomes a question mark, as a name is text. */
  const printable = (byte: number): number => (byte >= 0x20 && byte < 0x7f ? byte : 63)

  const store = (event: Event, names: readonly number[]) => {
    if (names.length === 0) return
    const first = event.listEnd
    for (const number of names) event.push(number)
    event.put(base + f.dnsName, first, names.length / 2)
  }

  const llc = (event: Event, at: number, end: number) => {
    const { bytes } = event
    if (at + 3 > end) return
    event.put(base + f.dsap, bytes[at])
    if (at + 8 > end || u24be(bytes, at) !== SNAP) return
    event.put(base + f.oui, u24be(bytes, at + 3))
    if (place.etherType >= 0) event.put(base + f.type, place.etherType)
  }

  return (event) => {
    const { above, end, etherType } = place
    event.claim(base, size)
    if (place.llc >= 0) llc(event, place.llc, end)
    if (etherType === ETHERTYPE.ipv4) ipv4(event, above, end)
    else if (etherType === ETHERTYPE.ipv6) ipv6(event, above, end)
    else if (etherType === ETHERTYPE.arp) arp(event, above, end)
  }
}
