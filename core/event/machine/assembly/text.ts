/** Values as text, for JSON and for the texts of MessagePack. All write at `o` and answer the next place; see ascii.ts. */
import { COLON, DIGITS, HEX, LAST_ID, LAST_ID_TEXT, LENGTH, PADDED, PAIRS, SECOND } from './tables'

let lastSecond: i64 = -1

export function putUnsigned(o: usize, n: u64): usize {
  if (n < 1000) {
    store<u32>(o, load<u32>(DIGITS + ((n as usize) << 2)))
    return o + load<u8>(LENGTH + (n as usize))
  }
  if (n < 1000000) {
    const thousands = (n as u32) / 1000
    store<u32>(o, load<u32>(DIGITS + (thousands << 2)))
    o += load<u8>(LENGTH + thousands)
    store<u32>(o, load<u32>(PADDED + (((n as u32) - thousands * 1000) << 2)))
    return o + 3
  }
  const millions = n / 1000000
  return putSix(putUnsigned(o, millions), (n - millions * 1000000) as u32)
}

/** Six digits. */
function putSix(o: usize, n: u32): usize {
  const thousands = n / 1000
  store<u32>(o, load<u32>(PADDED + (thousands << 2)))
  store<u32>(o, load<u32>(PADDED + ((n - thousands * 1000) << 2)), 3)
  return o + 6
}

export function putInt(o: usize, n: i64): usize {
  if (n < 0) {
    store<u8>(o++, 45)
    n = -n
  }
  return putUnsigned(o, n)
}

export function putMac(o: usize, at: usize): usize {
  for (let i: usize = 0; i < 6; i++) store<u32>(o + i * 3, load<u32>(COLON + ((load<u8>(at + i) as usize) << 2)))
  return o + 17
}

export function putMacNumber(o: usize, n: u64): usize {
  for (let i: usize = 0; i < 6; i++) store<u32>(o + i * 3, load<u32>(COLON + (((n >> (40 - i * 8)) as usize & 255) << 2)))
  return o + 17
}

export function putHex(o: usize, at: usize, size: usize): usize {
  for (let i: usize = 0; i < size; i++) store<u16>(o + i * 2, load<u16>(HEX + ((load<u8>(at + i) as usize) << 1)))
  return o + size * 2
}

/** The 32 characters of an id of 24 bytes. */
export function putId(o: usize, at: usize): usize {
  if (load<u64>(at) !== load<u64>(LAST_ID) || load<u64>(at, 8) !== load<u64>(LAST_ID, 8) || load<u64>(at, 16) !== load<u64>(LAST_ID, 16)) setId(at)
  v128.store(o, v128.load(LAST_ID_TEXT))
  v128.store(o, v128.load(LAST_ID_TEXT, 16), 16)
  return o + 32
}

function setId(at: usize): void {
  v128.store(LAST_ID, v128.load(at))
  store<u64>(LAST_ID, load<u64>(at, 16), 16)
  for (let o = LAST_ID_TEXT; o < LAST_ID_TEXT + 32; at += 3, o += 4) {
    const n = bswap<u32>(load<u32>(at)) >> 8
    store<u32>(o, (load<u16>(PAIRS + ((n >> 12) << 1)) as u32) | ((load<u16>(PAIRS + ((n & 4095) << 1)) as u32) << 16))
  }
}

export function putTime(o: usize, seconds: i64, nanos: i32): usize {
  if (seconds !== lastSecond) setSecond(seconds)
  v128.store(o, v128.load(SECOND))
  store<u32>(o, load<u32>(SECOND, 16), 16)
  const millions = nanos / 1000000
  store<u32>(o, load<u32>(PADDED + (millions << 2)), 20)
  store<u8>(putSix(o + 23, nanos - millions * 1000000), 90)
  return o + 30
}

function setSecond(seconds: i64): void {
  lastSecond = seconds
  const days = (seconds / 86400) as u32
  const ofDay = (seconds % 86400) as u32
  // Years of 400 begin with March; see Howard Hinnant, chrono-compatible low-level date algorithms.
  const shifted = days + 719468
  const era = shifted / 146097
  const ofEra = shifted % 146097
  const yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36524 - ofEra / 146096) / 365
  const ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  const march = (5 * ofYear + 2) / 153
  const month = march < 10 ? march + 3 : march - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  putTwo(SECOND, year / 100, 0)
  putTwo(SECOND + 2, year % 100, 45)
  putTwo(SECOND + 5, month, 45)
  putTwo(SECOND + 8, ofYear - (153 * march + 2) / 5 + 1, 84)
  putTwo(SECOND + 11, ofDay / 3600, 58)
  putTwo(SECOND + 14, (ofDay / 60) % 60, 58)
  putTwo(SECOND + 17, ofDay % 60, 46)
}

/** Two digits and what follows them. */
function putTwo(o: usize, n: u32, then: u8): void {
  store<u8>(o, (48 + n / 10) as u8)
  store<u8>(o, (48 + (n % 10)) as u8, 1)
  store<u8>(o, then, 2)
}

/** Valid UTF-8 with what JSON wants escaped. */
export function putEscaped(o: usize, at: usize, size: usize): usize {
  for (const to = at + size; at < to; at++) {
    const c = load<u8>(at)
    if (c >= 32 && c !== 34 && c !== 92) {
      store<u8>(o++, c)
      continue
    }
    store<u8>(o++, 92)
    if (c === 34 || c === 92) store<u8>(o++, c)
    else if (c === 8) store<u8>(o++, 98)
    else if (c === 9) store<u8>(o++, 116)
    else if (c === 10) store<u8>(o++, 110)
    else if (c === 12) store<u8>(o++, 102)
    else if (c === 13) store<u8>(o++, 114)
    else {
      store<u8>(o, 117)
      store<u16>(o, 0x3030, 1)
      store<u16>(o, load<u16>(HEX + ((c as usize) << 1)), 3)
      o += 5
    }
  }
  return o
}
