/** The schema that editors check a config by: the frame, with the options of every built-in plugin by its name. */
import { frameSchema, pluginOption, sectionSchema } from './frame.ts'
import { builtIns, KINDS, loadPlugin, type PluginKind } from './plugins.ts'
import { closed, forEditors, type Schema } from './schema.ts'

export async function configSchema(): Promise<Schema> {
  const properties: Record<string, Schema> = { ...frameSchema.properties }
  for (const kind of KINDS) properties[`${kind}s`] = { ...properties[`${kind}s`], additionalProperties: await anySection(kind) }
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'shipper.yml of Wherry',
    ...forEditors({ ...frameSchema, properties }),
  }
}

/** A section of a kind: which options it has depends on its plugin; those of plugins that are not built in are their own affair. */
async function anySection(kind: PluginKind): Promise<Schema> {
  const names = builtIns(kind)
  const cases: Schema[] = []
  for (const name of names) {
    const { plugin } = await loadPlugin(kind, name, process.cwd())
    const { description, ...section } = forEditors(closed(sectionSchema(kind, plugin.config as Schema)))
    const test = { properties: { plugin: { const: name } }, required: ['plugin'] }
    cases.push(
      Object.fromEntries([
        ['if', test],
        ['then', { ...section, description: description ?? plugin.summary }],
      ]),
    )
  }
  return {
    type: 'object',
    required: ['plugin'],
    properties: { plugin: { description: pluginOption.description, anyOf: [{ enum: names }, { type: 'string' }] } },
    ...(cases.length > 0 ? { allOf: cases } : {}),
  }
}
