/**
 * Bundles. A bundle has one list for each type of value, over all its events; the receiver walks them with one cursor each, so that a value too many or too few
 * shifts all events behind it. The rows of encoders (rows.ts) become columns here, by code made for the streams.
 */
import type { Bundler } from '../databridge.ts'
import { type Stream, streamId } from '../streams.ts'
import { constantCode } from '../values.ts'
import { columnCounts, fixedSize, ROW_HEAD, TEXTS, WIDTHS } from './rows.ts'

/** How values are copied, by column: eight bytes at a time where any NaN is as good as another. The order of bytes stays, so the machine's own is the cheapest. */
const COPIES = [
  ['Uint32', 4],
  ['Uint32', 4],
  ['Float64', 8],
  ['Uint8', 1],
] as const
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
const TEXT_HEAD = 4

/** Copies rows to the cursors of their columns and returns the place behind the pairs. */
type Scatter = (from: DataView, ends: Uint32Array, to: DataView, cursors: readonly number[], pairs: number) => number

/** The call of `publish`, as the official agent writes it. */
export function bundler(streams: readonly Stream[]): Bundler {
  const shapes = streams.map((stream) => {
    const counts = columnCounts(stream)
    return { counts, fixed: fixedSize(counts), id: TEXT_HEAD + Buffer.byteLength(streamId(stream)) }
  })
  const scatter = scatterOf(streams)
  return (rows, ends, session, sequence, spare) => {
    const view = new DataView(rows.buffer, rows.byteOffset, rows.length)
    const events = new Uint32Array(streams.length)
    let [arbitrary, pairBytes, row] = [0, 0, 0]
    for (let i = 0; i < ends.length; i++) {
      const head = view.getUint32(row)
      const stream = head >>> 16
      if (stream >= events.length) throw new Error('a row of another configuration')
      events[stream]++
      if ((head & 0xffff) !== 0) {
        arbitrary++
        pairBytes += ends[i] - row - ROW_HEAD - view.getUint32(row + 4) - shapes[stream].fixed
      }
      row = ends[i]
    }
    const sum = (of: (shape: (typeof shapes)[number]) => number) => shapes.reduce((all, shape, i) => all + of(shape) * events[i], 0)
    const counts = LISTS.map((_, column) => sum((shape) => shape.counts[column]))
    const texts = rows.length - pairBytes - sum(({ fixed, id }) => ROW_HEAD + fixed - id)
    const bytes = [...WIDTHS.map((width, column) => width * counts[column]), texts]
    const id = Buffer.from(session)
    const room = HEADS + id.length + bytes.reduce((all, length) => all + length, 0) + arbitrary * PAIRS_HEAD + pairBytes
    const into = spare && spare.length >= room ? spare : Buffer.allocUnsafeSlow(room)
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
    // What is behind the columns is written after them, since a store may reach seven bytes too far.
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
  // Places are 32-bit integers, and V8 is told so where they come from unsigned ones: doubles would be slow to address by.
  const code = `'use strict'
return function scatter(from, ends, to, cursors, pairs) {
let c0 = cursors[0] | 0, c1 = cursors[1] | 0, c2 = cursors[2] | 0, c3 = cursors[3] | 0, c4 = cursors[4] | 0
let row = 0
for (let i = 0; i < ends.length; i++) {
const end = ends[i] | 0, head = from.getUint32(row), texts = from.getInt32(row + 4)
let at = 0
switch (head >>> 16) {
${streams.map((stream, i) => `case ${i}: ${rowCode(stream)}; break`).join('\n')}
}
row += ${ROW_HEAD}
c4 = copy(from, row, texts, to, c4)
if ((head & 0xffff) !== 0) {
row += texts
to.setUint32(pairs, i)
to.setUint16(pairs + 4, ${(STRING << 8) | STRING})
to.setUint32(pairs + 6, head & 0xffff)
pairs = copy(from, row, at - row, to, pairs + ${PAIRS_HEAD})
}
row = end
}
return pairs
}`
  return new Function('copy', code)(copy) as Scatter
}

/** Copies what is of fixed size in a row of the stream, which is at its end, and writes the stream's id. */
function rowCode(stream: Stream): string {
  const counts = columnCounts(stream)
  const parts = [`at = end - ${fixedSize(counts)}`]
  let at = 0
  WIDTHS.forEach((width, column) => {
    const [type, step] = COPIES[column]
    for (let i = 0; i < width * counts[column]; i += step, at += step)
      parts.push(`to.set${type}(c${column} + ${i}, from.get${type}(at + ${at}, true), true)`)
    parts.push(`c${column} = (c${column} + ${width * counts[column]}) | 0`)
  })
  const id = constantCode('to', `c${TEXTS}`, streamId(stream))
  return `${parts.join('; ')}; ${id.code}; c${TEXTS} = (c${TEXTS} + ${id.length}) | 0`
}

/**
 * Texts are too short for a call of `set`. Doubles go through unchanged, since no UTF-8 and no length of a text forms a NaN. Reads and writes up to seven bytes too
 * many: in a row values of fixed size are behind them.
 */
function copy(from: DataView, at: number, length: number, to: DataView, o: number): number {
  const end = o + length
  for (; o + 16 <= end; o += 16, at += 16) {
    to.setFloat64(o, from.getFloat64(at, true), true)
    to.setFloat64(o + 8, from.getFloat64(at + 8, true), true)
  }
  for (; o < end; o += 8, at += 8) to.setFloat64(o, from.getFloat64(at, true), true)
  return end
}
