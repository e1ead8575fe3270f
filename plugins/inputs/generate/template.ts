/**
 * Templates: whole capture records in which only a few bytes differ from frame to frame, so that writing a frame is a copy and some patches.
 *
 *   16 bytes pcap record header | radiotap | MPDU | FCS
 *
 * Invariant: patches change bytes, never lengths. So the place of every record in the stream follows from the schedule alone.
 */
import { PCAP_RECORD_BYTES, pcapRecord } from '../../../core/formats/pcap-write.ts'
import { join, type Part, u16, u32 } from './bytes.ts'
import { type Phy, radiotap } from './radiotap.ts'

export const FCS = 4

/** What is filled in, at a place counted from the start of the MPDU. */
export type Patch =
  /** Sequence control (9.2.4.4) from the transmitter's counter. */
  | { readonly what: 'sequence'; readonly at: number }
  /** CCMP packet number, as its header has it (12.5.3.2), from the same counter without its wrap at 4096. */
  | { readonly what: 'packet_number'; readonly at: number }
  /** Starting sequence number of a BlockAck or its request, that many before the counter. */
  | { readonly what: 'start_sequence'; readonly at: number; readonly back: number }
  /** The access point's timer. */
  | { readonly what: 'timestamp'; readonly at: number; readonly tsf: number }
  /** DTIM count, and behind the period bitmap control and so many bytes of bitmap. */
  | { readonly what: 'tim'; readonly at: number; readonly period: number; readonly bitmap: number; readonly tsf: number }
  /** Station count and channel utilization. */
  | { readonly what: 'load'; readonly at: number; readonly ap: number }
  /** Random bytes: the same for the same slot of one scene (nonces), and another for each frame number where `own`. */
  | { readonly what: 'random'; readonly at: number; readonly length: number; readonly slot: number; readonly own?: boolean }
  /** A random, locally administered address: one for each scene. */
  | { readonly what: 'address'; readonly at: number }

export interface Template {
  /** The record, FCS left empty. */
  readonly bytes: Uint8Array
  /** Where the MPDU begins in `bytes`. */
  readonly mpdu: number
  /** Where signal levels go in `bytes`. */
  readonly signals: readonly number[]
  /** What the sensor hears of the transmitter, dBm; undefined: a passer-by, different for each scene. */
  readonly signal: number | undefined
  readonly patches: readonly Patch[]
  /** How long it is on the air, µs, with preamble. */
  readonly airtime: number
}

export function template(phy: Phy, mpdu: Uint8Array, signal: number | undefined, patches: readonly Patch[]): Template {
  const header = radiotap(phy)
  const record = pcapRecord(join(header.bytes, mpdu, u32(0)), 0, 0, { nanos: true })
  return {
    bytes: record,
    mpdu: PCAP_RECORD_BYTES + header.bytes.length,
    signals: header.signals.map((at) => at + PCAP_RECORD_BYTES),
    signal,
    patches,
    airtime: 20 + Math.ceil(((mpdu.length + FCS) * 16) / phy.rate),
  }
}

/** Frame control, duration, three addresses, and a sequence control to be filled in (9.2.3). */
export function header(type: number, flags: number, duration: number, addresses: readonly [Uint8Array, Uint8Array, Uint8Array]): Uint8Array {
  return join(type, flags, u16(duration), ...addresses, u16(0))
}

/** Where in an MPDU things lie. */
export const SEQUENCE = 22
export const BODY = 24

export const SEQUENCE_PATCH: Patch = { what: 'sequence', at: SEQUENCE }
export const BROADCAST = new Uint8Array(6).fill(0xff)
/** Stands where an `address` patch puts one. */
export const SOMEBODY = new Uint8Array(6)

/** Elements one behind another, noting where chosen ones begin. */
export class Body {
  readonly #parts: Uint8Array[] = []
  #length: number

  /** @param at where the body begins in the MPDU */
  constructor(at: number) {
    this.#length = at
  }

  /** Appends, and returns the place in the MPDU. */
  add(...parts: readonly Part[]): number {
    const bytes = join(...parts)
    const at = this.#length
    this.#parts.push(bytes)
    this.#length += bytes.length
    return at
  }

  bytes(): Uint8Array {
    return join(...this.#parts)
  }
}
