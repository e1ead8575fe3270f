/** Loads the config that a command names. */
import { type LoadedConfig, type LoadOptions, loadConfig } from '../core/config/load.ts'
import { type Problem, problemText, type Severity } from '../core/config/problems.ts'
import { ExitError } from './exit.ts'
import { type ClosableLog, createLog } from './log.ts'
import { type ConfigOptions, count, type GlobalOptions } from './options.ts'
import { paint } from './terminal.ts'

export interface Opened extends Required<Omit<LoadedConfig, 'problems'>> {
  readonly problems: readonly Problem[]
  readonly log: ClosableLog
}

/**
 * Loads the config and says what is wrong with it.
 * @param said severities of what is said
 * @throws ExitError 2 when it cannot be used
 */
export async function openConfig(
  options: ConfigOptions,
  { said = ['error', 'warning'], ...how }: { said?: readonly Severity[] } & Partial<LoadOptions> = {},
): Promise<Opened> {
  const { config, fields, problems, plugins, secrets } = await loadConfig(options.config, { env: process.env, once: false, ...how })
  const log = createLog({ level: options.logLevel, format: options.logFormat, secrets })
  sayProblems(
    problems.filter(({ severity }) => said.includes(severity)),
    options,
    log,
  )
  if (!config || !fields) {
    await log.close()
    const errors = problems.filter(({ severity }) => severity === 'error').length
    throw new ExitError(2, options.logFormat === 'json' ? '' : `${options.config}: ${count(errors, 'problem')}`)
  }
  return { config, fields, problems, plugins, secrets, log }
}

/** One line each: plain, so that editors can jump to the place, or as log lines for machines. */
function sayProblems(problems: readonly Problem[], { logFormat }: GlobalOptions, log: ClosableLog): void {
  for (const problem of problems) {
    const { severity, message, ...place } = problem
    if (logFormat === 'json') log[severity === 'error' ? 'error' : severity === 'warning' ? 'warn' : 'info'](message, place)
    else
      process.stderr.write(
        `${paint(problemText(problem), severity === 'error' ? 'red' : severity === 'warning' ? 'yellow' : 'dim', process.stderr)}\n`,
      )
  }
}
