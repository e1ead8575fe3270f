/** The part of the MAC header that differs from frame to frame: duration, receiver and destination, sequence control. Decoded on demand. */
import type { Event } from '../../../core/event/event.ts'
import type { Fields } from '../../../core/event/fields.ts'
import { mac48, u16 } from './bytes.ts'
import { wlanVarying } from './mac-fields.ts'
import type { Place } from './place.ts'
import { type ShortHeader, shortHeader } from './pv1.ts'

const MANAGEMENT = 0
const DATA = 2
/** Type and subtype of a PS-Poll, whose duration field is an association id. */
const PS_POLL = 0xa4
const QOS = 0x80
const NO_DATA = 0x40
const AMSDU = 0x80

/** Makes the decoder of the table. */
export function macVaryingDecoder(fields: Fields, place: Place): (event: Event) => void {
  const base = fields.base(wlanVarying)
  const size = wlanVarying.fields.length
  const f = wlanVarying.at
  const short: ShortHeader = { ra: -1, ta: -1, da: -1, sa: -1, sequence: -1 }

  /** These store and answer the presence bits. */
  const address = ({ a, bytes }: Event, key: number, at: number): number => {
    a[base + key] = mac48(bytes, at)
    return 1 << key
  }

  const sequence = ({ a, bytes }: Event, at: number): number => {
    const value = u16(bytes, at)
    a[base + f.sequence] = value >> 4
    a[base + f.fragment] = value & 15
    return (1 << f.sequence) | (1 << f.fragment)
  }

  const data = (event: Event, fc: number, mac: number, end: number): number => {
    const ds = (fc >> 8) & 3
    const addresses = mac + (ds === 3 ? 30 : 24)
    if (addresses + (fc & QOS ? 2 : 0) > end) return 0
    const present = sequence(event, mac + 22)
    // Table 9-30: without ToDS the first address is the destination, else the third; in an A-MSDU each subframe has its own.
    if ((ds & 1) === 0) return present | address(event, f.da, mac + 4)
    if (place.subframe >= 0) return present | address(event, f.da, place.subframe)
    if ((fc & QOS) === 0 || fc & NO_DATA || (event.bytes[addresses] & AMSDU) === 0) return present | address(event, f.da, mac + 16)
    return present
  }

  const versionOne = (event: Event, fc: number, mac: number, end: number): number => {
    shortHeader(event.bytes, mac, end, fc, short)
    return (
      (short.ra >= 0 ? address(event, f.ra, short.ra) : 0) |
      (short.da >= 0 ? address(event, f.da, short.da) : 0) |
      (short.sequence >= 0 ? sequence(event, short.sequence) : 0)
    )
  }

  const header = (event: Event): number => {
    const { control: fc, mac } = place
    // The whole record: the frame's own end leaves the FCS out, which a header may reach into where it is noise.
    const { a, bytes, end } = event
    if (fc & 3) return (fc & 3) === 1 ? versionOne(event, fc, mac, end) : 0
    if (mac + 4 > end) return 0
    const duration = u16(bytes, mac + 2)
    let present: number
    if ((fc & 0xfc) === PS_POLL) {
      a[base + f.aid] = duration & 0x3fff
      present = 1 << f.aid
    } else {
      // Bit 15 is set in contention-free periods, where the rest is no time (table 9-9); Wireshark shows the rest.
      a[base + f.duration] = duration & 0x7fff
      present = 1 << f.duration
    }
    if (mac + 10 > end) return present
    present |= address(event, f.ra, mac + 4)
    const type = (fc >> 2) & 3
    if (type === DATA) return present | data(event, fc, mac, end)
    if (type !== MANAGEMENT || mac + 24 > end) return present
    return present | address(event, f.da, mac + 4) | sequence(event, mac + 22)
  }

  return (event) => {
    event.claim(base, size)
    event.has[base >>> 5] = header(event)
  }
}
