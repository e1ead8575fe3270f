/** Reads one file as Wherry does and checks that every record became one event, or one reject. */
import { readCapture, runBatches } from '../../cli/captures.ts'
import { loadConfigText } from '../../core/config/load.ts'
import type { Pipeline } from '../../core/route/pipeline.ts'
import { buildPipelines } from '../../core/worker/setup.ts'
import { body } from '../conformance/pipeline.ts'
import { memoryLog } from '../plugins/config.ts'

const SENSOR = { name: 'fuzz', id: 'fuzz' }
const NEWLINE = 10
const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))

/** `fast`: the JSON writer alone, all fields. Else a writer and the object path, which must agree: JSON with this `emit`, or MessagePack with all fields. */
export type Way = 'fast' | 'standard' | 'full' | 'packed'

/** A filter that looks at every record, and keeps it from the fast path. */
const TRUTH = { truth: { plugin: 'assoc', max_clients: 50 } }

export interface Totals {
  records: number
  rejected: number
  damaged: number
  /** What was no record to the reader: too long, or between records. */
  skipped: number
  /** Events that were written both by a writer and by the object path. */
  compared: number
  /** Records that took the fast path. */
  taken: number
}

async function newPipeline(emit: string, outputs: readonly string[], more: Readonly<Record<string, object>> = TRUTH): Promise<Pipeline> {
  const config = JSON.stringify({
    inputs: { file: { plugin: 'pcap', path: '-', statistics: true } },
    filters: { decode: { plugin: 'ieee80211', emit }, ...more },
    outputs: Object.fromEntries(outputs.map((name) => [name, { plugin: new URL(`../plugins/${name}${extension}`, import.meta.url).pathname }])),
    routes: [{ from: 'file', through: ['decode', ...Object.keys(more)], to: outputs }],
  })
  const { config: loaded, plugins, problems } = await loadConfigText('fuzz', config, process.cwd(), { env: {}, once: true })
  if (!loaded) throw new Error(problems.map(({ message }) => message).join('\n'))
  return buildPipelines({ config: loaded, sensor: SENSOR }, plugins, (bytes) => new ArrayBuffer(bytes))[0]
}

/** @param emit what `readTwice` shows */
export async function newReader(emit: 'standard' | 'full') {
  const pipelines: Record<Way, Pipeline> = {
    fast: await newPipeline('full', ['lines']),
    standard: await newPipeline('standard', ['lines', 'objects']),
    full: await newPipeline('full', ['lines', 'objects']),
    packed: await newPipeline('full', ['packed', 'objects']),
  }
  const quick = await newPipeline(emit, ['lines'], {})
  const plain = await newPipeline(emit, ['lines', 'objects'], {})
  const totals: Totals = { records: 0, rejected: 0, damaged: 0, skipped: 0, compared: 0, taken: 0 }

  /** @throws Error when a record is lost or doubled, a filter or encoder throws, a line is no JSON, or the writers differ */
  async function read(file: string, way: Way): Promise<void> {
    let promised = 0
    const skipped = () => {
      totals.skipped++
    }
    const options = { log: memoryLog(), signal: new AbortController().signal, max_record_bytes: 2 ** 20, statistics: true, skipped }
    const batches = async function* () {
      for await (const batch of readCapture(file, options)) {
        promised += batch.records
        yield batch
      }
    }
    let seen = 0
    for await (const ran of runBatches(pipelines[way], batches(), SENSOR)) {
      const { result, memory } = ran
      const undecoded = result.bad.filter((bad) => bad.undecoded).length
      if (result.bad.length > undecoded) throw new Error(`a filter or encoder threw: ${result.bad.find((bad) => !bad.undecoded)?.reason}`)
      seen += result.decoded + undecoded
      totals.rejected += undecoded
      for (const part of result.parts) {
        if (part.count !== result.decoded) throw new Error(`${result.decoded} events, ${part.count} written to output ${part.output}`)
        const lines = newlines(new Uint8Array(memory!, part.body, part.length))
        if (lines !== part.count) throw new Error(`${part.count} events, ${lines} lines`)
      }
      if (way !== 'fast') compare(body(ran, 0), body(ran, 1))
    }
    if (seen !== promised) throw new Error(`${promised} records promised, ${seen} seen`)
    totals.records += seen
  }

  /** @throws Error when the fast path gives other lines than the slow one */
  async function readTwice(file: string): Promise<void> {
    const options = { log: memoryLog(), signal: new AbortController().signal, max_record_bytes: 2 ** 20, statistics: true, skipped: () => undefined }
    const lines = async (pipeline: Pipeline) => {
      let text = ''
      for await (const ran of runBatches(pipeline, readCapture(file, options), SENSOR)) text += body(ran, 0)
      return text
    }
    compare(await lines(quick), await lines(plain))
    totals.taken = quick.taken
  }

  function compare(fast: string, slow: string): void {
    const slowLines = slow.split('\n')
    fast.split('\n').forEach((line, i) => {
      if (line !== slowLines[i]) throw new Error(`the writers differ:\n  fast ${line}\n  slow ${slowLines[i]}`)
      if (line === '') return
      totals.compared++
      if ('error' in (JSON.parse(line) as object)) totals.damaged++
    })
  }

  return { read, readTwice, totals }
}

function newlines(bytes: Uint8Array): number {
  let count = 0
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++
  return count
}
