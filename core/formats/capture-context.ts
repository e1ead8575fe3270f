/** What a decoder must know from before a batch of capture records, as bytes. */

/** The state between two records of a capture; a `CaptureCutter` is one. */
export interface CaptureState {
  /** Packets before the batch. */
  readonly frames: number
  /** Empty, the file header of a classic capture, or section header and interface blocks of a pcapng one. */
  readonly blocks: Uint8Array
}

/** A batch with this first byte in its context is a capture; plugins may have batches of their own with other ones. */
export const CAPTURE = 0
const HEAD = 9

/** First byte `CAPTURE`, 8 bytes of count, then the blocks. */
export function encodeContext({ frames, blocks }: CaptureState): Uint8Array {
  const context = new Uint8Array(HEAD + blocks.length)
  const view = new DataView(context.buffer)
  context[0] = CAPTURE
  view.setUint32(1, Math.floor(frames / 4294967296))
  view.setUint32(5, frames >>> 0)
  context.set(blocks, HEAD)
  return context
}

/** Reads what `encodeContext` wrote; an empty context is the beginning of a capture. */
export function decodeContext(context: Uint8Array): CaptureState {
  if (context.length < HEAD) return { frames: 0, blocks: context.subarray(0, 0) }
  const view = new DataView(context.buffer, context.byteOffset, HEAD)
  return { frames: view.getUint32(1) * 4294967296 + view.getUint32(5), blocks: context.subarray(HEAD) }
}
