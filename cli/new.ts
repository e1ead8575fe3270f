/** `wherry new`: a folder to begin a plugin in. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Argument, type Command } from 'commander'
import { KINDS, type PluginKind } from '../core/config/plugins.ts'
import { ExitError } from './exit.ts'
import { examples } from './options.ts'
import { readme, sources, testSource } from './templates.ts'

export function add(program: Command): void {
  const command = program
    .command('new')
    .description('make a folder with a plugin to start from: plain JavaScript with types in comments, a test, a README')
    .addArgument(new Argument('<kind>', 'what it is to be').choices(KINDS))
    .argument('<name>', 'its folder, in kebab-case')
    .action((kind: PluginKind, name: string) => create(kind, name))
  examples(command, ['makes ./my-filter, for plugin: ./my-filter', 'wherry new filter my-filter'])
}

function create(kind: PluginKind, name: string): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) throw new ExitError(2, `${name} is no name in kebab-case, such as my-${kind}`)
  if (existsSync(name)) throw new ExitError(2, `${name} exists already`)
  mkdirSync(name)
  // Named .mjs, these are ES modules whatever package.json lies above.
  const files = { 'index.mjs': sources[kind], 'index.test.mjs': testSource(kind), 'README.md': readme(kind, name) }
  for (const [file, text] of Object.entries(files)) writeFileSync(join(name, file), text)
  process.stderr.write(`${name}/: ${Object.keys(files).join(', ')}\nuse it with  plugin: ./${name}\n`)
}
