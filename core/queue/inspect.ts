/** What lies in the queues of a data_dir, for people. It only reads, and takes it that segments come and go, so that it is safe while Wherry runs. */
import { join } from 'node:path'
import { PRIORITIES, type ShipperConfig } from '../config/types.ts'
import { Event } from '../event/event.ts'
import type { Fields } from '../event/fields.ts'
import { type Files, whenThere } from '../files/files.ts'
import type { OutputPlugin, Plugin } from '../plugin.ts'
import { pureContext } from '../route/context.ts'
import { pluginKey } from '../route/pipeline.ts'
import { readSnapshot } from '../state/snapshot.ts'
import type { Owner, Stored } from './format.ts'
import { queuesFolder } from './open.ts'
import { type Opened, openSegment, readRecords, segmentNumber } from './segment.ts'

/** What the outputs of a config would write now. */
export type Writers = ReadonlyMap<string, { readonly owner: Owner; readonly accepts: (format: string) => boolean }>

export interface Seen {
  readonly output: string
  readonly priority: string
  readonly path: string
  readonly seq: number
  /** Whether no later segment is there: the one that may be written to. */
  readonly last: boolean
  readonly opened: Opened
  /** Up to here it is delivered. */
  readonly done: number
  /** Why no output of the config can send it; undefined when one can. */
  readonly stranded: string | undefined
}

export function writersOf(config: ShipperConfig, plugins: ReadonlyMap<string, Plugin>, fields: Fields): Writers {
  const sensor = { name: config.shipper.name, id: '' }
  return new Map(
    config.outputs.map(({ name, plugin: from, config: options }) => {
      const plugin = plugins.get(pluginKey('output', name)) as OutputPlugin
      const { format } = plugin.encoder(options as never, pureContext(name, new Event(fields), sensor))
      return [
        name,
        { owner: { output: name, plugin: from, format }, accepts: (stored: string) => plugin.accepts?.(stored, options as never) ?? false },
      ]
    }),
  )
}

/** All segments, oldest first for each output and priority. */
export async function* look(files: Files, data_dir: string, writers: Writers): AsyncIterable<Seen> {
  const home = queuesFolder(data_dir)
  for (const output of (await files.list(home)).sort()) {
    for (const priority of PRIORITIES) {
      const folder = join(home, output, priority)
      const done = (await readSnapshot(join(folder, 'done'), files)).state as { seq: number; at: number; stranded: readonly number[] } | undefined
      const names = (await files.list(folder)).filter((name) => segmentNumber(name) !== undefined).sort()
      for (const name of names) {
        const [path, seq] = [join(folder, name), segmentNumber(name)!]
        if (done && seq < done.seq && !done.stranded.includes(seq)) continue
        const opened = await whenThere(openSegment(files, path, seq)).catch((error: Error) => unreadable(error))
        if (!opened || opened.kind === 'empty') continue
        const stranded = whyStranded(opened, writers.get(output))
        yield { output, priority, path, seq, last: name === names.at(-1), opened, done: done?.seq === seq ? done.at : 0, stranded }
      }
    }
  }
}

function unreadable(error: Error): Opened {
  return { kind: 'strange', why: `cannot be read: ${error.message}`, bytes: 0 }
}

function whyStranded(opened: Opened, writer: { owner: Owner; accepts: (format: string) => boolean } | undefined): string | undefined {
  if (opened.kind === 'strange') return opened.why
  if (opened.kind === 'empty') return undefined
  if (!writer) return 'its output is not in the config'
  const { owner } = opened.segment
  if (owner.plugin !== writer.owner.plugin) return `was written by plugin ${owner.plugin}`
  if (owner.format !== writer.owner.format && !writer.accepts(owner.format)) return `was written as ${owner.format}, now it is ${writer.owner.format}`
  return undefined
}

/** The payloads of a segment that are not delivered, in order; ends quietly when the segment goes meanwhile. */
export async function* payloads(files: Files, { opened, done }: Seen): AsyncIterable<Stored> {
  if (opened.kind !== 'whole' && opened.kind !== 'unfinished') return
  const { path, seq, start, end } = opened.segment
  const file = await whenThere(files.open(path))
  if (!file) return
  try {
    for (let at = Math.max(start, done); at < end; ) {
      const { found, next } = await readRecords(file, seq, at, end)
      for (const { payload } of found) yield payload
      at = next
    }
  } finally {
    await file.close()
  }
}
