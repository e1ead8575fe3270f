/** What a receiver says when it has another definition of a stream, which is two whole definitions, in words for who wrote the config. */
import { type Stream, streamId } from './streams.ts'

const SECTIONS = { metaData: 'meta', correlationData: 'correlation', payloadData: 'payload' } as const
type Attributes = Map<string, string>
/** Characters of a message that are repeated. */
const MOST = 500

export function complaint(stream: Stream, message: string): string {
  const text = message.replace(/\s+/g, ' ').trim()
  if (text.startsWith('Attribute type mismatch'))
    return `${text.split(' in {')[0]} in another version of stream ${stream.name}; take another name for the stream or the attribute`
  const different = differences(text.split('already exist:')[1], stream.definition)
  return `stream ${streamId(stream)} is defined otherwise there (${different || text.slice(0, MOST)}); take another version or name, or delete it there`
}

/** @returns '' when their definition cannot be read or is not another one */
function differences(theirs: string | undefined, ours: string): string {
  const [there, here] = [sections(theirs), sections(ours)]
  if (!there || !here) return ''
  return Object.values(SECTIONS)
    .flatMap((section) => {
      const [a, b] = [there.get(section)!, here.get(section)!]
      const words = [
        ...[...a].filter(([name]) => !b.has(name)).map(([name, type]) => `${name} ${type} only there`),
        ...[...b].filter(([name]) => !a.has(name)).map(([name, type]) => `${name} ${type} only here`),
        ...[...b].filter(([name, type]) => a.has(name) && a.get(name) !== type).map(([name, type]) => `${name} ${a.get(name)} there, ${type} here`),
      ]
      if (words.length === 0 && [...a.keys()].join() !== [...b.keys()].join()) words.push('in another order')
      return words.map((word) => `${section}: ${word}`)
    })
    .join(', ')
    .slice(0, MOST)
}

/** The attributes of each section by name; undefined for what is no definition. */
function sections(definition: string | undefined): Map<string, Attributes> | undefined {
  try {
    const known = JSON.parse(definition ?? '') as Partial<Record<keyof typeof SECTIONS, { name: string; type: string }[]>>
    return new Map(
      Object.entries(SECTIONS).map(([key, section]) => [
        section,
        new Map((known[key as keyof typeof SECTIONS] ?? []).map(({ name, type }) => [name, type.toUpperCase()])),
      ]),
    )
  } catch {
    return undefined
  }
}
