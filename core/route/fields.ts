/** All fields that the plugins of a pipeline declare. */
import { envelope, frame } from '../event/envelope.ts'
import { type Field, Fields, type FieldTable } from '../event/fields.ts'
import type { Plugin } from '../plugin.ts'

/** A plugin with the checked config of its section. */
export interface Configured {
  readonly name: string
  readonly plugin: Plugin
  readonly config: object
}

/**
 * Fixed tables come first, so that decoders have places of their own; then those that depend on a config, which may name fields of the others.
 * @param carried tables of plugins that the config does not use, for inputs that carry events of others; one that does not fit is left out
 * @throws Error naming the section whose fields clash, with `section` set to it
 */
export function pipelineFields(sections: readonly Configured[], carried: readonly FieldTable[] = []): Fields {
  const tables: FieldTable[] = [envelope, frame]
  for (const { plugin } of sections) if (typeof plugin.fields === 'object') tables.push(...plugin.fields)
  let fields = new Fields(tables)
  for (const section of sections) {
    const { plugin, config, name } = section
    if (typeof plugin.fields !== 'function') continue
    try {
      const more = (plugin.fields as (config: object, find: (name: string) => Field | undefined) => readonly FieldTable[])(config, (path) =>
        fields.find(path),
      )
      tables.push(...more)
      fields = new Fields(tables)
    } catch (error) {
      throw new FieldsError(name, error as Error)
    }
  }
  for (const table of carried) {
    if (tables.includes(table)) continue
    try {
      fields = new Fields([...tables, table])
      tables.push(table)
    } catch {
      // The config's own fields go first: what others put there is then no known field.
    }
  }
  return fields
}

/** Whether the fields of all built-in plugins are to be declared because of this one. */
export function carries(plugin: Plugin): boolean {
  return plugin.kind === 'input' && plugin.carries === true
}

export class FieldsError extends Error {
  override readonly name = 'FieldsError'
  readonly section: string
  constructor(section: string, cause: Error) {
    super(cause.message, { cause })
    this.section = section
  }
}
