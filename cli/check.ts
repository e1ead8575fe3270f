/** `wherry check`: what is wrong with a config, before it runs. */
import type { Command } from 'commander'
import { connect } from './connect.ts'
import { ExitError } from './exit.ts'
import { type ConfigOptions, count, examples, openConfig, withConfig } from './options.ts'
import { paint } from './terminal.ts'

export function add(program: Command): void {
  const command = withConfig(program.command('check').description('check the config; every problem is listed at once'))
    .option('--connect', 'also try every input and output')
    .option('--once', 'as it would run with --once')
    .action(async (_, command: Command) => check(command.optsWithGlobals()))
  examples(command, ['is it right?', 'wherry check'], ['and can everything be reached?', 'wherry check -c shipper.yml --connect'])
}

async function check(options: ConfigOptions & { connect?: boolean; once?: boolean }): Promise<void> {
  const opened = await openConfig(options, { once: options.once, notes: true })
  const { config, log } = opened
  try {
    const { inputs, filters, outputs, routes } = config
    const parts = [count(inputs.length, 'input'), count(filters.length, 'filter'), count(outputs.length, 'output'), count(routes.length, 'route')]
    process.stderr.write(`${options.config}: ${paint('fine', 'green', process.stderr)}: ${parts.join(', ')}\n`)
    if (!options.connect) return
    let failures = 0
    for await (const { what, problem } of connect(opened)) {
      if (problem !== undefined) failures++
      process.stderr.write(`${what}: ${problem === undefined ? paint('reached', 'green', process.stderr) : paint(problem, 'red', process.stderr)}\n`)
    }
    if (failures > 0) throw new ExitError(1)
  } finally {
    await log.close()
  }
}
