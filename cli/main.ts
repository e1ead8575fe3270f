#!/usr/bin/env node
/** The command line: one file per command, each loaded when it is asked for. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError, Option } from 'commander'
import { moduleUrl, packageRoot } from '../core/config/root.ts'
import { setV8Flags } from '../core/worker/v8-flags.ts'
import { COMMANDS } from './commands.ts'
import { drained, ExitError, watchStdout } from './exit.ts'
import { LEVELS } from './log.ts'
import { paint } from './terminal.ts'

/** What a command's file exports: adds the command to the program. */
export interface CommandModule {
  add(program: Command): void
}

async function main(args: readonly string[]): Promise<number> {
  const { version } = JSON.parse(readFileSync(new URL('package.json', packageRoot()), 'utf8')) as { version: string }
  const program = new Command('wherry')
    .description('Carries WiFi telemetry from sensors to wherever people work with it.')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .addOption(new Option('--log-level <level>', 'what to log on stderr').choices(LEVELS).default('info'))
    .addOption(new Option('--log-format <format>', 'how to log').choices(['text', 'json']).default('text'))
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(wherry --help lists commands and options)')
    .addHelpText(
      'after',
      '\nExamples:\n  $ wherry run                  # run shipper.yml of this folder\n  $ wherry check -c other.yml   # say what is wrong with a config',
    )
    .exitOverride()
  const wanted = args.find((arg) => (COMMANDS as readonly string[]).includes(arg))
  // Only the command that is asked for is loaded whole; help lists them all.
  const modules = await Promise.all((wanted ? [wanted] : COMMANDS).map((name) => import(moduleUrl(`cli/${name}`).href) as Promise<CommandModule>))
  for (const { add } of modules) add(program)
  try {
    await program.parseAsync(args, { from: 'user' })
    return process.exitCode === undefined ? 0 : Number(process.exitCode)
  } catch (error) {
    return failed(error, program.opts())
  }
}

function failed(error: unknown, options: { logLevel?: string }): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  const message = error instanceof Error ? error.message : String(error)
  if (message !== '') process.stderr.write(`${paint('wherry:', 'red', process.stderr)} ${message}\n`)
  if (options.logLevel === 'debug' && error instanceof Error && !(error instanceof ExitError)) process.stderr.write(`${error.stack}\n`)
  return error instanceof ExitError ? error.code : 1
}

setV8Flags()
watchStdout()
const code = await main(process.argv.slice(2))
await drained()
// Handles that a plugin left open must not keep an ended command alive.
process.exit(code)
