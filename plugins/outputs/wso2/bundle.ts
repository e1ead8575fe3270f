/**
 * Rows and bundles. A bundle has one list for each type of value, over all its events; the receiver walks them with one cursor each, so that a value too
 * many or too few shifts all events behind it.
 *
 * Encoders write rows (docs/decisions/0011-wso2-rows.md), each whole by itself and with its values as they are on the wire:
 *
 *   u16 ints, longs, doubles, bools, strings, pairs   how many of each
 *   u32 bytes of the strings, u32 bytes of the pairs
 *   the values in this order: i32, i64, double, one byte, length and UTF-8, two strings for each pair
 */

export const ROW_HEAD = 20
/** Column widths of the four types of fixed size: INT, LONG, FLOAT and DOUBLE, BOOL. */
export const WIDTHS = [4, 8, 8, 1] as const
/** Thrift types of the five lists, and of what holds the pairs. */
const [I32, I64, DOUBLE, BOOL, STRING, STRUCT, MAP, LIST] = [8, 10, 4, 2, 11, 12, 13, 15]
const LISTS = [I32, I64, DOUBLE, BOOL, STRING] as const
/** Number of the field of the first list. */
const FIRST_LIST = 3
const PAIRS_FIELD = 8

/** Sums over all rows: counts of the six columns, and their bytes. */
interface Sums {
  readonly counts: number[]
  readonly bytes: number[]
  /** Events that have pairs. */
  arbitrary: number
}

function sum(view: DataView, ends: Uint32Array): Sums {
  const sums: Sums = { counts: [0, 0, 0, 0, 0, 0], bytes: [0, 0, 0, 0, 0, 0], arbitrary: 0 }
  let row = 0
  for (let i = 0; i < ends.length; i++) {
    for (let k = 0; k < 6; k++) sums.counts[k] += view.getUint16(row + 2 * k)
    sums.bytes[4] += view.getUint32(row + 12)
    sums.bytes[5] += view.getUint32(row + 16)
    if (view.getUint16(row + 10) > 0) sums.arbitrary++
    row = ends[i]
  }
  for (let k = 0; k < 4; k++) sums.bytes[k] = sums.counts[k] * WIDTHS[k]
  return sums
}

/**
 * The call of `publish` with all rows, as the official agent writes it.
 * @param ends of the rows in `rows`
 */
export function publishMessage(rows: Uint8Array, ends: Uint32Array, session: string, sequence = 1): Buffer {
  const view = new DataView(rows.buffer, rows.byteOffset, rows.length)
  const sums = sum(view, ends)
  const id = Buffer.from(session)
  const lists = sums.bytes.reduce((all, bytes) => all + bytes, 0)
  const into = Buffer.allocUnsafe(64 + id.length + 5 * 8 + 9 + sums.arbitrary * 10 + lists)
  let o = into.writeUInt32BE(0x80010001, 0)
  o = into.writeUInt32BE(7, o)
  o += into.write('publish', o, 'latin1')
  o = into.writeUInt32BE(sequence, o)
  o = field(into, o, STRUCT, 1)
  o = field(into, o, STRING, 1)
  o = into.writeUInt32BE(id.length, o)
  o += id.copy(into, o)
  o = field(into, o, I32, 2)
  o = into.writeUInt32BE(ends.length, o)
  const cursors = [0, 0, 0, 0, 0]
  for (let k = 0; k < 5; k++) {
    if (sums.counts[k] === 0) continue
    o = field(into, o, LIST, FIRST_LIST + k)
    o = into.writeUInt8(LISTS[k], o)
    o = into.writeUInt32BE(sums.counts[k], o)
    cursors[k] = o
    o += sums.bytes[k]
  }
  if (sums.arbitrary > 0) {
    o = field(into, o, MAP, PAIRS_FIELD)
    o = into.writeUInt8(I32, o)
    o = into.writeUInt8(MAP, o)
    o = into.writeUInt32BE(sums.arbitrary, o)
  }
  o = scatter(view, ends, new DataView(into.buffer, into.byteOffset, into.length), cursors, o)
  // Ends of the bundle and of the arguments.
  into[o++] = 0
  into[o++] = 0
  return into.subarray(0, o)
}

function field(into: Buffer, o: number, type: number, number: number): number {
  into[o] = type
  into[o + 1] = 0
  into[o + 2] = number
  return o + 3
}

/** Copies the values of each row to the cursors of their columns; pairs go to `o`. Returns the place behind the pairs. */
function scatter(view: DataView, ends: Uint32Array, into: DataView, cursors: number[], o: number): number {
  let row = 0
  for (let i = 0; i < ends.length; i++) {
    let at = row + ROW_HEAD
    for (let k = 0; k < 5; k++) {
      const bytes = k === 4 ? view.getUint32(row + 12) : view.getUint16(row + 2 * k) * WIDTHS[k]
      cursors[k] = copy(view, at, bytes, into, cursors[k])
      at += bytes
    }
    const pairs = view.getUint16(row + 10)
    if (pairs > 0) {
      into.setUint32(o, i)
      into.setUint8(o + 4, STRING)
      into.setUint8(o + 5, STRING)
      into.setUint32(o + 6, pairs)
      o = copy(view, at, view.getUint32(row + 16), into, o + 10)
    }
    row = ends[i]
  }
  return o
}

/** Four bytes at a time: pieces of a row are too short for a call of `set`. */
function copy(from: DataView, at: number, length: number, to: DataView, o: number): number {
  const end = o + length
  for (; o + 4 <= end; o += 4, at += 4) to.setUint32(o, from.getUint32(at, true), true)
  for (; o < end; o++, at++) to.setUint8(o, from.getUint8(at))
  return end
}
