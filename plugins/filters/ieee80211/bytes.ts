/** Reading numbers straight from a batch: shifts beat DataView and Buffer methods in short reads. The caller has checked the length. */

export function u16(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8)
}

export function u24(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16)
}

export function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0
}

/** A signed byte. */
export function i8(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) >> 24
}

export function u16be(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1]
}

export function u24be(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2]
}

export function u32be(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0
}

/** A MAC address as the 48-bit integer that fields of type `mac` hold. */
export function mac48(bytes: Uint8Array, at: number): number {
  return u16be(bytes, at) * 4294967296 + u32be(bytes, at + 2)
}

/** Whether bytes are well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF). */
export function isUtf8(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from
  while (at < to) {
    const first = bytes[at++]
    if (first < 0x80) continue
    if (first < 0xc2 || first > 0xf4) return false
    const more = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3
    if (at + more > to) return false
    const second = bytes[at]
    // The second byte alone tells overlong forms, surrogates and values past U+10FFFF from good ones.
    const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
    const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
    if (second < low || second > high) return false
    for (let i = 1; i < more; i++) if ((bytes[at + i] & 0xc0) !== 0x80) return false
    at += more
  }
  return true
}
