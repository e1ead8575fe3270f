/** A capture file of generated traffic, piece by piece. */
import { pcapHeader } from '../../../core/formats/pcap-write.ts'
import { type Options, Traffic } from './traffic.ts'

/** LINKTYPE_IEEE802_11_RADIOTAP */
export const LINK_TYPE = 127

const PIECE = 1024 * 1024

/** The file header that stands before generated records: nanoseconds, little-endian. */
export function fileHeader(): Uint8Array {
  return pcapHeader(LINK_TYPE, { nanos: true })
}

export interface CaptureOptions extends Options {
  readonly frames: number
  /** Capture time of the beginning, milliseconds since 1970. */
  readonly start_ms: number
}

/** The bytes of a whole capture. A piece is valid until the next one; `frames` says how many are written by then. */
export function* capture(options: CaptureOptions): Generator<{ readonly bytes: Uint8Array; readonly frames: number }> {
  yield { bytes: fileHeader(), frames: 0 }
  const traffic = new Traffic(options, options.start_ms)
  const piece = new Uint8Array(PIECE)
  for (let frame = 0; frame < options.frames; ) {
    const { frames, bytes } = traffic.fill(piece, frame, options.frames - frame)
    frame += frames
    yield { bytes: piece.subarray(0, bytes), frames: frame }
  }
}
