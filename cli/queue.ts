/** `wherry queue`: what waits for outputs. */
import type { Command } from 'commander'
import { print } from './exit.ts'
import { type ConfigOptions, examples, openConfig, withConfig } from './options.ts'
import { table } from './terminal.ts'

export function add(program: Command): void {
  const queue = program.command('queue').description('look at what waits for outputs')
  const ls = withConfig(queue.command('ls').description('list the queues')).action(async (_, command: Command) => list(command.optsWithGlobals()))
  examples(ls, ['every output and its queue', 'wherry queue ls'])
}

async function list(options: ConfigOptions): Promise<void> {
  const { config, log } = await openConfig(options)
  await print(table([['output', 'queue', 'max_bytes'], ...config.outputs.map(({ name, queue }) => [name, queue.kind, queue.max_bytes])]))
  process.stderr.write('memory queues live and die with the process: nothing is stored, and what waits is read again after a restart\n')
  await log.close()
}
