/** A capture that comes once: standard input, a FIFO, the output of a program. */
import type { Readable } from 'node:stream'
import type { Batch, InputContext } from '../../../core/plugin.ts'
import { identify } from './identity.ts'
import { CaptureReader } from './reader.ts'
import { type Feed, feedSource } from './source.ts'
import { Wake } from './wake.ts'

/** The stream tells when there is more; this is only a limit. */
const WAIT_MS = 60_000

export interface StreamOptions {
  readonly context: InputContext
  readonly statistics: boolean
  /** What the stream is called in logs and positions. */
  readonly name: string
  /** Aborted: what has come so far is given out, then the reading ends. Default: the input's. */
  readonly signal?: AbortSignal
}

/**
 * Yields the batches of one stream until it ends. Bytes that are no capture are said and end it.
 * The stream is paused while nobody asks for a batch.
 */
export async function* readStream(readable: Readable, options: StreamOptions): AsyncGenerator<Batch, void, void> {
  const { context, statistics, name } = options
  const signal = options.signal ?? context.signal
  const wake = new Wake(context.clock, signal)
  const feed = readableFeed(readable, wake)
  const source = feedSource(feed)
  try {
    let known = await identify(source)
    while (known.kind === 'waiting' && !feed.ended && !signal.aborted) {
      await wake.wait(WAIT_MS)
      known = await identify(source)
    }
    if (known.kind === 'waiting') {
      if (known.dangling > 0) context.log.warn(`${name}: ends inside its first record, after ${known.dangling} bytes of it`)
      return
    }
    if (known.kind === 'foreign') return context.log.error(`${name} is not a capture: it ${known.reason}`)
    const { identity } = known
    const reader = new CaptureReader({
      context,
      statistics,
      stream: identity,
      identity,
      name: () => name,
      whereabouts: () => ({ path: name, dev: 0, ino: 0, unread: 0 }),
      // What has come is still read when the input is stopped: it cannot be read again.
      signal: new AbortController().signal,
    })
    for (;;) {
      const ended = feed.ended || signal.aborted
      const batch = await reader.next(source)
      if (batch) yield batch
      else if (ended) break
      else await wake.wait(WAIT_MS)
    }
    reader.finish(feed.taken)
    if (feed.ended) context.ended?.(identity)
  } finally {
    await source.close()
  }
}

interface ReadableFeed extends Feed {
  /** Nothing more will come. */
  readonly ended: boolean
}

function readableFeed(readable: Readable, wake: Wake): ReadableFeed {
  let ended = false
  let taken = 0
  const notify = (): void => wake.notify()
  const end = (): void => {
    ended = true
    wake.notify()
  }
  readable.on('readable', notify)
  for (const event of ['end', 'error', 'close']) readable.on(event, end)
  return {
    get ended() {
      return ended
    },
    get taken() {
      return taken
    },
    next: async () => {
      const piece = readable.read() as Uint8Array | null
      if (!piece) return undefined
      taken += piece.length
      return piece
    },
    close: async () => {
      readable.destroy()
    },
  }
}
