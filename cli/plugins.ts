/** `wherry plugins`: what there is, and what each one takes. */
import type { Command } from 'commander'
import { nearest } from '../core/config/nearest.ts'
import { builtIns, KINDS, loadPlugin, PluginError, type PluginKind } from '../core/config/plugins.ts'
import { hintText } from '../core/config/problems.ts'
import type { Schema } from '../core/config/schema.ts'
import { type FieldTable, typeName } from '../core/event/fields.ts'
import type { Plugin } from '../core/plugin.ts'
import { ExitError, print } from './exit.ts'
import { examples } from './options.ts'
import { paint, table } from './terminal.ts'

export function add(program: Command): void {
  const command = program
    .command('plugins')
    .description('list the built-in plugins, or describe one')
    .argument('[name]', "a built-in's name, ./path or a package")
    .action((name?: string) => (name === undefined ? list() : describe(name)))
  examples(command, ['all of them', 'wherry plugins'], ['options and fields of one', 'wherry plugins pcap'])
}

async function list(): Promise<void> {
  const rows: string[][] = []
  for (const kind of KINDS) {
    for (const name of builtIns(kind)) rows.push([kind, name, (await loadPlugin(kind, name, process.cwd())).plugin.summary])
  }
  await print(table(rows))
}

async function describe(name: string): Promise<void> {
  const { kind, plugin } = await find(name)
  const bold = (text: string) => paint(text, 'bold', process.stdout)
  const options = optionRows(plugin.config as Schema)
  let text = `${bold(name)} (${kind}): ${plugin.summary}\n`
  if (options.length > 0) text += `\n${bold('Options')}\n${table(options)}`
  if (typeof plugin.fields === 'function') text += `\n${bold('Fields')} depend on the options.\n`
  else
    for (const { name: group, fields } of (plugin.fields ?? []) as FieldTable[])
      text += `\n${bold(`Fields of ${group}`)}\n${table(fields.map((field) => [field.path, typeName(field), field.unit ?? '', field.description]))}`
  await print(text)
}

async function find(name: string): Promise<{ kind: PluginKind; plugin: Plugin }> {
  let problem: PluginError | undefined
  for (const kind of KINDS) {
    try {
      // Each kind is tried: the name alone does not say which it is.
      return { kind, plugin: (await loadPlugin(kind, name, process.cwd())).plugin }
    } catch (error) {
      if (!(error instanceof PluginError)) throw error
      if (!problem || !error.message.includes('belongs under')) problem = error
    }
  }
  const near = nearest(name, KINDS.flatMap(builtIns))
  const local = name.startsWith('.') || name.startsWith('/')
  throw new ExitError(2, local ? problem?.message : `there is no plugin ${name}${hintText(near)}`)
}

/** One row for each option: name, type, default, description. */
export function optionRows(schema: Schema, prefix = ''): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, option]) => {
    const path = prefix + name
    const needed = schema.required?.includes(name)
      ? 'required'
      : option.default === undefined || option.type === 'object'
        ? ''
        : `default ${JSON.stringify(option.default)}`
    return [[path, optionType(option), needed, option.description ?? ''], ...(option.type === 'object' ? optionRows(option, `${path}.`) : [])]
  })
}

export function optionType(option: Schema): string {
  const branches = option.anyOf ?? option.oneOf
  if (branches) return [...new Set(branches.map(optionType))].join(' | ')
  if (option.enum) return option.enum.join(' | ')
  if (option.const !== undefined) return String(option.const)
  if (option.type === 'array') return option.items ? `list of ${optionType(option.items)}` : 'list'
  return [option.type ?? 'any'].flat().join(' | ')
}
