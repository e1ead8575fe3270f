/** Damaged copies of captures: bytes flipped, cut, joined, and records taken apart, the same for the same randomness. */
import { u32 } from '../../core/formats/bytes.ts'
import { readPcapHeader } from '../../core/formats/pcap.ts'
import { pcapHeader, pcapRecord } from '../../core/formats/pcap-write.ts'
import type { Random } from '../kit/random.ts'

/** Records in a file that is put together anew. */
const MOST_RECORDS = 400
/** Bytes in a place of a length or a count that decoders believe too easily; 221 and 255 begin the elements that have elements within. */
const EXTREMES = [0, 1, 127, 128, 221, 254, 255]
const FILE_HEADER = 24

export interface Original {
  readonly bytes: Uint8Array
  /** The packets, and what they are, of a classic capture; none for others. */
  readonly packets: readonly Uint8Array[]
  readonly link: number
}

export function original(bytes: Uint8Array): Original {
  const header = readPcapHeader(bytes, 0, bytes.length)
  const packets: Uint8Array[] = []
  if (header) {
    for (let at = FILE_HEADER; at + header.recordHeader <= bytes.length; ) {
      const start = at + header.recordHeader
      at = start + u32(bytes, at + 8, header.bigEndian)
      if (at > bytes.length) break
      packets.push(bytes.subarray(start, at))
    }
  }
  return { bytes, packets, link: header?.linkType ?? 0 }
}

/** Half of the files are damaged anywhere; the others are whole files of damaged packets, so that the damage reaches the decoders of frames. */
export function mutated(from: Original, random: Random): Uint8Array {
  return from.packets.length > 0 && random.chance(0.5) ? repacked(from, random) : scratched(from.bytes, random)
}

/** Bytes of the file; its header is mostly spared, so that there is something to read. */
function scratched(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const from = random.chance(0.1) ? 0 : Math.min(FILE_HEADER, copy.length)
  flip(copy, from, 1 + random.below(1 + Math.floor(copy.length / 300)), random)
  const a = from + random.below(Math.max(1, copy.length - from))
  const b = Math.min(copy.length, a + random.below(300))
  if (random.chance(0.25)) return Buffer.concat([copy.subarray(0, a), copy.subarray(b)])
  if (random.chance(0.25)) return Buffer.concat([copy.subarray(0, b), copy.subarray(a)])
  return copy
}

function repacked({ packets, link }: Original, random: Random): Uint8Array {
  const count = Math.min(packets.length, 1 + random.below(MOST_RECORDS))
  const first = random.below(packets.length - count + 1)
  // Sometimes the packets are said to be of another kind.
  const parts = [pcapHeader(random.chance(0.05) ? random.pick([1, 105, 113, 119, 127, 163, 192]) : link)]
  let seconds = 1_700_000_000
  for (let i = 0; i < count; i++) {
    let packet = Uint8Array.from(packets[first + i])
    const original = packet.length
    const what = random.below(10)
    if (what < 6) flip(packet, 0, 1 + random.below(6), random)
    if (what === 6) packet = packet.subarray(0, random.below(packet.length + 1))
    if (what === 7) packet = Uint8Array.from(spliced(packet, random.pick(packets), random))
    // As a snap length cuts them; else the frame itself ends there.
    const cut = what === 6 && random.chance(0.5)
    seconds += random.chance(0.01) ? random.below(2000) - 500 : 0
    parts.push(pcapRecord(packet, seconds, i * 1000, cut ? { original } : {}))
  }
  return Buffer.concat(parts)
}

function flip(bytes: Uint8Array, from: number, changes: number, random: Random): void {
  for (let i = 0; i < changes && bytes.length > from; i++) {
    const at = from + random.below(bytes.length - from)
    bytes[at] = random.pick([random.pick(EXTREMES), bytes[at] ^ (1 << random.below(8)), random.below(256), bytes[at] + random.pick([-1, 1])])
  }
}

/** The beginning of one packet and the end of another. */
function spliced(one: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  return Buffer.concat([one.subarray(0, random.below(one.length + 1)), other.subarray(random.below(other.length + 1))])
}
