/** What values are looked up in, in the first page of the memory. */
import { LAYOUT_BYTES, LAYOUTS } from '../numbers'

/** Three digits in a 32-bit store, without and with leading zeros, and how many the former are. */
export const DIGITS: usize = 64
export const PADDED: usize = DIGITS + 4000
export const LENGTH: usize = PADDED + 4000
/** Two hex digits, and the same with a colon behind, for each byte. */
export const HEX: usize = LENGTH + 1000
export const COLON: usize = HEX + 512
/** Two characters of an id for each 12 bits. */
export const PAIRS: usize = COLON + 1024
/** `YYYY-MM-DDTHH:MM:SS.` of the second that was written last. */
export const SECOND: usize = PAIRS + 8192
/** What a byte adds to a CRC-32 that has none, one … seven bytes behind it, 256 numbers each. */
export const CRC: usize = (SECOND + 32 + 63) & ~63
/** Layouts of radiotap headers (hash.ts). */
export const LAYOUT: usize = CRC + 8192
/** The id that was written last, and its text: most are written twice, before a document and in it. */
export const LAST_ID: usize = LAYOUT + LAYOUTS * LAYOUT_BYTES
export const LAST_ID_TEXT: usize = LAST_ID + 32

/** Where `ID_PAIRS` of id.ts go. */
export function pairs(): usize {
  return PAIRS
}

function hexDigit(n: u32): u32 {
  return n < 10 ? 48 + n : 87 + n
}

export function begin(): void {
  for (let n: u32 = 0; n < 1000; n++) {
    const padded = (48 + n / 100) | ((48 + ((n / 10) % 10)) << 8) | ((48 + (n % 10)) << 16)
    const length: u32 = n < 10 ? 1 : n < 100 ? 2 : 3
    store<u32>(PADDED + n * 4, padded)
    store<u32>(DIGITS + n * 4, padded >> ((3 - length) * 8))
    store<u8>(LENGTH + n, length as u8)
  }
  for (let n: u32 = 0; n < 256; n++) {
    const pair = hexDigit(n >> 4) | (hexDigit(n & 15) << 8)
    store<u16>(HEX + n * 2, pair as u16)
    store<u32>(COLON + n * 4, pair | (58 << 16))
    let sum = n
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >> 1) ^ 0xedb88320 : sum >> 1
    store<u32>(CRC + n * 4, sum)
  }
  for (let n: u32 = 256; n < 2048; n++) {
    const before = load<u32>(CRC + (n - 256) * 4)
    store<u32>(CRC + n * 4, load<u32>(CRC + (before & 255) * 4) ^ (before >> 8))
  }
  // The text of an id of zeros.
  memory.fill(LAST_ID_TEXT, 45, 32)
}
