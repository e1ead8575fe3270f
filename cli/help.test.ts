import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { extname } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import type { CommandModule } from './main.ts'

const extension = extname(fileURLToPath(import.meta.url))

/** The help of a command and of all below it, by name. */
function helps(command: Command): Map<string, string> {
  if (command.commands.length > 0) return new Map(command.commands.flatMap((child) => [...helps(child)]))
  let text = ''
  command.configureOutput({ writeOut: (more) => (text += more) }).outputHelp()
  return new Map([[`${command.parent?.name()} ${command.name()}`, text]])
}

test('every command has help with examples that name it', async () => {
  const all = new Map<string, string>()
  for (const file of readdirSync(new URL('.', import.meta.url))) {
    if (!/^(run|check|decode|explain|test|plugins|schema|new|queue|dead|checkpoint)\.[jt]s$/.test(file) || extname(file) !== extension) continue
    const program = new Command('wherry')
    ;((await import(new URL(file, import.meta.url).href)) as CommandModule).add(program)
    for (const [name, text] of helps(program)) all.set(name, text)
  }
  assert.equal(all.size, 15)
  for (const [name, text] of all) assert.ok(text.includes(`Examples:`) && text.includes(name.replace(/^wherry /, '')), name)
})
