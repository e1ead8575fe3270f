/**
 * Checks data against JSON Schemas by ajv. For the schemas that come with Wherry its code is made when Wherry is built (docs/validators.ts), under a hash of the schema: to load
 * ajv and compile them takes a tenth of a second at every start. Without that code, or where it is of another schema, ajv does the same.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { Ajv, ErrorObject, Options } from 'ajv'
import { moduleUrl } from './root.ts'
import type { Schema } from './schema.ts'

/** Fills in defaults; what is wrong is in `errors` then. */
export interface Validate {
  (data: unknown): boolean
  errors?: ErrorObject[] | null
}

export const AJV_OPTIONS: Options = {
  allErrors: true,
  useDefaults: true,
  verbose: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
  allowUnionTypes: true,
  formats: { when: true },
}

/** Where the code for a schema is. */
export function codeOf(schema: Schema): URL {
  const hash = createHash('sha256').update(JSON.stringify(schema)).digest('hex').slice(0, 16)
  return moduleUrl(`core/config/validators/${hash}`)
}

/** @param ours whether the schema comes with Wherry: tests hold that right. Throws when any other is wrong. */
export type Validators = (schema: Schema, ours: boolean) => Promise<Validate>

/** Validators of one config, which share an ajv: to make one that checks schemas too takes longer than what it is made for. */
export function validators(): Validators {
  const made = new Map<boolean, Ajv>()
  const compile = async (schema: Schema, validateSchema: boolean): Promise<Validate> => {
    const { Ajv } = await import('ajv')
    const ajv = made.get(validateSchema) ?? new Ajv({ ...AJV_OPTIONS, validateSchema })
    made.set(validateSchema, ajv)
    return ajv.compile(schema)
  }
  return async (schema, ours) => {
    const code = codeOf(schema)
    return existsSync(code) ? ((await import(code.href)) as { default: Validate }).default : compile(schema, !ours)
  }
}
