/**
 * What is done for each record that repeats, as WebAssembly: whether it is the run that came before, and its text from a template with the values that differ.
 * In AssemblyScript (docs/decisions/0017-webassembly.md); `npm run machine` makes code.ts of it.
 *
 * Memory is JavaScript's to give out (../machine.ts); here are only tables, in the first page. The same is done in JavaScript by repeats.ts and templates.ts, over the same
 * memory, where there is no WebAssembly and for whatever answers CANNOT; tests compare both. Stores may scribble 16 bytes behind what they write.
 */

/** Three digits in a 32-bit store, without and with leading zeros, and how many the former are. */
const DIGITS: usize = 64
const PADDED: usize = DIGITS + 4000
const LENGTH: usize = PADDED + 4000
/** Two hex digits, and the same with a colon behind, for each byte. */
const HEX: usize = LENGTH + 1000
const COLON: usize = HEX + 512
/** Two characters of an id for each 12 bits. */
const PAIRS: usize = COLON + 1024
/** `YYYY-MM-DDTHH:MM:SS.` of the second that was written last. */
const SECOND: usize = PAIRS + 8192
/** What a byte adds to a CRC-32 that has none, one … seven bytes behind it, 256 numbers each. */
const CRC: usize = (SECOND + 32 + 63) & ~63

/** What `fill` answers beside where it ended: the record has other fields, other values where they are part of the text, or what JavaScript must write. */
const OTHER_FIELDS: usize = 0
const OTHER_VALUES: usize = 1
const CANNOT: usize = 2

/** As `READ` of reads.ts. */
const COLUMN = 0
const U8 = 1
const I8 = 2
const BITS = 3
const U32 = 4
const MAC = 5
const LESS = 6
const U64 = 7
const BYTES = 8
const I8S = 9
const U8S = 10

/** As `KINDS` of compiled.ts. */
const KIND_BOOL = 0
const KIND_INT = 1
const KIND_U64 = 3
const KIND_MAC = 4
const KIND_TEXT = 5
const KIND_BYTES = 6
const KIND_TIME = 8
const KIND_ID = 11
const KIND_INTS = 13

/** Most bytes of a number, an address or an id. */
const WIDEST: usize = 64
/** The first second after the year 9999. */
const LAST_SECOND: f64 = 253402300800

let lastSecond: i64 = -1

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
}

/**
 * Whether the bytes at `at` are those of a run: for each sixteen of them sixteen bytes of which bits count, and these bits; `blocks` of both. What is behind the run's
 * last byte does not count.
 */
export function matches(run: usize, at: usize, blocks: i32): bool {
  for (; blocks > 0; blocks--, run += 32, at += 16) {
    if (v128.any_true(v128.xor(v128.and(v128.load(at), v128.load(run)), v128.load(run, 16)))) return false
  }
  return true
}

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

/**
 * Writes a record's text at `out` and answers where it ends.
 * @param template as template.ts lays it out
 * @param event places of the presence words, of the columns `a` and `b`, of the batch, of the arena and of the lists
 * @param start place of the record's packet in the batch
 * @param limit end of the memory at `out`, which has room for all but texts and bytes
 */
export function fillJson(template: usize, event: usize, start: usize, out: usize, limit: usize): usize {
  return fill(false, template, event, start, out, limit)
}

export function fillPack(template: usize, event: usize, start: usize, out: usize, limit: usize): usize {
  return fill(true, template, event, start, out, limit)
}

// @ts-expect-error: see above
@inline
function fill(pack: bool, template: usize, event: usize, start: usize, out: usize, limit: usize): usize {
  const has = load<usize>(event)
  const a = load<usize>(event, 4)
  const b = load<usize>(event, 8)
  const bytes = load<usize>(event, 12)
  const arena = load<usize>(event, 16)
  const record = bytes + start
  const words = load<i32>(template)
  const fixed = load<i32>(template, 4)
  const holes = load<i32>(template, 8)
  const text = load<usize>(template, 12)
  const length = load<usize>(template, 16)
  let at = template + 24
  for (let i = 0; i < words; i++, at += 12) {
    if ((load<u32>(has + (load<u32>(at) << 2)) & load<u32>(at, 4)) !== load<u32>(at, 8)) return OTHER_FIELDS
  }
  at = (at + 7) & ~7
  for (let i = 0; i < fixed; i++, at += 24) {
    const field = load<u32>(at)
    const how = load<i32>(at, 4)
    const value = how === COLUMN ? column(a, field) : how > U8S ? column(b, field) : (readInt(how, record, load<usize>(at, 8), load<i32>(at, 12)) as f64)
    if (value !== load<f64>(at, 16)) return OTHER_VALUES
  }
  let o = out
  let done: usize = 0
  for (let i = 0; i < holes; i++, at += 24) {
    const field = load<u32>(at)
    const how = load<i32>(at, 4)
    const place = load<usize>(at, 8)
    const extra = load<i32>(at, 12)
    const kind = load<i32>(at, 16)
    const to = load<usize>(at, 20)
    copy(o, text + done, to - done)
    o += to - done
    done = to
    if (kind === KIND_INT) {
      const n = how === COLUMN ? (column(a, field) as i64) : readInt(how, record, place, extra)
      o = pack ? packInt(o, n) : putInt(o, n)
    } else if (kind === KIND_MAC) {
      if (pack) store<u8>(o++, 0xa0 | 17)
      o = how === MAC ? putMac(o, record + place) : putMacNumber(o, (column(a, field) as i64) as u64)
    } else if (kind === KIND_U64) {
      const n =
        how === U64
          ? load<u64>(record + place)
          : ((column(a, field) as i64) << 32) | (column(b, field) as i64)
      o = pack ? packUnsigned(o, n) : putUnsigned(o, n)
    } else if (kind === KIND_TIME) {
      const seconds = column(a, field)
      if (how !== COLUMN || !(seconds >= 0 && seconds < LAST_SECOND)) return CANNOT
      if (pack) store<u8>(o++, 0xa0 | 30)
      o = putTime(o, seconds as i64, (column(b, field) as i32))
    } else if (kind === KIND_ID) {
      if (how !== COLUMN) return CANNOT
      if (pack) {
        store<u16>(o, 0x20d9)
        o += 2
      }
      o = putId(o, source(bytes, arena, (column(a, field) as i32)))
    } else if (kind === KIND_BYTES || kind === KIND_TEXT) {
      if (how !== COLUMN && how !== BYTES) return CANNOT
      const size = how === BYTES ? (extra as usize) : ((column(b, field) as i32) as usize)
      if (o + size * 6 + (length - done) + ((holes - i) as usize) * WIDEST + WIDEST > limit) return CANNOT
      const from = how === BYTES ? record + place : source(bytes, arena, (column(a, field) as i32))
      if (pack) o = packHead(o, kind === KIND_BYTES ? size << 1 : size)
      if (kind === KIND_BYTES) o = putHex(o, from, size)
      else if (pack) {
        copy(o, from, size)
        o += size
      } else o = putEscaped(o, from, size)
    } else if (kind === KIND_BOOL) {
      const n = how === COLUMN ? (column(a, field) as i64) : readInt(how, record, place, extra)
      if (pack) store<u8>(o++, n !== 0 ? 0xc3 : 0xc2)
      else if (n !== 0) {
        store<u32>(o, 0x65757274)
        o += 4
      } else {
        store<u64>(o, 0x65736c6166)
        o += 5
      }
    } else if (kind === KIND_INTS && (how === I8S || how === U8S)) {
      o = putList(pack, o, record, place, extra, how === I8S)
    } else if (kind === KIND_INTS && how === COLUMN) {
      const size = column(b, field) as usize
      if (o + size * WIDEST + (length - done) + ((holes - i) as usize) * WIDEST + WIDEST > limit) return CANNOT
      o = putColumn(pack, o, load<usize>(event, 20) + ((column(a, field) as usize) << 3), size)
    } else return CANNOT
  }
  copy(o, text + done, length - done)
  return o + length - done
}

// @ts-expect-error: see above
@inline
function column(columns: usize, field: u32): f64 {
  return load<f64>(columns + (field << 3))
}

// @ts-expect-error: see above
@inline
function copy(to: usize, from: usize, length: usize): void {
  for (let i: usize = 0; i < length; i += 16) v128.store(to + i, v128.load(from + i))
}

/** A value in the record, as `readFirst` of reads.ts. */
function readInt(how: i32, record: usize, place: usize, extra: i32): i64 {
  const at = record + place
  if (how === U8) return load<u8>(at) as i64
  if (how === I8) return load<i8>(at) as i64
  if (how === BITS) return ((load<u16>(at) as i32) >> (extra & 255)) & (extra >> 8)
  if (how === LESS) return ((load<i8>(at) as i32) - (load<i8>(record + (extra as usize)) as i32)) as i64
  if (how === U32) return load<u32>(at) as i64
  if (how === MAC) return ((bswap<u16>(load<u16>(at)) as u64) << 32) | (bswap<u32>(load<u32>(at, 2)) as u64)
  // U64: the upper half, as in the column `a`.
  return load<u32>(at, 4) as i64
}

/** Where a place of the event's columns is. */
function source(bytes: usize, arena: usize, place: i32): usize {
  return place < 0 ? arena + ((-place - 1) as usize) : bytes + (place as usize)
}

// --- texts ---

function putUnsigned(o: usize, n: u64): usize {
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

function putInt(o: usize, n: i64): usize {
  if (n < 0) {
    store<u8>(o++, 45)
    n = -n
  }
  return putUnsigned(o, n)
}

function putMac(o: usize, at: usize): usize {
  for (let i: usize = 0; i < 6; i++) store<u32>(o + i * 3, load<u32>(COLON + ((load<u8>(at + i) as usize) << 2)))
  return o + 17
}

function putMacNumber(o: usize, n: u64): usize {
  for (let i: usize = 0; i < 6; i++) store<u32>(o + i * 3, load<u32>(COLON + (((n >> (40 - i * 8)) as usize & 255) << 2)))
  return o + 17
}

function putHex(o: usize, at: usize, size: usize): usize {
  for (let i: usize = 0; i < size; i++) store<u16>(o + i * 2, load<u16>(HEX + ((load<u8>(at + i) as usize) << 1)))
  return o + size * 2
}

/** The 32 characters of an id of 24 bytes. */
function putId(o: usize, at: usize): usize {
  for (let i = 0; i < 8; i++, at += 3, o += 4) {
    const n = bswap<u32>(load<u32>(at)) >> 8
    store<u32>(o, (load<u16>(PAIRS + ((n >> 12) << 1)) as u32) | ((load<u16>(PAIRS + ((n & 4095) << 1)) as u32) << 16))
  }
  return o
}

function putTime(o: usize, seconds: i64, nanos: i32): usize {
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
function putEscaped(o: usize, at: usize, size: usize): usize {
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

// @ts-expect-error: see above
@inline
function putList(pack: bool, o: usize, record: usize, place: usize, extra: i32, signed: bool): usize {
  if (pack) store<u8>(o++, (0x91 + (extra === 0 ? 0 : extra >>> 8 === 0 ? 1 : extra >>> 16 === 0 ? 2 : 3)) as u8)
  else store<u8>(o++, 91)
  for (let at = record + place; ; ) {
    const n = signed ? (load<i8>(at) as i64) : (load<u8>(at) as i64)
    o = pack ? packInt(o, n) : putInt(o, n)
    if (extra === 0) break
    if (!pack) store<u8>(o++, 44)
    at = record + ((extra & 255) as usize)
    extra = extra >>> 8
  }
  if (!pack) store<u8>(o++, 93)
  return o
}

// @ts-expect-error: see above
@inline
function putColumn(pack: bool, o: usize, at: usize, size: usize): usize {
  if (pack) o = packArray(o, size)
  else store<u8>(o++, 91)
  for (const to = at + (size << 3); at < to; at += 8) {
    const n = load<f64>(at) as i64
    o = pack ? packInt(o, n) : putInt(o, n)
    if (!pack) store<u8>(o++, 44)
  }
  if (pack) return o
  if (size === 0) o++
  store<u8>(o - 1, 93)
  return o
}

// --- MessagePack ---

function packInt(o: usize, n: i64): usize {
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

function packUnsigned(o: usize, n: u64): usize {
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
function packArray(o: usize, size: usize): usize {
  if (size < 16) {
    store<u8>(o, (0x90 | size) as u8)
    return o + 1
  }
  if (size < 65536) {
    store<u8>(o, 0xdc)
    store<u16>(o, bswap<u16>(size as u16), 1)
    return o + 3
  }
  store<u8>(o, 0xdd)
  store<u32>(o, bswap<u32>(size as u32), 1)
  return o + 5
}

/** Head of a text. */
function packHead(o: usize, size: usize): usize {
  if (size < 32) {
    store<u8>(o, (0xa0 | size) as u8)
    return o + 1
  }
  if (size < 256) {
    store<u8>(o, 0xd9)
    store<u8>(o, size as u8, 1)
    return o + 2
  }
  if (size < 65536) {
    store<u8>(o, 0xda)
    store<u16>(o, bswap<u16>(size as u16), 1)
    return o + 3
  }
  store<u8>(o, 0xdb)
  store<u32>(o, bswap<u32>(size as u32), 1)
  return o + 5
}
