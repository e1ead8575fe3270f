/** MAC headers of protocol version 1 (IEEE 802.11-2020 clause 9.8): short frames of 802.11ah. Elsewhere they are noise whose first bits happen to say so. */
import { u16 } from './bytes.ts'

/** What the header holds; places of 6-byte addresses and of the sequence control, -1 when absent. */
export interface ShortHeader {
  ra: number
  ta: number
  da: number
  sa: number
  sequence: number
}

const CONTROL = 2
const TWO_ADDRESSES = 3
/** Types past this one are reserved: nothing is known to stand behind their addresses. */
const LAST_WITH_SEQUENCE = 3

const FROM_DS = 0x100
const HAS_A3 = 0x2000
const HAS_A4 = 0x4000

/** Finds the parts of the header whose frame control is `control`, as far as they are within bytes[mac … end). */
export function shortHeader(bytes: Uint8Array, mac: number, end: number, control: number, header: ShortHeader): void {
  const type = (control >> 2) & 7
  let at = mac + 2
  const take = (length: number): number => {
    const place = at + length <= end ? at : -1
    at += length
    return place
  }
  let sid = -1
  header.ra = header.ta = header.da = header.sa = header.sequence = -1
  if (type === TWO_ADDRESSES) {
    header.ra = take(6)
    header.ta = take(6)
  } else if (control & FROM_DS) {
    sid = take(2)
    header.ta = take(6)
  } else if (type === CONTROL) return
  else {
    header.ra = take(6)
    sid = take(2)
  }
  if (type !== CONTROL && type <= LAST_WITH_SEQUENCE) header.sequence = take(2)
  if (sid < 0) return
  // The short id says which further addresses follow (9.8.3.2).
  const flags = u16(bytes, sid)
  if (flags & HAS_A3) header.da = take(6)
  if (flags & HAS_A4) header.sa = take(6)
}
