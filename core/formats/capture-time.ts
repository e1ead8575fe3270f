/** The time of one record, for those who cut a capture but do not decode it. */
import { u16, u32 } from './bytes.ts'
import type { CaptureCutter } from './cut.ts'
import { ENHANCED_PACKET, INTERFACE_STATISTICS, PACKET, readSection, readTime, type Time } from './pcapng.ts'

/** Time of the last record that the cutter found in `data`; undefined when it has none, or none that can be. */
export function lastTime(cutter: CaptureCutter, data: Uint8Array): Time | undefined {
  const at = cutter.last
  if (at < 0) return undefined
  const { header } = cutter
  if (header) return { seconds: u32(data, at, header.bigEndian), nanos: u32(data, at + 4, header.bigEndian) * header.unit }
  const { bigEndian } = cutter
  const type = u32(data, at, bigEndian)
  if ((type !== ENHANCED_PACKET && type !== PACKET && type !== INTERFACE_STATISTICS) || u32(data, at + 4, bigEndian) < 24) return undefined
  const id = type === PACKET ? u16(data, at + 8, bigEndian) : u32(data, at + 8, bigEndian)
  const from = readSection(cutter.blocks).interfaces[id]
  const time = { seconds: 0, nanos: 0 }
  return from && readTime(u32(data, at + 12, bigEndian), u32(data, at + 16, bigEndian), from, time) ? time : undefined
}
