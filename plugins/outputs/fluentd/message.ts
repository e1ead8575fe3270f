/** Payloads as messages of the forward protocol. Bodies are not copied. */
import { packArray, packBin, packInt, packMap } from '../../../core/event/pack.ts'
import { ByteWriter } from '../../../core/event/writer.ts'
import { putStr } from '../../../core/formats/forward.ts'
import type { Payload } from '../../../core/plugin.ts'

export type Mode = 'message' | 'forward' | 'packed_forward' | 'compressed_packed_forward'

export interface Messages {
  /** To be written one behind the other. */
  readonly pieces: readonly Uint8Array[]
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
  if (mode === 'message') return single(new ByteWriter(undefined, body.length + 128), { id, key, ends, body, ack })
  const out = new ByteWriter(undefined, key.length * 3 + id.length + 128)
  head(out, 3, key)
  out.reserve(8)
  out.pos = mode === 'forward' ? packArray(out.buf, out.pos, count) : packBin(out.buf, out.pos, body.length)
  const middle = out.pos
  option(out, [['size', count], ...(ack ? [['chunk', id] as const] : []), ...(compressed === undefined ? [] : [['compressed', compressed] as const])])
  const written = out.written()
  return { pieces: [written.subarray(0, middle), body, written.subarray(middle)], chunks: ack ? [id] : [] }
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
  return { pieces: [out.written()], chunks }
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
