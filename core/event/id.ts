/**
 * Event ids: 24 bytes that say which record an event comes from.
 *
 *   8 bytes  capture time in ns since 1970, big-endian, so that ids sort by time
 *   8 bytes  stream key: hash of the sensor's id and the stream's identity
 *   8 bytes  offset of the record in its stream, big-endian
 *
 * Created events (summaries, gaps) have 16 bytes of a hash behind the time. As text an id is 32 characters of the
 * base64url alphabet in ASCII order, because base64url itself does not keep the order of the bytes
 * (docs/decisions/0002-sortable-ids.md).
 */
import { createHash, hash } from 'node:crypto'

export const ID_BYTES = 24
export const ID_CHARS = 32
export const ID_ALPHABET = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'

/** Two characters for each 12 bits, little-endian as a 16-bit store wants them. */
export const ID_PAIRS = Uint16Array.from({ length: 4096 }, (_, n) => ID_ALPHABET.charCodeAt(n >> 6) | (ID_ALPHABET.charCodeAt(n & 63) << 8))

/** First 8 bytes of SHA-256 over the sensor's id and the stream's identity. */
export function streamKey(sensorId: string, identity: string): Uint8Array {
  return createHash('sha256').update(sensorId).update('\0').update(identity).digest().subarray(0, 8)
}

/** Writes the time part: nanoseconds since 1970 as a big-endian u64, exact beyond 2^53. Times before 1970 count as 0. */
export function putTime(into: Uint8Array, at: number, seconds: number, nanos: number): void {
  let hi = 0
  let lo = 0
  if (seconds >= 0) {
    // seconds * 1e9 + nanos in two 32-bit halves: 1e9 = 0x3b9aca00
    const high = Math.floor(seconds / 65536)
    const low = seconds - high * 65536
    const bottom = low * 1e9 + nanos
    const top = high * 1e9 + Math.floor(bottom / 65536)
    hi = Math.floor(top / 65536)
    lo = (top - hi * 65536) * 65536 + (bottom - Math.floor(bottom / 65536) * 65536)
  }
  putU32(into, at, hi)
  putU32(into, at + 4, lo)
}

function putU32(into: Uint8Array, at: number, value: number): void {
  into[at] = value >>> 24
  into[at + 1] = value >>> 16
  into[at + 2] = value >>> 8
  into[at + 3] = value
}

/** The 24 bytes of a record's id. */
export function putRecordId(into: Uint8Array, at: number, seconds: number, nanos: number, key: Uint8Array, offset: number): void {
  putTime(into, at, seconds, nanos)
  for (let i = 0; i < 8; i++) into[at + 8 + i] = key[i]
  putU32(into, at + 16, Math.floor(offset / 4294967296))
  putU32(into, at + 20, offset >>> 0)
}

/** The 24 bytes of the id of a created event: what made it, about what, from which first to which last event. */
export function createdId(seconds: number, nanos: number, kind: string, key: string, first: string, last: string): Uint8Array {
  const id = new Uint8Array(ID_BYTES)
  putCreatedId(id, 0, seconds, nanos, [kind, key, first, last].join('\0'))
  return id
}

/** The same, for whoever makes many: `what` is all that the event is known by, as text or bytes. */
export function putCreatedId(into: Uint8Array, at: number, seconds: number, nanos: number, what: string | Uint8Array): void {
  putTime(into, at, seconds, nanos)
  // One call is four times as fast as a Hash object, and text as the result faster than a Buffer.
  const digest = hash('sha256', what, 'binary')
  for (let i = 0; i < 16; i++) into[at + 8 + i] = digest.charCodeAt(i)
}

/** An id as text. */
export function idText(bytes: Uint8Array, at = 0): string {
  let text = ''
  for (let i = at; i < at + ID_BYTES; i += 3) {
    const n = (bytes[i] << 16) | (bytes[i + 1] << 8) | bytes[i + 2]
    text += ID_ALPHABET[n >> 18] + ID_ALPHABET[(n >> 12) & 63] + ID_ALPHABET[(n >> 6) & 63] + ID_ALPHABET[n & 63]
  }
  return text
}

const VALUES = new Map([...ID_ALPHABET].map((char, value) => [char, value]))

/**
 * The bytes of an id's text.
 * @throws RangeError when it is not 32 characters of the alphabet
 */
export function idBytes(text: string): Uint8Array {
  if (text.length !== ID_CHARS) throw new RangeError(`not an event id: ${text}`)
  const bytes = new Uint8Array(ID_BYTES)
  for (let i = 0, at = 0; i < ID_CHARS; i += 4, at += 3) {
    let n = 0
    for (let k = i; k < i + 4; k++) {
      const value = VALUES.get(text[k])
      if (value === undefined) throw new RangeError(`not an event id: ${text}`)
      n = n * 64 + value
    }
    bytes[at] = n >> 16
    bytes[at + 1] = n >> 8
    bytes[at + 2] = n
  }
  return bytes
}
