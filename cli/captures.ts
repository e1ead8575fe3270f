/** Capture files through pipelines on this thread, without checkpoint, queue or output: for `decode` and `test`. */
import { systemClock } from '../core/clock.ts'
import { builtInUrl } from '../core/config/plugins.ts'
import { streamKey } from '../core/event/id.ts'
import { type Batch, type InputPlugin, LEASE_BYTES, type Log } from '../core/plugin.ts'
import type { Sensor } from '../core/route/context.ts'
import type { Pipeline } from '../core/route/pipeline.ts'
import { INDEX_WIDTH, type RunResult } from '../core/route/result.ts'

export interface CaptureOptions {
  readonly log: Log
  readonly signal: AbortSignal
  readonly max_record_bytes: number
  /** Whether interface statistics of pcapng are read too. */
  readonly statistics: boolean
  /** Called for what cannot be read. */
  readonly skipped: (offset: number, length: number, reason: string) => void
}

/** The batches of a file, by the pcap input; `-` is stdin. */
export async function* readCapture(file: string, options: CaptureOptions): AsyncIterable<Batch> {
  const { default: pcap } = (await import(builtInUrl('input', 'pcap'))) as { default: InputPlugin }
  const memory = new Uint8Array(LEASE_BYTES)
  // A name is no pattern here.
  const path = file.replace(/[*?[{]/g, '[$&]')
  const input = await pcap.create({ path, follow: false, start_at: 'beginning', after: 'keep', statistics: options.statistics } as never, {
    name: file,
    position: () => undefined,
    streams: () => [],
    lease: (bytes) => memory.subarray(0, Math.min(bytes, LEASE_BYTES)),
    signal: options.signal,
    once: true,
    max_record_bytes: options.max_record_bytes,
    skipped: (_, offset, length, reason) => options.skipped(offset, length, reason),
    log: options.log,
    clock: systemClock,
  })
  yield* input.read()
}

/** What one run of a pipeline gave, with the memory that its parts lie in. */
export interface Ran {
  readonly result: RunResult
  readonly memory: ArrayBufferLike | undefined
}

/** Runs batches, and at the end lets go of all that filters withhold. What is yielded is valid until the next one. */
export async function* runBatches(pipeline: Pipeline, batches: AsyncIterable<Batch>, { id }: Sensor): AsyncIterable<Ran> {
  let memory: ArrayBufferLike | undefined
  const progress = new Int32Array(3)
  const none = new Uint8Array(0)
  const still = { input: 0, stream: '', key: none, data: none, context: none, offset: 0, from: 0, to: 0, progress }
  const run = (request: Partial<Parameters<Pipeline['run']>[0]> & { flush: boolean }): Ran => {
    const result = pipeline.run({ memory, ...still, ...request })
    memory = result.memory ?? memory
    return { result, memory }
  }
  for await (const { stream, identity = stream, data, offset, context = none, records } of batches) {
    for (let from = 0; from < records; ) {
      const ran = run({ stream, key: streamKey(id, identity), data, context, offset, from, to: records, flush: false })
      yield ran
      from = ran.result.consumed
    }
  }
  yield run({ flush: true })
}

/** The encoded events of one part, with the number of the record that each is of. */
export function* eventsOf({ memory }: Ran, part: RunResult['parts'][number]): Iterable<{ readonly record: number; readonly bytes: Uint8Array }> {
  const body = new Uint8Array(memory!, part.body, part.length)
  const index = new DataView(memory!, part.index)
  let start = 0
  for (let i = 0; i < part.count; i++) {
    const at = i * INDEX_WIDTH * 4
    const end = index.getUint32(at, true)
    yield { record: index.getUint32(at + 4, true), bytes: body.subarray(start, end) }
    start = end
  }
}
