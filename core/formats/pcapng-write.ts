/** Writes pcapng, block by block. */
import { putU16, putU32 } from './bytes.ts'
import { ENHANCED_PACKET, INTERFACE_DESCRIPTION, INTERFACE_STATISTICS, OPT_COMMENT, PACKET, SECTION_HEADER, SIMPLE_PACKET } from './pcapng.ts'

/** An option: its code and value. */
export type Option = readonly [code: number, value: Uint8Array]

const text = new TextEncoder()

function padded(length: number): number {
  return (length + 3) & ~3
}

/** Any block: type, total length, body and options, total length. */
export function block(type: number, body: Uint8Array, bigEndian: boolean, options: readonly Option[] = []): Uint8Array {
  const optionBytes = options.reduce((sum, [, value]) => sum + 4 + padded(value.length), options.length > 0 ? 4 : 0)
  const length = 12 + padded(body.length) + optionBytes
  const bytes = new Uint8Array(length)
  putU32(bytes, 0, type, bigEndian)
  putU32(bytes, 4, length, bigEndian)
  bytes.set(body, 8)
  let at = 8 + padded(body.length)
  for (const [code, value] of options) {
    putU16(bytes, at, code, bigEndian)
    putU16(bytes, at + 2, value.length, bigEndian)
    bytes.set(value, at + 4)
    at += 4 + padded(value.length)
  }
  putU32(bytes, length - 4, length, bigEndian)
  return bytes
}

export function sectionBlock(bigEndian: boolean, options: readonly Option[] = []): Uint8Array {
  const body = new Uint8Array(16).fill(0xff, 8)
  putU32(body, 0, 0x1a2b3c4d, bigEndian)
  putU16(body, 4, 1, bigEndian)
  putU16(body, 6, 0, bigEndian)
  return block(SECTION_HEADER, body, bigEndian, options)
}

export interface InterfaceForm {
  readonly linkType: number
  readonly snaplen?: number
  readonly name?: string
  /** if_tsresol as its byte; default is 6, microseconds. */
  readonly resolution?: number
  /** if_tsoffset in seconds. */
  readonly offset?: number
}

export function interfaceBlock({ linkType, snaplen = 0, name, resolution, offset }: InterfaceForm, bigEndian: boolean): Uint8Array {
  const body = new Uint8Array(8)
  putU16(body, 0, linkType, bigEndian)
  putU32(body, 4, snaplen, bigEndian)
  const options: Option[] = []
  if (name !== undefined) options.push([2, text.encode(name)])
  if (resolution !== undefined) options.push([9, Uint8Array.of(resolution)])
  if (offset !== undefined) {
    const value = new Uint8Array(8)
    new DataView(value.buffer).setBigInt64(0, BigInt(offset), !bigEndian)
    options.push([14, value])
  }
  return block(INTERFACE_DESCRIPTION, body, bigEndian, options)
}

export interface PacketForm {
  readonly interface: number
  /** Time in the interface's units. */
  readonly time: bigint
  readonly packet: Uint8Array
  readonly original?: number
  readonly comments?: readonly string[]
}

/** An enhanced packet block, or the obsolete packet block. */
export function packetBlock(form: PacketForm, bigEndian: boolean, type: typeof ENHANCED_PACKET | typeof PACKET = ENHANCED_PACKET): Uint8Array {
  const { packet, time, original = packet.length, comments = [] } = form
  const body = new Uint8Array(20 + packet.length)
  if (type === PACKET) putU16(body, 0, form.interface, bigEndian)
  else putU32(body, 0, form.interface, bigEndian)
  putU32(body, 4, Number(time >> 32n), bigEndian)
  putU32(body, 8, Number(time & 0xffffffffn), bigEndian)
  putU32(body, 12, packet.length, bigEndian)
  putU32(body, 16, original, bigEndian)
  body.set(packet, 20)
  const options = comments.map((comment): Option => [OPT_COMMENT, text.encode(comment)])
  return block(type, body, bigEndian, options)
}

export function simplePacketBlock(packet: Uint8Array, bigEndian: boolean, original = packet.length): Uint8Array {
  const body = new Uint8Array(4 + packet.length)
  putU32(body, 0, original, bigEndian)
  body.set(packet, 4)
  return block(SIMPLE_PACKET, body, bigEndian)
}

/** Counts by option code: 4 received, 5 dropped … */
export function statisticsBlock(id: number, time: bigint, counts: Readonly<Record<number, bigint>>, bigEndian: boolean): Uint8Array {
  const body = new Uint8Array(12)
  putU32(body, 0, id, bigEndian)
  putU32(body, 4, Number(time >> 32n), bigEndian)
  putU32(body, 8, Number(time & 0xffffffffn), bigEndian)
  const options = Object.entries(counts).map(([code, count]): Option => {
    const value = new Uint8Array(8)
    new DataView(value.buffer).setBigUint64(0, count, !bigEndian)
    return [Number(code), value]
  })
  return block(INTERFACE_STATISTICS, body, bigEndian, options)
}
