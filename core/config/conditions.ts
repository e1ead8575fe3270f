/** The fields of the pipeline, and the conditions over them. */
import type { Fields, FieldTable } from '../event/fields.ts'
import { type Configured, pipelineFields } from '../route/fields.ts'
import { compileWhen, parseWhen, WhenError } from '../when/index.ts'
import { frameSchema } from './frame.ts'
import type { Finding } from './problems.ts'
import { conditions } from './schema.ts'
import { type LoadedSection, ownOptions } from './sections.ts'

/**
 * The fields of all sections. A section whose tables clash with those before is a finding, and left out.
 * @param complete whether every section of the config is there
 * @param carried tables of others that inputs may carry
 */
export function checkFields(
  sections: readonly LoadedSection[],
  complete: boolean,
  carried: readonly FieldTable[],
): { fields: Fields; complete: boolean; findings: Finding[] } {
  const findings: Finding[] = []
  const good: Configured[] = []
  let all = complete
  let fields = pipelineFields([])
  // Fixed tables first, as in the pipeline, so that others find their fields.
  const ordered = [...sections].sort((x, y) => Number(typeof x.plugin.fields === 'function') - Number(typeof y.plugin.fields === 'function'))
  for (const section of ordered) {
    const { name, plugin, at, valid } = section
    if (typeof plugin.fields === 'function' && !valid) {
      all = false
      continue
    }
    const more = { name, plugin, config: ownOptions(section) }
    try {
      fields = pipelineFields([...good, more])
      good.push(more)
    } catch (error) {
      all = false
      findings.push({ pointer: at, key: true, message: error instanceof Error ? error.message : String(error) })
    }
  }
  return { fields: carried.length > 0 ? pipelineFields(good, carried) : fields, complete: all, findings }
}

/**
 * Checks every condition of routes and plugins.
 * @param fields undefined when not all are known: then only the syntax can be checked
 */
export function checkConditions(data: unknown, sections: readonly LoadedSection[], fields: Fields | undefined): Finding[] {
  const texts = conditions(frameSchema, data, '')
  for (const { schema, data: options, at } of sections) texts.push(...conditions(schema, options, at))
  const findings: Finding[] = []
  for (const { at, text } of texts) {
    try {
      if (fields) compileWhen(text, fields)
      else parseWhen(text)
    } catch (error) {
      if (!(error instanceof WhenError)) throw error
      findings.push({ pointer: at, offset: error.offset, message: error.message, hint: error.hint })
    }
  }
  return findings
}
