/** Tags made of the fields of an event. */
import { type Event, type FieldRef, type PureContext, SAME_OF_FRAMES } from '../../../core/plugin.ts'

/** Stands for a field that an event does not have: receivers drop what has an empty tag, or ack it and drop it. */
const UNKNOWN = 'unknown'
/** What would end a tag, or a line of a receiver's log. */
const UNFIT = /[\s\p{Cc}]/gu

export interface Tag {
  (event: Event): string
  /** Whether all frames of a capture have the same. */
  readonly steady: boolean
}

/**
 * @param template such as `wifi.${event.dataset}`
 * @throws TypeError for a field that no plugin declares, or that has no single text
 */
export function tagTemplate(template: string, context: Pick<PureContext, 'field'>): Tag {
  const pieces = template.split(/\$\{([^}]*)\}/)
  const texts = pieces.filter((_, i) => i % 2 === 0)
  const fields = pieces.filter((_, i) => i % 2 === 1).map((name) => context.field(name))
  const words = fields.map(tagWord)
  const tagOf = (event: Event) => {
    let tag = texts[0]
    for (let i = 0; i < words.length; i++) tag += words[i](event) + texts[i + 1]
    return tag
  }
  return Object.assign(tagOf, { steady: fields.every(({ field }) => SAME_OF_FRAMES.includes(field.path)) })
}

/** The word that a field gives to a tag. */
function tagWord({ field, get }: FieldRef): (event: Event) => string {
  if (field.list || field.type === 'point') throw new TypeError(`${field.path} has no single text for a tag`)
  const word = (event: Event) => {
    const value = get(event)
    return value === undefined || value === '' ? UNKNOWN : String(value).replace(UNFIT, '_')
  }
  if (field.type !== 'text') return word
  // Most events have the same text, which the decoder put down once for all events of the pipeline.
  let known = { place: 0, length: -1, word: '' }
  return (event) => {
    if (!event.present(field.number)) return UNKNOWN
    const [place, length] = [event.a[field.number], event.b[field.number]]
    if (known.place === place && known.length === length) return known.word
    if (!event.isConstant(place)) return word(event)
    known = { place, length, word: word(event) }
    return known.word
  }
}
