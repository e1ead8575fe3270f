/** Tags made of the fields of an event. */
import type { Event, PureContext } from '../../../core/plugin.ts'

/** Stands for a field that an event does not have: receivers drop what has an empty tag, or ack it and drop it. */
const UNKNOWN = 'unknown'
/** What would end a tag, or a line of a receiver's log. */
const UNFIT = /[\s\p{Cc}]/gu

/**
 * @param template such as `wifi.${event.dataset}`
 * @throws TypeError for a field that no plugin declares, or that has no single text
 */
export function tagTemplate(template: string, context: Pick<PureContext, 'field'>): (event: Event) => string {
  const pieces = template.split(/\$\{([^}]*)\}/)
  const texts = pieces.filter((_, i) => i % 2 === 0)
  const fields = pieces.filter((_, i) => i % 2 === 1).map((name) => context.field(name))
  for (const { field } of fields) if (field.list || field.type === 'point') throw new TypeError(`${field.path} has no single text for a tag`)
  return (event) => {
    let tag = texts[0]
    for (let i = 0; i < fields.length; i++) tag += tagWord(fields[i].get(event)) + texts[i + 1]
    return tag
  }
}

function tagWord(value: unknown): string {
  return value === undefined || value === '' ? UNKNOWN : String(value).replace(UNFIT, '_')
}
