/** The endless pcapng stream of a modern Kismet as batches of a capture, which the same decoder reads as those of the pcap input. */
import { CaptureCutter, encodeContext } from '../../../../core/formats/capture.ts'
import { captureIdentity } from '../../../../core/formats/capture-identity.ts'
import { lastTime } from '../../../../core/formats/capture-time.ts'
import { BATCH_RECORDS } from '../../../../core/plugin.ts'
import type { Backlog } from '../backlog.ts'
import type { Http } from './http.ts'

/** Name of the frames' stream in the checkpoint. */
export const FRAMES = 'frames'

export interface FramesOptions {
  readonly http: Http
  /** `all`, `source/UUID`, `device/KEY` or `bssid/ADDRESS`. */
  readonly frames: string
  readonly longest: number
  readonly backlog: Backlog
  readonly skipped: (offset: number, bytes: number, reason: string) => void
  /** Called with the time of the first frame, and of the last one of each batch. */
  readonly heard: (seconds: number) => void
  readonly signal: AbortSignal
}

export function framesPath(frames: string): string {
  const [kind, of = ''] = frames.split('/')
  switch (kind) {
    case 'source':
      return `/datasource/pcap/by-uuid/${of}/packets.pcapng`
    case 'device':
      return `/devices/pcap/by-key/${of}/packets.pcapng`
    case 'bssid':
      return `/phy/phy80211/pcap/by-bssid/${of}/packets.pcapng`
    default:
      return '/pcap/all_packets.pcapng'
  }
}

/**
 * Reads one such stream until it ends.
 * @throws Error when it cannot be read, or is damaged
 */
export async function readFrames({ http, frames, longest, backlog, skipped, heard, signal }: FramesOptions): Promise<void> {
  const body = await http.stream(framesPath(frames))
  const cutter = new CaptureCutter({ maxRecord: longest, statistics: false })
  let identity: string | undefined
  /** What came before the first packet. */
  let beginning = Buffer.alloc(0)
  /** Bytes from `offset` of the stream on that are not a whole record yet. */
  let rest = Buffer.alloc(0)
  let offset = 0
  try {
    for await (const piece of body) {
      rest = rest.length === 0 ? Buffer.from(piece as Buffer) : Buffer.concat([rest, piece as Buffer])
      for (;;) {
        const state = encodeContext(cutter)
        cutter.cut(rest, 0, rest.length, identity === undefined ? 1 : BATCH_RECORDS)
        const { end, records, stop, need } = cutter
        if (records > 0) {
          identity ??= captureIdentity(Buffer.concat([beginning, rest.subarray(0, end)]))
          const time = lastTime(cutter, rest)
          const data = Uint8Array.from(rest.subarray(0, end))
          const seconds = time ? time.seconds + time.nanos / 1e9 : 0
          if (seconds > 0) heard(seconds)
          backlog.addBatch({ stream: FRAMES, identity, data, offset, records, context: state, next: { seconds } })
        } else if (identity === undefined) beginning = Buffer.concat([beginning, rest.subarray(0, end)])
        rest = rest.subarray(end)
        offset += end
        if (stop === 'corrupt' || stop === 'foreign') throw new Error(`the capture stream is damaged: ${cutter.reason}`)
        if (stop === 'long') {
          skipped(offset, need, 'longer than max_record_bytes')
          throw new Error('the capture stream has a block longer than max_record_bytes')
        }
        if (stop === 'more') break
      }
      await backlog.room(signal)
    }
  } finally {
    body.destroy()
  }
}
