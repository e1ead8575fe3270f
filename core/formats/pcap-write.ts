/** Writes classic pcap. */
import { putU16, putU32 } from './bytes.ts'
import { LARGEST_SNAPLEN, PCAP_HEADER_BYTES } from './pcap.ts'

export interface PcapForm {
  /** Times to the nanosecond instead of the microsecond. */
  readonly nanos?: boolean
  readonly bigEndian?: boolean
}

/** Bytes in front of every packet. */
export const PCAP_RECORD_BYTES = 16

/** The 24 bytes that begin a file. */
export function pcapHeader(linkType: number, { nanos = false, bigEndian = false }: PcapForm = {}): Uint8Array {
  const header = new Uint8Array(PCAP_HEADER_BYTES)
  putU32(header, 0, nanos ? 0xa1b23c4d : 0xa1b2c3d4, bigEndian)
  putU16(header, 4, 2, bigEndian)
  putU16(header, 6, 4, bigEndian)
  putU32(header, 16, LARGEST_SNAPLEN, bigEndian)
  putU32(header, 20, linkType, bigEndian)
  return header
}

export interface PcapRecord {
  readonly seconds: number
  readonly nanos: number
  /** Bytes that are captured. */
  readonly captured: number
  /** Bytes on the air; default `captured`. */
  readonly original?: number
}

/** Writes a record's header of `PCAP_RECORD_BYTES`; the packet goes behind it. */
export function putPcapRecord(into: Uint8Array, at: number, record: PcapRecord, { nanos = false, bigEndian = false }: PcapForm = {}): void {
  putU32(into, at, record.seconds, bigEndian)
  putU32(into, at + 4, nanos ? record.nanos : Math.floor(record.nanos / 1000), bigEndian)
  putU32(into, at + 8, record.captured, bigEndian)
  putU32(into, at + 12, record.original ?? record.captured, bigEndian)
}

/** A whole record as bytes of its own. */
export function pcapRecord(packet: Uint8Array, seconds: number, nanos: number, form: PcapForm & { readonly original?: number } = {}): Uint8Array {
  const record = new Uint8Array(PCAP_RECORD_BYTES + packet.length)
  putPcapRecord(record, 0, { seconds, nanos, captured: packet.length, original: form.original }, form)
  record.set(packet, PCAP_RECORD_BYTES)
  return record
}
