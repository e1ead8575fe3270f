/** `wherry dead`: letters that could not be delivered or decoded. */
import type { Command } from 'commander'
import { DeadLetters } from '../core/delivery/dead-letters.ts'
import { ExitError, print } from './exit.ts'
import { openConfig } from './open-config.ts'
import { type ConfigOptions, count, examples, withConfig } from './options.ts'

export function add(program: Command): void {
  const dead = program.command('dead').description('look at dead letters and send them again')
  const ls = withConfig(dead.command('ls').description('list them as lines of JSON')).action(async (_, command: Command) =>
    list(command.optsWithGlobals()),
  )
  examples(ls, ['why each one is here', 'wherry dead ls | jq -r .reason'])
  const again = withConfig(
    dead.command('replay').description('send them again, by the Wherry that runs if there is one: records from decoding, events to their output'),
  )
    .argument('[name]', 'only those of this input or output')
    .action(async (name: string | undefined, _, command: Command) => replayAll(command.optsWithGlobals(), name))
  examples(again, ['all of them', 'wherry dead replay'], ['what one output had refused', 'wherry dead replay search'])
}

async function list(options: ConfigOptions): Promise<void> {
  const { config, log } = await openConfig(options)
  let damaged = 0
  for (const { path } of await DeadLetters.list(config.shipper.data_dir)) {
    const found = await DeadLetters.read(path)
    damaged += found.damaged
    for (const letter of found.letters) await print(`${JSON.stringify(letter)}\n`)
  }
  if (damaged > 0) log.warn(`${count(damaged, 'damaged letter')} left out`)
  await log.close()
}

async function replayAll(options: ConfigOptions, name: string | undefined): Promise<void> {
  const opened = await openConfig(options)
  const { config, log } = opened
  try {
    const names = [...config.inputs, ...config.outputs].map((section) => section.name)
    if (name !== undefined && !names.includes(name)) throw new ExitError(2, `there is no input or output ${name} in ${options.config}`)
    const { replay } = await import('./replay.ts')
    const { sent, kept, running } = await replay(opened, name)
    process.stderr.write(
      running
        ? `${count(sent, 'letter')} handed to the Wherry that runs; its log says when they are sent\n`
        : `${count(sent, 'letter')} sent again, ${kept} kept\n`,
    )
    if (kept > 0) throw new ExitError(1)
  } finally {
    await log.close()
  }
}
