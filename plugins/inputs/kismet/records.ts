/**
 * How this input's main half hands records to its worker half: each one a header and what Kismet sent.
 *
 *    0 u32 length of all       4 u8 kind      6 u16 ordinal
 *    8 f64 `at`    16 f64 `safe`    24 f64 `own`    32 u48 key    38 u48 print    44 f64 `delta`    52 what Kismet sent
 *
 * Little-endian. The header also holds what the cursor needs when a batch leaves the backlog (cursor.ts), so that it never looks at what Kismet sent.
 */
export const KIND = { line: 1, device: 2, bus: 3, alert: 4, message: 5, source: 6, own: 7 } as const
export type Kind = (typeof KIND)[keyof typeof KIND]

/** First byte of the context of batches of such records; captures have `CAPTURE`. */
export const KISMET = 2
export const HEADER_BYTES = 52

/** The header of one record; the same object is filled for the next one. */
export class RecordHeader {
  kind: Kind = KIND.own
  /** Among equal records of one second, which have no other difference: 0, 1, 2 … */
  ordinal = 0
  /** The server's clock when it came, seconds since 1970: the time of records that have none of their own. 0 when it is not known. */
  at = 0
  /** By the server's clock: all changes before it are in this record or in earlier ones. The cursor. */
  safe = 0
  /** The record's own time in seconds, which decides whether the cursor covers it; 0 for records without one. */
  own = 0
  /** Hash of what the record is about, and of what it says. */
  key = 0
  print = 0
  /** Of a device: packets since the last record about it; NaN when that is not known. */
  delta = Number.NaN

  write(into: DataView, at: number, length: number): void {
    into.setUint32(at, length, true)
    into.setUint8(at + 4, this.kind)
    into.setUint8(at + 5, 0)
    into.setUint16(at + 6, Math.min(this.ordinal, 0xffff), true)
    into.setFloat64(at + 8, this.at, true)
    into.setFloat64(at + 16, this.safe, true)
    into.setFloat64(at + 24, this.own, true)
    putU48(into, at + 32, this.key)
    putU48(into, at + 38, this.print)
    into.setFloat64(at + 44, this.delta, true)
  }

  read(from: DataView, at: number): void {
    this.kind = from.getUint8(at + 4) as Kind
    this.ordinal = from.getUint16(at + 6, true)
    this.at = from.getFloat64(at + 8, true)
    this.safe = from.getFloat64(at + 16, true)
    this.own = from.getFloat64(at + 24, true)
    this.key = u48(from, at + 32)
    this.print = u48(from, at + 38)
    this.delta = from.getFloat64(at + 44, true)
  }
}

export function putU48(into: DataView, at: number, value: number): void {
  into.setUint32(at, value >>> 0, true)
  into.setUint16(at + 4, Math.floor(value / 4294967296), true)
}

export function u48(from: DataView, at: number): number {
  return from.getUint16(at + 4, true) * 4294967296 + from.getUint32(at, true)
}

/** What all records of a batch have in common; the batch's context, in JSON behind the byte `KISMET`. */
export interface Source {
  readonly address: string
  /** Undefined before anything has answered. */
  readonly generation: 'legacy' | 'modern' | undefined
  /** When the server started, seconds since 1970: which run of the server it is. */
  readonly start: number
  /** The names that legacy lines of each sentence have values for, in their order. */
  readonly sentences: Readonly<Record<string, readonly string[]>>
}

export function encodeSource(source: Source): Uint8Array {
  const text = Buffer.from(JSON.stringify(source))
  const context = new Uint8Array(1 + text.length)
  context[0] = KISMET
  context.set(text, 1)
  return context
}

/** @throws SyntaxError when the context is not ours */
export function decodeSource(context: Uint8Array): Source {
  return JSON.parse(Buffer.from(context.subarray(1)).toString('utf8')) as Source
}
