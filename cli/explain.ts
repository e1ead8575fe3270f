/** `wherry explain`: how a condition is read. */
import type { Command } from 'commander'
import { builtIns, loadPlugin } from '../core/config/plugins.ts'
import { Fields, type FieldTable, typeName } from '../core/event/fields.ts'
import { envelope, frame } from '../core/plugin.ts'
import { explainWhen } from '../core/when/index.ts'
import { checked } from './condition.ts'
import { print } from './exit.ts'
import { openConfig } from './open-config.ts'
import { type ConfigOptions, examples } from './options.ts'
import { paint, table } from './terminal.ts'

export function add(program: Command): void {
  const command = program
    .command('explain')
    .description('say how a condition is read')
    .argument('<condition>', "a condition in Wireshark's display-filter syntax")
    .option('-c, --config <file>', 'a config whose fields it may use; default: the fields of everything built in')
    .action(async (condition: string, _, command: Command) => explain(condition, command.optsWithGlobals()))
  examples(
    command,
    ['what does it compare?', `wherry explain 'wlan.fc.type_subtype == "Beacon frame" && wlan.ssid matches "^guest"'`],
    ['all of several values, or any?', `wherry explain 'wlan.tag.number != 221'`],
  )
}

async function explain(condition: string, options: Partial<ConfigOptions> & Omit<ConfigOptions, 'config'>): Promise<void> {
  const known = options.config === undefined ? await builtInFields() : await configFields({ ...options, config: options.config })
  const { text, words, fields } = checked(condition, 'condition', () => explainWhen(condition, known))
  const bold = (title: string) => paint(title, 'bold', process.stdout)
  const rows = fields.map((field) => [field.path, typeName(field), field.unit ?? '', field.description])
  await print(`${text}\n\n${bold('Holds when')}\n${words.map((line) => `  ${line}\n`).join('')}\n${bold('Fields')}\n${table(rows)}`)
}

async function configFields(options: ConfigOptions): Promise<Fields> {
  const { fields, log } = await openConfig(options)
  await log.close()
  return fields
}

async function builtInFields(): Promise<Fields> {
  const tables: FieldTable[] = [envelope, frame]
  for (const kind of ['input', 'filter'] as const)
    for (const name of builtIns(kind)) {
      const { fields } = (await loadPlugin(kind, name, process.cwd())).plugin
      if (Array.isArray(fields)) tables.push(...(fields as FieldTable[]))
    }
  return new Fields(tables)
}
