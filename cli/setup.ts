/** `wherry setup`: prepares the receivers, such as the templates of a search engine. */
import type { Command } from 'commander'
import { masker } from '../core/config/secrets.ts'
import type { OutputPlugin } from '../core/plugin.ts'
import { pluginKey } from '../core/route/pipeline.ts'
import { ExitError } from './exit.ts'
import { openConfig } from './open-config.ts'
import { type ConfigOptions, examples, withConfig } from './options.ts'
import { paint } from './terminal.ts'

export function add(program: Command): void {
  const command = withConfig(program.command('setup').description('prepare what outputs write to, such as index templates'))
    .argument('[outputs...]', 'names of outputs; without any, all that can be prepared')
    .action(async (outputs: string[], _, command: Command) => setup(command.optsWithGlobals(), outputs))
  examples(command, ['all outputs', 'wherry setup'], ['one, with a config that holds other credentials', 'wherry setup -c admin.yml search'])
}

async function setup(options: ConfigOptions, names: readonly string[]): Promise<void> {
  const { config, fields, plugins, secrets, log } = await openConfig(options)
  const mask = masker(secrets)
  const stop = new AbortController()
  const end = () => stop.abort(new Error('stopped'))
  process.on('SIGINT', end).on('SIGTERM', end)
  try {
    for (const name of names) if (!config.outputs.some((output) => output.name === name)) throw new ExitError(2, `there is no output ${name}`)
    let failures = 0
    for (const { name, config: own } of config.outputs) {
      const plugin = plugins.get(pluginKey('output', name)) as OutputPlugin
      if (names.length > 0 && !names.includes(name)) continue
      if (!plugin.setup) {
        if (names.length > 0) process.stderr.write(`output ${name}: needs no preparation\n`)
        continue
      }
      try {
        for (const line of await plugin.setup(own as never, { fields, signal: stop.signal })) process.stderr.write(`output ${name}: ${line}\n`)
        process.stderr.write(`output ${name}: ${paint('ready', 'green', process.stderr)}\n`)
      } catch (error) {
        failures++
        process.stderr.write(`output ${name}: ${paint(mask(error instanceof Error ? error.message : String(error)), 'red', process.stderr)}\n`)
      }
    }
    if (failures > 0) throw new ExitError(1)
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end)
    await log.close()
  }
}
