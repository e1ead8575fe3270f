/** Texts of records from templates: see template.ts for how these are laid out. */
import {
  BE,
  BITS,
  BYTES,
  CANNOT,
  COLUMN,
  FIXED,
  HEAD,
  HOLE,
  I8,
  I8S,
  KIND_BOOL,
  KIND_BYTES,
  KIND_EVENT_TIME,
  KIND_ID,
  KIND_INT,
  KIND_INTS,
  KIND_IP,
  KIND_MAC,
  KIND_MACS,
  KIND_TEXT,
  KIND_TIME,
  KIND_U64,
  LESS,
  MAC,
  MACS,
  OTHER_FIELDS,
  OTHER_VALUES,
  PACKET_NUMBER,
  SECOND,
  U8,
  U8S,
  U32,
  U64,
  WORD,
} from '../numbers'
import { packArray, packEventTime, packHead, packInt, packUnsigned } from './pack'
import { putIp } from './ip'
import { putEscaped, putHex, putId, putInt, putMac, putMacNumber, putTime, putUnsigned } from './text'

/** Most bytes of a number, an address or an id. */
const WIDEST: usize = 64
/** Bytes of the head of a text of fewer than 256. */
const LONGEST_HEAD: usize = 2
/** The first second after the year 9999. */
const LAST_SECOND: f64 = 253402300800

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

// @ts-expect-error: decorators are AssemblyScript's
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
  let at = template + HEAD
  for (let i = 0; i < words; i++, at += WORD) {
    if ((load<u32>(has + (load<u32>(at) << 2)) & load<u32>(at, 4)) !== load<u32>(at, 8)) return OTHER_FIELDS
  }
  at = (at + 7) & ~7
  for (let i = 0; i < fixed; i++, at += FIXED) {
    const field = load<u32>(at)
    const how = load<i32>(at, 4)
    const value = how === COLUMN ? column(a, field) : how === SECOND ? column(b, field) : (readInt(how, record, load<usize>(at, 8), load<i32>(at, 12)) as f64)
    if (value !== load<f64>(at, 16)) return OTHER_VALUES
  }
  let o = out
  let done: usize = 0
  for (let i = 0; i < holes; i++, at += HOLE) {
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
      if (how !== MAC && how !== COLUMN) return CANNOT
      if (pack) store<u8>(o++, 0xa0 | 17)
      o = how === MAC ? putMac(o, record + place) : putMacNumber(o, (column(a, field) as i64) as u64)
    } else if (kind === KIND_U64) {
      if (how !== U64 && how !== PACKET_NUMBER && how !== COLUMN) return CANNOT
      const n =
        how === U64
          ? load<u64>(record + place)
          : how === PACKET_NUMBER
          ? packetNumber(record + place, extra === 1)
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
    } else if (kind === KIND_EVENT_TIME) {
      o = packEventTime(o, column(a, field) as u32, column(b, field) as u32)
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
    } else if (kind === KIND_IP) {
      if (how !== COLUMN && how !== BYTES) return CANNOT
      const size = how === BYTES ? (extra as usize) : ((column(b, field) as i32) as usize)
      const from = how === BYTES ? record + place : source(bytes, arena, (column(a, field) as i32))
      if (pack) {
        // The head of a text tells its length, which is known afterwards.
        const end = putIp(o + LONGEST_HEAD, from, size)
        const text = end - o - LONGEST_HEAD
        const begin = packHead(o, text)
        memory.copy(begin, o + LONGEST_HEAD, text)
        o = begin + text
      } else o = putIp(o, from, size)
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
    } else if (kind === KIND_MACS && (how === COLUMN || how === MACS)) {
      const size = how === MACS ? (extra as usize) : (column(b, field) as usize)
      if (o + size * WIDEST + (length - done) + ((holes - i) as usize) * WIDEST + WIDEST > limit) return CANNOT
      o =
        how === MACS
          ? putAddresses(pack, o, record + place, size)
          : putMacs(pack, o, load<usize>(event, 20) + ((column(a, field) as usize) << 3), size)
    } else return CANNOT
  }
  copy(o, text + done, length - done)
  return o + length - done
}

/** Most bytes that a template takes at once. */
// @ts-expect-error: decorators are AssemblyScript's
@inline
export function mostOf(template: usize): usize {
  return load<usize>(template, 20)
}

// @ts-expect-error: decorators are AssemblyScript's
@inline
function column(columns: usize, field: u32): f64 {
  return load<f64>(columns + (field << 3))
}

// @ts-expect-error: decorators are AssemblyScript's
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
  if (how === BE) return (bswap<u32>(load<u32>(at)) >>> (32 - 8 * extra)) as i64
  if (how === MAC) return macAt(at)
  // U64: the upper half, as in the column `a`.
  return load<u32>(at, 4) as i64
}

// @ts-expect-error: decorators are AssemblyScript's
@inline
function macAt(at: usize): u64 {
  return ((bswap<u16>(load<u16>(at)) as u64) << 32) | (bswap<u32>(load<u32>(at, 2)) as u64)
}

/** Where a place of the event's columns is. */
export function source(bytes: usize, arena: usize, place: i32): usize {
  return place < 0 ? arena + ((-place - 1) as usize) : bytes + (place as usize)
}

// @ts-expect-error: decorators are AssemblyScript's
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

// @ts-expect-error: decorators are AssemblyScript's
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

/** A list of addresses. */
function putMacs(pack: bool, o: usize, at: usize, size: usize): usize {
  if (pack) o = packArray(o, size)
  else store<u8>(o++, 91)
  for (const to = at + (size << 3); at < to; at += 8) {
    o = putListed(pack, o, (load<f64>(at) as i64) as u64)
  }
  if (pack) return o
  if (size === 0) o++
  store<u8>(o - 1, 93)
  return o
}

/** An address in a list, with the comma behind it. */
function putListed(pack: bool, o: usize, n: u64): usize {
  store<u8>(o++, (pack ? 0xa0 | 17 : 34) as u8)
  o = putMacNumber(o, n)
  if (pack) return o
  // A quote and a comma.
  store<u16>(o, 0x2c22)
  return o + 2
}

/** The addresses of the MAC header at `mac`, which has so many, each once. */
function putAddresses(pack: bool, o: usize, mac: usize, count: usize): usize {
  const first = o++
  let different: u8 = 0
  for (let i: usize = 0; i < count; i++) {
    const n = addressAt(mac, i)
    let before: usize = 0
    while (before < i && addressAt(mac, before) !== n) before++
    if (before < i) continue
    different++
    o = putListed(pack, o, n)
  }
  store<u8>(first, pack ? 0x90 | different : 91)
  if (!pack) store<u8>(o - 1, 93)
  return o
}

/** Addresses begin at 4, 10, 16 and 24. */
// @ts-expect-error: decorators are AssemblyScript's
@inline
function addressAt(mac: usize, i: usize): u64 {
  return macAt(mac + 4 + i * 6 + (i === 3 ? 2 : 0))
}

/** What stands in the eight bytes before an encrypted body. */
function packetNumber(at: usize, tkip: bool): u64 {
  const low = tkip ? ((load<u8>(at) as u64) << 8) | (load<u8>(at, 2) as u64) : (load<u16>(at) as u64)
  return ((load<u32>(at, 4) as u64) << 16) | low
}
