/** Where a frame's run is looked for: the same as in plugins/filters/ieee80211/repeat.ts. */
import { aboveOf } from './above'
import { EXCHANGED, LAYOUT_TELLING, PLACES, WAYS } from '../numbers'
import { layoutOf } from './layouts'

/** Link types. */
const RADIOTAP: u32 = 127
const IEEE80211: u32 = 105

/** Bits of the frame control. */
const TYPE: u32 = 0xc
const MANAGEMENT: u32 = 0
const DATA: u32 = 0x8
const BOTH_DS: u32 = 0x300
const QOS: u32 = 0x80
const PROTECTED: u32 = 0x4000

/** Offsets in the MAC header. */
const TRANSMITTER: usize = 10
const SEQUENCE: usize = 22
const FOURTH: usize = 24
const SHORTEST: usize = 10
const BODY: usize = 24
const STATUS: usize = 28
/** The management subtype. */
const AUTHENTICATION: u32 = 11
/** Bytes from one to the next of those that tell what is said apart. */
const STRIDE: usize = 12

/** What is behind the MAC header of the record that a place was asked for last. */
export let kind: u32 = 0

/** The first of the places of a record [start, end); -1 when it cannot be one of these, or has a layout that nobody has told. */
export function placeOf(link: u32, start: usize, end: usize): i32 {
  let mac = start
  let mixed: u32 = 0
  kind = 0
  if (link === RADIOTAP) {
    if (start + 8 > end) return -1
    mac = start + (load<u16>(start, 2) as usize)
    if (mac < start + 8 || mac + SHORTEST > end) return -1
    const layout = layoutOf(start)
    if (layout === 0) return -1
    const telling = load<u32>(layout, LAYOUT_TELLING) as usize
    for (let i: usize = 0; i < telling; i++) {
      const at = start + (load<u8>(layout + LAYOUT_TELLING + 4 + i) as usize)
      if (at < mac) mixed = mixed * 31 + load<u8>(at)
    }
  } else if (link !== IEEE80211 || mac + SHORTEST > end) return -1
  const control = load<u16>(mac) as u32
  mixed = mix(control, mixed)
  const type = control & TYPE
  if (type === MANAGEMENT) {
    if (mac + SEQUENCE > end) return -1
    if ((control & PROTECTED) !== 0) {
      // Nothing more is known of it.
    } else if (((EXCHANGED as u32) & ((1 as u32) << ((control >> 4) & 15))) !== 0) {
      mixed = mix(mixed, (end - mac) as u32)
      for (let at = mac + BODY; at + 8 <= end; at += STRIDE) mixed = mix(mixed, load<u32>(at))
      const said = mac + (((control >> 4) & 15) === AUTHENTICATION ? STATUS : BODY)
      if (said + 2 <= end) mixed = mix(mixed, load<u16>(said))
    } else mixed = mix(mixed, load<u32>(mac + TRANSMITTER + 2))
  } else if (type === DATA) {
    const qos = mac + ((control & BOTH_DS) === BOTH_DS ? FOURTH + 6 : FOURTH)
    if ((control & QOS) !== 0 && qos < end) mixed = mix(mixed, load<u8>(qos))
  }
  kind = aboveOf(control, mac, end)
  mixed = mix(mixed, kind)
  return (((mixed ^ (mixed >>> 15)) * WAYS) & (PLACES - 1)) as i32
}

// @ts-expect-error: decorators are AssemblyScript's
@inline
function mix(a: u32, b: u32): u32 {
  const sum = (a ^ b) * 0x85ebca6b
  return sum ^ (sum >>> 13)
}
