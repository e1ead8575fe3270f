/** Batches through a pipeline with the fast path and through one without; for the tests of this folder. */
import assert from 'node:assert/strict'
import { pipelineOf } from '../../test/conformance/pipeline.ts'
import { CaptureCutter, encodeContext } from '../formats/capture.ts'
import type { Pipeline } from './pipeline.ts'
import { INDEX_WIDTH, type RunRequest } from './result.ts'

export const KEY = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8])
/** Such outputs the fast path can write; with `objects` beside them it is not taken. */
export const FRAMED = ['lines', 'bulk', 'entries']

export interface Batch {
  readonly data: Uint8Array
  readonly context: Uint8Array
  readonly offset: number
  readonly records: number
}

/** A capture in batches of so many records. */
export function batchesOf(bytes: Buffer, size: number): Batch[] {
  const cutter = new CaptureCutter({ maxRecord: 1024 * 1024, statistics: false })
  const batches: Batch[] = []
  for (let offset = 0; ; offset = cutter.end) {
    const context = encodeContext(cutter)
    cutter.cut(bytes, offset, bytes.length, size)
    if (cutter.records === 0) return batches
    batches.push({ data: bytes.subarray(offset, cutter.end), context, offset, records: cutter.records })
  }
}

/** For each output the events as text, with the number of the record in its batch before each. */
export function run(pipeline: Pipeline, batches: readonly Batch[], more: Partial<RunRequest> = {}): string[][] {
  const outputs: string[][] = []
  let memory: ArrayBufferLike | undefined
  for (const { data, context, offset, records } of batches) {
    for (let from = 0; from < records; ) {
      const request = {
        input: 0,
        stream: 's',
        key: KEY,
        data,
        context,
        offset,
        from,
        to: records,
        flush: false,
        memory,
        progress: new Int32Array(3),
        ...more,
      }
      const { consumed, parts, decoded, ...result } = pipeline.run(request)
      memory = result.memory ?? memory
      FRAMED.forEach((_, i) => {
        assert.equal(sum(parts.filter(({ output }) => output === i).map(({ count }) => count)), decoded)
      })
      for (const { output, body, index, count } of parts) {
        const entries = new Uint32Array(memory!, index, count * INDEX_WIDTH)
        const bytes = Buffer.from(memory!, body)
        outputs[output] ??= []
        for (let i = 0, start = 0; i < count; start = entries[i * INDEX_WIDTH], i++)
          outputs[output].push(`${entries[i * INDEX_WIDTH + 1]} ${bytes.toString('latin1', start, entries[i * INDEX_WIDTH])}`)
      }
      from = consumed
    }
  }
  return outputs
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)

/** Makes what compares what both ways give for batches, and answers how many records took the fast one. */
export async function bothWays(emit: string | readonly string[]): Promise<(batches: readonly Batch[], more?: Partial<RunRequest>) => number> {
  const [fast, slow] = await Promise.all([FRAMED, [...FRAMED, 'objects']].map(async (outputs) => (await pipelineOf(emit, outputs)).pipeline))
  return (batches, more = {}) => {
    const before = fast.taken
    const [quick, plain] = [run(fast, batches, more), run(slow, batches, more)]
    FRAMED.forEach((name, i) => {
      same(quick[i], plain[i], name)
    })
    // The oracle of both: no template, no WebAssembly.
    same(plain[0], plain[FRAMED.length], 'objects')
    assert.equal(slow.taken, 0)
    return fast.taken - before
  }
}

function same(some: readonly string[], others: readonly string[], name: string): void {
  assert.equal(some.length, others.length, name)
  const at = some.findIndex((text, k) => text !== others[k])
  assert.equal(at < 0 ? '' : some[at], at < 0 ? '' : others[at], name)
}
