/**
 * Everything in docs/ that follows from declarations: `npm run docs` writes it, and a test says when it is stale.
 *
 * - fields.md: every field of the built-in plugins, from their tables
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
import { envelope, frame } from '../core/event/envelope.ts'
import { type FieldTable, typeName } from '../core/event/fields.ts'
import type { Plugin } from '../core/plugin.ts'

const NOTE = '<!-- Made by `npm run docs` from the declarations in the code; edit those. -->\n'

/** Generated files by their path below docs/. */
export async function generated(): Promise<Map<string, string>> {
  const plugins: [kind: string, name: string, plugin: Plugin][] = []
  for (const kind of KINDS) for (const name of builtIns(kind)) plugins.push([kind, name, (await loadPlugin(kind, name, '.')).plugin])
  return new Map([
    ['fields.md', fieldsPage(plugins)],
    ['plugins.md', pluginsPage(plugins)],
    ['shipper.schema.json', `${JSON.stringify(await configSchema(), undefined, 2)}\n`],
  ])
}

function fieldsPage(plugins: readonly [string, string, Plugin][]): string {
  let page = `# Fields\n\n${NOTE}\nNames are Wireshark's where one exists, ECS's for the envelope. Absent means "no data". *Emitted* says whether a field is written by default.\n`
  page += tableSection('Every event', envelope) + tableSection('Every captured frame', frame)
  const shown = new Set<FieldTable>([envelope, frame])
  for (const [kind, name, { fields }] of plugins) {
    if (!Array.isArray(fields)) continue
    for (const table of fields as FieldTable[]) {
      if (!shown.has(table)) page += tableSection(`${table.name} (${kind} ${name})`, table)
      shown.add(table)
    }
  }
  return page
}

function tableSection(title: string, { fields }: FieldTable): string {
  const rows = fields.map((field) => {
    const also = field.alias?.length ? ` Also \`${field.alias.join('`, `')}\`.` : ''
    return [
      `\`${field.path}\``,
      typeName(field),
      field.unit ?? '',
      field.class ?? 'plain',
      field.emit ?? 'standard',
      field.description + also,
      field.source ?? '',
    ]
  })
  return `\n## ${title}\n\n${markdown(['field', 'type', 'unit', 'class', 'emitted', 'meaning', 'source'], rows)}`
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
