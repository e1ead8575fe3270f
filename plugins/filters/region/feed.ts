/** Publishes the areas of a file, and again when it has changed. */
import { publishFile } from '../../../core/feed/file.ts'
import type { FeedContext } from '../../../core/plugin.ts'
import { type Naming, packAreas, readAreas } from './areas.ts'

/** Borders change seldom. */
const LOOK_S = 10

/** @throws Error when there is no good file to begin with */
export function publishAreas({ file, ...naming }: Naming & { readonly file: string }, context: FeedContext): Promise<void> {
  const read = (content: Buffer) => {
    const { areas, without } = readAreas(content.toString(), naming)
    if (without > 0)
      context.log.warn(
        `filter ${context.name}: ${file}: ${without} of its features passed over: no polygon, or neither ${naming.code} nor ${naming.name}`,
      )
    return { bytes: packAreas(areas), words: `${areas.length} areas` }
  }
  return publishFile({ file, look_s: LOOK_S, read }, context)
}
