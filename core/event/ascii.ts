/**
 * Values as ASCII bytes, by tables and wide stores. Every function writes at `o` and returns the next place; it may scribble up to
 * 8 bytes behind that, so callers keep a margin.
 */
import type { Event } from './event.ts'
import { ID_PAIRS } from './id.ts'
import { ipText } from './values.ts'
import type { ByteWriter } from './writer.ts'

/** Bytes that a fixed-size value takes at most, scribbling included. */
export const WIDEST = 64

/** Three digits, little-endian in a 32-bit store: without and with leading zeros. */
const DIGITS = new Uint32Array(1000)
const LENGTH = new Uint8Array(1000)
const PADDED = new Uint32Array(1000)
/** "hh:" and "hh" of a byte. */
const HEX_COLON = new Uint32Array(256)
const HEX = new Uint16Array(256)
for (let n = 0; n < 1000; n++) {
  const packed = (text: string) => [...text].reduce((sum, char, i) => sum + char.charCodeAt(0) * 256 ** i, 0)
  DIGITS[n] = packed(String(n))
  LENGTH[n] = String(n).length
  PADDED[n] = packed(String(n).padStart(3, '0'))
  if (n < 256) {
    const pair = n.toString(16).padStart(2, '0')
    HEX[n] = packed(pair)
    HEX_COLON[n] = packed(`${pair}:`)
  }
}

/** An integer of at most 2^53 either way. */
export function putInt(buf: Uint8Array, view: DataView, o: number, n: number): number {
  if (n < 0) {
    buf[o++] = 45
    n = -n
  }
  if (n < 1e6) {
    const i = n | 0
    if (i < 1000) {
      view.setUint32(o, DIGITS[i], true)
      return o + LENGTH[i]
    }
    const thousands = (i / 1000) | 0
    view.setUint32(o, DIGITS[thousands], true)
    o += LENGTH[thousands]
    view.setUint32(o, PADDED[i - thousands * 1000], true)
    return o + 3
  }
  const millions = Math.floor(n / 1e6)
  o = putInt(buf, view, o, millions)
  const rest = (n - millions * 1e6) | 0
  const thousands = (rest / 1000) | 0
  view.setUint32(o, PADDED[thousands], true)
  view.setUint32(o + 3, PADDED[rest - thousands * 1000], true)
  return o + 6
}

/** The shortest decimal that reads back as the same double, as String() gives it. */
export function putFloat(buf: Uint8Array, view: DataView, o: number, n: number): number {
  if (n > -1e9 && n < 1e9) {
    if (n === Math.trunc(n)) return putInt(buf, view, o, n)
    // Two decimals of at most 15 digits are never the same double: the one with six places that reads back as it is the shortest, but for zeros behind.
    const millionths = Math.round(n * 1e6)
    if (millionths / 1e6 === n) return putMillionths(buf, view, o, millionths)
  } else if (n === Math.trunc(n) && n > -1e15 && n < 1e15) return putInt(buf, view, o, n)
  return putAscii(buf, o, String(n))
}

function putMillionths(buf: Uint8Array, view: DataView, o: number, millionths: number): number {
  if (millionths < 0) {
    buf[o++] = 45
    millionths = -millionths
  }
  const whole = Math.floor(millionths / 1e6)
  const rest = millionths - whole * 1e6
  o = putInt(buf, view, o, whole)
  buf[o] = 46
  const thousands = (rest / 1000) | 0
  view.setUint32(o + 1, PADDED[thousands], true)
  view.setUint32(o + 4, PADDED[rest - thousands * 1000], true)
  o += 7
  while (buf[o - 1] === 48) o--
  return o
}

export function putU64(buf: Uint8Array, view: DataView, o: number, hi: number, lo: number): number {
  if (hi < 0x200000) return putInt(buf, view, o, hi * 4294967296 + lo)
  return putAscii(buf, o, ((BigInt(hi) << 32n) | BigInt(lo)).toString())
}

export function putAscii(buf: Uint8Array, o: number, text: string): number {
  for (let i = 0; i < text.length; i++) buf[o + i] = text.charCodeAt(i)
  return o + text.length
}

export function putMac(view: DataView, o: number, value: number): number {
  const hi = (value / 4294967296) | 0
  const lo = (value - hi * 4294967296) | 0
  view.setUint32(o, HEX_COLON[hi >>> 8], true)
  view.setUint32(o + 3, HEX_COLON[hi & 255], true)
  view.setUint32(o + 6, HEX_COLON[lo >>> 24], true)
  view.setUint32(o + 9, HEX_COLON[(lo >>> 16) & 255], true)
  view.setUint32(o + 12, HEX_COLON[(lo >>> 8) & 255], true)
  view.setUint16(o + 15, HEX[lo & 255], true)
  return o + 17
}

/** Nine digits. */
function putNanos(view: DataView, o: number, nanosOfSecond: number): number {
  const nanos = nanosOfSecond | 0
  const millions = (nanos / 1e6) | 0
  const rest = nanos - millions * 1e6
  const thousands = (rest / 1000) | 0
  view.setUint32(o, PADDED[millions], true)
  view.setUint32(o + 3, PADDED[thousands], true)
  view.setUint32(o + 6, PADDED[rest - thousands * 1000], true)
  return o + 9
}

/** `YYYY-MM-DDTHH:MM:SS.` of the last second that was asked for, since most records share theirs with the one before. */
let lastSecond = Number.NaN
const secondText = new Uint8Array(24)
const secondView = new DataView(secondText.buffer)
/** The day that begins it: other seconds, as of a second time in each event, are mostly of the same day. */
let lastDay = Number.NaN

/** `2026-11-23T10:00:00.000000001Z`. */
export function putTime(buf: Uint8Array, view: DataView, o: number, seconds: number, nanos: number): number {
  if (seconds !== lastSecond) setSecond(seconds)
  view.setInt32(o, secondView.getInt32(0))
  view.setInt32(o + 4, secondView.getInt32(4))
  view.setInt32(o + 8, secondView.getInt32(8))
  view.setInt32(o + 12, secondView.getInt32(12))
  view.setInt32(o + 16, secondView.getInt32(16))
  o = putNanos(view, o + 20, nanos)
  buf[o] = 90
  return o + 1
}

function setSecond(seconds: number): void {
  const day = Math.floor(seconds / 86400)
  if (day !== lastDay) putAscii(secondText, 0, new Date(seconds * 1000).toISOString().slice(0, 11))
  const ofDay = seconds - day * 86400
  const minutes = (ofDay / 60) | 0
  const hours = (minutes / 60) | 0
  putTwo(11, hours, 58)
  putTwo(14, minutes - hours * 60, 58)
  putTwo(17, ofDay - minutes * 60, 46)
  lastSecond = seconds
  lastDay = day
}

/** Two digits and what follows them. */
function putTwo(at: number, value: number, then: number): void {
  const tens = (value / 10) | 0
  secondText[at] = 48 + tens
  secondText[at + 1] = 48 + value - tens * 10
  secondText[at + 2] = then
}

/** The 32 characters of an id. */
export function putId(view: DataView, o: number, source: Uint8Array, at: number): number {
  for (let i = 0; i < 8; i++, at += 3, o += 4) {
    const n = (source[at] << 16) | (source[at + 1] << 8) | source[at + 2]
    view.setUint32(o, ID_PAIRS[n >> 12] | (ID_PAIRS[n & 4095] << 16), true)
  }
  return o
}

/** An address, without quotes. */
export function putIp(buf: Uint8Array, view: DataView, o: number, source: Uint8Array, at: number, length: number): number {
  if (length !== 4) return putAscii(buf, o, ipText(source.subarray(at, at + length)))
  for (let i = 0; i < 4; i++) {
    o = putInt(buf, view, o, source[at + i])
    buf[o++] = 46
  }
  return o - 1
}

/** Two hex digits for each byte. */
export function putHex(view: DataView, o: number, source: Uint8Array, at: number, length: number): number {
  for (let i = 0; i < length; i++, o += 2) view.setUint16(o, HEX[source[at + i]], true)
  return o
}

/** Valid UTF-8 with what JSON wants escaped; at most six bytes for each. */
export function putEscaped(buf: Uint8Array, view: DataView, o: number, source: Uint8Array, at: number, length: number): number {
  for (let i = at; i < at + length; i++) {
    const c = source[i]
    if (c >= 32 && c !== 34 && c !== 92) {
      buf[o++] = c
      continue
    }
    buf[o++] = 92
    if (c === 34 || c === 92) buf[o++] = c
    else if (c === 8) buf[o++] = 98
    else if (c === 9) buf[o++] = 116
    else if (c === 10) buf[o++] = 110
    else if (c === 12) buf[o++] = 102
    else if (c === 13) buf[o++] = 114
    else {
      buf[o] = 117
      buf[o + 1] = 48
      buf[o + 2] = 48
      view.setUint16(o + 3, HEX[c], true)
      o += 5
    }
  }
  return o
}

/** Makes sure that `bytes` fit behind `o`. */
export function room(out: ByteWriter, o: number, bytes: number): void {
  out.pos = o
  out.reserve(bytes)
}

/** The memory that a place points into, and the index there. */
export function sourceOf(event: Event, place: number): Uint8Array {
  return place < 0 ? event.arena : event.bytes
}
export function indexOf(place: number): number {
  // As an integer, since columns hold doubles, by which bytes are slow to address.
  return (place < 0 ? -place - 1 : place) | 0
}
