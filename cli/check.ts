/** `wherry check`: what is wrong with a config, before it runs. */
import type { Command } from 'commander'
import { isolation } from '../core/config/isolation.ts'
import type { ShipperConfig } from '../core/config/types.ts'
import { systemFiles } from '../core/files/files.ts'
import { look, writersOf } from '../core/queue/inspect.ts'
import { connect } from './connect.ts'
import { ExitError } from './exit.ts'
import { openConfig } from './open-config.ts'
import { type ConfigOptions, count, examples, withConfig } from './options.ts'
import { paint, table } from './terminal.ts'

export function add(program: Command): void {
  const command = withConfig(program.command('check').description('check the config; every problem is listed at once'))
    .option('--connect', 'also try every input and output')
    .option('--once', 'as it would run with --once')
    .action(async (_, command: Command) => check(command.optsWithGlobals()))
  examples(command, ['is it right?', 'wherry check'], ['and can everything be reached?', 'wherry check -c shipper.yml --connect'])
}

/** Which output can stop which. */
function matrix(config: ShipperConfig): string {
  if (config.outputs.length < 2) return ''
  const found = isolation(config)
  const names = found.map(({ output }) => output)
  const rows = found.map(({ output, after_bytes, stops }) => {
    const after = after_bytes === undefined ? 'never: it drops' : `after ${Math.round(after_bytes / 1024)} KiB`
    return [
      output,
      ...names.map((other) => (other === output ? '' : stops.includes(other) ? 'stops' : '-')),
      stops.length > 0 || after_bytes === undefined ? after : '',
    ]
  })
  return `\n${table([['when it is down', ...names, ''], ...rows])}`
}

async function check(options: ConfigOptions & { connect?: boolean; once?: boolean }): Promise<void> {
  const opened = await openConfig(options, { once: options.once, said: ['error', 'warning', 'note'] })
  const { config, log } = opened
  try {
    const { inputs, filters, outputs, routes } = config
    const parts = [count(inputs.length, 'input'), count(filters.length, 'filter'), count(outputs.length, 'output'), count(routes.length, 'route')]
    process.stderr.write(`${options.config}: ${paint('fine', 'green', process.stderr)}: ${parts.join(', ')}\n`)
    process.stderr.write(matrix(config))
    for await (const { path, stranded } of look(systemFiles, config.shipper.data_dir, writersOf(config, opened.plugins, opened.fields)))
      if (stranded !== undefined) process.stderr.write(`${paint(`${path}: set aside: ${stranded}`, 'yellow', process.stderr)}\n`)
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
