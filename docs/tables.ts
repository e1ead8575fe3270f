/** The field tables of everything built in, in the order of the reference page. */
import { builtIns, KINDS, loadPlugin } from '../core/config/plugins.ts'
import { envelope, frame } from '../core/event/envelope.ts'
import type { FieldTable } from '../core/event/fields.ts'

/** Tables by the title of their section. Those that depend on a config are left out. */
export async function builtInTables(): Promise<Map<FieldTable, string>> {
  const titles = new Map([
    [envelope, 'Every event'],
    [frame, 'Every captured frame'],
  ] as [FieldTable, string][])
  for (const kind of KINDS) {
    for (const name of builtIns(kind)) {
      const { fields } = (await loadPlugin(kind, name, '.')).plugin
      if (!Array.isArray(fields)) continue
      for (const table of fields as FieldTable[]) if (!titles.has(table)) titles.set(table, `${table.name} (${kind} ${name})`)
    }
  }
  return titles
}
