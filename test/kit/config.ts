import { Ajv } from 'ajv'
import { closed, type Schema } from '../../core/config/schema.ts'
import type { Plugin } from '../../core/plugin.ts'

/** A validator as strict as the config loader's, which knows the formats the schema names. */
export function strictAjv(schema: Schema): Ajv {
  const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allowUnionTypes: true, allErrors: true, useDefaults: true })
  for (const { format } of schemas(schema)) if (format !== undefined && !ajv.formats[format]) ajv.addFormat(format, true)
  return ajv
}

/** A config with the defaults filled in. Throws when it does not fit the plugin's schema. */
export function checkedConfig(plugin: Plugin, config: object): object {
  const schema = closed(plugin.config as Schema)
  const ajv = strictAjv(schema)
  const filled = structuredClone(config)
  if (!ajv.validate(schema, filled)) throw new Error(`the sample config ${JSON.stringify(config)} does not fit: ${ajv.errorsText()}`)
  return filled
}

/** A schema and all schemas in it. */
export function* schemas(schema: Schema): Generator<Schema> {
  yield schema
  const children = [
    ...Object.values(schema.properties ?? {}),
    ...Object.values(schema.patternProperties ?? {}),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.allOf ?? []),
    schema.items,
    schema.additionalProperties,
  ]
  for (const child of children) if (typeof child === 'object') yield* schemas(child)
}
