/** `wherry checkpoint`: where reading goes on, and setting it by hand while nothing runs. */
import type { Command } from 'commander'
import { Checkpoint } from '../core/checkpoint/store.ts'
import { systemClock } from '../core/clock.ts'
import { nearest } from '../core/config/nearest.ts'
import { hintText } from '../core/config/problems.ts'
import type { Position } from '../core/plugin.ts'
import { lock } from '../core/state/lock.ts'
import { ExitError, print } from './exit.ts'
import { openConfig } from './open-config.ts'
import { type ConfigOptions, examples, withConfig } from './options.ts'

export function add(program: Command): void {
  const checkpoint = program.command('checkpoint').description('look at and set where reading goes on')
  const ls = withConfig(checkpoint.command('ls').description('list the streams as lines of JSON')).action(async (_, command: Command) =>
    list(command.optsWithGlobals()),
  )
  examples(ls, ['every stream of every input', 'wherry checkpoint ls'])
  const set = withConfig(checkpoint.command('set').description('set the position of a stream'))
    .argument('<input>', 'name of the input')
    .argument('<stream>', 'as listed by checkpoint ls')
    .argument('<position>', 'as listed by checkpoint ls, or "start"')
    .action(async (input: string, stream: string, position: string, _, command: Command) => move(command.optsWithGlobals(), input, stream, position))
  examples(set, ['read a stream again', 'wherry checkpoint set air 5f0c… start'])
}

async function list(options: ConfigOptions): Promise<void> {
  const { config, log } = await openConfig(options)
  const checkpoint = await Checkpoint.open({ data_dir: config.shipper.data_dir, clock: systemClock, log })
  for (const input of checkpoint.inputs())
    for (const [stream, { position, skip, moved }] of checkpoint.streams(input))
      await print(`${JSON.stringify({ input, stream, position: position ?? 'start', skip, moved: new Date(moved).toISOString() })}\n`)
  await log.close()
}

async function move(options: ConfigOptions, input: string, stream: string, text: string): Promise<void> {
  const position = parsePosition(text)
  const { config, log } = await openConfig(options)
  const { data_dir } = config.shipper
  const unlock = await lock(data_dir)
  try {
    const checkpoint = await Checkpoint.open({ data_dir, clock: systemClock, log })
    const streams = checkpoint.streams(input)
    if (!streams.has(stream)) throw new ExitError(2, unknownStream(checkpoint, input, stream))
    checkpoint.move(input, stream, { position, skip: 0 })
    await checkpoint.flush()
  } finally {
    await unlock()
    await log.close()
  }
}

function unknownStream(checkpoint: Checkpoint, input: string, stream: string): string {
  const known = [...checkpoint.streams(input).keys()]
  const near = known.length === 0 ? nearest(input, checkpoint.inputs()) : nearest(stream, known)
  const what = known.length === 0 ? `the checkpoint has no input ${input}` : `the checkpoint has no stream ${stream} of ${input}`
  return `${what}${hintText(near)}`
}

function parsePosition(text: string): Position | undefined {
  if (text === 'start') return undefined
  try {
    const position: unknown = JSON.parse(text)
    if (typeof position === 'object' && position !== null && !Array.isArray(position)) return position as Position
  } catch {
    // Said below, with what would be right.
  }
  throw new ExitError(2, 'a position is "start" or a JSON object as listed by checkpoint ls')
}
