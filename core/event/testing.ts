/** What tests of the writers have in common. */
import { decode } from '@msgpack/msgpack'
import { jsonWriter } from './json.ts'
import { msgpackWriter } from './msgpack.ts'
import { type EventObject, exactJson } from './object.ts'

/** Each encoding's writer, and what it wrote as JSON, by another decoder. */
export const ENCODINGS = {
  JSON: { writer: jsonWriter, read: (bytes: Uint8Array) => Buffer.from(bytes).toString() },
  MessagePack: {
    writer: msgpackWriter,
    read: (bytes: Uint8Array) => exactJson(decode(Uint8Array.from(bytes), { useBigInt64: true }) as EventObject),
  },
}
