/**
 * Values in MessagePack, each in its shortest form but for floats, which keep their type. Every function writes at `o` and returns the next place; it
 * may scribble up to 8 bytes behind that, so callers keep a margin. Heads take five bytes at most.
 */
import { putAscii, putInt, putIp } from './ascii.ts'
import { ipText } from './values.ts'

const TWO_32 = 4294967296

/** An integer of at most 2^53 either way. */
export function packInt(buf: Uint8Array, view: DataView, o: number, n: number): number {
  if (n >= 0) {
    if (n < TWO_32) return packU32(buf, view, o, n)
    return packHalves(buf, view, o, 0xcf, Math.floor(n / TWO_32), n % TWO_32)
  }
  if (n >= -32) {
    buf[o] = n
    return o + 1
  }
  if (n >= -128) {
    buf[o] = 0xd0
    buf[o + 1] = n
    return o + 2
  }
  if (n >= -32768) {
    buf[o] = 0xd1
    view.setInt16(o + 1, n)
    return o + 3
  }
  if (n >= -2147483648) {
    buf[o] = 0xd2
    view.setInt32(o + 1, n)
    return o + 5
  }
  const high = Math.floor(n / TWO_32)
  return packHalves(buf, view, o, 0xd3, high, n - high * TWO_32)
}

function packU32(buf: Uint8Array, view: DataView, o: number, n: number): number {
  if (n < 128) {
    buf[o] = n
    return o + 1
  }
  if (n < 256) {
    buf[o] = 0xcc
    buf[o + 1] = n
    return o + 2
  }
  if (n < 65536) {
    buf[o] = 0xcd
    view.setUint16(o + 1, n)
    return o + 3
  }
  buf[o] = 0xce
  view.setUint32(o + 1, n)
  return o + 5
}

function packHalves(buf: Uint8Array, view: DataView, o: number, head: number, high: number, low: number): number {
  buf[o] = head
  view.setUint32(o + 1, high)
  view.setUint32(o + 5, low)
  return o + 9
}

export function packU64(buf: Uint8Array, view: DataView, o: number, high: number, low: number): number {
  return high === 0 ? packU32(buf, view, o, low) : packHalves(buf, view, o, 0xcf, high, low)
}

export function packFloat(buf: Uint8Array, view: DataView, o: number, n: number): number {
  buf[o] = 0xcb
  view.setFloat64(o + 1, n)
  return o + 9
}

/** Head of a map of `n` members. */
export function packMap(buf: Uint8Array, o: number, n: number): number {
  return n < 16 ? packByte(buf, o, 0x80 | n) : packLong(buf, o, 0xde, n)
}

/** Head of an array of `n` items. */
export function packArray(buf: Uint8Array, o: number, n: number): number {
  return n < 16 ? packByte(buf, o, 0x90 | n) : packLong(buf, o, 0xdc, n)
}

/** Head of `n` bytes of text. */
export function packStr(buf: Uint8Array, o: number, n: number): number {
  if (n < 32) return packByte(buf, o, 0xa0 | n)
  return n < 256 ? packByte(buf, packByte(buf, o, 0xd9), n) : packLong(buf, o, 0xda, n)
}

/** Head of `n` bytes that are no text. */
export function packBin(buf: Uint8Array, o: number, n: number): number {
  return n < 256 ? packByte(buf, packByte(buf, o, 0xc4), n) : packLong(buf, o, 0xc5, n)
}

/** EventTime of the forward protocol: extension 0 of unsigned seconds and nanoseconds. */
export function packEventTime(buf: Uint8Array, view: DataView, o: number, seconds: number, nanos: number): number {
  buf[o] = 0xd7
  buf[o + 1] = 0
  view.setUint32(o + 2, seconds)
  view.setUint32(o + 6, nanos)
  return o + 10
}

/** Text of one byte for each character. */
export function packAscii(buf: Uint8Array, o: number, text: string): number {
  return putAscii(buf, packStr(buf, o, text.length), text)
}

/** An integer as text. */
export function packDigits(buf: Uint8Array, view: DataView, o: number, n: number): number {
  const end = putInt(buf, view, o + 1, n)
  buf[o] = 0xa0 | (end - o - 1)
  return end
}

export function packIp(buf: Uint8Array, view: DataView, o: number, source: Uint8Array, at: number, length: number): number {
  if (length !== 4) return packAscii(buf, o, ipText(source.subarray(at, at + length)))
  const end = putIp(buf, view, o + 1, source, at, length)
  buf[o] = 0xa0 | (end - o - 1)
  return end
}

/** Bytes as they are; most are few, and batches lie in shared memory, from which `set` is slow. */
export function packBytes(buf: Uint8Array, o: number, source: Uint8Array, at: number, length: number): number {
  for (let i = 0; i < length; i++) buf[o + i] = source[at + i]
  return o + length
}

export function bitCount(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555)
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333)
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

function packByte(buf: Uint8Array, o: number, byte: number): number {
  buf[o] = byte
  return o + 1
}

/** A head with a length of 16 bits, or with one of 32 under the next code. */
function packLong(buf: Uint8Array, o: number, head: number, n: number): number {
  const wide = n > 65535
  buf[o++] = wide ? head + 1 : head
  if (wide) {
    buf[o++] = n >>> 24
    buf[o++] = n >>> 16
  }
  buf[o++] = n >>> 8
  buf[o++] = n
  return o
}
