/** Chooses how the bytes are read. */
import { stat } from 'node:fs/promises'
import type { Batch, Input, InputContext } from '../../../core/plugin.ts'
import { readCommand } from './command.ts'
import type { PcapConfig } from './config.ts'
import { readFifo } from './fifo.ts'
import { FileInput } from './files.ts'
import { lossBatch } from './gap.ts'
import { glob } from './glob.ts'
import { readPlace } from './position.ts'
import { readStream } from './stream.ts'

/**
 * @param replayable as the plugin says: files, nothing else
 * @throws Error for a folder in place of a file, and for standard input or a FIFO together with other paths
 */
export async function createInput(config: PcapConfig, context: InputContext, replayable: boolean): Promise<Input> {
  const { command, path, exclude, statistics } = config
  if (command) return { read: () => afterLosses(context, readCommand({ command, statistics, context })) }
  const paths = [path ?? []].flat() as string[]
  if (!replayable) {
    if (paths.length > 1) throw new Error('standard input or a FIFO cannot be read together with other paths: give each an input of its own')
    return {
      read: () =>
        afterLosses(
          context,
          paths[0] === '-' ? readStdin(statistics, context) : readFifo(paths[0], statistics, config.follow && !context.once, context),
        ),
    }
  }
  const wanted = paths.map(glob)
  for (const { literal } of wanted) {
    if (literal !== undefined && (await isFolder(literal))) throw new Error(`${literal} is a folder: write ${literal}/*.pcap* for the captures in it`)
  }
  let input: FileInput | undefined
  return {
    // Each start begins with what the checkpoint says then.
    read: () => {
      input = new FileInput({ config, context, globs: wanted, exclude: excluded(exclude).map(glob) })
      return input.read()
    },
    settled: (stream, position) => input?.settled(stream, position),
  }
}

/** Tells first, once, of every stream that was being read when Wherry ended. */
async function* afterLosses(context: InputContext, batches: AsyncIterable<Batch>): AsyncIterable<Batch> {
  for (const [stream, position] of [...context.streams()]) {
    const place = readPlace(position)
    if (place) yield lossBatch(stream, place, context.clock.now())
    context.ended?.(stream)
  }
  yield* batches
}

/** As users mean it: a name without folders is meant wherever it is. */
function excluded(patterns: PcapConfig['exclude']): string[] {
  return ([patterns ?? []].flat() as string[]).map((pattern) => (pattern.includes('/') ? pattern.replace(/^[*][*][/]/, '/**/') : `/**/${pattern}`))
}

function readStdin(statistics: boolean, context: InputContext): AsyncGenerator<Batch, void, void> {
  return readStream(process.stdin, { context, statistics, name: 'standard input' })
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
