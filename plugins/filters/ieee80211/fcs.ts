/** The frame check sequence (IEEE 802.11-2020 clause 9.2.4.8), checked when somebody asks and the record has all of the frame. */
import type { Event } from '../../../core/event/event.ts'
import { type Fields, fieldTable } from '../../../core/event/fields.ts'
import type { Run } from '../../../core/event/repeats.ts'
import { u32 } from './bytes.ts'
import { crcOf, crcOfRun } from './crc.ts'
import type { Place } from './place.ts'
import type { Known } from './repeat.ts'

export const fcs = fieldTable('fcs', {
  // A checksum over the addresses too, which gives them away where the rest of the frame is known.
  value: {
    path: 'wlan.fcs.value',
    type: 'int',
    class: 'identity',
    emit: 'full',
    alias: ['wlan.fcs'],
    description: 'The FCS in the record.',
    source: '9.2.4.8',
  },
  status: {
    path: 'wlan.fcs.status',
    type: 'int',
    description:
      '1: the FCS is right, 0: wrong, so any bit of the frame may be; 2: not checked, protocol version other than 0. Absent: no FCS in the record.',
    source: 'CRC-32 over the MAC frame',
  },
})

const BAD = 0
const GOOD = 1
const UNVERIFIED = 2

/**
 * Makes the decoder of the table; it is deferred only for whole records whose header says that an FCS is there.
 * @param whole the run that the frame at hand is, or undefined
 */
export function fcsDecoder(fields: Fields, place: Place, whole: () => Run<Known> | undefined): (event: Event) => void {
  const base = fields.base(fcs)
  const size = fcs.fields.length
  return (event) => {
    const { bytes, start } = event
    const { mac, end } = place
    event.claim(base, size)
    const value = u32(bytes, end)
    event.put(base + fcs.at.value, value)
    // Nobody knows what ends a frame of another version.
    if (place.control & 3) return event.put(base + fcs.at.status, UNVERIFIED)
    const run = whole()
    const sum = run === undefined ? crcOf(event, mac, end) : crcOfRun(run, run.found.crc, event, mac - start)
    event.put(base + fcs.at.status, sum === value ? GOOD : BAD)
  }
}
