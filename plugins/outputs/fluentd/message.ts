/** Payloads as messages of the forward protocol, whole and in one piece of memory. */
import { packArray, packBin, packInt, packMap } from '../../../core/event/pack.ts'
import { ByteWriter } from '../../../core/event/writer.ts'
import { putStr } from '../../../core/formats/forward.ts'
import type { Payload } from '../../../core/plugin.ts'

export type Mode = 'message' | 'forward' | 'packed_forward' | 'compressed_packed_forward'

export interface Messages {
  readonly bytes: Uint8Array
  /** Ids to be acknowledged, in order; none without acks. */
  readonly chunks: readonly string[]
}

export interface MessageOptions {
  readonly mode: Mode
  readonly ack: boolean
  /** What the body was compressed with. */
  readonly compressed?: 'gzip' | 'zstd'
  /** The compressed body, where it is. */
  readonly body?: Uint8Array
}

/** @param payload whose key is the tag */
export function messagesOf({ id, key = '', count, ends, body: plain }: Payload, { mode, ack, compressed, body = plain }: MessageOptions): Messages {
  const out = new ByteWriter(undefined, body.length + key.length * 3 + id.length + 128)
  if (mode === 'message') return single(out, { id, key, ends, body, ack })
  head(out, 3, key)
  out.reserve(8)
  out.pos = mode === 'forward' ? packArray(out.buf, out.pos, count) : packBin(out.buf, out.pos, body.length)
  out.bytes(body)
  option(out, [['size', count], ...(ack ? [['chunk', id] as const] : []), ...(compressed === undefined ? [] : [['compressed', compressed] as const])])
  return { bytes: out.written(), chunks: ack ? [id] : [] }
}

interface Single {
  readonly id: string
  readonly key: string
  readonly ends: Uint32Array
  readonly body: Uint8Array
  readonly ack: boolean
}

/** One message for each event, with ids of their own. */
function single(out: ByteWriter, { id, key, ends, body, ack }: Single): Messages {
  const chunks: string[] = []
  let at = 0
  ends.forEach((end, i) => {
    head(out, ack ? 4 : 3, key)
    // The entry without its own head: the time and the record.
    out.bytes(body.subarray(at + 1, end))
    at = end
    if (!ack) return
    chunks.push(`${id}/${i}`)
    option(out, [['chunk', chunks[i]]])
  })
  return { bytes: out.written(), chunks }
}

function head(out: ByteWriter, items: number, tag: string): void {
  out.reserve(8)
  out.pos = packArray(out.buf, out.pos, items)
  putStr(out, tag)
}

function option(out: ByteWriter, members: readonly (readonly [string, string | number])[]): void {
  out.reserve(8)
  out.pos = packMap(out.buf, out.pos, members.length)
  for (const [name, value] of members) {
    putStr(out, name)
    if (typeof value === 'string') putStr(out, value)
    else {
      out.reserve(16)
      out.pos = packInt(out.buf, out.view, out.pos, value)
    }
  }
}
