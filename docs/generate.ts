/**
 * Everything in docs/ that follows from declarations: `npm run docs` writes it, and a test says when it is stale.
 *
 * - fields.md: every field of the built-in plugins, from their tables, with Wireshark's name for it
 * - plugins.md: every built-in plugin with its options, from its schema
 * - shipper.schema.json: the schema of a whole config, for editors
 */
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { optionRows } from '../cli/plugins.ts'
import { configSchema } from '../core/config/config-schema.ts'
import { builtIns, KINDS, loadPlugin } from '../core/config/plugins.ts'
import { packageRoot } from '../core/config/root.ts'
import type { Schema } from '../core/config/schema.ts'
import { type Field, type FieldTable, typeName } from '../core/event/fields.ts'
import type { Plugin } from '../core/plugin.ts'
import { listedNames } from '../test/conformance/wireshark-names.ts'
import { builtInTables } from './tables.ts'

const NOTE = '<!-- Made by `npm run docs` from the declarations in the code; edit those. -->\n'

/** Generated files by their path below docs/. */
export async function generated(): Promise<Map<string, string>> {
  const plugins: [kind: string, name: string, plugin: Plugin][] = []
  for (const kind of KINDS) for (const name of builtIns(kind)) plugins.push([kind, name, (await loadPlugin(kind, name, '.')).plugin])
  return new Map([
    ['fields.md', fieldsPage(await builtInTables())],
    ['plugins.md', pluginsPage(plugins)],
    ['shipper.schema.json', `${JSON.stringify(await configSchema(), undefined, 2)}\n`],
  ])
}

const FIELDS = `# Fields

${NOTE}
Every field of the built-in plugins, by group. Absent means "no data".

- *type* is what conditions compare with, and what the JSON holds: text in quotes for mac, bytes (hex), ip, time, name and id.
- *class* is what kind of personal data it may be; \`plain\` is none.
- *emitted* says whether a field is written by default (\`standard\`) or on request (\`full\`); conditions and filters can use both.
- *Wireshark* is its name there: the same, or another one, which conditions take as well; – where Wireshark has no such field. ECS names are used for the
  envelope. The names are those of tshark `

function fieldsPage(tables: ReadonlyMap<FieldTable, string>): string {
  const { version, names } = listedNames()
  // A group may have several tables; readers see one.
  const sections = new Map<string, Field[]>()
  for (const [{ fields }, title] of tables) sections.set(title, [...(sections.get(title) ?? []), ...fields])
  return `${FIELDS}${version}.\n${[...sections].map(([title, fields]) => section(title, fields, names)).join('')}`
}

function section(title: string, fields: readonly Field[], wireshark: ReadonlySet<string>): string {
  const rows = fields.map((field) => {
    const { path, unit = '', description, source = '' } = field
    const others = (field.alias ?? []).filter((name) => !wireshark.has(name))
    const also = others.length > 0 ? ` Also ${code(others)}.` : ''
    return [
      code([path]),
      typeName(field),
      unit,
      field.class ?? 'plain',
      field.emit ?? 'standard',
      wiresharkName(field, wireshark),
      description + also,
      source,
    ]
  })
  return `\n## ${title}\n\n${markdown(['field', 'type', 'unit', 'class', 'emitted', 'Wireshark', 'meaning', 'source'], rows)}`
}

function wiresharkName({ path, alias = [] }: Field, wireshark: ReadonlySet<string>): string {
  const names = alias.filter((name) => wireshark.has(name))
  if (wireshark.has(path)) return ['the same', ...names.map((name) => code([name]))].join(', ')
  return names.length > 0 ? code(names) : '–'
}

function code(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}

function pluginsPage(plugins: readonly [string, string, Plugin][]): string {
  let page = `# Built-in plugins\n\n${NOTE}`
  for (const [kind, name, plugin] of plugins) {
    page += `\n## ${name} (${kind})\n\n${plugin.summary}\n`
    const options = optionRows(plugin.config as Schema).map(([option, type, needed, meaning]) => [`\`${option}\``, type, needed, meaning])
    if (options.length > 0) page += `\n${markdown(['option', 'type', 'default', 'meaning'], options)}`
  }
  return page
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |\n`
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('')
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const [file, text] of await generated()) writeFileSync(new URL(`docs/${file}`, packageRoot()), text)
}
