/**
 * Access points send the same elements in beacon after beacon: then what follows from them is written from memory (`Event.repeat`). Probe requests are
 * left out, since random addresses never come back.
 */
import { type Event, MOST_VARYING, type Repeat } from '../../../../core/event/event.ts'
import type { FieldTable } from '../../../../core/event/fields.ts'
import type { Place } from '../place.ts'
import type { Chain } from './chain.ts'
import { varies } from './traffic.ts'

/** Offset of the transmitter in the MAC header. */
const TRANSMITTER = 10

/** Says of beacons and probe responses that the given tables repeat. The chain must be that of the frame. */
export function repeater(tables: readonly FieldTable[], place: Place, chain: Chain): (event: Event, start: number) => void {
  const repeat: Repeat = {
    tables,
    key: 0,
    start: 0,
    end: 0,
    varying: new Int32Array(MOST_VARYING * 2),
    findVarying({ bytes }: Event): number {
      let pairs = 0
      for (let i = 0; i < chain.count && pairs < MOST_VARYING; i++) {
        const at = chain.at[i]
        if (!varies(bytes[at])) continue
        repeat.varying[pairs * 2] = at + 2
        repeat.varying[pairs * 2 + 1] = at + 2 + bytes[at + 1]
        pairs++
      }
      return pairs
    },
  }
  return (event, start) => {
    const { bytes } = event
    const at = place.mac + TRANSMITTER
    const high = (bytes[at] << 8) | bytes[at + 1]
    const low = ((bytes[at + 2] << 24) | (bytes[at + 3] << 16) | (bytes[at + 4] << 8) | bytes[at + 5]) >>> 0
    // Beacons and probe responses of one network differ a little.
    repeat.key = (high * 4294967296 + low) * 2 + ((place.control >> 7) & 1)
    repeat.start = start
    repeat.end = place.end
    event.repeat = repeat
  }
}
