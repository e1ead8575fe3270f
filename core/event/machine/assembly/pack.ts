/** Values in MessagePack, as in pack.ts of `core/event`. All write at `o` and answer the next place. */

export function packInt(o: usize, n: i64): usize {
  if (n >= 0) return packUnsigned(o, n)
  if (n >= -32) {
    store<u8>(o, n as u8)
    return o + 1
  }
  if (n >= -128) {
    store<u8>(o, 0xd0)
    store<u8>(o, n as u8, 1)
    return o + 2
  }
  if (n >= -32768) {
    store<u8>(o, 0xd1)
    store<u16>(o, bswap<u16>(n as u16), 1)
    return o + 3
  }
  if (n >= -2147483648) {
    store<u8>(o, 0xd2)
    store<u32>(o, bswap<u32>(n as u32), 1)
    return o + 5
  }
  store<u8>(o, 0xd3)
  store<u64>(o, bswap<u64>(n), 1)
  return o + 9
}

export function packUnsigned(o: usize, n: u64): usize {
  if (n < 128) {
    store<u8>(o, n as u8)
    return o + 1
  }
  if (n < 256) {
    store<u8>(o, 0xcc)
    store<u8>(o, n as u8, 1)
    return o + 2
  }
  if (n < 65536) {
    store<u8>(o, 0xcd)
    store<u16>(o, bswap<u16>(n as u16), 1)
    return o + 3
  }
  if (n < 4294967296) {
    store<u8>(o, 0xce)
    store<u32>(o, bswap<u32>(n as u32), 1)
    return o + 5
  }
  store<u8>(o, 0xcf)
  store<u64>(o, bswap<u64>(n), 1)
  return o + 9
}

/** Head of an array. */
export function packArray(o: usize, size: usize): usize {
  return size < 16 ? packByte(o, 0x90 | size) : packLong(o, 0xdc, size)
}

/** Head of a text. */
export function packHead(o: usize, size: usize): usize {
  if (size < 32) return packByte(o, 0xa0 | size)
  return size < 256 ? packByte(packByte(o, 0xd9), size) : packLong(o, 0xda, size)
}

/** An EventTime of the forward protocol: an extension of 8 bytes. */
export function packEventTime(o: usize, seconds: u32, nanos: u32): usize {
  store<u16>(o, 0x00d7)
  store<u32>(o, bswap<u32>(seconds), 2)
  store<u32>(o, bswap<u32>(nanos), 6)
  return o + 10
}

function packByte(o: usize, byte: usize): usize {
  store<u8>(o, byte as u8)
  return o + 1
}

/** A head with a length of 16 bits, or with one of 32 under the next code. */
function packLong(o: usize, head: usize, n: usize): usize {
  if (n < 65536) {
    store<u16>(o, bswap<u16>(n as u16), 1)
    return packByte(o, head) + 2
  }
  store<u32>(o, bswap<u32>(n as u32), 1)
  return packByte(o, head + 1) + 4
}
