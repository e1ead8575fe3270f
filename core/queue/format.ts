/**
 * How payloads lie on disk. A segment is a head, records one behind the other, and a foot once it is full; numbers are little-endian.
 *
 *   head    "WHERRYQ" version(1) 3 × 0   crc(4)   length(4)   JSON: whose payloads these are
 *   record  "WREC"   crc(4)   length(4)   count(4)   sealed_at(8)   id_length(2)   key_length(2)   flags(4)   id key ends records routes body
 *   foot    "WFOT"   crc(4)   length(4)   JSON: what the records before it hold   length(4)   "WEND"
 *
 * Invariants, which every reader may rely on and every test of this folder holds:
 * - A record is good when its four letters, its lengths and its CRC-32 over all that follows the CRC are right; otherwise it is no record. Nothing else in a
 *   segment is believed.
 * - Records are never changed. They are only ever appended, behind a head that was synced before the first of them.
 * - Order in a segment, and order of segments by their number, is the order in which payloads were sealed.
 * - A foot is the last thing in its segment. A segment without one is read from its head; one with it by it alone.
 * - Bytes that are no record are skipped up to the next good one, and counted by what the foot says is missing.
 */
import { crc32 } from 'node:zlib'
import type { Payload } from '../plugin.ts'

export const VERSION = 1
const NAME = Buffer.from('WHERRYQ')
const RECORD = Buffer.from('WREC')
const FOOT = Buffer.from('WFOT')
const END = Buffer.from('WEND')

/** Bytes before what varies in length. */
export const HEAD_BYTES = 20
export const RECORD_BYTES = 36
const FOOT_BYTES = 12
/** Bytes by which a segment that has a foot ends. */
export const TRAILER_BYTES = 8
/** No record is longer; a length beyond is damage. */
const MOST_BYTES = 512 * 1024 * 1024
const NO_KEY = 0xffff
/** Flag: the body has an end for each event. */
const HAS_ENDS = 1

/** Whose payloads a segment holds: bytes of another format are never given to an encoder's receiver. */
export interface Owner {
  readonly output: string
  readonly plugin: string
  readonly format: string
}

/** Events by the index of their route in `routes:`. */
export type ByRoute = ReadonlyMap<number, number>

/** What is known of payloads without looking at them. */
export interface Summary {
  payloads: number
  events: number
  bytes: number
  readonly routes: Map<number, number>
}

/** A payload as stored: without tickets, since it is settled by being here. */
export interface Stored extends Payload {
  /** For each event the index of its route. */
  readonly routes: Uint16Array
  /** When it was sealed, by the queue's own time (see outbox.ts). */
  readonly sealed_at: number
}

export function emptySummary(): Summary {
  return { payloads: 0, events: 0, bytes: 0, routes: new Map() }
}

/** Adds payloads to a summary, or with -1 takes them away. */
export function addTo(sum: Summary, { payloads, events, bytes, routes }: Readonly<Summary>, sign: 1 | -1 = 1): void {
  sum.payloads += sign * payloads
  sum.events += sign * events
  sum.bytes += sign * bytes
  for (const [route, count] of routes) {
    const left = (sum.routes.get(route) ?? 0) + sign * count
    if (left === 0) sum.routes.delete(route)
    else sum.routes.set(route, left)
  }
}

export function countRoutes(routes: Uint16Array): Map<number, number> {
  const counts = new Map<number, number>()
  for (let from = 0, i = 1; i <= routes.length; i++) {
    // Neighbours mostly share their route.
    if (i < routes.length && routes[i] === routes[from]) continue
    counts.set(routes[from], (counts.get(routes[from]) ?? 0) + i - from)
    from = i
  }
  return counts
}

export function encodeHead(owner: Owner): Buffer {
  const json = Buffer.from(JSON.stringify(owner))
  const head = Buffer.alloc(HEAD_BYTES + json.length)
  NAME.copy(head)
  head[7] = VERSION
  head.writeUInt32LE(json.length, 16)
  json.copy(head, HEAD_BYTES)
  head.writeUInt32LE(crc32(head.subarray(16)), 12)
  return head
}

export type Head = { readonly owner: Owner; readonly end: number } | { readonly newer: number } | undefined

/** @param bytes the first bytes of a file @returns undefined when this is no head of ours, or not all of it is there */
export function decodeHead(bytes: Buffer): Head {
  if (bytes.length < HEAD_BYTES || !bytes.subarray(0, 7).equals(NAME)) return undefined
  if (bytes[7] !== VERSION) return { newer: bytes[7] }
  const end = HEAD_BYTES + bytes.readUInt32LE(16)
  if (end > bytes.length || crc32(bytes.subarray(16, end)) !== bytes.readUInt32LE(12)) return undefined
  return { owner: JSON.parse(bytes.toString('utf8', HEAD_BYTES, end)) as Owner, end }
}

/** The pieces to write, without a copy of the body. */
export function encodeRecord({ id, key, ends, records, routes, body, count, sealed_at }: Stored): Buffer[] {
  const idLength = Buffer.byteLength(id)
  const keyLength = key === undefined ? 0 : Buffer.byteLength(key)
  const columns = RECORD_BYTES + idLength + keyLength
  const start = Buffer.allocUnsafeSlow(columns + ends.length * 4 + records.length * 4 + routes.length * 2)
  RECORD.copy(start)
  start.writeUInt32LE(start.length - RECORD_BYTES + body.length, 8)
  start.writeUInt32LE(count, 12)
  start.writeDoubleLE(sealed_at, 16)
  start.writeUInt16LE(idLength, 24)
  start.writeUInt16LE(key === undefined ? NO_KEY : keyLength, 26)
  start.writeUInt32LE(ends.length > 0 ? HAS_ENDS : 0, 28)
  start.writeUInt32LE(records.length, 32)
  start.write(id, RECORD_BYTES)
  if (key !== undefined) start.write(key, RECORD_BYTES + idLength)
  let at = columns
  for (const column of [ends, records, routes]) at += bytesOf(column).copy(start, at)
  const rest = Buffer.from(body.buffer, body.byteOffset, body.length)
  const crc = crc32(start.subarray(8))
  // zlib begins anew when there are no bytes.
  start.writeUInt32LE(rest.length > 0 ? crc32(rest, crc) : crc, 4)
  return [start, rest]
}

/** Length of the record that begins at a place; undefined when none can begin there. `missing` when more bytes are needed to tell. */
export function recordLength(bytes: Buffer, at: number): number | undefined | 'missing' {
  if (bytes.length - at < RECORD_BYTES) return bytes.length - at < 4 || startsWith(bytes, at, RECORD) ? 'missing' : undefined
  if (!startsWith(bytes, at, RECORD)) return undefined
  const length = bytes.readUInt32LE(at + 8)
  return length > MOST_BYTES ? undefined : RECORD_BYTES + length
}

/** The record in `bytes`, which are exactly its own; undefined when it is damaged. Its body lies in `bytes`. */
export function decodeRecord(bytes: Buffer): Stored | undefined {
  if (bytes.length < RECORD_BYTES || crc32(bytes.subarray(8)) !== bytes.readUInt32LE(4)) return undefined
  const count = bytes.readUInt32LE(12)
  const keyLength = bytes.readUInt16LE(26)
  const idEnd = RECORD_BYTES + bytes.readUInt16LE(24)
  const keyEnd = idEnd + (keyLength === NO_KEY ? 0 : keyLength)
  const ends = new Uint32Array(bytes.readUInt32LE(28) & HAS_ENDS ? count : 0)
  const records = new Uint32Array(bytes.readUInt32LE(32))
  const routes = new Uint16Array(count)
  let at = keyEnd
  for (const column of [ends, records, routes]) at += bytes.copy(bytesOf(column), 0, at)
  return {
    id: bytes.toString('utf8', RECORD_BYTES, idEnd),
    ...(keyLength === NO_KEY ? {} : { key: bytes.toString('utf8', idEnd, keyEnd) }),
    sealed_at: bytes.readDoubleLE(16),
    count,
    ends,
    records,
    routes,
    body: bytes.subarray(at),
  }
}

/** What a record adds to a summary, from its bytes alone. */
export function summaryOf(payload: Pick<Stored, 'count' | 'routes'>, bytes: number): Summary {
  return { payloads: 1, events: payload.count, bytes, routes: countRoutes(payload.routes) }
}

/** The next place at or behind `at` where a record or a foot may begin; -1 when there is none. */
export function nextMark(bytes: Buffer, at: number): number {
  const record = bytes.indexOf(RECORD, at)
  const foot = bytes.indexOf(FOOT, at)
  if (record < 0 || foot < 0) return Math.max(record, foot)
  return Math.min(record, foot)
}

export function encodeFoot({ payloads, events, bytes, routes }: Summary): Buffer {
  const json = Buffer.from(JSON.stringify({ payloads, events, bytes, routes: [...routes] }))
  const foot = Buffer.alloc(FOOT_BYTES + json.length + TRAILER_BYTES)
  FOOT.copy(foot)
  foot.writeUInt32LE(json.length, 8)
  json.copy(foot, FOOT_BYTES)
  foot.writeUInt32LE(crc32(foot.subarray(8, FOOT_BYTES + json.length)), 4)
  foot.writeUInt32LE(foot.length, FOOT_BYTES + json.length)
  END.copy(foot, foot.length - 4)
  return foot
}

/** Length of the foot whose last bytes these are; undefined when there is no foot. */
export function footLength(trailer: Buffer): number | undefined {
  return startsWith(trailer, trailer.length - 4, END) ? trailer.readUInt32LE(trailer.length - TRAILER_BYTES) : undefined
}

/** @param foot exactly its bytes @returns undefined when it is damaged */
export function decodeFoot(foot: Buffer): Summary | undefined {
  const end = foot.length - TRAILER_BYTES
  if (end < FOOT_BYTES || !startsWith(foot, 0, FOOT) || crc32(foot.subarray(8, end)) !== foot.readUInt32LE(4)) return undefined
  const { routes, ...sums } = JSON.parse(foot.toString('utf8', FOOT_BYTES, end)) as Omit<Summary, 'routes'> & { routes: [number, number][] }
  return { ...sums, routes: new Map(routes) }
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array | Uint16Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

function startsWith(bytes: Buffer, at: number, letters: Buffer): boolean {
  return bytes.compare(letters, 0, 4, at, at + 4) === 0
}
