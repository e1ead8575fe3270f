/**
 * How the main half hands events to the worker half: each a header and the entry as it came.
 *
 *    0 u32 length of all    4 u16 kind    6 u16 number of the tag in the context
 *    8 u64 key and 16 u32 number, which are the event's id where the record has none    20 the entry
 *
 * Little-endian. An entry is an array of a time (in the metadata form an array of the time and a map), a record and, at times, a map of metadata. A message
 * that cannot be read is one record of kind `refused`: u16 length of the reason, the reason, the beginning of the message.
 */
export const HEADER_BYTES = 20
export const ENTRY = 0
export const REFUSED = 1

export interface RecordHeader {
  readonly kind: number
  readonly tag: number
  /** 8 bytes. */
  readonly key: Uint8Array
  readonly number: number
}

export function putHeader(into: Uint8Array, at: number, length: number, { kind, tag, key, number }: RecordHeader): void {
  const view = new DataView(into.buffer, into.byteOffset + at, HEADER_BYTES)
  view.setUint32(0, length, true)
  view.setUint16(4, kind, true)
  view.setUint16(6, tag, true)
  into.set(key, at + 8)
  view.setUint32(16, number, true)
}

/** The tags of a batch, and the text that is kept of a refused message. */
export function encodeTags(tags: readonly string[]): Uint8Array {
  return Buffer.from(JSON.stringify(tags))
}

/** @throws SyntaxError when the context is not ours */
export function decodeTags(context: Uint8Array): readonly string[] {
  return JSON.parse(Buffer.from(context).toString('utf8'))
}

export function refusal(reason: string, message: Uint8Array): Uint8Array {
  const text = Buffer.from(reason)
  return Buffer.concat([Buffer.of(text.length & 255, text.length >>> 8), text, message])
}

export function reasonOf(bytes: Buffer, at: number): string {
  return bytes.toString('utf8', at + 2, at + 2 + bytes.readUInt16LE(at))
}
