/** The index template: which indexes have which mapping. */
import type { Fields } from '../../../core/plugin.ts'
import type { Dialect } from './dialect.ts'
import type { Lifecycle } from './lifecycle.ts'
import { mappingOf } from './mapping.ts'

/** Above the templates that Elasticsearch brings along. */
const PRIORITY = 200
/** Elasticsearch's and OpenSearch's own limit, objects counted. */
const FIELDS_LIMIT = 1000

/** The fixed beginning of the names of indexes, without which a template would catch those of others. */
function beginning(index: string): string {
  const prefix = index.split('%')[0]
  if (prefix === '') throw new Error(`index: ${index} has no fixed beginning: a template for it would catch every index`)
  return prefix
}

/** What all indexes of an output are called. */
export function indexPattern(index: string): string {
  const prefix = beginning(index)
  return prefix === index ? index : `${prefix}*`
}

export function templateName(index: string): string {
  return beginning(index).replace(/[._-]+$/, '')
}

export interface TemplateOptions {
  readonly index: string
  readonly data_stream: boolean
  readonly fields: Fields
  readonly dialect: Dialect
  readonly lifecycle: Lifecycle | undefined
}

/** Settings that every index of ours has; its fields may become more. */
export function settingsOf(fields: Fields): object {
  return { 'index.mapping.total_fields.limit': Math.max(FIELDS_LIMIT, 2 * fields.all.length) }
}

/** Bodies of the component template and of the index template that is made of it. */
export function templates({ index, data_stream, fields, dialect, lifecycle }: TemplateOptions): { component: object; template: object } {
  const settings = { ...settingsOf(fields), 'index.codec': 'best_compression', ...lifecycle?.settings }
  return {
    component: { template: { settings, mappings: mappingOf(fields, dialect, data_stream) } },
    template: {
      index_patterns: [indexPattern(index)],
      priority: PRIORITY,
      composed_of: [templateName(index)],
      ...(data_stream ? { data_stream: {} } : {}),
      ...(lifecycle?.template ? { template: lifecycle.template } : {}),
    },
  }
}
