/** CRC-32 of frames, whole or of what varies in them (plugins/filters/ieee80211/crc.ts). */
import { CRC } from './tables'

/** The CRC-32 of the bytes [at, to). */
export function crc(at: usize, to: usize): u32 {
  let sum: u32 = -1
  for (; at + 8 <= to; at += 8) {
    const low = load<u32>(at) ^ sum
    const high = load<u32>(at, 4)
    sum =
      adds(7, low & 255) ^
      adds(6, (low >> 8) & 255) ^
      adds(5, (low >> 16) & 255) ^
      adds(4, low >> 24) ^
      adds(3, high & 255) ^
      adds(2, (high >> 8) & 255) ^
      adds(1, (high >> 16) & 255) ^
      adds(0, high >> 24)
  }
  return ~feed(sum, at, to)
}

/**
 * The CRC-32 of a frame of which most is known, as crc.ts lays it out: the sum with zeros for what varies, how many ranges vary; and for each where it begins and ends,
 * counted from `at`, and the place of what takes a sum over the bytes between it and the next one, 0 for none.
 */
export function crcOfKnown(known: usize, at: usize): u32 {
  let sum: u32 = 0
  const base = load<u32>(known)
  for (let ranges = load<i32>(known, 4); ranges > 0; ranges--, known += 12) {
    sum = feed(sum, at + load<usize>(known, 8), at + load<usize>(known, 12))
    const skip = load<usize>(known, 16)
    if (skip !== 0) sum = skipped(sum, skip)
  }
  return sum ^ base
}

// @ts-expect-error: decorators are AssemblyScript's
@inline
function adds(behind: u32, byte: u32): u32 {
  return load<u32>(CRC + behind * 1024 + (byte << 2))
}

/** Goes on with a sum over the bytes [at, to). */
function feed(sum: u32, at: usize, to: usize): u32 {
  for (; at + 4 <= to; at += 4) {
    sum ^= load<u32>(at)
    sum = adds(3, sum & 255) ^ adds(2, (sum >> 8) & 255) ^ adds(1, (sum >> 16) & 255) ^ adds(0, sum >> 24)
  }
  for (; at < to; at++) sum = adds(0, (sum ^ load<u8>(at)) & 255) ^ (sum >> 8)
  return sum
}

/** A sum behind zero bytes, by sixteen numbers for each four bits of it. */
function skipped(sum: u32, skip: usize): u32 {
  let after: u32 = 0
  for (let i = 0; i < 8; i++, sum >>= 4, skip += 64) after ^= load<u32>(skip + ((sum & 15) << 2))
  return after
}
