/** One message of a client taken apart: mode, tag, entries as they came, options. Nothing of the records is read. */
import { type Packed, PackedError, packedText, readPacked } from '../../../core/formats/msgpack.ts'
import { arrayAt, mapAt, rawAt, skipPacked } from '../../../core/formats/msgpack-skip.ts'

export interface Message {
  readonly tag: string
  /** Entries one after the other, each an array of a time and a record. */
  readonly entries: Uint8Array
  /** How many; undefined where the body has to be read to its end. */
  readonly count: number | undefined
  /** What the entries are compressed with. */
  readonly compressed: string | undefined
  /** The chunk id with its head, as the client wrote it; undefined when it asks for no ack. */
  readonly chunk: Uint8Array | undefined
}

/** A whole message that cannot become events; the connection is none the worse for it. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  /** Where a client is to be told that the message was taken all the same. */
  readonly chunk: Uint8Array | undefined
  constructor(message: string, chunk?: Uint8Array) {
    super(message)
    this.chunk = chunk
  }
}

const SIGNALS: readonly string[] = ['logs', 'metrics', 'traces']
const NO_BYTES = new Uint8Array(0)

/**
 * @param bytes one whole MessagePack value
 * @throws RefusedError
 */
export function readMessage(bytes: Uint8Array): Message {
  const array = arrayAt(bytes, 0)
  if (!array) throw new RefusedError('a message is no array')
  if (array.items < 2 || array.items > 4) throw new RefusedError(`a message of ${array.items} items`)
  const items: { at: number; end: number }[] = []
  for (let i = 0, at = array.at; i < array.items; i++) items.push({ at, end: (at = skipPacked(bytes, at)) })
  const [tag, second] = items
  const tagAt = rawAt(bytes, tag.at)
  const entries = arrayAt(bytes, second.at)
  const packed = rawAt(bytes, second.at)
  const single = !entries && packed < 0
  const option = readOption(bytes, items[single ? 3 : 2]?.at)
  if (tagAt < 0) throw new RefusedError('a tag that is no text', option.chunk)
  if (option.refused !== undefined) throw new RefusedError(option.refused, option.chunk)
  const common = { tag: Buffer.from(bytes.subarray(tagAt, tag.end)).toString('utf8'), compressed: option.compressed, chunk: option.chunk }
  if (packed >= 0) return { ...common, entries: bytes.subarray(packed, second.end), count: undefined }
  if (entries) return { ...common, entries: bytes.subarray(entries.at, second.end), count: entries.items, compressed: undefined }
  if (items.length < 3) throw new RefusedError('a message without a record', option.chunk)
  // Time and record stand side by side, as in an entry.
  const parts = [Buffer.of(option.metadata.length > 0 ? 0x93 : 0x92), bytes.subarray(second.at, items[2].end), option.metadata]
  return { ...common, entries: Buffer.concat(parts), count: 1, compressed: undefined }
}

interface Option {
  readonly chunk?: Uint8Array
  readonly compressed?: string
  /** A map of metadata as it came. */
  readonly metadata: Uint8Array
  readonly refused?: string
}

function readOption(bytes: Uint8Array, at: number | undefined): Option {
  const none = { metadata: NO_BYTES }
  if (at === undefined || bytes[at] === 0xc0) return none
  const held = mapAt(bytes, at)
  if (!held) return { ...none, refused: 'options that are no map' }
  const raw = members(bytes, held)
  const chunk = raw.get('chunk')
  const metadata = raw.get('metadata')
  const said = {
    ...(chunk === undefined || chunk[0] === 0xc0 ? {} : { chunk }),
    metadata: metadata && mapAt(metadata, 0) ? metadata : NO_BYTES,
  }
  const compressed = value(raw.get('compressed'))
  const signal = value(raw.get('fluent_signal'))
  if (typeof signal === 'number' && signal !== 0)
    return { ...said, refused: `${SIGNALS[signal] ?? `signal ${signal}`} of Fluent Bit, not logs (fluent_signal ${signal})` }
  if (compressed instanceof Uint8Array && packedText(compressed) !== 'text') return { ...said, compressed: packedText(compressed) }
  return said
}

function members(bytes: Uint8Array, { items, at }: { items: number; at: number }): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>()
  for (let i = 0; i < items; i += 2) {
    const valueAt = skipPacked(bytes, at)
    const end = skipPacked(bytes, valueAt)
    const key = rawAt(bytes, at)
    if (key >= 0) found.set(Buffer.from(bytes.subarray(key, valueAt)).toString('utf8'), bytes.subarray(valueAt, end))
    at = end
  }
  return found
}

function value(raw: Uint8Array | undefined): Packed | undefined {
  return raw && readPacked(raw)?.value
}

/**
 * How many entries there are. All of them are looked at before any is taken, so that a damaged body is kept as a whole.
 * @throws RefusedError
 */
export function countEntries({ entries, count, chunk }: Pick<Message, 'entries' | 'count' | 'chunk'>): number {
  let found = 0
  try {
    for (let at = 0; count === undefined ? at < entries.length : found < count; found++) {
      at = skipPacked(entries, at)
      if (at < 0) throw new RefusedError('a body that ends inside an entry', chunk)
    }
  } catch (error) {
    if (error instanceof PackedError) throw new RefusedError(`a body that is no MessagePack: ${error.message}`, chunk)
    throw error
  }
  return found
}
