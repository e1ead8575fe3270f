/** Options that all commands share. */
import type { Command } from 'commander'
import type { Level } from './log.ts'

export interface GlobalOptions {
  readonly logLevel: Level
  readonly logFormat: 'text' | 'json'
}

export interface ConfigOptions extends GlobalOptions {
  readonly config: string
}

/** Adds `-c`. */
export function withConfig(command: Command): Command {
  return command.option('-c, --config <file>', 'the config file', 'shipper.yml')
}

export function examples(command: Command, ...lines: readonly [does: string, line: string][]): Command {
  const width = Math.max(...lines.map(([, line]) => line.length))
  return command.addHelpText('after', `\nExamples:\n${lines.map(([does, line]) => `  $ ${line.padEnd(width)}  # ${does}`).join('\n')}`)
}

export function count(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? '' : 's'}`
}
