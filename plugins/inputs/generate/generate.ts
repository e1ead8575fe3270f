/**
 * The reading side of sample traffic.
 *
 * A stream is a capture file that is never written: the same options give the same stream in the checkpoint, and its position holds when it began,
 * so that after a restart it goes on with the same frames, times and ids. At a rate a frame is due when its capture time has come; what came due
 * while Wherry was stopped is read first, as from a file that has grown.
 */

import { encodeContext } from '../../../core/formats/capture.ts'
import { BATCH_RECORDS, type Batch, type InputContext, LEASE_BYTES, type Position } from '../../../core/plugin.ts'
import { type Options, Traffic } from './traffic.ts'
import { fileHeader } from './write.ts'

/** Changes whenever the same options give other bytes: positions of another version are not ours. */
const VERSION = 1

export interface GenerateOptions extends Options {
  readonly frames?: number
}

export async function* generate(options: GenerateOptions, context: InputContext): AsyncGenerator<Batch, void> {
  const { seed, networks, clients, rate, frames: last = Number.MAX_SAFE_INTEGER } = options
  const { clock, signal } = context
  const stream = `generate ${VERSION} seed=${seed} networks=${networks} clients=${clients} rate=${rate}`
  const { start, frame: first } = place(context.position(stream)) ?? { start: Math.floor(clock.now()), frame: 0 }
  const identity = `${stream} start=${start}`
  const blocks = fileHeader()
  const traffic = new Traffic(options, start)
  // Within a run only the monotonic clock counts. Where the wall clock is behind the stream (it was set back), the stream goes on at once.
  const ahead = Math.max(clock.now(), first > 0 ? traffic.time(first - 1) : start) - clock.monotonic()

  for (let frame = first; frame < last && !signal.aborted; ) {
    const due = rate === 0 ? Number.POSITIVE_INFINITY : clock.monotonic() + ahead
    const wait = traffic.time(frame) - due
    if (wait > 0) {
      await clock.sleep(Math.max(1, wait), signal)
      continue
    }
    const lease = context.lease(LEASE_BYTES)
    const { frames, bytes } = traffic.fill(lease, frame, Math.min(BATCH_RECORDS, last - frame), due)
    yield {
      stream,
      identity,
      data: lease.subarray(0, bytes),
      offset: blocks.length + traffic.offset(frame),
      records: frames,
      context: encodeContext({ frames: frame, blocks }),
      next: { start, frame: frame + frames },
    }
    frame += frames
  }
}

/** What `next` of a batch says; undefined for anything else. */
function place(position: Position | undefined): { start: number; frame: number } | undefined {
  const { start, frame } = position ?? {}
  return Number.isSafeInteger(start) && Number.isSafeInteger(frame) && Number(frame) >= 0 ? { start: Number(start), frame: Number(frame) } : undefined
}
