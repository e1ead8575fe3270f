/** IP addresses as text, as `ipText` of ../../values.ts. */
import { putUnsigned } from './text'
import { HEX } from './tables'

const GROUPS: i32 = 8

/** An address of 4 or 16 bytes. */
export function putIp(o: usize, at: usize, size: usize): usize {
  return size === 4 ? putIpv4(o, at) : putIpv6(o, at)
}

function putIpv4(o: usize, at: usize): usize {
  for (let i: usize = 0; i < 4; i++) {
    o = putUnsigned(o, load<u8>(at + i))
    store<u8>(o++, 46)
  }
  return o - 1
}

/** By RFC 5952: the first of the longest rows of two or more zero groups is left out. */
function putIpv6(o: usize, at: usize): usize {
  let best = GROUPS
  let longest = 1
  for (let i = 0; i < GROUPS; i++) {
    let end = i
    while (end < GROUPS && load<u16>(at + ((end as usize) << 1)) === 0) end++
    if (end - i <= longest) continue
    best = i
    longest = end - i
  }
  for (let i = 0; i < GROUPS; i++) {
    if (i > 0) store<u8>(o++, 58)
    if (i === best) {
      // The colon behind comes with the next group, or ends the text.
      if (i === 0) store<u8>(o++, 58)
      i += longest - 1
      if (i === GROUPS - 1) store<u8>(o++, 58)
    } else o = putGroup(o, at + ((i as usize) << 1))
  }
  return o
}

/** Up to four hex digits, without leading zeros. */
function putGroup(o: usize, at: usize): usize {
  const n = bswap<u16>(load<u16>(at)) as u32
  const digits: u32 = (load<u16>(HEX + ((n >> 8) << 1)) as u32) | ((load<u16>(HEX + ((n & 255) << 1)) as u32) << 16)
  const length: u32 = n < 16 ? 1 : n < 256 ? 2 : n < 4096 ? 3 : 4
  store<u32>(o, digits >> ((4 - length) << 3))
  return o + length
}
