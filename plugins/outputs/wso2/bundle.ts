/**
 * Bundles. A bundle has one list for each type of value, over all its events; the receiver walks them with one cursor each, so that a value too many or too few
 * shifts all events behind it. The rows of encoders (rows.ts) become columns here, by code made for the streams.
 */
import { columnCounts, ROW_HEAD, TEXTS, textsAt, WIDTHS } from './rows.ts'
import { type Stream, streamId } from './streams.ts'
import { constantCode } from './values.ts'

/** Thrift types of the five lists, and of what holds the pairs. */
const [I32, I64, DOUBLE, BOOL, STRING, STRUCT, MAP, LIST] = [8, 10, 4, 2, 11, 12, 13, 15]
const LISTS = [I32, I64, DOUBLE, BOOL, STRING] as const
/** Number of the field of the first list. */
const FIRST_LIST = 3
const PAIRS_FIELD = 8
/** Heads and ends of a message, of its lists and of its map, and what a store may write too far. */
const HEADS = 128
/** Heads of the map of pairs, and of the pairs of one event. */
const [PAIRS_FIELD_HEAD, PAIRS_HEAD] = [9, 10]
/** Columns of more values are copied in a loop. */
const UNROLLED = 16

/** Makes the call of `publish` of rows and their ends, as the official agent writes it. */
export type Bundler = (rows: Uint8Array, ends: Uint32Array, session: string, sequence: number) => Buffer

/** Copies rows to the cursors of their columns and returns the place behind the pairs. */
type Scatter = (from: DataView, ends: Uint32Array, to: DataView, cursors: readonly number[], pairs: number) => number

export function bundler(streams: readonly Stream[]): Bundler {
  const shapes = streams.map((stream) => ({
    counts: columnCounts(stream),
    head: textsAt(columnCounts(stream)),
    id: 4 + Buffer.byteLength(streamId(stream)),
  }))
  const scatter = scatterOf(streams)
  return (rows, ends, session, sequence) => {
    const view = new DataView(rows.buffer, rows.byteOffset, rows.length)
    const events = streams.map(() => 0)
    let [texts, arbitrary, pairBytes, row] = [0, 0, 0, 0]
    for (let i = 0; i < ends.length; i++) {
      const head = view.getUint32(row)
      const stream = head >>> 16
      if (stream >= events.length) throw new Error('a row of another configuration')
      events[stream]++
      const length = view.getUint32(row + 4)
      texts += length + shapes[stream].id
      if ((head & 0xffff) !== 0) {
        arbitrary++
        pairBytes += ends[i] - row - shapes[stream].head - length
      }
      row = ends[i]
    }
    const counts = LISTS.map((_, column) => shapes.reduce((sum, shape, i) => sum + shape.counts[column] * events[i], 0))
    const bytes = [...WIDTHS.map((width, column) => width * counts[column]), texts]
    const id = Buffer.from(session)
    const into = Buffer.allocUnsafe(HEADS + id.length + bytes.reduce((sum, length) => sum + length, 0) + arbitrary * PAIRS_HEAD + pairBytes)
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
    const cursors = counts.map((count, column) => {
      if (count === 0) return 0
      o = field(into, o, LIST, FIRST_LIST + column)
      o = into.writeUInt8(LISTS[column], o)
      o = into.writeUInt32BE(count, o)
      o += bytes[column]
      return o - bytes[column]
    })
    // What is behind the columns is written after them, since a store may reach three bytes too far.
    const pairs = arbitrary > 0 ? o + PAIRS_FIELD_HEAD : o
    const end = scatter(view, ends, new DataView(into.buffer, into.byteOffset, into.length), cursors, pairs)
    if (arbitrary > 0) {
      o = field(into, o, MAP, PAIRS_FIELD)
      o = into.writeUInt8(I32, o)
      o = into.writeUInt8(MAP, o)
      into.writeUInt32BE(arbitrary, o)
    }
    // Ends of the bundle and of the arguments.
    into[end] = 0
    into[end + 1] = 0
    return into.subarray(0, end + 2)
  }
}

function field(into: Buffer, o: number, type: number, number: number): number {
  into[o] = type
  into[o + 1] = 0
  into[o + 2] = number
  return o + 3
}

function scatterOf(streams: readonly Stream[]): Scatter {
  const code = `'use strict'
return function scatter(from, ends, to, cursors, pairs) {
let [c0, c1, c2, c3, c4] = cursors
let row = 0
for (let i = 0; i < ends.length; i++) {
const head = from.getUint32(row)
let at
switch (head >>> 16) {
${streams.map((stream, i) => `case ${i}: ${rowCode(stream)}; break`).join('\n')}
}
const texts = from.getUint32(row + 4)
c4 = copy(from, at, texts, to, c4)
if ((head & 0xffff) !== 0) {
at += texts
to.setUint32(pairs, i)
to.setUint16(pairs + 4, ${(STRING << 8) | STRING})
to.setUint32(pairs + 6, head & 0xffff)
pairs = copy(from, at, ends[i] - at, to, pairs + ${PAIRS_HEAD})
}
row = ends[i]
}
return pairs
}`
  return new Function('copy', code)(copy) as Scatter
}

/** Copies what is of fixed size in a row of the stream, writes the stream's id, and says where the texts of the row are. */
function rowCode(stream: Stream): string {
  const counts = columnCounts(stream)
  const parts: string[] = []
  let at = ROW_HEAD
  WIDTHS.forEach((width, column) => {
    const length = width * counts[column]
    if (length === 0) return
    const step = width === 1 ? 1 : 4
    const [get, set] = step === 1 ? ['getUint8', 'setUint8'] : ['getUint32', 'setUint32']
    const stores = Array.from({ length: length / step }, (_, i) => `to.${set}(c${column} + ${i * step}, from.${get}(row + ${at + i * step}))`)
    parts.push(
      stores.length > UNROLLED ? `c${column} = copy(from, row + ${at}, ${length}, to, c${column})` : `${stores.join('; ')}; c${column} += ${length}`,
    )
    at += length
  })
  const id = constantCode('to', `c${TEXTS}`, streamId(stream))
  return `${parts.join('\n')}
${id.code}; c${TEXTS} += ${id.length}
at = row + ${at}`
}

/** Four bytes at a time: pieces of a row are too short for a call of `set`. */
function copy(from: DataView, at: number, length: number, to: DataView, o: number): number {
  const end = o + length
  for (; o + 4 <= end; o += 4, at += 4) to.setUint32(o, from.getUint32(at))
  for (; o < end; o++, at++) to.setUint8(o, from.getUint8(at))
  return end
}
