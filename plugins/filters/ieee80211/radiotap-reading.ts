/** What radiotap says was measured of this one frame. This runs for every frame: the columns are written as `put` would, presence bits once. */
import type { Event } from '../../../core/event/event.ts'
import type { Fields } from '../../../core/event/fields.ts'
import { i8, u16, u32 } from './bytes.ts'
import type { RadiotapDecoder } from './radiotap.ts'
import { radiotapReading } from './radiotap-fields.ts'

/** Makes the decoder of the table. */
export function radiotapReadingDecoder(fields: Fields, tap: RadiotapDecoder): (event: Event) => void {
  const base = fields.base(radiotapReading)
  const size = radiotapReading.fields.length
  const f = radiotapReading.at

  /** Stores the list and answers its presence bit: later values belong to single antennas. */
  const list = (event: Event, key: number, start: number, offsets: readonly number[], signed: boolean): number => {
    const { bytes } = event
    const { length } = offsets
    if (length === 0) return 0
    event.a[base + key] = event.listEnd
    event.b[base + key] = length
    for (let i = 0; i < length; i++) event.push(signed ? i8(bytes, start + offsets[i]) : bytes[start + offsets[i]])
    return 1 << key
  }

  return (event) => {
    event.claim(base, size)
    const { layout } = tap
    if (layout === undefined) return
    const { bytes, a, b } = event
    const { start } = tap.places
    const { mactime, quality, ampdu, timestamp, signals, noises, dbSignals, dbNoises } = layout.reading
    let present = list(event, f.antsignal, start, signals, true) | list(event, f.antnoise, start, noises, true)
    if (mactime >= 0) {
      a[base + f.mactime] = u32(bytes, start + mactime + 4)
      b[base + f.mactime] = u32(bytes, start + mactime)
      present |= 1 << f.mactime
    }
    if (quality >= 0) {
      a[base + f.quality] = u16(bytes, start + quality)
      present |= 1 << f.quality
    }
    if (ampdu >= 0) {
      a[base + f.ampduReference] = u32(bytes, start + ampdu)
      present |= 1 << f.ampduReference
      const flags = bytes[start + ampdu + 4]
      // The bit is meaningful only where its companion says that the device knows.
      if (flags & 4) {
        a[base + f.ampduLast] = (flags >> 3) & 1
        present |= 1 << f.ampduLast
      }
    }
    if (timestamp >= 0) {
      const at = start + timestamp
      a[base + f.ts] = u32(bytes, at + 4)
      b[base + f.ts] = u32(bytes, at)
      a[base + f.tsUnit] = bytes[at + 10] & 15
      a[base + f.tsPosition] = bytes[at + 10] >> 4
      present |= (1 << f.ts) | (1 << f.tsUnit) | (1 << f.tsPosition)
      if (bytes[at + 11] & 2) {
        a[base + f.tsAccuracy] = u16(bytes, at + 8)
        present |= 1 << f.tsAccuracy
      }
    }
    present |= list(event, f.dbAntsignal, start, dbSignals, false) | list(event, f.dbAntnoise, start, dbNoises, false)
    event.has[base >>> 5] = present
  }
}
